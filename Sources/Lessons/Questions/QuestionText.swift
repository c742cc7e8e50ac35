// The text of a question, in which `{{EXPRESSION}}` stands for a value that the machine computes when the question is
// shown. Callers must fill it from a forked copy.

/// A text with values to be filled in.
public struct QuestionText: Equatable, Sendable {
  enum Part: Equatable, Sendable {
    case text(String)
    case value(LessonExpression)
  }

  let parts: [Part]

  /// Reads a text whose first character stands at `location`.
  init(_ source: String, at location: LessonLocation) throws(LessonError) {
    var parts: [Part] = []
    var rest = Substring(source)
    while let opening = rest.firstRange(of: "{{") {
      let before = rest[..<opening.lowerBound]
      if !before.isEmpty { parts.append(.text(String(before))) }
      let start = Self.location(of: opening.upperBound, in: source, startingAt: location)
      guard let closing = rest[opening.upperBound...].firstRange(of: "}}") else {
        throw LessonError(at: start, "this value is never closed", expected: "`}}` after the expression")
      }
      let text = String(rest[opening.upperBound..<closing.lowerBound])
      parts.append(.value(try LessonExpression(text, at: start)))
      rest = rest[closing.upperBound...]
    }
    if !rest.isEmpty { parts.append(.text(String(rest))) }
    self.parts = parts
  }

  private static func location(
    of index: String.Index, in source: String, startingAt start: LessonLocation
  ) -> LessonLocation {
    let before = source[..<index]
    guard let lineEnd = before.lastIndex(of: "\n") else {
      return LessonLocation(file: start.file, line: start.line, column: start.column + before.count)
    }
    let line = start.line + before.count { $0 == "\n" }
    return LessonLocation(file: start.file, line: line, column: before.distance(from: lineEnd, to: before.endIndex))
  }

  /// The expressions in it.
  public var expressions: [LessonExpression] {
    parts.compactMap { part -> LessonExpression? in
      if case .value(let expression) = part { expression } else { nil }
    }
  }

  /// The text as it stands in the file, for those who do not run it.
  public var source: String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .value(let expression): "{{\(expression.expression.source)}}"
      }
    }.joined()
  }

  /// The text with its values.
  func filled(by value: (LessonExpression) -> String) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .value(let expression): value(expression)
      }
    }.joined()
  }
}

extension LessonExpression {
  /// Parses an expression whose first character stands at `location`.
  init(_ text: String, at location: LessonLocation, questions: [String] = []) throws(LessonError) {
    do throws(ExpressionError) {
      self.init(expression: try Expression(text, questions: questions), location: location)
    } catch {
      throw LessonError(
        at: error.location(in: text, startingAt: location), error.problem, expected: error.expected,
        suggestion: error.suggestion)
    }
  }
}
