// One task from another, and another program in the same task.
//
// Only for a task whose registers lie in its frame: the current one, or one that waits in user mode.

import Interfaces
import KernelShared

/// A task whose frame says where it goes on in user mode, or nil.
private func restingTask(_ number: UInt64) -> UnsafeMutablePointer<task>? {
  guard let task = task_find(number), task == kernel.current || task.pointee.waits_in_kernel == 0,
    taskRecord(task.pointee.slot).pointee.state != TaskState.zombie.rawValue
  else { return nil }
  return task
}

@c @implementation
func task_fork(_ number: UInt64) -> Int64 {
  guard let parent = restingTask(number) else { return ErrorCode.noSuchTask.result }
  let record = taskRecord(parent.pointee.slot)
  // The whole padded name: what follows its end is zero.
  let created = withUnsafeBytes(of: &record.pointee.name) {
    task_create(
      $0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), UInt64($0.count - 1),
      UInt64(record.pointee.program), number, 0)
  }
  guard created > 0, let child = task_find(UInt64(created)) else { return created }
  let stack = child.pointee.frame.kernel_stack
  child.pointee.frame = parent.pointee.frame
  child.pointee.frame.kernel_stack = stack
  // The right to call a service is inherited; to be one, or to rule others, is not.
  for slot in 0..<UInt64(CAPABILITY_COUNT) where capability_at(parent, slot).pointee.kind == UInt64(CAPABILITY_CALL) {
    capability_at(child, slot).pointee = capability_at(parent, slot).pointee
  }
  child.pointee.administers = parent.pointee.administers
  child.pointee.pager = parent.pointee.pager
  child.pointee.supervisor = parent.pointee.supervisor
  return created
}

@c @implementation
func task_continue(_ number: UInt64, _ a0: UInt64, _ a1: UInt64) -> Int64 {
  guard let task = task_find(number) else { return ErrorCode.noSuchTask.result }
  guard taskRecord(task.pointee.slot).pointee.state == TaskState.embryo.rawValue else { return ErrorCode.busy.result }
  task_set_register(task, 10, a0)
  task_set_register(task, 11, a1)
  task_wake(task)
  return 0
}

@c @implementation
func task_clear(
  _ number: UInt64, _ name: UnsafePointer<UInt8>, _ nameLength: UInt64, _ program: UInt64
) -> Int64 {
  guard let task = restingTask(number) else { return ErrorCode.noSuchTask.result }
  guard nameLength > 0, nameLength < 16 else { return ErrorCode.nameTooLong.result }
  task_cancel_deadline(task)
  // Nobody's answer is awaited any more.
  task.pointee.partner = 0
  task.pointee.waits_in_kernel = 0
  for register in UInt64(0)..<32 { task_set_register(task, register, 0) }
  let record = taskRecord(task.pointee.slot)
  record.pointee.state = TaskState.embryo.rawValue
  record.pointee.waitReason = WaitReason.none.rawValue
  record.pointee.program = UInt32(truncatingIfNeeded: program)
  record.pointee.name = (0, 0)
  withUnsafeMutableBytes(of: &record.pointee.name) {
    $0.copyMemory(from: UnsafeRawBufferPointer(start: name, count: Int(nameLength)))
  }
  return 0
}
