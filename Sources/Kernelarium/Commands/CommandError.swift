// The one error of the command line. It says what was wrong, where, and one thing to try; it is rendered by the session
// and must not be printed by the code that throws it.

/// Why a command could not be parsed or did not succeed.
struct CommandError: Error, Equatable, Sendable {
  /// The kinds of error, as they appear in JSON; these spellings are relied on by others.
  enum Code: String, Sendable, CaseIterable {
    case syntax
    case unknownCommand = "unknown-command"
    case ambiguousCommand = "ambiguous-command"
    case missingArgument = "missing-argument"
    case unexpectedArgument = "unexpected-argument"
    case invalidArgument = "bad-argument"
    /// A name that no symbol, register, task, checkpoint, lesson or setting has.
    case unknownName = "unknown-name"
    case badAddress = "bad-address"
    /// The command needs a booted system and there is none.
    case noSystem = "no-system"
    /// The system cannot do this in its present state.
    case wrongState = "wrong-state"
    case notAvailable = "not-available"
    case badFile = "bad-file"
    case machine
    /// The guest broke a rule that host and guest agreed on.
    case guestContract = "guest-contract"
    /// The instruction limit was used up before the command could give a value.
    case limit
    case lesson
    case interrupted
    /// A check or assertion did not hold.
    case checkFailed = "check-failed"
  }

  var code: Code
  /// What was wrong and what was expected, in one sentence without a full stop.
  var message: String
  /// One thing to try next.
  var hint: String?
  /// Where in the line.
  var span: SourceSpan?

  init(_ code: Code, _ message: String, hint: String? = nil, at span: SourceSpan? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
    self.span = span
  }
}
