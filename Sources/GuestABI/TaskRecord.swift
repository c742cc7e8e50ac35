// The records by which the host finds tasks in a guest's memory.
//
// They lie in RAM that a fault can reach: the host must treat every field as untrusted, and the guest
// kernel works on these very records, so a wild write to them has consequences.

/// What a task is doing, as its kernel sees it.
public enum TaskState: UInt32, CaseIterable, Sendable {
  case free = 0
  /// Being built; not yet allowed to run.
  case embryo = 1
  case ready = 2
  case running = 3
  case blocked = 4
  /// Ended, its status not yet collected.
  case zombie = 5
}

/// What a blocked task waits for.
public enum WaitReason: UInt32, CaseIterable, Sendable {
  case none = 0
  /// A request that it made by a direct call.
  case request = 1
  /// A partner to take its message.
  case send = 2
  /// A message.
  case receive = 3
  /// The reply to its call.
  case reply = 4
  case time = 5
  case lock = 6
}

/// One row of the kernel's task table.
public struct TaskRecord: Sendable {
  /// `TaskRecord.expectedMagic` in every row, used or not.
  public var magic: UInt32
  /// The task's number, 1 and up; unique for the life of the system.
  public var id: UInt32
  /// A `TaskState`.
  public var state: UInt32
  /// A `WaitReason`.
  public var waitReason: UInt32
  /// The value of `satp` while this task runs: its address space.
  public var satp: UInt64
  /// The program's index in the boot archive.
  public var program: UInt32
  /// How often this task was restarted under the same name.
  public var restarts: UInt32
  /// The number of the task that made it; 0 for those that the kernel made.
  public var parent: UInt32
  /// What it left with; valid as a zombie.
  public var exitStatus: Int32
  /// The name in ASCII, padded with zeros.
  public var name: (UInt64, UInt64)
  /// Physical address of the saved user registers: pc, x1…x31 (32 words); valid unless running.
  public var frame: UInt64

  /// A free row.
  @inlinable public init() {
    magic = TaskRecord.expectedMagic
    id = 0
    state = 0
    waitReason = 0
    satp = 0
    program = 0
    restarts = 0
    parent = 0
    exitStatus = 0
    name = (0, 0)
    frame = 0
  }

  /// "TASK" as a little-endian word.
  @inlinable public static var expectedMagic: UInt32 { 0x4B53_4154 }
  /// Bytes of one record, and the distance between two.
  @inlinable public static var stride: Int { 64 }
  /// Rows in the table.
  @inlinable public static var count: Int { 32 }
}
