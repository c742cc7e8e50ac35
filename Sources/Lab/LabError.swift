// What went wrong in an experiment, as a value.
//
// Every public operation of this module throws this type and no other; callers show `message`, then `hint`.

/// Why an operation of the laboratory was refused or failed.
public struct LabError: Error, Codable, Equatable, Sendable {
  /// The kinds of failure that a program may want to tell apart.
  public enum Code: String, Codable, Sendable, CaseIterable {
    /// No system is booted, or none has that name.
    case noSystem = "no-system"
    /// The structure, program or workload is not known, or cannot be booted.
    case notAvailable = "not-available"
    /// A file could not be used: a disk image, usually.
    case badFile = "bad-file"
    /// An argument is missing, unknown or out of range.
    case badArgument = "bad-argument"
    /// A name that no symbol, register, task or checkpoint has.
    case unknownName = "unknown-name"
    /// An address that is not mapped or not in memory.
    case badAddress = "bad-address"
    /// The system cannot do that in its present state: it panicked, halted or hangs.
    case wrongState = "wrong-state"
    /// The guest broke a rule that host and guest agreed on.
    case guestContract = "guest-contract"
    /// The machine refused its configuration or an image.
    case machine = "machine"
  }

  /// The kind of failure.
  public var code: Code
  /// What was wrong and what was expected, one sentence.
  public var message: String
  /// One thing to try next.
  public var hint: String?

  /// Makes an error.
  public init(_ code: Code, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }
}
