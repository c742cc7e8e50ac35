// Parses a lesson's file: front matter, CommonMark, steps and their fenced blocks. Callers must show the thrown error
// as it is: it names file, line, column and cure.

import Foundation

extension LessonDocument {
  /// Parses a lesson.
  ///
  /// - Parameters:
  ///   - source: The file's text.
  ///   - file: The path to be named in errors.
  /// - Throws: ``LessonError`` for the first mistake.
  public static func parse(source: String, file: String) throws(LessonError) -> LessonDocument {
    var parser = LessonParser(source: source, file: file)
    return try parser.document()
  }

  /// Reads and parses a lesson's file.
  ///
  /// - Throws: ``LessonError``, also when the file cannot be read or is not UTF-8.
  public static func read(file: String) throws(LessonError) -> LessonDocument {
    let start = LessonLocation(file: file, line: 1)
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: file))
    } catch {
      throw LessonError(at: start, "this file cannot be read", expected: "a readable Markdown file")
    }
    guard let source = String(validating: data, as: UTF8.self) else {
      throw LessonError(at: start, "this file is not UTF-8 text", expected: "a Markdown file in UTF-8")
    }
    return try parse(source: source, file: file)
  }
}

/// The parsing of one file.
private struct LessonParser {
  private let file: String
  private let lines: [String]

  private var frontMatterEnd = 0
  private var introduction: [MarkdownBlock] = []
  private var steps: [LessonStep] = []
  private var open: OpenStep?
  /// The ids of the questions so far.
  private var questions: [String] = []

  /// The step whose blocks are being collected.
  private struct OpenStep {
    let heading: StepHeading
    var blocks: [LessonBlock] = []
  }

  init(source: String, file: String) {
    self.file = file
    lines = source.replacingOccurrences(of: "\r\n", with: "\n").components(separatedBy: "\n")
  }

  private func location(line: Int, column: Int = 1) -> LessonLocation {
    LessonLocation(file: file, line: line, column: column)
  }

  mutating func document() throws(LessonError) -> LessonDocument {
    let front = try frontMatter()
    let body = lines[frontMatterEnd...].joined(separator: "\n")
    for block in MarkdownParser.parse(body) { try add(block, title: front.title) }
    try closeStep(before: lines.count + 1)
    guard !steps.isEmpty else {
      throw LessonError(
        at: location(line: frontMatterEnd + 1), "this lesson has no step", expected: "a heading `## Title {#id}`")
    }
    try BranchTargets(steps: steps).check()
    return LessonDocument(
      file: file, id: front.id, title: front.title, requires: front.requires, objectives: front.objectives,
      concepts: front.concepts, machine: front.machine, minutes: front.minutes, skip: front.skip,
      introduction: introduction, steps: steps, contentHash: ContentHash.of(lines.joined(separator: "\n")))
  }

  private mutating func frontMatter() throws(LessonError) -> FrontMatter {
    guard lines[0] == "---" else {
      throw LessonError(at: location(line: 1), "a lesson begins with front matter", expected: "`---` on the first line")
    }
    guard let end = lines.dropFirst().firstIndex(of: "---") else {
      throw LessonError(at: location(line: 1), "the front matter is never closed", expected: "a second line `---`")
    }
    frontMatterEnd = end + 1
    return try FrontMatter(yaml: lines[1..<end].joined(separator: "\n"), file: file)
  }

  private mutating func add(_ block: MarkdownBlock, title: String) throws(LessonError) {
    switch block {
    case .heading(1, let text, let line):
      guard steps.isEmpty, open == nil, MarkdownInline.plainText(of: text) == title else {
        throw LessonError(
          at: location(line: frontMatterEnd + line), "a heading of level 1 inside a lesson",
          expected: "the lesson's title before the first step, or nothing",
          suggestion: "steps are headings of level 2")
      }
    case .heading(2, _, let line):
      let line = frontMatterEnd + line
      try closeStep(before: line)
      let heading = try StepHeading(source: lines[line - 1], at: location(line: line))
      if let earlier = steps.first(where: { $0.id == heading.id }) {
        throw LessonError(
          at: heading.idLocation, "the step id `\(heading.id)` already stands in line \(earlier.location.line)",
          expected: "an id of its own for every step")
      }
      open = OpenStep(heading: heading)
    case .html(let html, let line):
      // Comments are for the author; GitHub hides them too.
      guard html.hasPrefix("<!--") else {
        throw LessonError(
          at: location(line: frontMatterEnd + line), "HTML cannot be shown on a terminal", expected: "Markdown")
      }
    case .code(var code):
      code.line += frontMatterEnd
      code.endLine += frontMatterEnd
      let opening = lines[code.line - 1]
      let parser = BlockParser(
        code: code, opening: opening, closing: lines[code.endLine - 1], file: file, questions: questions)
      try append(parser.block())
    default:
      try MarkdownCheck(file: file, lines: lines, offset: frontMatterEnd).refuseHiddenBlocks(in: block)
      append(.prose(block))
    }
  }

