// The systems that are booted at once, by name, one of them current.
//
// Not safe to share between threads: one user works with it. Only `interrupt()` of a `StopSignal` may come from elsewhere.

/// Any number of booted systems.
public final class Laboratory {
  /// The instruction budget of a command when none is given.
  public static let defaultLimit: UInt64 = 200_000_000

  /// The budget in instructions of each operation that runs a guest; when it is used up, the system counts as hung.
  public var limit: UInt64 = Laboratory.defaultLimit
  /// Prices counters afterwards.
  public var costModel = CostModel()

  /// A laboratory without systems.
  public init() {}

  /// The structures that can be booted.
  public static var structures: [String] { [] }

  /// The current system.
  public func current() throws(LabError) -> System { throw unfinished() }
  /// A system by name, case-sensitive; unambiguous prefixes are accepted.
  public func system(named name: String) throws(LabError) -> System { throw unfinished() }
  /// All systems.
  public func list() -> SystemList { SystemList(systems: []) }
  /// Makes another system the current one.
  public func use(_ name: String) throws(LabError) -> SystemSummary { throw unfinished() }
  /// Boots a system and makes it the current one.
  public func boot(_ request: BootRequest) throws(LabError) -> BootReport { throw unfinished() }
  /// Injects the faults that were injected into `source` into the current system too (`boot … --same-faults`).
  public func repeatFaults(of source: System) throws(LabError) -> FaultList { throw unfinished() }
  /// Writes changed sectors of disks booted with `persist` back to their files; returns the sectors written by file.
  public func persistDisks() throws(LabError) -> [String: Int] { throw unfinished() }

  /// Keeps the current system's whole state under a name.
  public func checkpoint(_ name: String) throws(LabError) -> CheckpointReport { throw unfinished() }
  /// Puts the system of the checkpoint back and makes it current.
  public func restore(_ name: String) throws(LabError) -> CheckpointReport { throw unfinished() }
  /// All checkpoints.
  public func checkpoints() -> CheckpointList { CheckpointList(checkpoints: []) }

  /// An independent copy of everything, for questions that must not disturb the original; cheap.
  public func fork() -> Laboratory { Laboratory() }
  /// Takes over the state of another laboratory, which stays usable; with `fork()` this is undo.
  public func adopt(_ other: Laboratory) {}

  /// The workloads that `compare` knows, with a description each.
  public static var workloads: [(name: String, description: String)] { [] }
  /// Runs a workload on freshly booted kernels; the systems of the laboratory are not touched.
  public func compare(_ workload: String, kernels: [String]) throws(LabError) -> ComparisonReport { throw unfinished() }

  /// Stops the guest that is running, from a signal handler or another thread.
  public var stopSignal: StopSignal { StopSignal() }
}

/// Asks a running guest to stop; safe from any thread and from signal handlers.
public struct StopSignal: Sendable {
  /// The operation under way ends with `StopKind.interrupted`.
  public func interrupt() {}
}

func unfinished() -> LabError { LabError(.notAvailable, "this operation is not written yet") }
