// What is said about where instructions were executed.
//
// Field names are part of the program's JSON output: add, never rename.

/// The instructions that one component executed in one image.
public struct ComponentShare: Codable, Equatable, Sendable {
  /// The component, or what else the code belongs to.
  public var component: String
  /// As in `ComponentReport`.
  public var kind: String
  /// `kernel` or the program that the component is linked into.
  public var image: String
  /// `M`, `S` or `U`.
  public var privilege: String
  /// Instructions retired.
  public var instructions: UInt64
}

/// The instructions that one function executed.
public struct FunctionShare: Codable, Equatable, Sendable {
  /// The function's name.
  public var function: String
  /// The component it belongs to.
  public var component: String
  /// `kernel` or a program.
  public var image: String
  /// `M`, `S` or `U`.
  public var privilege: String
  /// Instructions retired.
  public var instructions: UInt64
}

/// Every instruction of a run, by who executed it; exact, idle instructions apart.
public struct ProfileReport: Codable, Equatable, Sendable {
  /// All instructions counted: the sum over `components`.
  public var instructions: UInt64
  /// Of them, those executed in U-mode.
  public var userInstructions: UInt64
  /// Of them, those spent in functions that copy bytes.
  public var copyingInstructions: UInt64
  /// By component, image and privilege, the largest first.
  public var components: [ComponentShare]
  /// By function, the largest first.
  public var functions: [FunctionShare]
}

/// What `profile CALL` answers.
public struct ProfiledCallReport: Codable, Equatable, Sendable {
  /// The call's own report.
  public var call: CallReport
  /// Who executed the instructions of `call.counters`.
  public var profile: ProfileReport
}

/// What `profile run PROGRAM` answers.
public struct ProfiledRunReport: Codable, Equatable, Sendable {
  /// The run's own report.
  public var run: RunReport
  /// Who executed the instructions of `run.counters`.
  public var profile: ProfileReport
}
