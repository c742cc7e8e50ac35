// Parses the blocks `predict`, `observe` and `quiz`. Parameters are filled in before anything else is read, so that they
// may stand everywhere. Only the block parser calls it.

import Foundation

/// The parsing of one question.
struct QuestionParser {
  typealias Line = (number: Int, text: String)

  static let types = ["choice", "number", "order"]
  private static let attributes = ["id", "type", "confidence", "unit", "within"]
  private static let mostVariants = 200
  private static let mostOptions = 12

  private let role: LessonQuestion.Role
  private let attributes: BlockAttributes
  private let lines: [Line]
  private let start: LessonLocation
  private let location: LessonLocation
  /// The ids of the questions before it.
  private let known: [String]

  /// Prepares to parse the block whose kind stands at `location`; `lines` are numbered as in the file.
  init(
    role: LessonQuestion.Role, attributes: BlockAttributes, lines: [Line], location: LessonLocation, known: [String]
  ) {
    self.role = role
    self.attributes = attributes
    self.lines = lines
    self.location = location
    self.known = known
    start = LessonLocation(file: location.file, line: location.line)
  }

  private var owner: String { "a `\(role.rawValue)` block" }

  private func place(_ number: Int, _ column: Int = 1) -> LessonLocation {
    LessonLocation(file: location.file, line: number, column: column)
  }

  func question() throws(LessonError) -> LessonQuestion {
    try attributes.allow(Self.attributes, for: owner)
    let id = try identifier()
    let type = try attributes.text("type") ?? "choice"
    guard Self.types.contains(type) else {
      throw LessonError(
        at: attributes.attributes["type"]?.valueLocation ?? location, "unknown type `\(type)` of a question",
        expected: "one of \(Self.types.joined(separator: ", "))",
        suggestion: NearestSpelling.suggestion(for: type, among: Self.types))
    }
    for name in ["unit", "within"] where type != "number" {
      if let attribute = attributes.attributes[name] {
        throw LessonError(at: attribute.location, "`\(name)` belongs to questions of `type=number`", expected: "none")
      }
    }
    let asksConfidence = try attributes.flag("confidence")
    var variants: [QuestionVariant] = []
    let (combinations, body) = try parameters()
    for parameters in combinations {
      let filled = body.map { line in (line.number, ParameterText.fill(line.text, with: parameters)) }
      variants.append(try variant(type, parameters, filled))
    }
    let text = ([type] + lines.map(\.text)).joined(separator: "\n")
    return LessonQuestion(
      role: role, id: id, asksConfidence: asksConfidence, variants: variants, contentHash: ContentHash.of(text),
      location: location)
  }

  private func identifier() throws(LessonError) -> String {
    guard let id = try attributes.text("id") else {
      throw LessonError(
        at: location, "\(owner) without an id", expected: "`\(role.rawValue) id=p1`",
        suggestion: "progress and branches name questions by it")
    }
    let place = attributes.attributes["id"]?.valueLocation ?? location
    let isWord =
      id.first?.isLetter == true && id.utf8.count <= 32
      && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard isWord else {
      throw LessonError(at: place, "`\(id)` is no id of a question", expected: "a letter, then letters, digits and `_`")
    }
    guard !ExpressionParser.reservedWords.contains(id) else {
      throw LessonError(at: place, "`\(id)` already has a meaning in expressions", suggestion: "choose another id")
    }
    guard !known.contains(id) else {
      throw LessonError(at: place, "the question id `\(id)` already stands above", expected: "an id of its own")
    }
    return id
  }

  // MARK: Parameters

