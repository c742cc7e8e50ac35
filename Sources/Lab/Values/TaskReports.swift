// What is said about tasks, components and programs.
//
// Field names are part of the program's JSON output: add, never rename.

/// One row of the task list, read from the guest's memory and not trusted.
public struct TaskReport: Codable, Equatable, Sendable {
  /// The task's name; `?` when its record is corrupt.
  public var name: String
  /// Its number.
  public var id: UInt32
  /// `ready`, `running`, `blocked`, … or `corrupt at ADDRESS`.
  public var state: String
  /// What a blocked task waits for.
  public var waitsFor: String?
  /// The privilege its own code runs in.
  public var privilege: String
  /// The address-space number in its `satp`.
  public var addressSpace: UInt64
  /// Physical address of the root of its page table.
  public var pageTable: UInt64
  /// How often it was restarted.
  public var restarts: UInt32
  /// Its program.
  public var program: String?
  /// The number of the task that made it; 0 for the kernel.
  public var parent: UInt32
  /// What it left with, as a zombie.
  public var exitStatus: Int32?
  /// Physical address of its record.
  public var record: UInt64
  /// Whether its address space is the current one.
  public var current: Bool
}

/// What `info tasks` answers.
public struct TaskList: Codable, Equatable, Sendable {
  /// Used and corrupt rows, in the table's order.
  public var tasks: [TaskReport]
}

/// One component in one image.
public struct ComponentReport: Codable, Equatable, Sendable {
  /// The component's name.
  public var name: String
  /// `service`, `driver`, `kernel`, `core`, `stub`, `server`, `runtime` or `program`.
  public var kind: String
  /// `kernel` or the program it is linked into.
  public var image: String
  /// `S` or `U`, in which its image runs; `-` for a module that is not loaded.
  public var privilege: String
  /// Bytes of instructions.
  public var textBytes: UInt64
  /// Bytes of constants.
  public var constantBytes: UInt64
  /// Bytes of initialised data.
  public var dataBytes: UInt64
  /// Its global functions.
  public var entryPoints: [String]
}

/// What `info components` answers.
public struct ComponentList: Codable, Equatable, Sendable {
  /// By image, in the order of the link.
  public var components: [ComponentReport]
}
