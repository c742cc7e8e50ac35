// Lays a lesson's Markdown out for a terminal of a given width. It returns values and never prints; listings and
// transcripts are not wrapped, because their line ends mean something.

/// The layout of Markdown as styled lines.
public struct TextRenderer: Sendable {
  /// The terminal's width in columns.
  public let width: Int
  /// Whether marks outside ASCII may be used.
  public let usesUnicode: Bool

  /// A renderer for lines of at most `width` columns; no narrower than 20.
  public init(width: Int = 80, usesUnicode: Bool = true) {
    self.width = max(width, 20)
    self.usesUnicode = usesUnicode
  }

  /// A whole step as the student reads it once it is done: without checks, hints, solution and the instructor's notes.
  ///
  /// Of what transcripts print, lines with a pattern are left out: the machine prints the real thing.
  public func lines(of step: LessonStep) -> [StyledLine] {
    joined([lines(titleOf: step), lines(of: step.blocks[...])])
  }

  /// A step's heading.
  public func lines(titleOf step: LessonStep) -> [StyledLine] { wrap(step.title, style: .heading) }

  /// Some blocks of a step.
  ///
  /// - Parameters:
  ///   - blocks: The blocks.
  ///   - showsNotes: Whether the instructor's notes are among it.
  ///   - question: How a question is shown; nil: as it stands in the file.
  public func lines(
    of blocks: ArraySlice<LessonBlock>, showsNotes: Bool = false, question: ((LessonQuestion) -> [StyledLine])? = nil
  ) -> [StyledLine] {
    joined(
      blocks.map { block in
        switch block {
        case .prose(let block): lines(of: block, width: width)
        case .transcript(let transcript): lines(of: transcript)
        case .task(let blocks): task(blocks)
        case .pause(let blocks): blocks.isEmpty ? [] : task(blocks)
        case .question(let asked): question?(asked) ?? lines(of: asked)
        case .picture(let picture): lines(of: picture)
        case .say(let blocks): showsNotes ? note(blocks) : []
        case .check, .hint, .solution, .branch: []
        }
      })
  }

  /// A note for the instructor, set off by a bar on the left.
  private func note(_ blocks: [MarkdownBlock]) -> [StyledLine] {
    let bar = StyledRun(usesUnicode ? "┃ " : "| ", [.note, .mark])
    return prefixed(styled(lines(of: blocks, width: width - 2), .note), first: bar, rest: bar)
  }

  private func lines(of picture: LessonPicture) -> [StyledLine] {
    picture.lines.map { $0.isEmpty ? StyledLine() : StyledLine($0, .picture) }
  }

  /// A question as it is put to a student.
  public func lines(of question: PresentedQuestion) -> [StyledLine] {
    lines(asking: question.prompt, options: question.options.map { ($0.letter + ") ", $0.text) })
  }

  /// A question as it stands in the file, in its first variant.
  public func lines(of question: LessonQuestion) -> [StyledLine] {
    guard let variant = question.variants.first else { return [] }
    let texts: [String] =
      switch variant.form {
      case .choice(let options, _): options.map(\.text.source)
      case .order(let items): items.map(\.text.source)
      case .number: []
      }
    let options = zip("abcdefghijklmnopqrstuvwxyz", texts).map { ("\($0)) ", MarkdownParser.parse($1)) }
    return lines(asking: MarkdownParser.parse(variant.prompt.source), options: options)
  }

  private func lines(asking prompt: [MarkdownBlock], options: [(mark: String, text: [MarkdownBlock])]) -> [StyledLine] {
    let asked = styled(lines(of: prompt, width: width - 2), .question)
    let question = prefixed(asked, first: StyledRun("? ", [.question, .mark]), rest: StyledRun("  "))
    let choices = options.flatMap { mark, text in
      let rest = StyledRun(String(repeating: " ", count: mark.count + 4))
      return prefixed(
        lines(of: text, width: width - mark.count - 4), first: StyledRun("    " + mark, .command), rest: rest)
    }
    return question + choices
  }

  /// Markdown blocks with an empty line between them.
  public func lines(of blocks: [MarkdownBlock]) -> [StyledLine] { lines(of: blocks, width: width) }

  /// Commands, each after the prompt's mark.
  public func lines(of commands: [LessonCommand]) -> [StyledLine] { commands.map(line(of:)) }

  private func line(of command: LessonCommand) -> StyledLine {
    var line = StyledLine("  > ", .mark)
    line.append(StyledRun(command.line, .command))
    return line
  }

  private func lines(of transcript: LessonTranscript) -> [StyledLine] {
    transcript.entries.flatMap { entry in
      let exact = entry.expected.filter { !$0.isEmpty && !$0.contains("...") }
      return [line(of: entry.command)] + exact.map { StyledLine("    " + $0, .output) }
    }
  }

  private func task(_ blocks: [MarkdownBlock]) -> [StyledLine] {
    let bar = StyledRun(usesUnicode ? "▸ " : "* ", [.task, .mark])
    return prefixed(styled(lines(of: blocks, width: width - 2), .task), first: bar, rest: StyledRun("  "))
  }

  private func lines(of blocks: [MarkdownBlock], width: Int) -> [StyledLine] {
    joined(blocks.map { lines(of: $0, width: width) })
  }

  private func joined(_ parts: [[StyledLine]]) -> [StyledLine] {
    Array(parts.filter { !$0.isEmpty }.joined(separator: [StyledLine()]))
  }

