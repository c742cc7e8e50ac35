// The environment (Interfaces/env.h) of services that run in the kernel.
//
// Client 0 is the kernel itself: its addresses need no translation.

import Interfaces
import KernelShared

@c @implementation
func env_complete(_ request: UnsafeMutablePointer<env_request>, _ result: Int64) {
  request.pointee.result = result
  request.pointee.done = 1
  let waiter = request.pointee.waiter
  if waiter != 0 { task_wake(task_at(waiter &- 1)) }
}

@c @implementation
func env_await(_ request: UnsafeMutablePointer<env_request>) -> Int64 {
  while request.pointee.done == 0 {
    request.pointee.waiter = kernel.current.pointee.slot &+ 1
    _ = task_wait(UInt64(WaitReason.request.rawValue))
    request.pointee.waiter = 0
  }
  return request.pointee.result
}

@c @implementation
func env_acquire(_ lock: UnsafeMutablePointer<env_lock>) {
  let current = kernel.current
  while lock.pointee.holder != 0 {
    lock.pointee.waiters &+= 1
    current.pointee.awaited_lock = address(lock)
    _ = task_wait(UInt64(WaitReason.lock.rawValue))
    lock.pointee.waiters &-= 1
  }
  lock.pointee.holder = current.pointee.slot &+ 1
}

@c @implementation
func env_release(_ lock: UnsafeMutablePointer<env_lock>) {
  lock.pointee.holder = 0
  guard lock.pointee.waiters > 0 else { return }
  for slot in 0..<UInt64(TASK_COUNT) where task_at(slot).pointee.awaited_lock == address(lock) {
    task_at(slot).pointee.awaited_lock = 0
    task_wake(task_at(slot))
    return
  }
}

@c @implementation
func env_pages(_ count: UInt64) -> UnsafeMutableRawPointer? { env_device_pages(count) }

@c @implementation
func env_device_pages(_ count: UInt64) -> UnsafeMutableRawPointer? {
  let frame = frame_allocate(count)
  return frame == 0 ? nil : memory(frame)
}

@c @implementation
func env_physical(_ place: UnsafeRawPointer) -> UInt64 { address(place) }

@c @implementation
func env_find_device(_ kind: UInt64, _ result: UnsafeMutablePointer<env_device>) -> Int64 {
  for index in 0..<UInt64(DEVICE_COUNT) where device_at(index).pointee.kind == kind {
    let device = device_at(index).pointee
    guard device.owner == 0 else { return ErrorCode.busy.result }
    result.pointee.registers = memory(Layout.deviceWindow &+ device.physical).assumingMemoryBound(to: UInt32.self)
    result.pointee.interrupt = device.interrupt
    return 0
  }
  return ErrorCode.notFound.result
}

@c @implementation
func env_enable_interrupt(_ interrupt: UInt64) -> Int64 {
  interrupt_enable(interrupt)
  return 0
}

@c @implementation
func env_finish_interrupt(_ interrupt: UInt64) { interrupt_complete(interrupt) }

@c @implementation
func env_copy_in(
  _ client: UInt64, _ destination: UnsafeMutableRawPointer, _ source: user_address, _ length: UInt64
) -> Int64 {
  if client == 0 {
    destination.copyMemory(from: memory(source), byteCount: Int(length))
    return 0
  }
  guard let task = task_find(client) else { return ErrorCode.noSuchTask.result }
  return user_copy_in(task, destination, source, length)
}

@c @implementation
func env_copy_out(
  _ client: UInt64, _ destination: user_address, _ source: UnsafeRawPointer, _ length: UInt64
) -> Int64 {
  if client == 0 {
    memory(destination).copyMemory(from: source, byteCount: Int(length))
    return 0
  }
  guard let task = task_find(client) else { return ErrorCode.noSuchTask.result }
  return user_copy_out(task, destination, source, length)
}

@c @implementation
func env_time() -> UInt64 { read_time() }

@c @implementation
func env_set_alarm(_ time: UInt64) { task_set_alarm(task_at(0), time) }

@c @implementation
func env_yield() { task_yield() }

@c @implementation
func env_sleep(_ ticks: UInt64) {
  task_deadline(kernel.current, ticks == 0 ? 1 : ticks)
  _ = task_wait(UInt64(WaitReason.time.rawValue))
}

/// One network service has the adapter to itself.
@c @implementation
func env_claim(_ kind: UInt64, _ value: UInt64) -> Int64 { 0 }

@c @implementation
func env_disclaim(_ kind: UInt64, _ value: UInt64) {}
