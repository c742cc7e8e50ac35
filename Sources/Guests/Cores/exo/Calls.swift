// The exokernel's calls: each is checked against the caller's rights here, and only here. This is the whole list.

import ExoState
import Interfaces
import KernelShared

private func argument(_ task: UnsafeMutablePointer<task>, _ index: UInt64) -> UInt64 {
  task_register(task, 10 &+ index)
}

@c @implementation
func core_call(_ caller: UnsafeMutablePointer<task>) {
  let call = argument(caller, 7)
  if exo_resources.revoked_pages != 0 { askForTheHost() }
  if call == ExoCall.upcallReturn.rawValue { return returnFromUpcall(caller, argument(caller, 0)) }
  let result: Int64
  do throws(ErrorCode) {
    result = try perform(caller, call)
  } catch {
    result = error.result
  }
  task_set_register(caller, 10, UInt64(bitPattern: result))
}

private func perform(_ caller: UnsafeMutablePointer<task>, _ call: UInt64) throws(ErrorCode) -> Int64 {
  let first = argument(caller, 0)
  let second = argument(caller, 1)
  let third = argument(caller, 2)
  switch call {
  case ExoCall.identify.rawValue: return Int64(task_number(caller))
  case ExoCall.pagesFree.rawValue: return Int64(kernel.frames_free)
  case ExoCall.environmentCreate.rawValue:
    return try createEnvironment(caller, (first, second), third, argument(caller, 3))
  case ExoCall.upcallRegister.rawValue: return registerUpcalls(caller, first, second, third)
  case ExoCall.environmentRename.rawValue: return rename(caller, (first, second), third)
  case ExoCall.pageSignal.rawValue: return try signal(caller, first)
  case ExoCall.wait.rawValue: return Int64(try waitForEvents(caller, first, second, third, argument(caller, 3)))
  case ExoCall.windowMap.rawValue: return try mapWindow(caller, first, second, third)
  case ExoCall.interruptFinish.rawValue: return try finishInterrupt(caller, first)
  case ExoCall.extentAllocate.rawValue: return try allocateExtent(caller, first)
  case ExoCall.extentRelease.rawValue: return try releaseExtent(caller, first)
  case ExoCall.filterBind.rawValue: return try bindFilter(caller, first, second)
  case ExoCall.filterRelease.rawValue: return try releaseFilter(caller, first, second)
  case ExoCall.sliceYield.rawValue:
    if first == 0 {
      task_yield()
    } else {
      donate(to: try environment(first, for: caller))
    }
    return 0
  default: return try performOn(try environment(first, for: caller), caller, call)
  }
}

/// The calls whose first argument names an environment.
private func performOn(
  _ target: UnsafeMutablePointer<task>, _ caller: UnsafeMutablePointer<task>, _ call: UInt64
) throws(ErrorCode) -> Int64 {
  let second = argument(caller, 1)
  let third = argument(caller, 2)
  let fourth = argument(caller, 3)
  let slot = target.pointee.slot
  switch call {
  case ExoCall.environmentEnd.rawValue: return endEnvironment(target, Int64(bitPattern: second))
  case ExoCall.environmentStatus.rawValue:
    task_set_register(caller, 11, UInt64(bitPattern: Int64(taskRecord(slot).pointee.exitStatus)))
    return hasEnded(target) ? 1 : 0
  case ExoCall.environmentCollect.rawValue: return collectEnvironment(caller, target)
  default: break
  }
  // Nothing is given to one that has ended: it has nothing left to be released.
  guard !hasEnded(target) else { throw .noSuchTask }
  switch call {
  case ExoCall.environmentStart.rawValue:
    return task_start(task_number(target), second, third, fourth, argument(caller, 4))
  case ExoCall.environmentGrant.rawValue: return grantRight(caller, target, second, third)
  case ExoCall.pageAllocate.rawValue: return allocatePages(slot, second, third, fourth)
  case ExoCall.pageMap.rawValue:
    let source = try environment(third, for: caller)
    guard !hasEnded(source) else { throw .noSuchTask }
    return sharePage(slot, second, source.pointee.slot, fourth, argument(caller, 4))
  case ExoCall.pageUnmap.rawValue:
    guard isUserRange(second, third) else { throw .invalid }
    forEachPage(slot, in: second..<second &+ third &* Layout.pageSize) {
      remove(slot, $0)
      return true
    }
    return 0
  case ExoCall.pageStatus.rawValue:
    guard let next = nextPage(slot, second) else { return 0 }
    task_set_register(caller, 11, next.virtual)
    return Int64(next.permissions)
  default: throw .notImplemented
  }
}

/// Gives the rest of the time slice to one environment instead of the next in the queue.
private func donate(to target: UnsafeMutablePointer<task>) {
  let slot = target.pointee.slot
  guard taskRecord(slot).pointee.state == TaskState.ready.rawValue else { return task_yield() }
  let policy = OpaquePointer(memory(kernel.policy))
  let current = kernel.current
  task_set_register(current, 10, 0)
  taskRecord(current.pointee.slot).pointee.state = TaskState.ready.rawValue
  current.pointee.waits_in_kernel = 0
  sched_ready(policy, current.pointee.slot)
  sched_remove(policy, slot)
  task_switch_direct(target)
}

// MARK: Devices

private func mapWindow(
  _ caller: UnsafeMutablePointer<task>, _ kind: UInt64, _ virtual: UInt64, _ extent: UInt64
) throws(ErrorCode) -> Int64 {
  let readable = UInt64(SPACE_READ) << 1 | Bits.borrowed
  if kind == 0 {
    guard holds(caller, ExoRight.archive, 0) else { throw .notPermitted }
    let pages = (archive_physical_end() &- archive_physical()).pageCeiling / Layout.pageSize
    guard isUserRange(virtual, pages) else { throw .invalid }
    return space_map_frames(satp(caller.pointee.slot), virtual, archive_physical(), pages, readable)
  }
  guard isUserRange(virtual, 1) else { throw .invalid }
  guard holds(caller, ExoRight.window, kind) else { throw .notPermitted }
  if kind == exo.disk_kind || kind == UInt64(ENV_DEVICE_NETWORK) {
    guard kind == exo.disk_kind || exo.adapter != 0 else { throw .notFound }
    task_set_register(caller, 11, kind == exo.disk_kind ? exo.disk_interrupt : exo.adapter_interrupt)
    return try mapShadow(caller, kind, virtual, extent)
  }
  for index in 0..<UInt64(DEVICE_COUNT) where device_at(index).pointee.kind == kind {
    task_set_register(caller, 11, device_at(index).pointee.interrupt)
    return space_map_frames(
      satp(caller.pointee.slot), virtual, device_at(index).pointee.physical, 1,
      readable | UInt64(SPACE_WRITE) << 1)
  }
  throw .notFound
}

private func finishInterrupt(_ caller: UnsafeMutablePointer<task>, _ kind: UInt64) throws(ErrorCode) -> Int64 {
  guard holds(caller, ExoRight.window, kind) else { throw .notPermitted }
  if kind == UInt64(ENV_DEVICE_CONSOLE) && exo.console_pending != 0 {
    exo.console_pending = 0
    interrupt_complete(exo.console_interrupt)
  }
  return 0
}