  private func lines(of block: MarkdownBlock, width: Int) -> [StyledLine] {
    // Deep nesting leaves no room: then lines may be longer than the terminal is wide.
    let width = max(width, 10)
    switch block {
    case .heading(_, let text, _): return wrap(text, style: .heading, width: width)
    case .paragraph(let text): return wrap(text, width: width)
    case .code(let code): return listing(code)
    case .rule: return [StyledLine(String(repeating: usesUnicode ? "─" : "-", count: width), .mark)]
    case .html: return []
    case .quotation(let blocks):
      let bar = StyledRun(usesUnicode ? "│ " : "| ", .mark)
      return prefixed(styled(lines(of: blocks, width: width - 2), .quotation), first: bar, rest: bar)
    case .list(let start, let items): return list(start: start, items: items, width: width)
    }
  }

  private func list(start: Int?, items: [[MarkdownBlock]], width: Int) -> [StyledLine] {
    let bullet = usesUnicode ? "• " : "- "
    let marks = items.indices.map { index in start.map { "\($0 + index). " } ?? bullet }
    let indentation = marks.map(\.count).max() ?? 2
    let parts = zip(marks, items).map { mark, blocks in
      let padded = mark + String(repeating: " ", count: indentation - mark.count)
      let rest = StyledRun(String(repeating: " ", count: indentation))
      return prefixed(lines(of: blocks, width: width - indentation), first: StyledRun(padded, .mark), rest: rest)
    }
    let isTight = items.allSatisfy { $0.count <= 1 }
    return isTight ? Array(parts.joined()) : joined(parts)
  }

  private func listing(_ code: CodeBlock) -> [StyledLine] {
    var lines = code.text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    return lines.map { $0.isEmpty ? StyledLine() : StyledLine("    " + $0, .code) }
  }

  private func prefixed(_ lines: [StyledLine], first: StyledRun, rest: StyledRun) -> [StyledLine] {
    let lines = lines.isEmpty ? [StyledLine()] : lines
    return lines.enumerated().map { index, line in
      let prefix = index == 0 ? first : rest
      // An empty line keeps a visible mark, and never ends in spaces.
      if line.runs.isEmpty && prefix.text.allSatisfy({ $0 == " " }) { return line }
      var result = StyledLine()
      result.append(prefix)
      for run in line.runs { result.append(run) }
      return result
    }
  }

  private func styled(_ lines: [StyledLine], _ style: TextStyle) -> [StyledLine] {
    lines.map { line in
      var result = StyledLine()
      for run in line.runs { result.append(StyledRun(run.text, run.style.union(style))) }
      return result
    }
  }

  private func wrap(_ text: [MarkdownInline], style: TextStyle = [], width: Int? = nil) -> [StyledLine] {
    var wrapper = LineWrapper(width: width ?? self.width)
    wrapper.append(text, style: style)
    return wrapper.finish()
  }
}

/// The filling of lines with words.
private struct LineWrapper {
  let width: Int
  private var lines: [StyledLine] = []
  private var line = StyledLine()
  private var lineWidth = 0
  private var word: [StyledRun] = []
  private var pendingSpace: StyledRun?

  init(width: Int) { self.width = width }

  mutating func append(_ inlines: [MarkdownInline], style: TextStyle) {
    for inline in inlines {
      switch inline {
      case .text(let text): append(text, style)
      case .code(let text): append(text, style.union(.code))
      case .softBreak: endWord(before: StyledRun(" ", style))
      case .lineBreak:
        endWord(before: nil)
        endLine()
      case .emphasis(let inner): append(inner, style: style.union(.emphasis))
      case .strong(let inner): append(inner, style: style.union(.strong))
      case .link(let inner, let destination):
        append(inner, style: style.union(.link))
        if MarkdownInline.plainText(of: inner) != destination {
          append(" (\(destination))", style.union(.mark))
        }
      case .image(let alternative, _):
        append("[", style.union(.mark))
        append(alternative, style: style)
        append("]", style.union(.mark))
      case .html: break
      }
    }
  }

  private mutating func append(_ text: String, _ style: TextStyle) {
    var part = ""
    for character in text {
      // A no-break space is part of its word.
      if character == " " || character == "\t" || character == "\n" {
        if !part.isEmpty { word.append(StyledRun(part, style)) }
        part = ""
        endWord(before: StyledRun(" ", style))
      } else {
        part.append(character)
      }
    }
    if !part.isEmpty { word.append(StyledRun(part, style)) }
  }

  private mutating func endWord(before space: StyledRun?) {
    if !word.isEmpty {
      let wordWidth = word.reduce(0) { $0 + DisplayWidth.of($1.text) }
      if lineWidth > 0, lineWidth + (pendingSpace == nil ? 0 : 1) + wordWidth > width { endLine() }
      if lineWidth > 0, let pendingSpace {
        line.append(pendingSpace)
        lineWidth += 1
      }
      for run in word { line.append(run) }
      lineWidth += wordWidth
      word = []
      pendingSpace = nil
    }
    if let space { pendingSpace = space }
  }

  private mutating func endLine() {
    if lineWidth > 0 { lines.append(line) }
    line = StyledLine()
    lineWidth = 0
    pendingSpace = nil
  }

  mutating func finish() -> [StyledLine] {
    endWord(before: nil)
    endLine()
    return lines
  }
}
