// One split virtqueue seen from the device's side (virtio 1.2, section 2.7), shared by all virtio devices.
// Everything in it was written by the guest and is checked before use; a violation is an error, after which the transport
// must stop serving the device until the guest resets it.

/// What a guest did wrong with a virtqueue or a request.
enum VirtioError: Error, Hashable {
  /// The queue was enabled with a size that is zero, no power of two or beyond the maximum.
  case invalidQueueSize(UInt32)
  /// A table, ring or buffer lies outside RAM, or outside what the IOMMU lets the device reach.
  case outsideMemory(address: UInt64, count: UInt64)
  /// The available index is further ahead than the queue has entries.
  case availableIndexTooFarAhead
  /// A descriptor index is beyond the table.
  case descriptorOutOfRange(UInt32)
  /// A chain is longer than its table, so it loops.
  case chainTooLong
  /// A device-readable buffer follows a device-writable one.
  case readableAfterWritable
  /// An indirect table is nested, chained, empty or no whole number of descriptors long.
  case invalidIndirectTable
  /// The driver made more requests available than the queue has entries, so it reused one that is under way.
  case tooManyRequests
  /// The buffers of a request do not have the form the device defines.
  case malformedRequest
}

/// A piece of guest memory that a request names.
struct VirtioBuffer: Sendable {
  let address: UInt64
  let count: UInt32
}

/// One request: the buffers of a descriptor chain, all accessible when the request was made.
struct VirtioChain: Sendable {
  /// The index of the first descriptor, by which the guest knows the request.
  let head: UInt16
  private(set) var readable: [VirtioBuffer] = []
  private(set) var writable: [VirtioBuffer] = []

  init(head: UInt16) {
    self.head = head
  }

  fileprivate mutating func append(_ buffer: VirtioBuffer, deviceWritable: Bool) throws(VirtioError) {
    if deviceWritable {
      writable.append(buffer)
    } else {
      guard writable.isEmpty else { throw .readableAfterWritable }
      readable.append(buffer)
    }
  }
}

/// The device's side of a split virtqueue.
struct VirtioQueue: Sendable {
  /// The largest queue size offered to drivers.
  static let maximumSize: UInt32 = 1024

  private enum DescriptorFlag {
    static let next: UInt16 = 1
    static let write: UInt16 = 2
    static let indirect: UInt16 = 4
  }

  private static let descriptorSize: UInt64 = 16
  private static let availableNoInterrupt: UInt16 = 1

  var size: UInt32 = 0
  var isReady = false
  var descriptorTable: UInt64 = 0
  var availableRing: UInt64 = 0
  var usedRing: UInt64 = 0
  private var nextAvailable: UInt16 = 0
  private var nextUsed: UInt16 = 0
  /// Requests taken and not yet returned.
  private var outstanding: UInt32 = 0

  /// Takes the next request that the driver made available, or nil if there is none.
  mutating func nextChain(in memory: inout DeviceMemory) throws(VirtioError) -> VirtioChain? {
    try checkSize()
    let available = try Self.load(UInt16.self, at: availableRing, offset: 2, in: &memory)
    let waiting = available &- nextAvailable
    guard waiting != 0 else { return nil }
    guard waiting <= size else { throw .availableIndexTooFarAhead }
    guard outstanding < size else { throw .tooManyRequests }
    let slot = UInt64(nextAvailable) % UInt64(size)
    let head = try Self.load(UInt16.self, at: availableRing, offset: 4 + 2 * slot, in: &memory)
    nextAvailable &+= 1
    outstanding += 1
    return try chain(from: head, in: &memory)
  }

  /// Returns a request to the driver.
  ///
  /// - Parameter written: The number of bytes the device wrote into the request's buffers.
  /// - Returns: Whether the driver wants an interrupt.
  mutating func complete(
    head: UInt16, written: UInt32, in memory: inout DeviceMemory
  ) throws(VirtioError) -> Bool {
    try checkSize()
    let element = 4 + 8 * (UInt64(nextUsed) % UInt64(size))
    try Self.store(UInt32(head), at: usedRing, offset: element, in: &memory)
    try Self.store(written, at: usedRing, offset: element + 4, in: &memory)
    nextUsed &+= 1
    outstanding -= 1
    // The index goes last: it is what tells the driver that the element is complete.
    try Self.store(nextUsed, at: usedRing, offset: 2, in: &memory)
    let flags = try Self.load(UInt16.self, at: availableRing, offset: 0, in: &memory)
    return flags & Self.availableNoInterrupt == 0
  }