  private mutating func append(_ block: LessonBlock) {
    if case .question(let question) = block { questions.append(question.id) }
    if open != nil {
      open?.blocks.append(block)
    } else if case .prose(let block) = block {
      introduction.append(block)
    }
  }

  private mutating func append(_ parsed: (block: LessonBlock, location: LessonLocation)) throws(LessonError) {
    if open == nil {
      guard case .prose = parsed.block else {
        throw LessonError(
          at: parsed.location, "this block stands before the first step",
          expected: "a heading `## Title {#id}` above it")
      }
    }
    append(parsed.block)
  }

  private mutating func closeStep(before line: Int) throws(LessonError) {
    guard let step = open else { return }
    open = nil
    let heading = step.heading
    let first = heading.location.line - 1
    let source = lines[first..<min(line - 1, lines.count)].joined(separator: "\n")
    let closed = LessonStep(
      id: heading.id, title: heading.title, concepts: heading.concepts, blocks: step.blocks,
      contentHash: ContentHash.of(source), location: heading.location)
    try StepRules(step: closed).check()
    steps.append(closed)
  }
}

/// The heading of a step: `## Title {#id concepts=[M8, U1]}`.
private struct StepHeading {
  let id: String
  let idLocation: LessonLocation
  let title: [MarkdownInline]
  let concepts: [String]
  let location: LessonLocation

  init(source: String, at location: LessonLocation) throws(LessonError) {
    self.location = location
    let indentation = source.prefix { $0 == " " }.count
    guard source.dropFirst(indentation).hasPrefix("##") else {
      throw LessonError(at: location, "a step's heading is underlined", expected: "`## Title {#id}`")
    }
    let text = source.dropFirst(indentation + 2)
    guard let brace = text.lastIndex(of: "{"),
      let end = text.lastIndex(of: "}"), brace < end, text[text.index(after: end)...].allSatisfy(\.isWhitespace)
    else {
      let proposal = Identifier.proposal(for: String(text))
      throw LessonError(
        at: location, "this step has no id", expected: "`{#id}` at the end of the heading",
        suggestion: "for example `{#\(proposal)}`")
    }
    let start = source.distance(from: source.startIndex, to: brace) + 2
    let place = LessonLocation(file: location.file, line: location.line, column: start)
    let attributes = try BlockAttributes(String(text[text.index(after: brace)..<end]), at: place)
    guard let kind = attributes.kind, kind.word.hasPrefix("#"), Identifier.isValid(String(kind.word.dropFirst())) else {
      throw LessonError(
        at: place, "`\(attributes.kind?.word ?? "")` is no step id", expected: "`#` and \(Identifier.rule)",
        suggestion: "for example `#\(Identifier.proposal(for: String(text[..<brace])))`")
    }
    id = String(kind.word.dropFirst())
    idLocation = kind.location
    try attributes.allow(["concepts"], for: "a step")
    concepts = try Self.concepts(in: attributes)
    let title = text[..<brace].trimmingCharacters(in: .whitespaces)
    guard !title.isEmpty else {
      throw LessonError(at: location, "this step has no title", expected: "`## Title {#id}`")
    }
    guard case .paragraph(let inlines)? = MarkdownParser.parse(title).first else {
      throw LessonError(at: location, "this title is more than a line of text", expected: "`## Title {#id}`")
    }
    self.title = inlines
  }

  private static func concepts(in attributes: BlockAttributes) throws(LessonError) -> [String] {
    guard let list = try attributes.text("concepts") else { return [] }
    var concepts: [String] = []
    for word in list.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init) {
      guard Concept.identifiers.contains(word) else {
        throw LessonError(
          at: attributes.attributes["concepts"]?.valueLocation ?? LessonLocation(file: "", line: 1),
          "unknown concept `\(word)`", expected: "an id such as M1 or X2",
          suggestion: NearestSpelling.suggestion(for: word, among: Concept.identifiers))
      }
      concepts.append(word)
    }
    return concepts
  }
}