  /// The combinations of the parameters' values, and the lines without the one that declares them.
  private func parameters() throws(LessonError) -> ([[QuestionVariant.Parameter]], [Line]) {
    guard let first = lines.first, first.text.hasPrefix("vary:") else { return ([[]], lines) }
    let place = place(first.number, 6)
    var combinations: [[QuestionVariant.Parameter]] = [[]]
    for declaration in first.text.dropFirst(5).split(separator: ";") {
      let parameter = try ParameterText.values(of: declaration, at: place)
      guard !combinations[0].contains(where: { $0.name == parameter.name }) else {
        throw LessonError(at: place, "the parameter `\(parameter.name)` stands twice", suggestion: "delete one of them")
      }
      combinations = combinations.flatMap { combination in
        parameter.values.map { combination + [.init(name: parameter.name, value: $0)] }
      }
      guard combinations.count <= Self.mostVariants else {
        throw LessonError(at: place, "more than \(Self.mostVariants) variants", suggestion: "leave out some values")
      }
    }
    guard combinations[0].count > 0 else {
      throw LessonError(at: place, "`vary:` without a parameter", expected: "`vary: n = 1..8; call = null, read`")
    }
    let body = Array(lines.dropFirst())
    let text = body.map(\.text).joined()
    for parameter in combinations[0] where !text.contains("{\(parameter.name)}") {
      throw LessonError(
        at: place, "the parameter `\(parameter.name)` is never used", expected: "`{\(parameter.name)}` in the question")
    }
    return (combinations, body)
  }

  // MARK: Forms

  private func variant(
    _ type: String, _ parameters: [QuestionVariant.Parameter], _ lines: [Line]
  ) throws(LessonError) -> QuestionVariant {
    let body = try QuestionBody(lines, file: location.file)
    guard body.prompt.contains(where: { !$0.text.allSatisfy(\.isWhitespace) }) else {
      throw LessonError(at: start, "\(owner) asks nothing", expected: "a text before the options or the answer")
    }
    let promptText = body.prompt.map(\.text).joined(separator: "\n")
    let prompt = try QuestionText(promptText, at: place(body.prompt[0].number))
    let form: QuestionForm =
      switch type {
      case "number": .number(try number(body))
      case "order": .order(try items(body))
      default: try choice(body)
      }
    return QuestionVariant(parameters: parameters, prompt: prompt, form: form)
  }

  private func choice(_ body: QuestionBody) throws(LessonError) -> QuestionForm {
    try checkCount(body)
    let isDecidedBelow = body.ending != nil
    let verify = body.ending?.key == "verify" ? body.ending?.expression : nil
    var options: [QuestionOption] = []
    for item in body.items {
      guard let mark = item.mark else {
        throw LessonError(at: item.location, "an option without a box", expected: "`- [ ] text` or `- [x] text`")
      }
      if let key = item.key, key.name != "when" || isDecidedBelow {
        throw LessonError(
          at: key.location, "`\(key.name):` below an option",
          expected: isDecidedBelow ? "none, because `\(body.ending?.key ?? "")` decides" : "`when:`")
      }
      if mark, let name = item.misconception {
        throw LessonError(
          at: name.location, "the marked option names a misconception", expected: "misconceptions at wrong options only"
        )
      }
      // With `verify`, an option that is not marked is true in no case.
      let never = LessonExpression(expression: .false, location: item.location)
      let condition = verify.map { mark ? $0 : never } ?? item.key?.expression
      options.append(
        QuestionOption(
          text: item.text, isMarked: mark, misconception: item.misconception, condition: condition,
          location: item.location))
    }
    guard options.count(where: \.isMarked) == 1 else {
      let place = options.last(where: \.isMarked)?.location ?? start
      throw LessonError(at: place, "exactly one option has to be marked", expected: "one `- [x]`")
    }
    if let ending = body.ending {
      guard ending.key == "answer" else { return .choice(options, answer: nil) }
      return .choice(options, answer: ending.expression)
    }
    let undecided = options.filter { $0.condition == nil }
    guard undecided.count <= 1 else {
      throw LessonError(
        at: undecided[1].location, "nothing says when this option is true",
        expected: "`when: EXPRESSION` below all options but one, or a last line `verify: EXPRESSION`")
    }
    return .choice(options, answer: nil)
  }

