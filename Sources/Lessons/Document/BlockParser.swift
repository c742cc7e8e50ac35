// Parses the fenced blocks that carry meaning. A new kind of block is one more case here and in `LessonBlock`. Only the
// document parser calls it.

/// The parsing of one code block.
struct BlockParser {
  /// The kinds of this format.
  static let kinds = [
    "repl", "do", "predict", "observe", "quiz", "check", "hint", "solution", "branch", "say", "pause", "picture",
  ]
  /// Kinds that are shown as they are.
  static let literals = ["text", "asm", "c", "swift"]

  private let code: CodeBlock
  private let opening: String
  private let closing: String
  private let file: String
  /// The ids of the questions before the block.
  private let questions: [String]

  /// Prepares to parse `code`, whose first and last lines in the file are `opening` and `closing`.
  init(code: CodeBlock, opening: String, closing: String, file: String, questions: [String]) {
    self.code = code
    self.opening = opening
    self.closing = closing
    self.file = file
    self.questions = questions
  }

  private var start: LessonLocation { LessonLocation(file: file, line: code.line) }

  /// The block, and where its kind stands.
  func block() throws(LessonError) -> (block: LessonBlock, location: LessonLocation) {
    guard let fence = Self.fence(of: opening) else { return (.prose(.code(code)), start) }
    guard code.endLine > code.line, Self.closes(fence, with: closing) else {
      throw LessonError(
        at: start, "the block opened here is never closed", expected: "a line `\(fence)` after it")
    }
    let column = opening.prefix { $0 == " " || $0 == fence.first }.count
    let infoStart = LessonLocation(file: file, line: code.line, column: column + 1)
    let attributes = try BlockAttributes(String(opening.dropFirst(column)), at: infoStart)
    guard let kind = attributes.kind else {
      try attributes.allow([], for: "a block without a kind")
      return (.prose(.code(code)), start)
    }
    return (try block(of: kind.word, at: kind.location, attributes), kind.location)
  }

  /// The characters of an opening fence.
  static func fence(of line: String) -> String? {
    let text = line.drop { $0 == " " }
    guard let first = text.first, first == "`" || first == "~" else { return nil }
    let fence = text.prefix { $0 == first }
    return fence.count >= 3 ? String(fence) : nil
  }

  private static func closes(_ fence: String, with line: String) -> Bool {
    let text = line.drop { $0 == " " }
    let characters = text.prefix { $0 == fence.first }
    return characters.count >= fence.count && text.dropFirst(characters.count).allSatisfy(\.isWhitespace)
  }

  private func block(
    of kind: String, at location: LessonLocation, _ attributes: BlockAttributes
  ) throws(LessonError) -> LessonBlock {
    let owner = "a `\(kind)` block"
    switch kind {
    case "repl":
      try attributes.allow(["untested"], for: owner)
      return .transcript(LessonTranscript(entries: try entries(), isTested: !(try attributes.flag("untested"))))
    case "do":
      try attributes.allow([], for: owner)
      return .task(try prose(in: owner))
    case "check":
      try attributes.allow(["says"], for: owner)
      return .check(try checks(says: attributes.text("says")))
    case "hint":
      try attributes.allow(["after", "when", "tried"], for: owner)
      return .hint(
        LessonHint(
          after: try attributes.number("after") ?? 1, condition: try condition(in: attributes),
          tried: try attributes.text("tried"), text: try prose(in: owner), location: location))
    case "solution":
      try attributes.allow([], for: owner)
      return .solution(try commands())
    case "predict", "observe", "quiz":
      let role = LessonQuestion.Role(rawValue: kind) ?? .quiz
      let parser = QuestionParser(
        role: role, attributes: attributes, lines: numberedLines, location: location, known: questions)
      return .question(try parser.question())
    case "branch":
      try attributes.allow([], for: owner)
      return .branch(try branch(at: location))
    case "say":
      try attributes.allow([], for: owner)
      return .say(try prose(in: owner))
    case "pause":
      try attributes.allow([], for: owner)
      return .pause(MarkdownParser.parse(code.text))
    case "picture":
      return .picture(try picture(attributes, at: location))
    case let kind where Self.literals.contains(kind):
      try attributes.allow([], for: owner)
      return .prose(.code(code))
    default:
      throw LessonError(
        at: location, "unknown kind of block `\(kind)`",
        expected: "one of \((Self.kinds + Self.literals).joined(separator: ", "))",
        suggestion: NearestSpelling.suggestion(for: kind, among: Self.kinds + Self.literals))
    }
  }

  /// The block's lines with their numbers in the file.
  private var numberedLines: [(number: Int, text: String)] {
    var lines = code.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines.enumerated().map { (code.line + 1 + $0.offset, $0.element) }
  }

  private func prose(in owner: String) throws(LessonError) -> [MarkdownBlock] {
    let blocks = MarkdownParser.parse(code.text)
    guard !blocks.isEmpty else { throw LessonError(at: start, "\(owner) is empty", expected: "a text") }
    return blocks
  }

  /// The command of a line that begins with `>`.
  private func command(in line: String, number: Int) throws(LessonError) -> LessonCommand? {
    guard line.hasPrefix(">") else { return nil }
    let text = line.dropFirst().drop { $0 == " " }
    let location = LessonLocation(file: file, line: number, column: line.count - text.count + 1)
    guard !text.isEmpty else { throw LessonError(at: location, "a `>` without a command", expected: "`> COMMAND`") }
    return LessonCommand(line: String(text), location: location)
  }

