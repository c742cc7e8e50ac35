// What is said about injected faults.
//
// Field names are part of the program's JSON output: add, never rename.

/// Where a fault is put.
public enum FaultLevel: String, Codable, Sendable {
  /// Instructions of the driver's text are changed.
  case code
  /// The device misbehaves.
  case device
}

/// A fault that can be injected.
public struct FaultKind: Codable, Equatable, Sendable {
  /// Such as `null-read`.
  public var kind: String
  /// Where it is put.
  public var level: FaultLevel
  /// One line for help.
  public var summary: String
}

/// A driver and what can be done to it.
public struct FaultTarget: Codable, Equatable, Sendable {
  /// The driver's component.
  public var driver: String
  /// Its faults.
  public var kinds: [FaultKind]
}

/// An injected fault.
public struct FaultReport: Codable, Equatable, Sendable {
  /// Its number, from 1.
  public var id: Int
  /// The driver's component.
  public var driver: String
  /// Such as `null-read`.
  public var kind: String
  /// Where it was put.
  public var level: FaultLevel
  /// What happens when it fires, one sentence.
  public var description: String
  /// The patched instruction; nil for device faults.
  public var location: CodeLocation?
  /// The address that `wild-write` stores to.
  public var target: CodeLocation?
  /// Whether it still waits to fire.
  public var armed: Bool
  /// Whether it fired.
  public var fired: Bool
  /// Instructions since reset when it fired.
  public var firedAt: UInt64?
  /// What came of it, judged from outside.
  public var outcome: String?
  /// Who noticed first, such as `MMU (load page fault)`.
  public var detector: String?
}

/// What `info faults` answers.
public struct FaultList: Codable, Equatable, Sendable {
  /// In the order of their numbers.
  public var faults: [FaultReport]
}
