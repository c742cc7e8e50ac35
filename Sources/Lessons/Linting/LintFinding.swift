// What is wrong with a lesson's file, where, and how it is cured. Every finding has a cure: an author who reads it must
// know what to do next.

/// Something wrong with a lesson's file.
public struct LintFinding: Codable, Equatable, Sendable, CustomStringConvertible {
  /// How much it matters.
  public enum Severity: String, Codable, Sendable {
    /// The lesson cannot be taught like this.
    case error
    /// The lesson can be taught; it would be better otherwise.
    case warning
  }

  /// How much it matters.
  public let severity: Severity
  /// The file's path.
  public let file: String
  /// The line, counted from 1.
  public let line: Int
  /// The column in characters, counted from 1.
  public let column: Int
  /// What is wrong, a phrase without a full stop.
  public let problem: String
  /// What to do about it, a phrase without a full stop.
  public let cure: String

  init(_ severity: Severity = .error, at location: LessonLocation, _ problem: String, cure: String) {
    self.severity = severity
    file = location.file
    line = location.line
    column = location.column
    self.problem = problem
    self.cure = cure
  }

  /// A mistake that the parser found.
  init(_ error: LessonError) {
    let cures = [error.suggestion, error.expected.map { "expected here: \($0)" }].compactMap { $0 }
    self.init(
      at: error.location, error.problem,
      cure: cures.isEmpty ? "correct the line, or delete it" : cures.joined(separator: "; "))
  }

  /// A mistake in an expression that stands at `start`.
  init(_ error: ExpressionError, in expression: Expression, at start: LessonLocation, cure: String) {
    self.init(
      at: error.location(in: expression.source, startingAt: start), error.problem, cure: error.suggestion ?? cure)
  }

  /// The whole finding on one line, as compilers print theirs.
  public var description: String { "\(file):\(line):\(column): \(severity.rawValue): \(problem); \(cure)" }
}
