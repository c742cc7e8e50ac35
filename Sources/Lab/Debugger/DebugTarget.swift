// What a debugger can be attached to: a booted system, or a bare machine.
//
// A target knows nothing of packets and sockets. While it runs, only its `poll` closure is called from outside.

/// One line of execution as a debugger lists it.
public struct DebugThread: Equatable, Sendable {
  /// From 1.
  public let id: UInt64
  /// What it is called.
  public let name: String
  /// What it is doing.
  public let detail: String
}

/// Why the guest stopped.
public enum DebugStop: Equatable, Sendable {
  /// A step is done, or there is nothing to run.
  case trap
  /// A breakpoint of the debugger, or one that was set before it came.
  case breakpoint(address: UInt64)
  /// A watched place was read or written.
  case watchpoint(DebugProbe)
  /// The debugger or the user asked for it.
  case interrupted
  /// Going backwards, the beginning of what is known was reached.
  case historyBegins
  /// The guest cannot go on: it panicked or hangs; the text says why.
  case broken(String)
  /// The guest switched the machine off, with 0 for success.
  case exited(code: UInt8)
}

/// How far the guest is to run.
public struct DebugRun: Sendable {
  /// What the run is to do.
  public enum Manner: Equatable, Sendable {
    /// Run until something stops it.
    case freely
    /// Execute one instruction of a thread.
    case step
    /// Execute instructions of a thread until it leaves a range of virtual addresses.
    case stepWithin(Range<UInt64>)
  }

  /// What the run is to do.
  public var manner: Manner
  /// The thread that steps; nil for the one that runs.
  public var thread: UInt64?
  /// Where to stop besides.
  public var probes: Set<DebugProbe>
}

/// Something that can be debugged.
public protocol DebugTarget: AnyObject {
  /// All threads; never empty.
  var threads: [DebugThread] { get }
  /// The thread whose instruction comes next.
  var currentThread: UInt64 { get }
  /// The machine's registers that a debugger is told of.
  var registerSet: DebugRegisterSet { get }
  /// A register of a thread, by the numbers of `DebugRegisterSet`; nil if there is none.
  func register(_ number: UInt64, of thread: UInt64) -> UInt64?
  /// Changes a register of a thread; false if that cannot be.
  func setRegister(_ number: UInt64, of thread: UInt64, to value: UInt64) -> Bool
  /// Memory as a thread sees it, whatever the permissions; as much as there is, so perhaps nothing.
  func read(_ address: UInt64, count: Int, thread: UInt64) -> [UInt8]
  /// Writes memory as a thread sees it; false, with nothing written, when a page is missing.
  func write(_ bytes: [UInt8], at address: UInt64, thread: UInt64) -> Bool

  /// Lets the guest run.
  ///
  /// - Parameters:
  ///   - run: How far.
  ///   - poll: Asked now and then whether to stop; told what the guest wrote to its console meanwhile.
  func run(_ run: DebugRun, poll: (_ console: [UInt8]) -> Bool) -> DebugStop
  /// Goes back by one instruction, or with `.freely` to the probe passed last.
  func reverse(_ run: DebugRun, poll: (_ console: [UInt8]) -> Bool) -> DebugStop

  /// Symbols of which the target would like to know whether the debugger has read them.
  var wantedSymbols: [String] { get }
  /// Tells which of the wanted symbols the debugger knows; called again when it reads further files.
  func noteSymbols(_ known: Set<String>)
}

extension DebugTarget {
  /// Most targets have one program.
  public var wantedSymbols: [String] { [] }
  /// Nothing follows from it.
  public func noteSymbols(_ known: Set<String>) {}
}
