// The network driver as a server: it keeps the device supplied with buffers, notifies the network service when frames
// have arrived, and hands them out one at a time.

import Interfaces
import Transport

/// What the server keeps, at the beginning of a page of its own; the requests follow.
private struct Frames {
  var driver: OpaquePointer
  /// Requests for received frames, then those for frames to send.
  var requests: UnsafeMutablePointer<nic_request>
  /// The receive request that is completed next.
  var next = 0
  /// The buffer that the answer at hand is sent from; -1: none.
  var lent = -1
  /// The network service knows that frames wait.
  var isAnnounced = false
  var isStarted = false

  static var count: Int { NIC_REQUESTS }
  static var bufferSize: Int { 2048 }

  /// Gives the device its buffers with the first use: an adapter that nobody uses costs nothing.
  private mutating func start() -> Bool {
    guard !isStarted else { return true }
    let pages = UInt64(2 * Self.count * Self.bufferSize) / Layout.pageSize
    guard let memory = env_device_pages(pages) else { return false }
    isStarted = true
    for index in 0..<(2 * Self.count) {
      requests[index] = nic_request(
        base: env_request(client: 0, result: 0, done: 1, waiter: 0, next: nil),
        buffer: memory + index * Self.bufferSize, length: UInt64(NIC_MAXIMUM_FRAME))
    }
    for index in 0..<Self.count { offer(index) }
    return true
  }

  private mutating func offer(_ index: Int) {
    requests[index].base.done = 0
    _ = nic_receive(driver, requests + index)
  }

  private var hasFrame: Bool { isStarted && requests[next].base.done != 0 }

  /// Tells the network service of frames that it does not know of.
  mutating func announce() {
    guard hasFrame, !isAnnounced else { return }
    isAnnounced = true
    _ = kernel_notify(Service.net.rawValue)
  }

  /// The first frame is sent with the answer; its buffer is the device's again with the next message.
  mutating func receive() -> Int64 {
    guard start() else { return ErrorCode.noMemory.result }
    guard hasFrame, requests[next].base.result > 0 else {
      isAnnounced = false
      return hasFrame ? requests[next].base.result : 0
    }
    let length = requests[next].base.result
    lent = next
    next = (next + 1) % Self.count
    _ = gate_answer(0, 0, requests[lent].buffer, UInt64(length))
    isAnnounced = hasFrame
    return length | (hasFrame ? Int64(NIC_MORE) : 0)
  }

  /// Gives the device back what the last answer was sent from.
  mutating func takeBack() {
    guard lent >= 0 else { return }
    offer(lent)
    lent = -1
  }

  /// Sends the bytes that came with the message.
  mutating func send(_ client: UInt64, _ source: user_address, _ length: UInt64) -> Int64 {
    guard length <= UInt64(NIC_MAXIMUM_FRAME) else { return ErrorCode.invalid.result }
    guard start() else { return ErrorCode.noMemory.result }
    for index in Self.count..<(2 * Self.count) where requests[index].base.done != 0 {
      let copied = env_copy_in(client, requests[index].buffer, source, length)
      guard copied == 0 else { return copied }
      requests[index].length = length
      requests[index].base.done = 0
      let result = nic_submit(driver, requests + index)
      if result < 0 { requests[index].base.done = 1 }
      return result
    }
    return ErrorCode.tryAgain.result
  }
}

@c @implementation
func nic_server_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  guard let place = env_pages(nic_size().pageCeiling / Layout.pageSize), let table = env_pages(1) else {
    return ErrorCode.noMemory.result
  }
  let driver = OpaquePointer(place)
  let frames = table.assumingMemoryBound(to: Frames.self)
  frames.initialize(
    to: Frames(driver: driver, requests: (table + 256).assumingMemoryBound(to: nic_request.self)))
  server.instance = table
  server.interrupt = {
    let frames = $0.assumingMemoryBound(to: Frames.self)
    nic_interrupt(frames.pointee.driver)
    frames.pointee.announce()
  }
  let status = nic_init(driver)
  // After a restart the network service still waits for frames, and has to ask for them again.
  _ = kernel_notify(Service.net.rawValue)
  while true {
    server_receive()
    frames.pointee.takeBack()
    server_reply(status < 0 ? status : dispatch(frames, server_call()))
  }
}

private func dispatch(_ frames: UnsafeMutablePointer<Frames>, _ call: gate_call) -> Int64 {
  switch Int(truncatingIfNeeded: call.label) {
  case NIC_LABEL_ADDRESS: nic_address(frames.pointee.driver)
  case NIC_LABEL_SEND: frames.pointee.send(call.client, call.send, call.send_length)
  case NIC_LABEL_RECEIVE: frames.pointee.receive()
  default: ErrorCode.notImplemented.result
  }
}
