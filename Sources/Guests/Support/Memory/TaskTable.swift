// The rows of the task table, typed. For the kernel's parts and cores only: in user mode the table is out of reach.

/// The record of the task in a slot below `TaskRecord.count`.
@inline(__always) func taskRecord(_ slot: UInt64) -> UnsafeMutablePointer<TaskRecord> {
  UnsafeMutablePointer(bitPattern: UInt(Layout.taskRecords &+ slot &* UInt64(TaskRecord.stride))).unsafelyUnwrapped
}
