// The driver of the board's simple disk, for the block driver's interface (Interfaces/blk.h): one request at the
// device at a time, the others wait their turn.
//
// It takes the place of Components/blk in an image; both cannot be in one. Callers must keep a request and its buffer
// alive until it is completed, and must not call while the driver is in another call of theirs: there is no lock here.

import DeviceAccess
import Interfaces

/// The driver's state.
struct SimpleDiskDriver {
  var registers = SimpleDiskRegisters()
  var interrupt: UInt64 = 0
  /// In sectors; 0 while there is no usable disk.
  var capacity: UInt64 = 0
  /// The request that the device works on, and behind it those that wait, in the order of their arrival.
  var first: UnsafeMutablePointer<env_request>?
  var last: UnsafeMutablePointer<env_request>?

  mutating func start() throws(ErrorCode) {
    var device = env_device(registers: nil, interrupt: 0)
    let found = env_find_device(UInt64(ENV_DEVICE_SIMPLE_DISK), &device)
    guard found >= 0 else { throw ErrorCode(rawValue: 0 &- found) ?? .notFound }
    guard let window = device.registers else { throw .notFound }
    registers.base = UInt(bitPattern: window)
    interrupt = device.interrupt
    try registers.identify()
    // What an earlier incarnation has started is forgotten.
    registers.write(SimpleDiskRegisters.Register.control, SimpleDiskRegisters.Control.reset)
    let enabled = env_enable_interrupt(interrupt)
    guard enabled >= 0 else { throw ErrorCode(rawValue: 0 &- enabled) ?? .inputOutput }
    registers.write(SimpleDiskRegisters.Register.control, SimpleDiskRegisters.Control.interruptEnable)
    capacity = registers.readWide(SimpleDiskRegisters.Register.capacity)
  }

  /// Puts a request behind those that wait, and hands it to the device if it is the only one.
  @inline(__always)
  mutating func add(_ request: UnsafeMutablePointer<blk_request>) {
    let base = UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self)
    base.pointee.next = nil
    if let last { last.pointee.next = base } else { first = base }
    let isOnly = last == nil
    last = base
    if isOnly { command(request) }
  }

  /// Has the device carry out a request.
  @inline(__always)
  private func command(_ request: UnsafeMutablePointer<blk_request>) {
    registers.writeWide(SimpleDiskRegisters.Register.sector, request.pointee.sector)
    registers.write(SimpleDiskRegisters.Register.count, UInt32(truncatingIfNeeded: request.pointee.count))
    registers.writeWide(SimpleDiskRegisters.Register.address, env_physical(request.pointee.buffer))
    // The device must not see the command before the bytes that it is to write.
    device_fence()
    registers.write(
      SimpleDiskRegisters.Register.command,
      request.pointee.write != 0 ? SimpleDiskRegisters.Command.writeDMA : SimpleDiskRegisters.Command.readDMA)
  }

  /// Completes what the device has finished, and gives it what waited longest.
  mutating func collect() {
    let status = registers.read(SimpleDiskRegisters.Register.status)
    guard status & SimpleDiskRegisters.Status.done != 0 else { return }
    registers.write(SimpleDiskRegisters.Register.acknowledge, 1)
    device_fence()
    guard let finished = first else { return }
    first = finished.pointee.next
    if let next = first {
      command(UnsafeMutableRawPointer(next).assumingMemoryBound(to: blk_request.self))
    } else {
      last = nil
    }
    env_complete(
      finished, status & SimpleDiskRegisters.Status.error == 0 ? 0 : ErrorCode.inputOutput.result)
  }
}

/// Bytes of an instance.
@c @implementation
public func blk_size() -> UInt64 { UInt64(MemoryLayout<SimpleDiskDriver>.stride) }

/// Finds and resets the disk; whatever state an earlier incarnation left in `driver` is ignored.
@c @implementation
public func blk_init(_ driver: OpaquePointer) -> Int64 {
  let state = UnsafeMutablePointer<SimpleDiskDriver>(driver)
  state.initialize(to: SimpleDiskDriver())
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
  let state = UnsafeMutablePointer<SimpleDiskDriver>(driver)
  guard state.pointee.capacity != 0 else { return ErrorCode.inputOutput.result }
  return Int64(clamping: state.pointee.capacity)
}

/// Starts a request, now or when its turn comes.
@c @implementation
public func blk_submit(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<blk_request>) -> Int64 {
  let state = UnsafeMutablePointer<SimpleDiskDriver>(driver)
  let count = request.pointee.count
  let capacity = state.pointee.capacity
  guard capacity != 0 else { return ErrorCode.inputOutput.result }
  guard count >= 1, count <= UInt64(BLK_MAXIMUM_SECTORS), request.pointee.write <= 1, count <= capacity,
    request.pointee.sector <= capacity - count
  else { return ErrorCode.invalid.result }
  state.pointee.add(request)
  return 0
}

/// Completes what the device has finished.
@c @implementation
public func blk_interrupt(_ driver: OpaquePointer) {
  let state = UnsafeMutablePointer<SimpleDiskDriver>(driver)
  guard state.pointee.registers.base != 0 else { return }
  state.pointee.collect()
  env_finish_interrupt(state.pointee.interrupt)
}
