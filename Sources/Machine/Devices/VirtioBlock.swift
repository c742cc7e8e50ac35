// The virtio block device (virtio 1.2, section 5.2). A request is checked when the driver notifies the device, and carried out,
// data and all, when its latency has passed. The device knows guest memory only through the buffers of checked chains.

/// A disk behind a virtio transport.
struct VirtioBlock: VirtioDevice {
  static let identifier: UInt32 = 2
  static let queueCount = 1

  private enum Feature {
    static let segmentMaximum: UInt64 = 1 << 2
    static let readOnly: UInt64 = 1 << 5
    static let blockSize: UInt64 = 1 << 6
    static let flush: UInt64 = 1 << 9
  }

  private enum RequestType {
    static let read: UInt32 = 0
    static let write: UInt32 = 1
    static let flush: UInt32 = 4
    static let getIdentifier: UInt32 = 8
  }

  private enum RequestStatus: UInt8 {
    case ok = 0
    case ioError = 1
    case unsupported = 2
  }

  private struct Request: Sendable {
    let chain: VirtioChain
    let type: UInt32
    let sector: UInt64
    let fault: BlockFault?
    /// Where the data goes if the fault is wild DMA.
    let wildAddress: UInt64
    /// The tick at which the request will be carried out; `.max` if a fault keeps it from ever being.
    var due: UInt64
  }

  private static let headerSize: UInt64 = 16
  private static let serialNumber: [UInt8] = Array("kernelarium-disk".utf8)
  private static let serialNumberSize = 20

  private(set) var disk: DiskImage
  /// The time from a notification to the completion of the request, in `mtime` ticks.
  let latency: UInt64
  private(set) var fault: ArmedBlockFault?
  /// In order of arrival; requests that a dead device swallowed may be overtaken.
  private var requests: [Request] = []

  init(disk: DiskImage, latency: UInt64) {
    self.disk = disk
    self.latency = latency
  }

  var features: UInt64 {
    Feature.segmentMaximum | Feature.blockSize | Feature.flush | (disk.isReadOnly ? Feature.readOnly : 0)
  }

