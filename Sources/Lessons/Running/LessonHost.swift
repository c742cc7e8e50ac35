// What lessons need of the program. An implementation must let nothing that is asked through `ask` change what the
// student sees: not the systems, not the history, not the counters.

/// The program as lessons see it: systems, and the command line that works on them.
public protocol LessonHost {
  /// All booted systems at one moment; taking one must be cheap.
  associatedtype Snapshot

  /// Begins anew: no system but the one that `machine` names, booted with its seed and its instruction limit.
  ///
  /// - Throws: ``LessonHostError`` if it cannot be booted.
  mutating func begin(_ machine: LessonMachine) throws(LessonHostError)

  /// Runs one command line as if the student had typed it.
  mutating func run(_ line: String) -> CommandOutcome

  /// Runs one command line in a forked copy of the systems and forgets the copy.
  mutating func ask(_ line: String) -> CommandOutcome

  /// The state of all systems; the student's `undo` does not reach behind this moment.
  mutating func snapshot() -> Snapshot

  /// Goes back to a state, behind which `undo` does not reach; the snapshot stays usable.
  mutating func restore(_ snapshot: Snapshot)
}

/// Why a lesson's machine could not be set up.
public struct LessonHostError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What went wrong and what to try next.
  public let message: String

  /// Creates an error.
  public init(_ message: String) { self.message = message }

  /// The message.
  public var description: String { message }
}

/// What came of one command line.
public struct CommandOutcome: Equatable, Sendable {
  /// How a command ended.
  public enum Ending: Equatable, Sendable {
    /// It did what it says.
    case completed
    /// It ran, and the guest panicked or used up its instructions meanwhile.
    case guestStopped
    /// It was not carried out: it could not be parsed, or it failed.
    case refused(message: String)
    /// The student stopped it, at a moment that cannot be found again.
    case interrupted
  }

  /// The command with its name and sub-command written out, aliases and prefixes resolved: `sys read 3 64`.
  public let command: String
  /// How it ended.
  public let ending: Ending
  /// The text view without colour, as it stands on the terminal.
  public let text: String
  /// The JSON view's `result`; null for a refused command.
  public let value: JSONValue
  /// Whether the command line alone says what happened: not if keys were typed while it ran.
  public let isRepeatable: Bool

  /// Creates an outcome.
  public init(command: String, ending: Ending, text: String, value: JSONValue, isRepeatable: Bool = true) {
    self.command = command
    self.ending = ending
    self.text = text
    self.value = value
    self.isRepeatable = isRepeatable
  }

  /// The reason, if the command was refused.
  public var refusal: String? {
    if case .refused(let message) = ending { message } else { nil }
  }
}
