// The kernel calls of services in user mode: each is checked against the caller's capabilities here, and
// only here; what it does is another part's work.

import Interfaces
import KernelShared

private func argument(_ task: UnsafeMutablePointer<task>, _ index: UInt64) -> UInt64 {
  task_register(task, 10 &+ index)
}

private func setResult(_ task: UnsafeMutablePointer<task>, _ index: UInt64, _ value: UInt64) {
  task_set_register(task, 10 &+ index, value)
}

private func holds(_ task: UnsafeMutablePointer<task>, _ slot: Int, _ kind: Int) -> Bool {
  capability_at(task, UInt64(slot)).pointee.kind == UInt64(kind)
}

@c @implementation
func kernel_call(_ caller: UnsafeMutablePointer<task>) {
  let call = argument(caller, 7)
  // The two that every request consists of are tested before a prologue's worth of registers is saved.
  if call == KernelCall.call.rawValue { return message_call(caller) }
  if call == KernelCall.replyReceive.rawValue { return message_reply_receive(caller) }
  otherCall(caller, call)
}

@inline(never) private func otherCall(_ caller: UnsafeMutablePointer<task>, _ call: UInt64) {
  switch call {
  case KernelCall.receive.rawValue: message_receive(caller)
  case KernelCall.reply.rawValue: message_reply(caller)
  case KernelCall.yield.rawValue:
    setResult(caller, 0, 0)
    task_yield()
  case KernelCall.sleep.rawValue:
    // The result takes the argument's place.
    let ticks = argument(caller, 0)
    setResult(caller, 0, 0)
    env_sleep(ticks)
  case KernelCall.notify.rawValue:
    setResult(caller, 0, UInt64(bitPattern: message_notify(caller, argument(caller, 0))))
  case KernelCall.alarm.rawValue:
    task_set_alarm(caller, argument(caller, 0))
    setResult(caller, 0, 0)
  case 0x110..<0x120: setResult(caller, 0, UInt64(bitPattern: taskCall(caller, call)))
  case 0x120..<0x130: setResult(caller, 0, UInt64(bitPattern: spaceCall(caller, call)))
  default: serverCall(caller, call)
  }
}

// MARK: Tasks

private func taskCall(_ caller: UnsafeMutablePointer<task>, _ call: UInt64) -> Int64 {
  guard holds(caller, SLOT_TASKS, CAPABILITY_TASKS) else { return ErrorCode.notPermitted.result }
  let target = argument(caller, 0)
  switch call {
  case KernelCall.taskCreate.rawValue:
    return withName(caller, at: target, length: argument(caller, 1)) { name, length in
      task_create(name, length, argument(caller, 2), argument(caller, 3), argument(caller, 4))
    }
  case KernelCall.taskStart.rawValue:
    return task_start(target, argument(caller, 1), argument(caller, 2), argument(caller, 3), argument(caller, 4))
  case KernelCall.taskEnd.rawValue:
    guard target != task_number(caller) else { return ErrorCode.invalid.result }
    return task_end(target, Int64(bitPattern: argument(caller, 1)))
  case KernelCall.taskCollect.rawValue:
    return task_collect(target)
  case KernelCall.taskGrant.rawValue:
    return task_grant(target, argument(caller, 1), argument(caller, 2), argument(caller, 3))
  case KernelCall.taskSetForeign.rawValue:
    return task_set_foreign(target)
  case KernelCall.taskGuard.rawValue:
    return task_guard(target, argument(caller, 1), argument(caller, 2))
  case KernelCall.taskFork.rawValue:
    guard waits(target, for: caller) else { return ErrorCode.busy.result }
    return task_fork(target)
  case KernelCall.taskContinue.rawValue:
    return task_continue(target, argument(caller, 1), argument(caller, 2))
  case KernelCall.taskClear.rawValue:
    guard waits(target, for: caller) else { return ErrorCode.busy.result }
    return withName(caller, at: argument(caller, 1), length: argument(caller, 2)) { name, length in
      task_clear(target, name, length, argument(caller, 3))
    }
  default:
    return ErrorCode.notImplemented.result
  }
}

/// Calls `body` with a name in the caller's memory, copied.
private func withName(
  _ caller: UnsafeMutablePointer<task>, at place: UInt64, length: UInt64,
  _ body: (UnsafePointer<UInt8>, UInt64) -> Int64
) -> Int64 {
  var name: (UInt64, UInt64) = (0, 0)
  guard length > 0, length < 16 else { return ErrorCode.nameTooLong.result }
  return withUnsafeMutableBytes(of: &name) { bytes in
    let copied = user_copy_in(caller, bytes.baseAddress!, place, length)
    return copied == 0 ? body(bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), length) : copied
  }
}

