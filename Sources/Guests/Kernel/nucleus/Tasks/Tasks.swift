// Tasks: rows of the table, from their making to their end.
//
// Numbers are never reused while the system runs: the low five bits are the slot, the rest a generation.

import Interfaces
import KernelShared

@c @implementation
func tasks_init() {
  for slot in 0..<UInt64(TASK_COUNT) {
    taskRecord(slot).pointee = TaskRecord()
    task_at(slot).pointee.slot = slot
    task_at(slot).pointee.message = task_frame(task_at(slot))
  }
  // Slot 0 is the kernel's own thread of control: it starts the system and then only waits.
  let boot = taskRecord(0)
  // While it starts services it may call others by messages, so it has a number, as any caller has.
  boot.pointee.id = UInt32(TASK_COUNT)
  task_at(0).pointee.number = UInt64(TASK_COUNT)
  boot.pointee.frame = address(task_at(0))
  boot.pointee.state = TaskState.running.rawValue
  boot.pointee.satp = csr_read_satp()
  boot.pointee.name = (0x6C65_6E72_656B, 0)
  task_at(0).pointee.waits_in_kernel = 1
  kernel.current = task_at(0)
  kernel.timer = .max
  kernel.next_deadline = .max
  kernel.next_alarm = .max
}

@c @implementation
func task_find(_ number: UInt64) -> UnsafeMutablePointer<task>? {
  let slot = number & UInt64(TASK_COUNT - 1)
  let record = taskRecord(slot)
  guard number != 0, record.pointee.state != TaskState.free.rawValue, UInt64(record.pointee.id) == number else {
    return nil
  }
  return task_at(slot)
}

/// A free slot, or nil: the lowest first, so that small systems have small numbers.
private func freeSlot() -> UInt64? {
  for slot in 1..<UInt64(TASK_COUNT) where taskRecord(slot).pointee.state == TaskState.free.rawValue { return slot }
  return nil
}

@c @implementation
func task_create(
  _ name: UnsafePointer<UInt8>, _ nameLength: UInt64, _ program: UInt64, _ parent: UInt64, _ restarts: UInt64
) -> Int64 {
  guard nameLength > 0, nameLength < 16 else { return ErrorCode.nameTooLong.result }
  freeLeaving()
  guard let slot = freeSlot() else { return ErrorCode.tryAgain.result }
  let stack = frame_take(UInt64(KERNEL_STACK_PAGES))
  guard stack != 0 else { return ErrorCode.noMemory.result }
  let satp = space_create(slot)
  guard satp != 0 else {
    frame_release(stack, UInt64(KERNEL_STACK_PAGES))
    return ErrorCode.noMemory.result
  }
  let task = task_at(slot)
  UnsafeMutableRawPointer(task).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<task>.stride)
  task.pointee.slot = slot
  task.pointee.message = task_frame(task)
  task.pointee.frame.kernel_stack = stack &+ UInt64(KERNEL_STACK_PAGES) &* Layout.pageSize
  task.pointee.next_page = Layout.anonymousBase
  task.pointee.next_device_page = Layout.userDMA

  let record = taskRecord(slot)
  // A slot's number grows by the table's size with each use.
  let generation = record.pointee.id >> 5
  let isFirst = record.pointee.id == 0
  record.pointee = TaskRecord()
  record.pointee.id = UInt32(truncatingIfNeeded: slot) | (isFirst ? 0 : (generation &+ 1) << 5)
  record.pointee.state = TaskState.embryo.rawValue
  record.pointee.satp = satp
  record.pointee.program = UInt32(truncatingIfNeeded: program)
  record.pointee.parent = UInt32(truncatingIfNeeded: parent)
  record.pointee.restarts = UInt32(truncatingIfNeeded: restarts)
  record.pointee.frame = address(task)
  task.pointee.number = UInt64(record.pointee.id)
  withUnsafeMutableBytes(of: &record.pointee.name) {
    $0.copyMemory(from: UnsafeRawBufferPointer(start: name, count: Int(nameLength)))
  }
  return Int64(record.pointee.id)
}

