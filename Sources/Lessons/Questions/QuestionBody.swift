// Splits a question's lines into its text, its options and its last line. What the parts mean depends on the question's
// type: only the question parser calls it.

import Foundation

/// The parts of a question.
struct QuestionBody {
  typealias Line = (number: Int, text: String)

  /// A line that begins with `- `, and what belongs to it.
  struct Item {
    let location: LessonLocation
    /// Whether it is marked; nil without a box.
    let mark: Bool?
    let text: QuestionText
    let misconception: MisconceptionName?
    /// The keyword below it with its expression.
    let key: (name: String, expression: LessonExpression, location: LessonLocation)?
  }

  private(set) var prompt: [Line] = []
  private(set) var items: [Item] = []
  /// The last line: `verify:` or `answer:`.
  private(set) var ending: (key: String, expression: LessonExpression, location: LessonLocation)?

  private static let itemKeys = ["when", "value"]
  private static let endingKeys = ["verify", "answer"]

  /// Splits `lines`.
  init(_ lines: [Line], file: String) throws(LessonError) {
    var rest = lines[...]
    while let line = rest.first, !line.text.hasPrefix("- "), Self.key(of: line.text, among: Self.endingKeys) == nil {
      prompt.append(rest.removeFirst())
    }
    while let line = rest.popFirst() {
      if line.text.allSatisfy(\.isWhitespace) { continue }
      let location = LessonLocation(file: file, line: line.number)
      // What is indented belongs to the line above it.
      var below: [Line] = []
      while let next = rest.first, next.text.first?.isWhitespace == true || next.text.isEmpty {
        if !next.text.allSatisfy(\.isWhitespace) { below.append(next) }
        rest.removeFirst()
      }
      if let ending {
        throw LessonError(at: location, "a line after `\(ending.key):`", expected: "the end of the block")
      }
      if let key = Self.key(of: line.text, among: Self.endingKeys) {
        ending = (key, try Self.expression(after: key, in: [line] + below, file: file), location)
      } else if line.text.hasPrefix("- ") {
        items.append(try Self.item(line, below, file: file))
      } else {
        throw LessonError(
          at: location, "a line among the options that is none",
          expected: "`- [ ] text`, an indented line that continues it, or a last line `verify:` or `answer:`")
      }
    }
  }

  /// The keyword that a line begins with.
  private static func key(of line: String, among keys: [String]) -> String? {
    let text = line.drop(while: \.isWhitespace)
    return keys.first { text.hasPrefix($0 + ":") }
  }

  private static func expression(
    after key: String, in lines: [Line], file: String
  ) throws(LessonError) -> LessonExpression {
    let first = lines[0]
    let indentation = first.text.prefix(while: \.isWhitespace).count
    let afterKey = first.text.dropFirst(indentation + key.count + 1)
    let text = afterKey.drop(while: \.isWhitespace)
    let column = indentation + key.count + 1 + (afterKey.count - text.count) + 1
    let location = LessonLocation(file: file, line: first.number, column: column)
    let source = ([String(text)] + lines.dropFirst().map(\.text)).joined(separator: "\n")
    guard !source.allSatisfy(\.isWhitespace) else {
      throw LessonError(at: location, "`\(key):` without an expression", expected: "`\(key): EXPRESSION`")
    }
    return try LessonExpression(source, at: location)
  }

  private static func item(_ line: Line, _ below: [Line], file: String) throws(LessonError) -> Item {
    let location = LessonLocation(file: file, line: line.number)
    let keyAt = below.firstIndex { Self.key(of: $0.text, among: itemKeys) != nil } ?? below.count
    var text = line.text.dropFirst(2)
    var mark: Bool?
    for (box, isMarked) in [("[ ]", false), ("[x]", true), ("[X]", true)] where text.hasPrefix(box) {
      text = text.dropFirst(box.count)
      mark = isMarked
    }
    let continuation = below[..<keyAt].map { $0.text.trimmingCharacters(in: .whitespaces) }
    var source = ([text.trimmingCharacters(in: .whitespaces)] + continuation).joined(separator: "\n")
    let misconception = try takeMisconception(from: &source, at: location)
    guard !source.isEmpty else { throw LessonError(at: location, "an empty option", expected: "a text") }
    var key: (name: String, expression: LessonExpression, location: LessonLocation)?
    if keyAt < below.count, let name = Self.key(of: below[keyAt].text, among: itemKeys) {
      let place = LessonLocation(file: file, line: below[keyAt].number)
      key = (name, try expression(after: name, in: Array(below[keyAt...]), file: file), place)
    }
    let column = line.text.count - text.drop(while: \.isWhitespace).count + 1
    let textLocation = LessonLocation(file: file, line: line.number, column: column)
    return Item(
      location: location, mark: mark, text: try QuestionText(source, at: textLocation), misconception: misconception,
      key: key)
  }

  /// Takes `=> NAME` or `=> misconception:NAME` off the end of an option.
  private static func takeMisconception(
    from source: inout String, at location: LessonLocation
  ) throws(LessonError) -> MisconceptionName? {
    guard let match = source.firstMatch(of: /\s*=>\s*(?:misconception:)?(\S+)$/) else { return nil }
    let name = String(match.1)
    guard Identifier.isValid(name) else {
      throw LessonError(
        at: location, "`\(name)` is no name of a misconception", expected: Identifier.rule,
        suggestion: "for example `\(Identifier.proposal(for: name))`")
    }
    source.removeSubrange(match.range)
    return MisconceptionName(name: name, location: location)
  }
}