  var configuration: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 0x18)
    bytes.replaceLittleEndian(disk.sectorCount, at: 0)
    // Two of a queue's descriptors carry the request's header and its status.
    bytes.replaceLittleEndian(UInt32(VirtioQueue.maximumSize - 2), at: 12)
    bytes.replaceLittleEndian(UInt32(DiskImage.sectorSize), at: 20)
    return bytes
  }

  var nextEvent: UInt64 {
    var earliest = UInt64.max
    for request in requests { earliest = min(earliest, request.due) }
    return earliest
  }

  /// Replaces the armed fault, if any.
  mutating func arm(_ fault: ArmedBlockFault) {
    self.fault = fault
  }

  /// Takes the armed fault away; requests that a dead device swallowed start anew.
  mutating func disarmFault(now: UInt64) {
    fault = nil
    for index in requests.indices where requests[index].due == .max {
      requests[index].due = due(from: now)
    }
  }

  mutating func accept(
    _ chain: VirtioChain, queue: Int, now: UInt64, memory: inout DeviceMemory
  ) throws(VirtioError) {
    guard let header = chain.readableBytes(at: 0, count: Self.headerSize, in: &memory), chain.writableCount > 0
    else { throw .malformedRequest }
    let type = header.littleEndian(UInt32.self, at: 0)
    let isRead = type == RequestType.read
    let struck = fault.strike(usesDMA: isRead || type == RequestType.write, isRead: isRead)
    requests.append(
      Request(
        chain: chain, type: type, sector: header.littleEndian(UInt64.self, at: 8), fault: struck,
        wildAddress: fault?.wildAddress ?? 0, due: struck == .dead ? .max : due(from: now)))
  }

  mutating func finishDueRequest(now: UInt64, memory: inout DeviceMemory) throws(VirtioError) -> VirtioCompletion? {
    guard let index = requests.firstIndex(where: { $0.due <= now && $0.due != .max }) else { return nil }
    let request = requests.remove(at: index)
    let (status, transferred) =
      request.fault == .ioError ? (RequestStatus.ioError, 0) : perform(request, memory: &memory)
    guard request.chain.write([status.rawValue], at: request.chain.writableCount - 1, in: &memory) else {
      throw .outsideMemory(address: request.chain.writable.last?.address ?? 0, count: 1)
    }
    return VirtioCompletion(
      queue: 0, head: request.chain.head, written: UInt32(truncatingIfNeeded: transferred + 1),
      losesInterrupt: request.fault == .lostInterrupt)
  }

  mutating func cancel(queue: Int) {
    requests = []
  }

  mutating func raisesInterruptAgain() -> Bool { fault?.strikes(.interruptStorm) == true }

  mutating func garbage(offset: UInt64) -> UInt64? { fault.strikeRegister(offset: offset) }

  mutating func reset() {
    requests = []
  }

  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(latency)
    body(UInt64(requests.count))
    for request in requests {
      for word in [UInt64(request.type), request.sector, request.due, request.wildAddress] { body(word) }
      body(request.fault?.stateWord ?? 0)
      request.chain.forEachStateWord(body)
    }
    fault?.forEachStateWord(body)
    disk.forEachStateWord(body)
  }

  private func due(from now: UInt64) -> UInt64 {
    let (tick, overflow) = now.addingReportingOverflow(latency)
    return overflow ? .max - 1 : tick
  }

  /// Carries a request out and returns its status and the number of data bytes written to the guest.
  private mutating func perform(
    _ request: Request, memory: inout DeviceMemory
  ) -> (status: RequestStatus, transferred: UInt64) {
    let chain = request.chain
    switch request.type {
    case RequestType.read: return read(request, memory: &memory)
    case RequestType.write: return (write(request, memory: &memory), 0)
    case RequestType.flush: return (.ok, 0)
    case RequestType.getIdentifier:
      let room = min(chain.writableCount - 1, UInt64(Self.serialNumberSize))
      let padding = [UInt8](repeating: 0, count: Self.serialNumberSize - Self.serialNumber.count)
      let isWritten = chain.write(Array((Self.serialNumber + padding).prefix(Int(room))), at: 0, in: &memory)
      return isWritten ? (.ok, room) : (.ioError, 0)
    default: return (.unsupported, 0)
    }
  }

  private mutating func read(
    _ request: Request, memory: inout DeviceMemory
  ) -> (status: RequestStatus, transferred: UInt64) {
    let count = request.chain.writableCount - 1
    guard let sectors = sectors(from: request.sector, byteCount: count) else { return (.ioError, 0) }
    let given = request.fault == .shortRead ? count / 2 : count
    for (index, sector) in sectors.enumerated() {
      let start = UInt64(index * DiskImage.sectorSize)
      guard start < given else { break }
      guard let sectorBytes = disk[sector: sector] else { return (.ioError, 0) }
      let bytes = Array(sectorBytes.prefix(Int(min(given - start, UInt64(DiskImage.sectorSize)))))
      let isWritten =
        request.fault == .wildDMA
        ? memory.write(bytes[...], at: request.wildAddress &+ start)
        : request.chain.write(bytes, at: start, in: &memory)
      guard isWritten else { return (.ioError, 0) }
    }
    return (.ok, given)
  }

  private mutating func write(_ request: Request, memory: inout DeviceMemory) -> RequestStatus {
    let count = request.chain.readableCount - Self.headerSize
    guard !disk.isReadOnly, let sectors = sectors(from: request.sector, byteCount: count) else { return .ioError }
    for (index, sector) in sectors.enumerated() {
      let start = UInt64(index * DiskImage.sectorSize)
      let bytes =
        request.fault == .wildDMA
        ? memory.bytes(at: request.wildAddress &+ start, count: DiskImage.sectorSize)
        : request.chain.readableBytes(
          at: Self.headerSize + start, count: UInt64(DiskImage.sectorSize), in: &memory)
      guard let bytes, disk.write(bytes, sector: sector) else { return .ioError }
    }
    return .ok
  }

  /// The sectors of a transfer, or nil if they are not all on the disk.
  private func sectors(from first: UInt64, byteCount: UInt64) -> Range<UInt64>? {
    let count = byteCount / UInt64(DiskImage.sectorSize)
    guard byteCount % UInt64(DiskImage.sectorSize) == 0, first <= disk.sectorCount, count <= disk.sectorCount - first
    else { return nil }
    return first..<first + count
  }
}