  private func number(_ body: QuestionBody) throws(LessonError) -> QuestionNumber {
    if let item = body.items.first {
      throw LessonError(at: item.location, "an option in a question of `type=number`", expected: "`answer: EXPRESSION`")
    }
    guard let ending = body.ending, ending.key == "answer" else {
      throw LessonError(at: start, "nothing says what the number is", expected: "a last line `answer: EXPRESSION`")
    }
    return QuestionNumber(unit: try attributes.text("unit"), tolerance: try tolerance(), answer: ending.expression)
  }

  private func tolerance() throws(LessonError) -> QuestionNumber.Tolerance {
    guard let text = try attributes.text("within") else { return .exact }
    if text.hasPrefix("x"), let factor = Double(text.dropFirst()), factor > 1, factor.isFinite {
      return .factor(factor)
    }
    if text.hasSuffix("%"), let part = Double(text.dropLast()), part > 0, part < 100 { return .part(part / 100) }
    if let difference = Double(text), difference > 0, difference.isFinite { return .difference(difference) }
    throw LessonError(
      at: attributes.attributes["within"]?.valueLocation ?? location, "`\(text)` is no tolerance",
      expected: "a factor `x2`, a part `10%` or a number `3`")
  }

  private func items(_ body: QuestionBody) throws(LessonError) -> [QuestionItem] {
    try checkCount(body)
    if let ending = body.ending {
      throw LessonError(
        at: ending.location, "`\(ending.key):` in a question of `type=order`", expected: "`value:` below each item")
    }
    var items: [QuestionItem] = []
    for item in body.items {
      guard item.mark == nil, item.misconception == nil else {
        throw LessonError(at: item.location, "an option among items to be ordered", expected: "`- text`")
      }
      guard let key = item.key, key.name == "value" else {
        throw LessonError(
          at: item.location, "nothing says where this item belongs", expected: "`value: EXPRESSION` below it")
      }
      items.append(QuestionItem(text: item.text, value: key.expression, location: item.location))
    }
    return items
  }

  private func checkCount(_ body: QuestionBody) throws(LessonError) {
    guard (2...Self.mostOptions).contains(body.items.count) else {
      throw LessonError(
        at: start, "\(body.items.count) options", expected: "2 to \(Self.mostOptions) lines that begin with `- `")
    }
  }
}

/// The parameters of `vary:` and their places in a text.
enum ParameterText {
  private static let longestRange = 64

  /// The name and the values of one declaration, `n = 1..8` or `call = null, read`.
  static func values(
    of declaration: Substring, at place: LessonLocation
  ) throws(LessonError) -> (name: String, values: [String]) {
    let sides = declaration.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
    guard sides.count == 2, sides[0].first?.isLetter == true, sides[0].allSatisfy({ $0.isLetter || $0.isNumber }) else {
      throw LessonError(
        at: place, "`\(declaration.trimmingCharacters(in: .whitespaces))` declares no parameter",
        expected: "`n = 1..8` or `call = null, read`")
    }
    let bounds = sides[1].split(separator: "..", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
    if bounds.count == 2, sides[1].contains("..") {
      guard let first = Int(bounds[0]), let last = Int(bounds[1]), first < last,
        last.subtractingReportingOverflow(first).partialValue < longestRange
      else {
        throw LessonError(
          at: place, "`\(sides[1])` is no range", expected: "two numbers, at most \(longestRange) values, as in 1..8")
      }
      return (sides[0], (first...last).map(String.init))
    }
    let values = sides[1].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    guard values.count >= 2, Set(values).count == values.count else {
      throw LessonError(at: place, "`\(sides[0])` has nothing to vary over", expected: "two different values or more")
    }
    return (sides[0], values)
  }

  /// The text with the values of the parameters.
  static func fill(_ text: String, with parameters: [QuestionVariant.Parameter]) -> String {
    parameters.reduce(text) { text, parameter in
      text.replacing("{{\(parameter.name)}}", with: parameter.value)
        .replacing("{\(parameter.name)}", with: parameter.value)
    }
  }
}