/// Whether a task waits for the answer to its call of `server`.
private func waits(_ number: UInt64, for server: UnsafeMutablePointer<task>) -> Bool {
  guard let task = task_find(number), task.pointee.partner == task_number(server) else { return false }
  let record = taskRecord(task.pointee.slot)
  return record.pointee.state == TaskState.blocked.rawValue
    && record.pointee.waitReason == WaitReason.reply.rawValue
}

@c @implementation
func task_grant(_ target: UInt64, _ slot: UInt64, _ kind: UInt64, _ right: UInt64) -> Int64 {
  let object = right & 0xFFFF_FFFF
  guard let task = task_find(target) else { return ErrorCode.noSuchTask.result }
  guard slot < UInt64(CAPABILITY_COUNT), kind <= UInt64(CAPABILITY_DEVICE), object < UInt64(ENDPOINT_COUNT) else {
    return ErrorCode.invalid.result
  }
  if kind == UInt64(CAPABILITY_RECEIVE) { endpoint_at(object).pointee.owner = target }
  capability_at(task, slot).pointee = capability(kind: kind, object: object, badge: right >> 32)
  return 0
}

@c @implementation
func task_guard(_ target: UInt64, _ pager: UInt64, _ supervisor: UInt64) -> Int64 {
  guard let task = task_find(target) else { return ErrorCode.noSuchTask.result }
  guard pager < UInt64(ENDPOINT_COUNT), supervisor < UInt64(ENDPOINT_COUNT) else { return ErrorCode.invalid.result }
  task.pointee.pager = pager
  task.pointee.supervisor = supervisor
  return 0
}

// MARK: Memory of others

private func spaceCall(_ caller: UnsafeMutablePointer<task>, _ call: UInt64) -> Int64 {
  guard holds(caller, SLOT_MEMORY, CAPABILITY_MEMORY) else { return ErrorCode.notPermitted.result }
  let target = argument(caller, 0)
  let start = argument(caller, 1)
  switch call {
  case KernelCall.spaceMap.rawValue: return space_map(target, start, argument(caller, 2), argument(caller, 3))
  case KernelCall.spaceUnmap.rawValue: return space_unmap(target, start, argument(caller, 2))
  case KernelCall.spaceWrite.rawValue:
    guard let receiver = task_find(target) else { return ErrorCode.noSuchTask.result }
    return writeSpace(caller, receiver, start, argument(caller, 2), argument(caller, 3))
  case KernelCall.spaceShare.rawValue: return space_share(target, start, argument(caller, 2), argument(caller, 3))
  case KernelCall.spaceCopy.rawValue: return space_copy(target, start)
  case KernelCall.spaceAvailable.rawValue: return Int64(space_available())
  case KernelCall.spaceRead.rawValue:
    guard let source = task_find(target) else { return ErrorCode.noSuchTask.result }
    return ipc_copy(source, start, caller, argument(caller, 2), argument(caller, 3))
  default: return ErrorCode.notImplemented.result
  }
}

/// Fills another task's memory from the caller's, a page of the caller's at a time.
private func writeSpace(
  _ caller: UnsafeMutablePointer<task>, _ receiver: UnsafeMutablePointer<task>, _ destination: UInt64,
  _ source: UInt64, _ length: UInt64
) -> Int64 {
  let satp = taskRecord(caller.pointee.slot).pointee.satp
  var done: UInt64 = 0
  while done < length {
    let physical = space_resolve(satp, source &+ done, UInt64(SPACE_READ))
    guard physical != 0 else { return ErrorCode.badAddress.result }
    let part = min(Layout.pageSize &- physical % Layout.pageSize, length &- done)
    let result = space_write(task_number(receiver), destination &+ done, memory(physical), part)
    guard result == 0 else { return result }
    done &+= part
  }
  return 0
}

// MARK: A server's own memory and device

