// What is said about a system's history and about moves in it.
//
// Field names are part of the program's JSON output: add, never rename.

/// What `info history` answers.
public struct HistoryReport: Codable, Equatable, Sendable {
  /// The system.
  public var system: String
  /// The earliest instruction that can be gone back to.
  public var first: UInt64
  /// Instructions since reset where the system stands.
  public var now: UInt64
  /// The end of what was recorded: the present.
  public var last: UInt64
  /// Whether it stands before the end.
  public var isInThePast: Bool
  /// Checkpoints kept.
  public var checkpoints: Int
  /// Instructions between two checkpoints near the present.
  public var interval: UInt64
  /// The most instructions between two neighbouring checkpoints; more than `interval` when older ones were given up.
  public var widestInterval: UInt64
  /// Inputs from outside in the log.
  public var inputs: Int
  /// Memory that the history takes beyond the system's own, in bytes.
  public var bytes: UInt64
  /// The most memory it may take.
  public var limitBytes: UInt64
  /// A hash of registers, memory, TLB and devices: equal states have equal hashes.
  public var stateHash: String
}

/// A move in a system's history.
public struct Travel: Codable, Equatable, Sendable {
  /// Whether it went back.
  public var isBackwards: Bool
  /// How far: instructions, traps and interrupts.
  public var steps: UInt64
  /// Instructions since reset before.
  public var from: UInt64
  /// Instructions since reset now.
  public var to: UInt64
  /// The end of what was recorded.
  public var last: UInt64
  /// Whether the system now stands before that end.
  public var isInThePast: Bool
}

/// A watchpoint.
public struct WatchpointReport: Codable, Equatable, Sendable {
  /// Its number, shared with breakpoints.
  public var id: Int
  /// As it was typed.
  public var name: String
  /// Its virtual address.
  public var address: UInt64
  /// Its physical address, which is what is watched.
  public var physical: UInt64
  /// Bytes.
  public var length: UInt64
  /// How often it was written.
  public var hits: Int
}

/// A catchpoint.
public struct CatchpointReport: Codable, Equatable, Sendable {
  /// Its number, shared with breakpoints.
  public var id: Int
  /// The event.
  public var event: CatchEvent
  /// How often it happened.
  public var hits: Int
}

/// What `why` answers: who last wrote a register or some memory.
public struct ProvenanceReport: Codable, Equatable, Sendable {
  /// As it was typed.
  public var target: String
  /// The memory's physical address; nil for a register.
  public var physical: UInt64?
  /// Bytes of memory asked about.
  public var length: UInt64?
  /// `instruction`, `trap`, `device`, `page-walk` or `host`; null when nothing in the history wrote it.
  @ExplicitNull public var writer: String?
  /// Instructions since reset just before it was written.
  public var icount: UInt64?
  /// Where the hart stood.
  public var location: CodeLocation?
  /// The instruction that it executed next.
  public var instruction: String?
  /// `M`, `S` or `U`.
  public var privilege: String?
  /// The task whose code ran.
  public var task: String?
  /// The value before, for up to eight bytes.
  public var before: UInt64?
  /// The value after.
  public var after: UInt64?
  /// Where the search ended: the beginning of the history.
  public var first: UInt64
  /// Whether the user stopped the search.
  public var isInterrupted: Bool
}
