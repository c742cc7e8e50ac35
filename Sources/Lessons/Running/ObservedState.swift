// Answers the names of a check from a forked copy of the student's systems. What was asked once is kept: callers must
// not hand its results on to a state after another command.

/// The state that checks are evaluated over.
struct ObservedState<Host: LessonHost>: StateSource {
  /// The program.
  var host: Host
  /// The student's commands in this step, oldest first.
  let history: [CommandOutcome]
  /// What expressions may know of the student's answers, by question.
  let answers: [String: JSONValue]
  /// What commands came to that were asked already.
  private(set) var results: [String: JSONValue]

  init(
    host: Host, history: [CommandOutcome], answers: [String: JSONValue] = [:], results: [String: JSONValue] = [:]
  ) {
    self.host = host
    self.history = history
    self.answers = answers
    self.results = results
  }

  mutating func value(of root: StateRoot) -> JSONValue {
    let result = result(of: root.command)
    guard let name = root.member, case .object(let members) = result else { return result }
    return members[name] ?? .null
  }

  mutating func result(of command: String) -> JSONValue {
    if let known = results[command] { return known }
    let value = host.ask(command).value
    results[command] = value
    return value
  }

  func answer(to question: String) -> JSONValue { answers[question] ?? .null }

  func lastResult(of words: String?) -> JSONValue {
    history.last { words.map($0.begins(with:)) ?? true }?.value ?? .null
  }
}

extension CommandOutcome {
  /// Whether the command begins with these words; a format such as that of `x/4i` is no part of its name.
  func begins(with words: String) -> Bool {
    let name = command.prefix { $0 != " " && $0 != "/" }
    let typed = [name] + command.split(separator: " ").dropFirst()
    return typed.starts(with: words.split(separator: " "))
  }
}

/// What became of a check.
public enum CheckVerdict: Equatable, Sendable {
  /// It is true.
  case holds
  /// It is not true, or not yet.
  case fails
  /// It makes no sense over this state; a mistake of the lesson.
  case cannotJudge(LessonError)
}

extension LessonCheck {
  /// Judges the check, and leaves the host as it was.
  func verdict<Host: LessonHost>(in state: inout ObservedState<Host>) -> CheckVerdict {
    do throws(ExpressionError) {
      return try expression.holds(in: &state) ? .holds : .fails
    } catch {
      return .cannotJudge(error.lessonError(in: expression, at: location))
    }
  }
}

extension ExpressionError {
  /// The error with its place in the lesson's file, for an expression that stands at `start`.
  func lessonError(in expression: Expression, at start: LessonLocation) -> LessonError {
    LessonError(
      at: location(in: expression.source, startingAt: start), problem, expected: expected, suggestion: suggestion)
  }
}
