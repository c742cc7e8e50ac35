// Ethernet frames: the buffers that the driver fills and sends, and what is in a frame.
//
// Frames begin two bytes into their buffer, so that what follows the Ethernet header is aligned to words.

import Interfaces

/// Ethernet's header (IEEE 802.3): to, from, kind of payload.
enum Ethernet {
  static var headerSize: Int { 14 }
  static var broadcast: UInt64 { 0xFFFF_FFFF_FFFF }
  static var internet: UInt16 { 0x0800 }
  static var addressResolution: UInt16 { 0x0806 }
}

/// The buffers of both directions.
struct FrameBuffers {
  /// Requests of each direction.
  private static var count: Int { NIC_REQUESTS }
  private static var bufferSize: Int { 2048 }

  private let driver: OpaquePointer
  /// The requests for received frames, then those for frames to send.
  private let requests: UnsafeMutablePointer<nic_request>
  /// The receive request that is completed next: the driver keeps their order.
  private var nextReceived = 0
  /// The send request whose buffer is being filled.
  private var filling = 0

  /// Takes memory and offers all receive buffers; nil when there is no memory.
  init?(_ driver: OpaquePointer) {
    let pages = UInt64(2 * Self.count * Self.bufferSize) / Layout.pageSize
    guard let table = env_pages(1), let memory = env_device_pages(pages) else { return nil }
    self.driver = driver
    requests = table.assumingMemoryBound(to: nic_request.self)
    for index in 0..<(2 * Self.count) {
      requests[index] = nic_request(
        base: env_request(client: 0, result: 0, done: 1, waiter: 0, next: nil),
        buffer: memory + (index * Self.bufferSize + 2), length: UInt64(NIC_MAXIMUM_FRAME))
    }
    for index in 0..<Self.count { offer(index) }
  }

  private func offer(_ index: Int) {
    requests[index].base.done = 0
    requests[index].length = UInt64(NIC_MAXIMUM_FRAME)
    // An adapter that takes no buffers any more is lost; what waits for an answer runs into its timeout.
    _ = nic_receive(driver, requests + index)
  }

  /// The next frame that has arrived; nil for none.
  ///
  /// It must be given back by `release` before the next.
  var received: Packet? {
    mutating get {
      while requests[nextReceived].base.done != 0 {
        let length = requests[nextReceived].base.result
        if length >= Int64(NIC_MINIMUM_FRAME), length <= Int64(NIC_MAXIMUM_FRAME) {
          return Packet(start: requests[nextReceived].buffer, count: Int(length))
        }
        // The driver has stopped: its errors are not offered again, or this would never end.
        guard length > 0 else { return nil }
        release()
      }
      return nil
    }
  }

  /// Gives the buffer of the frame at hand back to the driver.
  mutating func release() {
    offer(nextReceived)
    nextReceived = (nextReceived + 1) % Self.count
  }

  /// Room for a frame to send; nil when all buffers are under way.
  mutating func room() -> Packet? {
    for index in Self.count..<(2 * Self.count) where requests[index].base.done != 0 {
      filling = index
      return Packet(start: requests[index].buffer, count: NIC_MAXIMUM_FRAME)
    }
    return nil
  }

  /// Sends the first `length` bytes of the room given last.
  ///
  /// A frame that the driver refuses is lost, as on any wire.
  mutating func send(_ length: Int) {
    requests[filling].length = UInt64(length)
    requests[filling].base.done = 0
    if nic_submit(driver, requests + filling) < 0 { requests[filling].base.done = 1 }
  }
}
