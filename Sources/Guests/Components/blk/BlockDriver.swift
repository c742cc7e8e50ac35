// The driver of a virtio disk: up to eight requests at the device at a time, the others wait their turn.
//
// Callers must keep a request and its buffer alive until it is completed, and must not call while the driver is in
// another call of theirs: there is no lock here.

import DeviceAccess
import Interfaces

/// The driver's state.
struct BlockDriver {
  /// Device number 2 (virtio 1.2, section 5).
  static var deviceKind: UInt32 { 2 }
  /// The first field of the device's configuration: its capacity in sectors.
  static var capacityOffset: UInt { 0 }

  var transport = VirtioTransport()
  var queue: VirtioQueue?
  var interrupt: UInt64 = 0
  /// In sectors.
  var capacity: UInt64 = 0
  /// Bit n is set while the device works on slot n.
  var busy: UInt8 = 0
  /// The request of each busy slot.
  var pending = InlineArray<8, UnsafeMutablePointer<blk_request>?>(repeating: nil)
  /// Requests for which there was no slot yet, in the order of their arrival.
  var firstWaiting: UnsafeMutablePointer<env_request>?
  var lastWaiting: UnsafeMutablePointer<env_request>?

  mutating func start() throws(ErrorCode) {
    var device = env_device(registers: nil, interrupt: 0)
    let found = env_find_device(UInt64(ENV_DEVICE_BLOCK), &device)
    guard found >= 0 else { throw ErrorCode(rawValue: 0 &- found) ?? .notFound }
    guard let registers = device.registers else { throw .notFound }
    transport.base = UInt(bitPattern: registers)
    interrupt = device.interrupt
    try transport.identify(kind: Self.deviceKind)
    try transport.reset()
    do throws(ErrorCode) {
      try transport.negotiate()
      try shareQueue()
      capacity = try transport.configuration(at: Self.capacityOffset)
    } catch {
      transport.write(VirtioTransport.Register.status, VirtioTransport.Status.failed)
      queue = nil
      throw error
    }
    let enabled = env_enable_interrupt(interrupt)
    guard enabled >= 0 else { throw ErrorCode(rawValue: 0 &- enabled) ?? .inputOutput }
    transport.start()
  }

  private mutating func shareQueue() throws(ErrorCode) {
    guard let page = env_device_pages(1) else { throw .noMemory }
    let queue = VirtioQueue(page: page)
    device_fence()
    try transport.configureQueue(
      size: UInt32(VirtioQueue.size), descriptors: queue.descriptorsAddress, available: queue.availableAddress,
      used: queue.usedAddress)
    self.queue = queue
  }

  /// The lowest slot that is not busy; there must be one.
  @inline(__always)
  var freeSlot: Int {
    var slot = 0
    while busy >> UInt8(truncatingIfNeeded: slot) & 1 != 0 { slot += 1 }
    return slot
  }

  /// Hands the request to the device in a slot that must be free.
  @inline(__always)
  mutating func offer(_ request: UnsafeMutablePointer<blk_request>, in slot: Int) {
    pending[slot] = request
    busy |= 1 << UInt8(truncatingIfNeeded: slot)
    queue?.offer(
      slot, write: request.pointee.write != 0, sector: request.pointee.sector,
      buffer: env_physical(request.pointee.buffer),
      length: UInt32(truncatingIfNeeded: request.pointee.count) &* UInt32(BLK_SECTOR_SIZE))
    transport.write(VirtioTransport.Register.queueNotify, 0)
  }

