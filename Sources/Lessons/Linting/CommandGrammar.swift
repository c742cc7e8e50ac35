// What the linter asks of the program: whether a command line is spelt right. The program's outermost layer answers
// with its own parser, so that there is one grammar. An implementation must run nothing.

/// The grammar of the program's command lines.
public protocol CommandGrammar: SendableMetatype {
  /// What is wrong with a whole line; nil if it can be parsed.
  ///
  /// What only a running system can tell, such as whether a symbol exists, counts as right.
  func problem(in line: String) -> CommandProblem?

  /// The name of the command that a line begins with, written out; nil if it names none or several.
  func name(of line: String) -> String?

  /// Whether `word`, written out, is the first word of a command's name or of one of its other spellings.
  func isFirstWord(_ word: String) -> Bool
}

/// What is wrong with a command line.
public struct CommandProblem: Equatable, Sendable {
  /// Where, in characters from the line's start.
  public let offset: Int
  /// What is wrong, a phrase without a full stop.
  public let message: String
  /// One thing to try next.
  public let suggestion: String?

  /// Creates a problem.
  public init(offset: Int, message: String, suggestion: String?) {
    self.offset = offset
    self.message = message
    self.suggestion = suggestion
  }
}
