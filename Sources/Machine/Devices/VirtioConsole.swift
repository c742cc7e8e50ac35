// The virtio console (virtio 1.2, section 5.3) with its one port. Bytes from the host wait here until the driver gives
// buffers, so none is lost. Callers that want a repeatable run must log the time of each `receive`.

/// A console behind a virtio transport.
struct VirtioConsole: VirtioDevice {
  static let identifier: UInt32 = 3
  static let queueCount = 2

  private enum Queue {
    static let receive = 0
    static let transmit = 1
  }

  private enum Feature {
    static let size: UInt64 = 1 << 0
  }

  /// The size in characters shown to the driver: columns, rows.
  private static let size: [UInt8] = [80, 0, 25, 0]
  /// The most bytes in one request to transmit.
  private static let mostBytes: UInt64 = 1 << 20
  /// The most bytes given with one buffer.
  private static let mostBytesReceived: UInt64 = 4096

  private var input: [UInt8] = []
  private var output: [UInt8] = []
  private var buffers: [VirtioChain] = []
  private var transmitted: [UInt16] = []

  var features: UInt64 { Feature.size }

  var configuration: [UInt8] { Self.size }

  var nextEvent: UInt64 { transmitted.isEmpty && (input.isEmpty || buffers.isEmpty) ? .max : 0 }

  /// Whether any byte from the host has not been given to the driver yet.
  var hasUnreadInput: Bool { !input.isEmpty }

  /// Queues bytes for the driver, without limit.
  mutating func receive(_ bytes: [UInt8]) { input += bytes }

  /// Removes and returns what the driver has transmitted since the last call.
  mutating func takeOutput() -> [UInt8] {
    defer { output = [] }
    return output
  }

  mutating func accept(
    _ chain: VirtioChain, queue: Int, now: UInt64, memory: inout DeviceMemory
  ) throws(VirtioError) {
    if queue == Queue.receive {
      guard chain.readable.isEmpty, chain.writableCount > 0 else { throw .malformedRequest }
      buffers.append(chain)
      return
    }
    guard chain.writable.isEmpty, chain.readableCount <= Self.mostBytes,
      let bytes = chain.readableBytes(at: 0, count: chain.readableCount, in: &memory)
    else { throw .malformedRequest }
    output += bytes
    transmitted.append(chain.head)
  }

  mutating func finishDueRequest(now: UInt64, memory: inout DeviceMemory) throws(VirtioError) -> VirtioCompletion? {
    if let head = transmitted.first {
      transmitted.removeFirst()
      return VirtioCompletion(queue: Queue.transmit, head: head, written: 0)
    }
    guard !input.isEmpty, let chain = buffers.first else { return nil }
    buffers.removeFirst()
    let bytes = Array(input.prefix(Int(min(chain.writableCount, Self.mostBytesReceived))))
    guard chain.write(bytes, at: 0, in: &memory) else {
      throw .outsideMemory(address: chain.writable[0].address, count: UInt64(bytes.count))
    }
    input.removeFirst(bytes.count)
    return VirtioCompletion(queue: Queue.receive, head: chain.head, written: UInt32(bytes.count))
  }

  mutating func cancel(queue: Int) {
    if queue == Queue.receive { buffers = [] } else { transmitted = [] }
  }

  mutating func reset() {
    buffers = []
    transmitted = []
  }

  /// Transmitted bytes belong to the host and are left out.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(UInt64(input.count))
    for byte in input { body(UInt64(byte)) }
    body(UInt64(buffers.count))
    for buffer in buffers { buffer.forEachStateWord(body) }
    body(UInt64(transmitted.count))
    for head in transmitted { body(UInt64(head)) }
  }
}
