// The virtio entropy device (virtio 1.2, section 5.4). Its bytes come from a seeded generator, so that a run can be
// repeated: guests must not be told that they are random, only that they look so.

/// A source of pseudo-random bytes behind a virtio transport.
struct VirtioEntropy: VirtioDevice {
  static let identifier: UInt32 = 4
  static let queueCount = 1

  /// The most bytes given for one request; the specification lets the device give fewer than asked for.
  private static let mostBytes: UInt64 = 4096

  private var state: UInt64
  private var requests: [VirtioChain] = []

  init(seed: UInt64) {
    state = seed
  }

  var features: UInt64 { 0 }

  var configuration: [UInt8] { [] }

  var nextEvent: UInt64 { requests.isEmpty ? .max : 0 }

  mutating func accept(
    _ chain: VirtioChain, queue: Int, now: UInt64, memory: inout DeviceMemory
  ) throws(VirtioError) {
    guard chain.readable.isEmpty, chain.writableCount > 0 else { throw .malformedRequest }
    requests.append(chain)
  }

  mutating func finishDueRequest(now: UInt64, memory: inout DeviceMemory) throws(VirtioError) -> VirtioCompletion? {
    guard let chain = requests.first else { return nil }
    requests.removeFirst()
    let count = min(chain.writableCount, Self.mostBytes)
    let bytes = (0..<count).map { _ in nextByte() }
    guard chain.write(bytes, at: 0, in: &memory) else {
      throw .outsideMemory(address: chain.writable[0].address, count: count)
    }
    return VirtioCompletion(queue: 0, head: chain.head, written: UInt32(count))
  }

  mutating func cancel(queue: Int) { requests = [] }

  mutating func reset() { requests = [] }

  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(state)
    body(UInt64(requests.count))
    for request in requests { request.forEachStateWord(body) }
  }

  /// One step of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), of which the best-mixed byte is used.
  private mutating func nextByte() -> UInt8 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return UInt8(truncatingIfNeeded: StateHash.mix(state) >> 24)
  }
}
