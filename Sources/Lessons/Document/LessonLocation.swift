// Where something stands in a lesson's file, and what is said when it is wrong there. Callers must not invent
// locations: every error points at the text its author has to change.

/// A place in a lesson's file.
public struct LessonLocation: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// The file's path as it was given to the parser.
  public var file: String
  /// The line, counted from 1.
  public var line: Int
  /// The column in characters, counted from 1.
  public var column: Int

  /// Creates a location; `line` and `column` count from 1.
  public init(file: String, line: Int, column: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// The spelling compilers use: `file:line:column`.
  public var description: String { "\(file):\(line):\(column)" }
}

/// A mistake in a lesson's file: where it is, what is wrong, what was expected, what to write instead.
public struct LessonError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where the mistake is.
  public let location: LessonLocation
  /// What is wrong there.
  public let problem: String
  /// What the format allows in that place, if that can be said in a few words.
  public let expected: String?
  /// One thing to try next, usually the nearest right spelling.
  public let suggestion: String?

  /// Creates an error; `problem` is a phrase without a final full stop.
  public init(at location: LessonLocation, _ problem: String, expected: String? = nil, suggestion: String? = nil) {
    self.location = location
    self.problem = problem
    self.expected = expected
    self.suggestion = suggestion
  }

  /// The whole message on one line, beginning with the location.
  public var description: String { "\(location): \(message)" }

  /// The message without its location.
  public var message: String {
    var text = problem
    if let expected { text += "; expected \(expected)" }
    if let suggestion { text += "; \(suggestion)" }
    return text
  }
}