private func serverCall(_ caller: UnsafeMutablePointer<task>, _ call: UInt64) {
  let first = argument(caller, 0)
  switch call {
  case KernelCall.memory.rawValue:
    setResult(caller, 0, UInt64(bitPattern: allocate(caller, pages: first, forDevice: argument(caller, 1) != 0)))
  case KernelCall.physical.rawValue:
    setResult(caller, 0, space_resolve(taskRecord(caller.pointee.slot).pointee.satp, first, UInt64(SPACE_READ)))
  case KernelCall.device.rawValue:
    findDevice(caller, kind: first)
  case KernelCall.enableInterrupt.rawValue:
    guard owns(caller, first) else { return setResult(caller, 0, UInt64(bitPattern: ErrorCode.notPermitted.result)) }
    interrupt_enable(first)
    setResult(caller, 0, 0)
  case KernelCall.finishInterrupt.rawValue:
    guard owns(caller, first) else { return setResult(caller, 0, UInt64(bitPattern: ErrorCode.notPermitted.result)) }
    interrupt_complete(first)
    setResult(caller, 0, 0)
  case KernelCall.archive.rawValue:
    setResult(caller, 0, UInt64(bitPattern: mapArchive(caller)))
  case KernelCall.identify.rawValue:
    setResult(caller, 0, task_number(caller))
  default:
    setResult(caller, 0, UInt64(bitPattern: ErrorCode.notImplemented.result))
  }
}

/// Readable and writable, as the upper half of a page-table entry's permission bits says it.
private var readWrite: UInt64 { UInt64(SPACE_READ | SPACE_WRITE) << 1 }
/// The bit that keeps space_destroy from releasing a page.
private var borrowed: UInt64 { 1 << 8 }

private func allocate(_ caller: UnsafeMutablePointer<task>, pages: UInt64, forDevice: Bool) -> Int64 {
  guard pages > 0, pages < 1024 else { return ErrorCode.invalid.result }
  let start = forDevice ? caller.pointee.next_device_page : caller.pointee.next_page
  // A device needs its pages in a row; for the rest a row is not worth the search.
  let step = forDevice ? pages : 1
  var done: UInt64 = 0
  while done < pages {
    let frame = frame_allocate(step)
    guard frame != 0 else { return ErrorCode.noMemory.result }
    let result = space_map_frames(
      taskRecord(caller.pointee.slot).pointee.satp, start &+ done &* Layout.pageSize, frame, step, readWrite)
    guard result == 0 else {
      frame_release(frame, step)
      return result
    }
    done &+= step
  }
  if forDevice {
    caller.pointee.next_device_page &+= pages &* Layout.pageSize
  } else {
    caller.pointee.next_page &+= pages &* Layout.pageSize
  }
  return Int64(start)
}

private func owns(_ caller: UnsafeMutablePointer<task>, _ interrupt: UInt64) -> Bool {
  for index in 0..<UInt64(DEVICE_COUNT)
  where device_at(index).pointee.kind != 0 && device_at(index).pointee.interrupt == interrupt {
    return device_at(index).pointee.owner == task_number(caller)
  }
  return false
}

private func findDevice(_ caller: UnsafeMutablePointer<task>, kind: UInt64) {
  let right = capability_at(caller, UInt64(SLOT_DEVICE)).pointee
  guard right.kind == UInt64(CAPABILITY_DEVICE), right.object == kind else {
    return setResult(caller, 0, UInt64(bitPattern: ErrorCode.notPermitted.result))
  }
  for index in 0..<UInt64(DEVICE_COUNT) where device_at(index).pointee.kind == kind {
    let device = device_at(index)
    guard device.pointee.owner == 0 || device.pointee.owner == task_number(caller) else {
      return setResult(caller, 0, UInt64(bitPattern: ErrorCode.busy.result))
    }
    if device.pointee.owner == 0 {
      let result = space_map_frames(
        taskRecord(caller.pointee.slot).pointee.satp, Layout.userDevices, device.pointee.physical, 1,
        readWrite | borrowed)
      guard result == 0 else { return setResult(caller, 0, UInt64(bitPattern: result)) }
      device.pointee.owner = task_number(caller)
    }
    setResult(caller, 0, 0)
    setResult(caller, 1, Layout.userDevices)
    setResult(caller, 2, device.pointee.interrupt)
    return
  }
  setResult(caller, 0, UInt64(bitPattern: ErrorCode.notFound.result))
}

private func mapArchive(_ caller: UnsafeMutablePointer<task>) -> Int64 {
  guard holds(caller, SLOT_TASKS, CAPABILITY_TASKS) else { return ErrorCode.notPermitted.result }
  let start = archive_physical()
  let pages = (archive_physical_end() &- start).pageCeiling / Layout.pageSize
  let result = space_map_frames(
    taskRecord(caller.pointee.slot).pointee.satp, Layout.userArchive, start, pages,
    UInt64(SPACE_READ) << 1 | borrowed)
  return result == 0 ? Int64(Layout.userArchive) : result
}