@c @implementation
func task_start(_ number: UInt64, _ entry: UInt64, _ stack: UInt64, _ a0: UInt64, _ a1: UInt64) -> Int64 {
  guard let task = task_find(number) else { return ErrorCode.noSuchTask.result }
  let isEmbryo = taskRecord(task.pointee.slot).pointee.state == TaskState.embryo.rawValue
  guard isEmbryo || task == kernel.current else { return ErrorCode.busy.result }
  task_set_register(task, 0, entry)
  task_set_register(task, 2, stack)
  task_set_register(task, 10, a0)
  task_set_register(task, 11, a1)
  if isEmbryo { task_wake(task) }
  return 0
}

@c @implementation
func task_end(_ number: UInt64, _ status: Int64) -> Int64 {
  guard let task = task_find(number) else { return ErrorCode.noSuchTask.result }
  let record = taskRecord(task.pointee.slot)
  guard record.pointee.state != TaskState.zombie.rawValue, task.pointee.ending == 0 else { return 0 }
  if task != kernel.current && task.pointee.waits_in_kernel != 0 {
    // It may be in the middle of a service: it ends when that is done.
    task.pointee.ending = 1
    task.pointee.ending_status = status
    switch record.pointee.waitReason {
    case WaitReason.time.rawValue: task_wake(task)
    case WaitReason.send.rawValue, WaitReason.reply.rawValue: message_abandon(task)
    default: break
    }
    return 0
  }
  becomeZombie(task, status)
  return 0
}

private func becomeZombie(_ task: UnsafeMutablePointer<task>, _ status: Int64) {
  let record = taskRecord(task.pointee.slot)
  sched_remove(policy, task.pointee.slot)
  task_cancel_deadline(task)
  if task.pointee.alarm != 0 { task_set_alarm(task, 0) }
  record.pointee.state = TaskState.zombie.rawValue
  record.pointee.waitReason = WaitReason.none.rawValue
  record.pointee.exitStatus = Int32(truncatingIfNeeded: status)
  for index in 0..<UInt64(DEVICE_COUNT) where device_at(index).pointee.owner == UInt64(record.pointee.id) {
    interrupt_disable(device_at(index).pointee.interrupt)
    device_at(index).pointee.owner = 0
  }
  core_task_gone(task)
  if task != kernel.current { return releaseMemory(of: task) }
  // Its stack carries this very call: whoever runs in the kernel next gives its memory back.
  freeLeaving()
  kernel.leaving = task
}

/// Ends the current task on its way out of the kernel, if someone asked for that while it was inside.
func endIfAsked() {
  let current = kernel.current
  if current.pointee.ending != 0 { becomeZombie(current, current.pointee.ending_status) }
}

/// Gives back everything but the row.
///
/// Not for the current task: its stack and its space are in use.
private func releaseMemory(of task: UnsafeMutablePointer<task>) {
  let record = taskRecord(task.pointee.slot)
  guard record.pointee.satp != 0 else { return }
  if csr_read_satp() == record.pointee.satp { csr_write_satp(taskRecord(0).pointee.satp) }
  space_destroy(record.pointee.satp)
  record.pointee.satp = 0
  frame_release(
    task.pointee.frame.kernel_stack &- UInt64(KERNEL_STACK_PAGES) &* Layout.pageSize, UInt64(KERNEL_STACK_PAGES))
}

@c @implementation
func task_collect(_ number: UInt64) -> Int64 {
  guard let task = task_find(number) else { return ErrorCode.noSuchTask.result }
  guard taskRecord(task.pointee.slot).pointee.state == TaskState.zombie.rawValue else { return ErrorCode.busy.result }
  freeLeaving()
  if kernel.leaving == task {
    task.pointee.collected = 1
  } else {
    taskRecord(task.pointee.slot).pointee.state = TaskState.free.rawValue
  }
  return 0
}

/// Gives the memory back of the task that ended while it still ran, and its row if nobody asks for it any more.
///
/// Does nothing on that task's own stack.
func freeLeaving() {
  guard let task = kernel.leaving, task != kernel.current else { return }
  kernel.leaving = nil
  releaseMemory(of: task)
  if task.pointee.collected != 0 { taskRecord(task.pointee.slot).pointee.state = TaskState.free.rawValue }
}