  /// Puts the request behind those that already wait for a slot.
  mutating func wait(_ request: UnsafeMutablePointer<blk_request>) {
    let base = UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self)
    base.pointee.next = nil
    if let last = lastWaiting { last.pointee.next = base } else { firstWaiting = base }
    lastWaiting = base
  }

  private mutating func takeWaiting() -> UnsafeMutablePointer<blk_request>? {
    guard let base = firstWaiting else { return nil }
    firstWaiting = base.pointee.next
    if firstWaiting == nil { lastWaiting = nil }
    return UnsafeMutableRawPointer(base).assumingMemoryBound(to: blk_request.self)
  }

  /// Completes what the device has finished, and gives it what waited.
  mutating func collect() throws(ErrorCode) {
    while let returned = queue?.returned, returned != 0 {
      guard returned <= VirtioQueue.slots, let chain = queue?.takeReturned(), let request = pending[chain.slot] else {
        throw .inputOutput
      }
      pending[chain.slot] = nil
      busy &= ~(1 << UInt8(truncatingIfNeeded: chain.slot))
      env_complete(&request.pointee.base, chain.status == 0 ? 0 : ErrorCode.inputOutput.result)
    }
    while busy != .max, let request = takeWaiting() {
      offer(request, in: freeSlot)
    }
  }

  /// The device has broken the protocol: it is stopped, and every request fails.
  mutating func abandon() {
    queue = nil
    transport.write(VirtioTransport.Register.status, 0)
    for slot in 0..<VirtioQueue.slots {
      guard let request = pending[slot] else { continue }
      pending[slot] = nil
      env_complete(&request.pointee.base, ErrorCode.inputOutput.result)
    }
    busy = 0
    while let request = takeWaiting() {
      env_complete(&request.pointee.base, ErrorCode.inputOutput.result)
    }
  }
}

/// Bytes of an instance.
@c @implementation
public func blk_size() -> UInt64 {
  UInt64(MemoryLayout<BlockDriver>.stride)
}

/// Finds and resets the disk; whatever state an earlier incarnation left in `driver` is ignored.
@c @implementation
public func blk_init(_ driver: OpaquePointer) -> Int64 {
  let state = UnsafeMutablePointer<BlockDriver>(driver)
  state.initialize(to: BlockDriver())
  do throws(ErrorCode) {
    try state.pointee.start()
    return 0
  } catch {
    return error.result
  }
}

/// The disk's size in sectors.
@c @implementation
public func blk_capacity(_ driver: OpaquePointer) -> Int64 {
  let state = UnsafeMutablePointer<BlockDriver>(driver)
  guard state.pointee.queue != nil else { return ErrorCode.inputOutput.result }
  return Int64(clamping: state.pointee.capacity)
}

/// Starts a request, now or when the device has room.
@c @implementation
public func blk_submit(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<blk_request>) -> Int64 {
  let state = UnsafeMutablePointer<BlockDriver>(driver)
  guard state.pointee.queue != nil else { return ErrorCode.inputOutput.result }
  let count = request.pointee.count
  let capacity = state.pointee.capacity
  guard count >= 1, count <= UInt64(BLK_MAXIMUM_SECTORS), request.pointee.write <= 1, count <= capacity,
    request.pointee.sector <= capacity - count
  else { return ErrorCode.invalid.result }
  guard state.pointee.busy != .max else {
    state.pointee.wait(request)
    return 0
  }
  state.pointee.offer(request, in: state.pointee.freeSlot)
  return 0
}

/// Completes what the device has finished.
@c @implementation
public func blk_interrupt(_ driver: OpaquePointer) {
  let state = UnsafeMutablePointer<BlockDriver>(driver)
  let transport = state.pointee.transport
  guard transport.base != 0 else { return }
  let causes = transport.read(VirtioTransport.Register.interruptStatus)
  // Acknowledged before the ring is read: what the device returns later raises the interrupt again.
  transport.write(VirtioTransport.Register.interruptAcknowledge, causes)
  device_fence()
  do throws(ErrorCode) {
    if causes & VirtioTransport.Interrupt.configurationChange != 0,
      transport.read(VirtioTransport.Register.status) & VirtioTransport.Status.needsReset != 0
    {
      throw .inputOutput
    }
    try state.pointee.collect()
  } catch {
    state.pointee.abandon()
  }
  env_finish_interrupt(state.pointee.interrupt)
}
