// The virtio network device (virtio 1.2, section 5.1): one receive and one transmit queue, no offloads. It moves whole
// Ethernet frames between the driver and a link; what is at the other end of the link is the board's business.

/// An Ethernet frame on its way, and when it gets there or was sent.
public struct TimedFrame: Hashable, Codable, Sendable {
  /// The moment in `mtime` ticks.
  public var tick: UInt64
  /// The frame without preamble and checksum.
  public var bytes: [UInt8]

  /// Makes a frame with a time.
  public init(tick: UInt64, bytes: [UInt8]) {
    self.tick = tick
    self.bytes = bytes
  }
}

/// A network adapter behind a virtio transport.
struct VirtioNetwork: VirtioDevice {
  static let identifier: UInt32 = 1
  static let queueCount = 2

  private enum Queue {
    static let receive = 0
    static let transmit = 1
  }

  private enum Feature {
    static let address: UInt64 = 1 << 5
    static let mergedBuffers: UInt64 = 1 << 15
    static let status: UInt64 = 1 << 16
  }

  /// The header before each frame; a driver of the legacy kind leaves the last two bytes out.
  private static let headerSize = 12
  private static let legacyHeaderSize = 10
  /// The number of merged buffers, at the end of the header.
  private static let bufferCountOffset = 10
  private static let linkIsUp: [UInt8] = [1, 0]
  /// Frames that wait for the driver's buffers, or for the host to take them, before further ones are lost.
  static let backlog = 256

  let address: MACAddress
  private var isStarted = false
  private var headerSize = Self.headerSize
  private var buffers: [VirtioChain] = []
  private var transmitted: [UInt16] = []
  private var arriving: [TimedFrame] = []
  private var sent: [TimedFrame] = []
  /// Frames lost since reset, because nobody took them or they were too long.
  private(set) var lostFrames: UInt64 = 0

  init(address: MACAddress) {
    self.address = address
  }

  var features: UInt64 { Feature.address | Feature.status }

  var configuration: [UInt8] { address.bytes + Self.linkIsUp }

  var nextEvent: UInt64 {
    if !transmitted.isEmpty { return 0 }
    return buffers.isEmpty ? .max : arriving.first?.tick ?? .max
  }

  /// Puts a frame on the link towards the driver; frames must come in order of arrival.
  mutating func receive(_ frame: TimedFrame) {
    // Without a driver nobody listens, and what is longer than Ethernet allows never gets through the adapter.
    guard isStarted, arriving.count < Self.backlog, EthernetFrame.isLengthValid(frame.bytes.count) else {
      lostFrames &+= 1
      return
    }
    let tick = max(frame.tick, arriving.last?.tick ?? 0)
    arriving.append(TimedFrame(tick: tick, bytes: frame.bytes))
  }

  /// Whether the driver has sent anything that nobody has taken yet.
  var hasSentFrames: Bool { !sent.isEmpty }

  /// Removes and returns what the driver has sent since the last call.
  mutating func takeSentFrames() -> [TimedFrame] {
    defer { sent = [] }
    return sent
  }

  mutating func start(features: UInt64) {
    isStarted = true
    let isModern = features & (VirtioFeature.version1 | Feature.mergedBuffers) != 0
    headerSize = isModern ? Self.headerSize : Self.legacyHeaderSize
  }

  mutating func accept(
    _ chain: VirtioChain, queue: Int, now: UInt64, memory: inout DeviceMemory
  ) throws(VirtioError) {
    if queue == Queue.receive {
      guard chain.readable.isEmpty, chain.writableCount > UInt64(headerSize) else { throw .malformedRequest }
      buffers.append(chain)
      return
    }
    guard chain.writable.isEmpty, chain.readableCount >= UInt64(headerSize) else { throw .malformedRequest }
    transmitted.append(chain.head)
    let count = chain.readableCount - UInt64(headerSize)
    guard count <= UInt64(EthernetFrame.longest), EthernetFrame.isLengthValid(Int(count)), sent.count < Self.backlog
    else {
      lostFrames &+= 1
      return
    }
    guard let frame = chain.readableBytes(at: UInt64(headerSize), count: count, in: &memory) else {
      throw .outsideMemory(address: chain.readable[0].address, count: chain.readableCount)
    }
    sent.append(TimedFrame(tick: now, bytes: frame))
  }

  mutating func finishDueRequest(now: UInt64, memory: inout DeviceMemory) throws(VirtioError) -> VirtioCompletion? {
    if let head = transmitted.first {
      transmitted.removeFirst()
      return VirtioCompletion(queue: Queue.transmit, head: head, written: 0)
    }
    guard let frame = arriving.first, frame.tick <= now, let chain = buffers.first else { return nil }
    arriving.removeFirst()
    let count = headerSize + frame.bytes.count
    guard chain.writableCount >= UInt64(count) else {
      // A driver that negotiated no merging must give buffers for a whole frame; this frame is lost.
      lostFrames &+= 1
      return try finishDueRequest(now: now, memory: &memory)
    }
    buffers.removeFirst()
    var header = [UInt8](repeating: 0, count: headerSize)
    if headerSize > Self.bufferCountOffset { header[Self.bufferCountOffset] = 1 }
    guard chain.write(header + frame.bytes, at: 0, in: &memory) else {
      throw .outsideMemory(address: chain.writable[0].address, count: UInt64(count))
    }
    return VirtioCompletion(queue: Queue.receive, head: chain.head, written: UInt32(count))
  }

  mutating func cancel(queue: Int) {
    if queue == Queue.receive { buffers = [] } else { transmitted = [] }
  }

  mutating func reset() {
    isStarted = false
    headerSize = Self.headerSize
    buffers = []
    transmitted = []
    arriving = []
  }

  /// Frames that were sent belong to whoever takes them and are left out.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(isStarted ? 1 : 0)
    body(UInt64(headerSize))
    body(lostFrames)
    body(UInt64(buffers.count))
    for buffer in buffers { buffer.forEachStateWord(body) }
    body(UInt64(transmitted.count))
    for head in transmitted { body(UInt64(head)) }
    body(UInt64(arriving.count))
    for frame in arriving { frame.forEachStateWord(body) }
  }
}

extension TimedFrame {
  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(tick)
    body(UInt64(bytes.count))
    for byte in bytes { body(UInt64(byte)) }
  }
}
