// What is said when a guest has run for a while: why it stopped and what it did.
//
// Field names are part of the program's JSON output: add, never rename.

/// Why a guest stopped running.
public enum StopKind: String, Codable, Sendable {
  case breakpoint
  /// Watched memory was written.
  case watchpoint
  /// A caught event happened.
  case catchpoint
  /// The beginning or the end of what was recorded.
  case history
  /// The asked number of instructions is done.
  case step
  /// The agent is parked again: the guest did all that it was asked for.
  case ready
  case panicked
  case halted
  case hung
  /// The instruction budget is used up, and the guest can go on.
  case limit
  /// The agent was ended; other programs go on.
  case outlived
  /// The user interrupted.
  case interrupted
}

/// Why and where a call or program was stopped before its end.
public struct Interruption: Codable, Equatable, Sendable {
  /// Why the guest stopped.
  public var stop: StopKind
  /// One sentence.
  public var reason: String?
  /// The number of the breakpoint, watchpoint or catchpoint that was reached.
  public var breakpoint: Int?
  /// Where the guest stands.
  public var location: CodeLocation
}

/// What `continue` and `stepi` answer.
public struct StopReport: Codable, Equatable, Sendable {
  /// Why the guest stopped.
  public var stop: StopKind
  /// The system's state afterwards.
  public var state: SystemState
  /// One sentence.
  public var reason: String?
  /// The breakpoint that was reached.
  public var breakpoint: Int?
  /// Where the guest stands.
  public var location: CodeLocation
  /// The instruction that it executes next.
  public var instruction: String?
  /// `M`, `S` or `U`.
  public var privilege: String
  /// The task whose code runs next.
  public var task: String?
  /// Instructions retired by this command, idle ones included.
  public var instructions: UInt64
  /// Traps and interrupts taken by this command.
  public var traps: [String]
  /// What the guest wrote to its console meanwhile.
  public var console: String
  /// What happened by itself meanwhile.
  public var events: [SystemEvent]
  /// A call that had been stopped by a breakpoint and is complete now.
  public var call: CallReport?
  /// The move, when the system went through its history and did nothing new.
  public var travel: Travel?
}

/// What `run PROGRAM` answers.
public struct RunReport: Codable, Equatable, Sendable {
  /// The program.
  public var program: String
  /// Its argument string.
  public var arguments: String
  /// Its task number.
  public var task: UInt64?
  /// What it left with; nil when it did not end.
  @ExplicitNull public var exitStatus: Int64?
  /// What a status means that the system gave, not the program: the exception that ended it, or `killed`.
  public var endedBy: String?
  /// Why it could not be started, such as `ENOENT`.
  public var errno: String?
  /// What was written to the console meanwhile.
  public var output: String
  /// What it cost, from the agent's call of `spawn` to the return of `wait`.
  public var counters: CallCounters
  /// Instructions of the idle loop in that time, not in `counters`.
  public var idleInstructions: UInt64
  /// The system's state afterwards.
  public var state: SystemState
  /// Why the guest stopped, when the program did not end.
  public var stopped: Interruption?
  /// What happened by itself meanwhile.
  public var events: [SystemEvent]
}

/// A breakpoint.
public struct BreakpointReport: Codable, Equatable, Sendable {
  /// Its number, from 1.
  public var id: Int
  /// Where it is.
  public var location: CodeLocation
  /// Removed when it is reached.
  public var temporary: Bool
  /// How often it was reached.
  public var hits: Int
}

/// The breakpoints of a system.
public struct BreakpointList: Codable, Equatable, Sendable {
  /// In the order of their numbers.
  public var breakpoints: [BreakpointReport]
  /// The watchpoints, in the order of their numbers.
  public var watchpoints: [WatchpointReport]
  /// The catchpoints, in the order of their numbers.
  public var catchpoints: [CatchpointReport]
}

/// What one slice of a console session did.
public struct ConsoleSlice: Equatable, Sendable {
  /// Bytes that the guest wrote.
  public var output: [UInt8]
  /// The guest has nothing to do until it gets input, or until simulated time has passed.
  public var waitsForInput: Bool
  /// The shell left, or the system stopped: the session is over.
  public var ended: Interruption?
}
