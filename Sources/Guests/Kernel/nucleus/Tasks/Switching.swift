// Who runs: blocking, waking, switching, time slices and deadlines.
//
// The policy is the component sched; the mechanism is here. Everything runs with interrupts off.

import Interfaces
import KernelShared

/// The scheduling policy's instance.
var policy: OpaquePointer { OpaquePointer(memory(kernel.policy)) }

@c @implementation
func task_wake(_ task: UnsafeMutablePointer<task>) {
  let record = taskRecord(task.pointee.slot)
  record.pointee.state = TaskState.ready.rawValue
  record.pointee.waitReason = WaitReason.none.rawValue
  task_cancel_deadline(task)
  sched_ready(policy, task.pointee.slot)
}

/// Marks the current task as not running for `reason`.
@inline(__always) private func markBlocked(_ reason: UInt64) {
  let record = taskRecord(kernel.current.pointee.slot)
  record.pointee.state = TaskState.blocked.rawValue
  record.pointee.waitReason = UInt32(truncatingIfNeeded: reason)
}

@c @implementation
func task_suspend(_ reason: UInt64) {
  markBlocked(reason)
  kernel.current.pointee.waits_in_kernel = 0
}

@c @implementation
func task_wait(_ reason: UInt64) -> Int64 {
  let from = kernel.current
  markBlocked(reason)
  from.pointee.timed_out = 0
  switchAway(from)
  return from.pointee.timed_out != 0 ? ErrorCode.timedOut.result : 0
}

@c @implementation
func task_yield() {
  guard sched_waiting(policy) != 0 else { return }
  let from = kernel.current
  taskRecord(from.pointee.slot).pointee.state = TaskState.ready.rawValue
  sched_ready(policy, from.pointee.slot)
  switchAway(from)
}

/// Continues another task; returns when `from` is chosen again.
private func switchAway(_ from: UnsafeMutablePointer<task>) {
  from.pointee.waits_in_kernel = 1
  let next = nextTask()
  activate(next)
  if next == from { return }
  if next.pointee.waits_in_kernel != 0 {
    context_switch(&from.pointee.context, &next.pointee.context)
  } else {
    context_switch_to_user(&from.pointee.context, &next.pointee.frame)
  }
  freeLeaving()
}

/// The next task to run; idles until there is one.
private func nextTask() -> UnsafeMutablePointer<task> {
  while true {
    let slot = sched_next(policy)
    if slot >= 0 { return task_at(UInt64(slot)) }
    programTimer(running: false)
    kernel_idle()
  }
}

/// Makes `next` the current task, in its address space.
@inline(__always) private func activate(_ next: UnsafeMutablePointer<task>) {
  let record = taskRecord(next.pointee.slot)
  record.pointee.state = TaskState.running.rawValue
  kernel.current = next
  // A hidden kernel has an address space of its own, and leaves it on the way out.
  if kernel.is_hidden == 0 && csr_read_satp() != record.pointee.satp { csr_write_satp(record.pointee.satp) }
  programTimer(running: true)
}

/// Continues `next` where it waits; what the kernel was doing is dropped.
private func resume(_ next: UnsafeMutablePointer<task>) -> Never {
  activate(next)
  if next.pointee.waits_in_kernel != 0 { context_load(&next.pointee.context) }
  trap_return(&next.pointee.frame)
}

@c @implementation
func task_resume_user() -> Never {
  endIfAsked()
  let current = kernel.current
  if taskRecord(current.pointee.slot).pointee.state == TaskState.running.rawValue {
    programTimer(running: true)
    trap_return(&current.pointee.frame)
  }
  resume(nextTask())
}

@c @implementation
func task_switch_direct(_ next: UnsafeMutablePointer<task>) -> Never {
  taskRecord(next.pointee.slot).pointee.waitReason = WaitReason.none.rawValue
  resume(next)
}

@c @implementation
func task_halt() -> Never {
  taskRecord(0).pointee.state = TaskState.free.rawValue
  resume(nextTask())
}

// MARK: Time

/// Sets stimecmp to the nearest thing that must happen, and only if that changed.
@inline(__always) private func programTimer(running: Bool) {
  if running && sched_waiting(policy) != 0 {
    if kernel.slice_end == 0 { kernel.slice_end = read_time() &+ sched_slice(policy) }
  } else {
    kernel.slice_end = 0
  }
  var next = kernel.next_deadline
  if kernel.slice_end != 0 && kernel.slice_end < next { next = kernel.slice_end }
  if next != kernel.timer {
    kernel.timer = next
    csr_write_stimecmp(next)
  }
}

@c @implementation
func task_deadline(_ task: UnsafeMutablePointer<task>, _ ticks: UInt64) {
  let deadline = read_time() &+ ticks
  task.pointee.deadline = deadline
  if deadline < kernel.next_deadline { kernel.next_deadline = deadline }
}

@c @implementation
func task_cancel_deadline(_ task: UnsafeMutablePointer<task>) {
  let deadline = task.pointee.deadline
  guard deadline != 0 else { return }
  task.pointee.deadline = 0
  guard deadline == kernel.next_deadline else { return }
  findNextDeadline()
}

private func findNextDeadline() {
  var next = kernel.next_alarm
  for slot in 0..<UInt64(TASK_COUNT) {
    let other = task_at(slot).pointee.deadline
    if other != 0 && other < next { next = other }
  }
  kernel.next_deadline = next
}

@c @implementation
func task_set_alarm(_ task: UnsafeMutablePointer<task>, _ time: UInt64) {
  task.pointee.alarm = time
  var next = UInt64.max
  for slot in 0..<UInt64(TASK_COUNT) {
    let alarm = task_at(slot).pointee.alarm
    if alarm != 0 && alarm < next { next = alarm }
  }
  kernel.next_alarm = next
  if next < kernel.next_deadline { kernel.next_deadline = next }
}

/// Tells those whose alarms are due, and only once.
private func ringAlarms(_ now: UInt64) {
  for slot in 0..<UInt64(TASK_COUNT) {
    let task = task_at(slot)
    guard task.pointee.alarm != 0, task.pointee.alarm <= now else { continue }
    task_set_alarm(task, 0)
    if slot == 0 {
      _ = residents_interrupt(UInt64(INTERRUPT_ALARM))
    } else {
      message_interrupt(task, UInt64(INTERRUPT_ALARM))
    }
  }
  findNextDeadline()
}

@c @implementation
func task_tick() {
  let now = read_time()
  if kernel.next_alarm <= now { ringAlarms(now) }
  if kernel.next_deadline <= now {
    for slot in 0..<UInt64(TASK_COUNT) {
      let task = task_at(slot)
      guard task.pointee.deadline != 0, task.pointee.deadline <= now else { continue }
      task_cancel_deadline(task)
      task.pointee.timed_out = 1
      if task.pointee.waits_in_kernel == 0 { core_timed_out(task) }
      task_wake(task)
    }
  }
  if kernel.slice_end != 0 && kernel.slice_end <= now {
    kernel.slice_end = 0
    let current = kernel.current
    let record = taskRecord(current.pointee.slot)
    if record.pointee.state == TaskState.running.rawValue {
      record.pointee.state = TaskState.ready.rawValue
      current.pointee.waits_in_kernel = 0
      sched_ready(policy, current.pointee.slot)
    }
  }
  programTimer(running: true)
}