  /// Feeds every word of the queue's state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    for word in [UInt64(size), isReady ? 1 : 0, descriptorTable, availableRing, usedRing] { body(word) }
    body(UInt64(nextAvailable))
    body(UInt64(nextUsed))
    body(UInt64(outstanding))
  }

  private struct Descriptor {
    let address: UInt64
    let count: UInt32
    let flags: UInt16
    let next: UInt16
  }

  private func checkSize() throws(VirtioError) {
    guard size.nonzeroBitCount == 1, size <= Self.maximumSize else { throw .invalidQueueSize(size) }
  }

  private func chain(from head: UInt16, in memory: inout DeviceMemory) throws(VirtioError) -> VirtioChain {
    var chain = VirtioChain(head: head)
    var table = descriptorTable
    var tableCount = size
    var index = UInt32(head)
    var isIndirect = false
    var visited: UInt32 = 0
    while true {
      let descriptor = try Self.descriptor(index, of: table, count: tableCount, in: &memory)
      if descriptor.flags & DescriptorFlag.indirect != 0 {
        let bytes = UInt64(descriptor.count)
        guard !isIndirect, descriptor.flags & DescriptorFlag.next == 0, bytes != 0, bytes % Self.descriptorSize == 0,
          bytes / Self.descriptorSize <= UInt64(Self.maximumSize)
        else { throw .invalidIndirectTable }
        (table, tableCount, index) = (descriptor.address, descriptor.count / 16, 0)
        (isIndirect, visited) = (true, 0)
        continue
      }
      visited += 1
      guard visited <= tableCount else { throw .chainTooLong }
      let isWritable = descriptor.flags & DescriptorFlag.write != 0
      guard memory.allows(descriptor.address, count: UInt64(descriptor.count), isWrite: isWritable) else {
        throw .outsideMemory(address: descriptor.address, count: UInt64(descriptor.count))
      }
      try chain.append(
        VirtioBuffer(address: descriptor.address, count: descriptor.count), deviceWritable: isWritable)
      guard descriptor.flags & DescriptorFlag.next != 0 else { return chain }
      index = UInt32(descriptor.next)
    }
  }

  private static func descriptor(
    _ index: UInt32, of table: UInt64, count: UInt32, in memory: inout DeviceMemory
  ) throws(VirtioError) -> Descriptor {
    guard index < count else { throw .descriptorOutOfRange(index) }
    let offset = UInt64(index) * descriptorSize
    return Descriptor(
      address: try load(UInt64.self, at: table, offset: offset, in: &memory),
      count: try load(UInt32.self, at: table, offset: offset + 8, in: &memory),
      flags: try load(UInt16.self, at: table, offset: offset + 12, in: &memory),
      next: try load(UInt16.self, at: table, offset: offset + 14, in: &memory))
  }

  private static func load<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type, at base: UInt64, offset: UInt64, in memory: inout DeviceMemory
  ) throws(VirtioError) -> T {
    let (address, overflow) = base.addingReportingOverflow(offset)
    guard !overflow, let value = memory.load(type, at: address) else {
      throw .outsideMemory(address: address, count: UInt64(MemoryLayout<T>.size))
    }
    return value
  }

  private static func store<T: FixedWidthInteger & BitwiseCopyable>(
    _ value: T, at base: UInt64, offset: UInt64, in memory: inout DeviceMemory
  ) throws(VirtioError) {
    let (address, overflow) = base.addingReportingOverflow(offset)
    guard !overflow, memory.store(value, at: address) else {
      throw .outsideMemory(address: address, count: UInt64(MemoryLayout<T>.size))
    }
  }
}