  private func entries() throws(LessonError) -> [LessonTranscript.Entry] {
    var entries: [LessonTranscript.Entry] = []
    var open: (command: LessonCommand, expected: [String])?
    for (number, line) in numberedLines {
      if let command = try command(in: line, number: number) {
        if let open { entries.append(.init(command: open.command, expected: open.expected)) }
        open = (command, [])
      } else if open == nil {
        throw LessonError(
          at: LessonLocation(file: file, line: number), "output before the first command", expected: "`> COMMAND`")
      } else {
        open?.expected.append(line)
      }
    }
    guard let open else { throw LessonError(at: start, "a `repl` block without commands", expected: "`> COMMAND`") }
    return entries + [.init(command: open.command, expected: open.expected)]
  }

  private func commands() throws(LessonError) -> [LessonCommand] {
    var commands: [LessonCommand] = []
    for (number, line) in numberedLines where !line.allSatisfy(\.isWhitespace) {
      guard let command = try command(in: line, number: number) else {
        throw LessonError(
          at: LessonLocation(file: file, line: number), "a line of a solution that is no command",
          expected: "`> COMMAND`")
      }
      commands.append(command)
    }
    guard !commands.isEmpty else {
      throw LessonError(at: start, "a `solution` block without commands", expected: "`> COMMAND`")
    }
    return commands
  }

  /// One check a line; an indented line continues the check above it.
  private func checks(says: String?) throws(LessonError) -> [LessonCheck] {
    var texts: [(number: Int, text: String)] = []
    for (number, line) in numberedLines where !line.allSatisfy(\.isWhitespace) {
      if line.first?.isWhitespace == true, !texts.isEmpty {
        texts[texts.count - 1].text += "\n" + line
      } else {
        texts.append((number, line))
      }
    }
    guard !texts.isEmpty else {
      throw LessonError(at: start, "a `check` block without a condition", expected: "an expression on each line")
    }
    var checks: [LessonCheck] = []
    for (number, text) in texts {
      let location = LessonLocation(file: file, line: number)
      checks.append(LessonCheck(expression: try expression(text, at: location), says: says, location: location))
    }
    return checks
  }

  /// One arm a line, `EXPRESSION -> #step`; the last line begins with `else`.
  private func branch(at location: LessonLocation) throws(LessonError) -> LessonBranch {
    let lines = numberedLines.filter { !$0.text.allSatisfy(\.isWhitespace) }
    var arms: [LessonBranch.Arm] = []
    for (number, line) in lines {
      let place = LessonLocation(file: file, line: number)
      guard let match = line.wholeMatch(of: /\s*(.+?)\s*->\s*#([^\s]+)\s*/), Identifier.isValid(String(match.2)) else {
        throw LessonError(at: place, "a line of a branch that leads nowhere", expected: "`EXPRESSION -> #step`")
      }
      guard arms.last.map({ $0.condition != nil }) ?? true else {
        throw LessonError(at: place, "a line after `else`", expected: "`else -> #step` as the last line")
      }
      let condition: Expression? =
        match.1 == "else"
        ? nil : try LessonExpression(String(match.1), at: place, questions: questions).expression
      arms.append(.init(condition: condition, target: String(match.2), location: place))
    }
    guard let last = arms.last, last.condition == nil else {
      throw LessonError(
        at: arms.last?.location ?? start, "a branch without `else`", expected: "a last line `else -> #step`")
    }
    return LessonBranch(arms: arms, location: location)
  }

  private func picture(
    _ attributes: BlockAttributes, at location: LessonLocation
  ) throws(LessonError) -> LessonPicture {
    try attributes.allow(["alt"], for: "a `picture` block")
    guard let alternative = try attributes.text("alt") else {
      throw LessonError(
        at: location, "a picture without a text for those who cannot see it",
        expected: "`picture alt=\"what it shows\"`")
    }
    for (number, line) in numberedLines where DisplayWidth.of(line) > LessonPicture.widest {
      throw LessonError(
        at: LessonLocation(file: file, line: number, column: LessonPicture.widest + 1),
        "this picture is \(DisplayWidth.of(line)) columns wide", expected: "at most \(LessonPicture.widest)")
    }
    let lines = numberedLines.map(\.text)
    guard lines.contains(where: { !$0.allSatisfy(\.isWhitespace) }) else {
      throw LessonError(at: start, "an empty picture", expected: "lines of characters")
    }
    return LessonPicture(lines: lines, alternative: alternative, location: location)
  }

  private func condition(in attributes: BlockAttributes) throws(LessonError) -> Expression? {
    guard let text = try attributes.text("when"), let place = attributes.attributes["when"]?.valueLocation else {
      return nil
    }
    return try expression(text, at: place)
  }

  private func expression(_ text: String, at location: LessonLocation) throws(LessonError) -> Expression {
    try LessonExpression(text, at: location).expression
  }
}

extension ExpressionError {
  /// The place in a file of an error in `text`, whose first character stands at `start`.
  func location(in text: String, startingAt start: LessonLocation) -> LessonLocation {
    let before = text.prefix(offset)
    guard let lineEnd = before.lastIndex(of: "\n") else {
      return LessonLocation(file: start.file, line: start.line, column: start.column + offset)
    }
    let line = start.line + before.count { $0 == "\n" }
    return LessonLocation(file: start.file, line: line, column: before.distance(from: lineEnd, to: before.endIndex))
  }
}
