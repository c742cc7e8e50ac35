// The driver of a virtio network adapter: frames go straight between the device and the requester's buffers.
//
// Callers must keep a request and its buffer alive until it is completed, and must not call while the driver is in
// another call of theirs: there is no lock here.

import DeviceAccess
import Interfaces

/// The driver's state.
struct NetworkDriver {
  /// Device number 1 (virtio 1.2, section 5).
  static var deviceKind: UInt32 { 1 }
  /// VIRTIO_NET_F_MAC: the configuration begins with the adapter's address.
  static var hasAddress: UInt32 { 1 << 5 }
  static var receiveQueue: UInt32 { 0 }
  static var sendQueue: UInt32 { 1 }
  /// From so many frames under way on, the device tells when one is sent; below, the next call finds out.
  static var manyFrames: Int { NIC_REQUESTS / 2 }

  var transport = VirtioTransport()
  var receiving: FrameQueue?
  var sending: FrameQueue?
  var interrupt: UInt64 = 0
  /// 48 bits, the first byte on the wire uppermost.
  var address: UInt64 = 0

  mutating func start() throws(ErrorCode) {
    var device = env_device(registers: nil, interrupt: 0)
    let found = env_find_device(UInt64(ENV_DEVICE_NETWORK), &device)
    guard found >= 0 else { throw ErrorCode(rawValue: 0 &- found) ?? .notFound }
    guard let registers = device.registers else { throw .notFound }
    transport.base = UInt(bitPattern: registers)
    interrupt = device.interrupt
    try transport.identify(kind: Self.deviceKind)
    try transport.reset()
    do throws(ErrorCode) {
      try transport.negotiate(features: Self.hasAddress)
      try shareQueues()
      address = try transport.configuration(at: 0).byteSwapped >> 16
    } catch {
      transport.write(VirtioTransport.Register.status, VirtioTransport.Status.failed)
      receiving = nil
      sending = nil
      throw error
    }
    let enabled = env_enable_interrupt(interrupt)
    guard enabled >= 0 else { throw ErrorCode(rawValue: 0 &- enabled) ?? .inputOutput }
    transport.start()
  }

  private mutating func shareQueues() throws(ErrorCode) {
    guard let page = env_device_pages(1) else { throw .noMemory }
    let receiving = FrameQueue(page, deviceWrites: true)
    let sending = FrameQueue(page + FrameQueue.memorySize, deviceWrites: false)
    device_fence()
    try configure(Self.receiveQueue, receiving)
    try configure(Self.sendQueue, sending)
    self.receiving = receiving
    self.sending = sending
  }

  private func configure(_ number: UInt32, _ queue: FrameQueue) throws(ErrorCode) {
    try transport.configureQueue(
      number, size: UInt32(FrameQueue.size), descriptors: queue.descriptorsAddress, available: queue.availableAddress,
      used: queue.usedAddress)
  }

  mutating func send(_ request: UnsafeMutablePointer<nic_request>) throws(ErrorCode) {
    try collectSent()
    guard let sent = sending?.busyCount else { throw .inputOutput }
    sending?.setInterrupts(sent + 1 >= Self.manyFrames)
    guard sending?.offer(request) == true else { throw .tryAgain }
    transport.write(VirtioTransport.Register.queueNotify, Self.sendQueue)
  }

  mutating func receive(_ request: UnsafeMutablePointer<nic_request>) throws(ErrorCode) {
    guard receiving != nil else { throw .inputOutput }
    guard receiving?.offer(request) == true else { throw .tryAgain }
    transport.write(VirtioTransport.Register.queueNotify, Self.receiveQueue)
  }

  /// Completes the requests whose frames the device has sent.
  mutating func collectSent() throws(ErrorCode) {
    while let (request, _) = try sending?.takeReturned() { env_complete(&request.pointee.base, 0) }
  }

  /// Completes the requests into whose buffers the device has put frames.
  mutating func collectReceived() throws(ErrorCode) {
    while let (request, length) = try receiving?.takeReturned() {
      let isFrame = length >= UInt64(NIC_MINIMUM_FRAME) && length <= request.pointee.length
      env_complete(&request.pointee.base, isFrame ? Int64(length) : ErrorCode.inputOutput.result)
    }
  }

  /// The device has broken the protocol: it is stopped, and every request fails.
  mutating func abandon() {
    transport.write(VirtioTransport.Register.status, 0)
    while let request = sending?.takeAny() { env_complete(&request.pointee.base, ErrorCode.inputOutput.result) }
    while let request = receiving?.takeAny() { env_complete(&request.pointee.base, ErrorCode.inputOutput.result) }
    sending = nil
    receiving = nil
  }
}

/// Bytes of an instance.
@c @implementation
public func nic_size() -> UInt64 {
  UInt64(MemoryLayout<NetworkDriver>.stride)
}

/// Finds and resets the adapter; whatever state an earlier incarnation left in `driver` is ignored.
@c @implementation
public func nic_init(_ driver: OpaquePointer) -> Int64 {
  let state = UnsafeMutablePointer<NetworkDriver>(driver)
  state.initialize(to: NetworkDriver())
  do throws(ErrorCode) {
    try state.pointee.start()
    return 0
  } catch {
    return error.result
  }
}

/// The adapter's Ethernet address.
@c @implementation
public func nic_address(_ driver: OpaquePointer) -> Int64 {
  let state = UnsafeMutablePointer<NetworkDriver>(driver)
  guard state.pointee.sending != nil else { return ErrorCode.notFound.result }
  return Int64(state.pointee.address)
}

/// Sends a frame, if the device has room for it.
@c @implementation
public func nic_submit(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<nic_request>) -> Int64 {
  let state = UnsafeMutablePointer<NetworkDriver>(driver)
  let length = request.pointee.length
  guard length >= UInt64(NIC_MINIMUM_FRAME), length <= UInt64(NIC_MAXIMUM_FRAME) else {
    return ErrorCode.invalid.result
  }
  do throws(ErrorCode) {
    try state.pointee.send(request)
    return 0
  } catch {
    if error == .inputOutput { state.pointee.abandon() }
    return error.result
  }
}

/// Offers room for a frame.
@c @implementation
public func nic_receive(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<nic_request>) -> Int64 {
  let state = UnsafeMutablePointer<NetworkDriver>(driver)
  guard request.pointee.length >= UInt64(NIC_MAXIMUM_FRAME) else { return ErrorCode.invalid.result }
  do throws(ErrorCode) {
    try state.pointee.receive(request)
    return 0
  } catch {
    return error.result
  }
}

/// Completes what the device has finished.
@c @implementation
public func nic_interrupt(_ driver: OpaquePointer) {
  let state = UnsafeMutablePointer<NetworkDriver>(driver)
  let transport = state.pointee.transport
  guard transport.base != 0 else { return }
  let causes = transport.read(VirtioTransport.Register.interruptStatus)
  // Acknowledged before the rings are read: what the device returns later raises the interrupt again.
  transport.write(VirtioTransport.Register.interruptAcknowledge, causes)
  device_fence()
  do throws(ErrorCode) {
    if causes & VirtioTransport.Interrupt.configurationChange != 0,
      transport.read(VirtioTransport.Register.status) & VirtioTransport.Status.needsReset != 0
    {
      throw .inputOutput
    }
    try state.pointee.collectSent()
    try state.pointee.collectReceived()
  } catch {
    state.pointee.abandon()
  }
  env_finish_interrupt(state.pointee.interrupt)
}
