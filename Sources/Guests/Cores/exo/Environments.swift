// Environments: making, ending, and the rights they hold.
//
// A right is a row of the task's capability table. Whoever names an environment must be it or hold the right to it.

import ExoState
import Interfaces
import KernelShared

func holds(_ task: UnsafeMutablePointer<task>, _ kind: UInt64, _ object: UInt64) -> Bool {
  row(of: task, kind, object) != nil
}

/// The row of a right in a task's table; kind 0 finds a free one.
private func row(of task: UnsafeMutablePointer<task>, _ kind: UInt64, _ object: UInt64)
  -> UnsafeMutablePointer<capability>?
{
  for index in 0..<UInt64(CAPABILITY_COUNT) {
    let row = capability_at(task, index)
    if row.pointee.kind == kind && row.pointee.object == object { return row }
  }
  return nil
}

@discardableResult
func give(_ task: UnsafeMutablePointer<task>, _ kind: UInt64, _ object: UInt64) -> Int64 {
  guard !holds(task, kind, object) else { return 0 }
  guard let free = row(of: task, 0, 0) else { return ErrorCode.tryAgain.result }
  free.pointee = capability(kind: kind, object: object, badge: 0)
  return 0
}

/// The environment of a number that the caller may name.
func environment(_ number: UInt64, for caller: UnsafeMutablePointer<task>) throws(ErrorCode)
  -> UnsafeMutablePointer<task>
{
  if number == 0 || number == task_number(caller) { return caller }
  guard holds(caller, ExoRight.environment, number) else { throw .notPermitted }
  guard let task = task_find(number) else { throw .noSuchTask }
  return task
}

func hasEnded(_ task: UnsafeMutablePointer<task>) -> Bool {
  taskRecord(task.pointee.slot).pointee.state == TaskState.zombie.rawValue
}

// MARK: Calls

func createEnvironment(
  _ caller: UnsafeMutablePointer<task>, _ name: (UInt64, UInt64), _ program: UInt64, _ restarts: UInt64
) throws(ErrorCode) -> Int64 {
  guard let right = row(of: caller, 0, 0) else { throw .tryAgain }
  let record = taskRecord(caller.pointee.slot)
  var name = name
  var program = program
  if name.0 == 0 {
    name = record.pointee.name
    program = UInt64(record.pointee.program)
  }
  let number = withUnsafeBytes(of: &name) { bytes in
    var length: UInt64 = 0
    while length < 15 && bytes[Int(length)] != 0 { length += 1 }
    return task_create(
      bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), length, program, task_number(caller), restarts)
  }
  guard number > 0, let task = task_find(UInt64(number)) else { return number }
  environment_at(task.pointee.slot).pointee = exo_environment()
  right.pointee = capability(kind: ExoRight.environment, object: UInt64(number), badge: 0)
  return number
}

/// The program and its name are for whoever looks at the kernel's table: nothing depends on them.
func rename(_ caller: UnsafeMutablePointer<task>, _ name: (UInt64, UInt64), _ program: UInt64) -> Int64 {
  let record = taskRecord(caller.pointee.slot)
  // The last byte of a name is zero.
  record.pointee.name = (name.0, name.1 & (1 << 56 &- 1))
  record.pointee.program = UInt32(truncatingIfNeeded: program)
  return 0
}

func endEnvironment(_ task: UnsafeMutablePointer<task>, _ status: Int64) -> Int64 {
  let result = task_end(task_number(task), status)
  // Whatever it waits for, it need not wait any more to end.
  if taskRecord(task.pointee.slot).pointee.state == TaskState.blocked.rawValue { task_wake(task) }
  return result
}

func collectEnvironment(_ caller: UnsafeMutablePointer<task>, _ task: UnsafeMutablePointer<task>) -> Int64 {
  let number = task_number(task)
  let result = task_collect(number)
  if result == 0 { row(of: caller, ExoRight.environment, number)?.pointee = capability() }
  return result
}

func grantRight(
  _ caller: UnsafeMutablePointer<task>, _ task: UnsafeMutablePointer<task>, _ kind: UInt64, _ object: UInt64
) -> Int64 {
  guard holds(caller, kind, object) else { return ErrorCode.notPermitted.result }
  return give(task, kind, object)
}

// MARK: The end

@c @implementation
func core_task_gone(_ task: UnsafeMutablePointer<task>) {
  let number = task_number(task)
  releaseShadows(of: number)
  releaseFilters(of: number)
  releasePages(task.pointee.slot)
  for index in 1..<UInt64(EXO_EXTENT_COUNT) where extent_at(index).pointee.owner == number {
    extent_at(index).pointee = exo_extent()
  }
  environment_at(task.pointee.slot).pointee = exo_environment()
  for slot in 1..<UInt64(TASK_COUNT) where taskRecord(slot).pointee.parent == UInt32(truncatingIfNeeded: number) {
    let child = taskRecord(slot)
    guard child.pointee.state != TaskState.free.rawValue else { continue }
    // Nobody will ask for it any more.
    child.pointee.parent = 0
    if child.pointee.state == TaskState.zombie.rawValue { _ = task_collect(UInt64(child.pointee.id)) }
  }
  let parent = UInt64(taskRecord(task.pointee.slot).pointee.parent)
  if let parent = task_find(parent), !hasEnded(parent) {
    post(parent.pointee.slot, ExoEvent.child)
  } else {
    _ = task_collect(number)
  }
}
