// A lesson's file as lines: where its front matter ends, which lines are fenced blocks, which are prose. It is what
// tools for authors work on, because it exists for broken lessons too. Callers must not take it for the parser: it
// accepts everything.

/// The lines of a lesson's file and what kind each is.
struct LessonSource {
  /// A fenced block; lines count from 1.
  struct Fence: Equatable {
    /// The first word after the opening fence; empty if there is none.
    let kind: String
    /// The line of the opening fence.
    let opening: Int
    /// The line of the closing fence; nil if it is never closed.
    let closing: Int?
    /// The characters of the opening fence.
    let mark: String

    /// Whether it asks something.
    var isQuestion: Bool { ["predict", "observe", "quiz"].contains(kind) }

    /// The lines between the fences.
    func content(of source: LessonSource) -> Range<Int> { opening + 1..<(closing ?? source.lines.count + 1) }
  }

  /// A paragraph, a list's item or a heading; lines count from 1.
  struct Paragraph: Equatable {
    /// The first line.
    let line: Int
    /// Its lines.
    let lines: [String]

    /// The text on one line.
    var text: String { lines.joined(separator: " ") }
  }

  /// The file's path as findings name it.
  let file: String
  /// The lines without their ends.
  let lines: [String]
  /// The number of the line that closes the front matter; 0 if there is none.
  let frontMatterEnd: Int
  /// The fenced blocks in order.
  let fences: [Fence]

  /// The kinds of blocks whose content is text for people.
  private static let proseKinds: Set<String> = ["do", "hint", "say", "pause", "predict", "observe", "quiz"]

  private static let expressionKeys = ["vary:", "when:", "value:", "verify:", "answer:"]

  /// Whether a line of a question is an expression, or goes on with one.
  private func isExpression(_ number: Int, in fence: Fence) -> Bool {
    for number in (fence.opening + 1...number).reversed() {
      let text = line(number).trimmingSpaces
      if Self.expressionKeys.contains(where: text.hasPrefix) { return true }
      if text.isEmpty || text.hasPrefix("- ") || line(number).first?.isWhitespace != true { return false }
    }
    return false
  }

  /// Takes a file's text apart.
  init(_ source: String, file: String) {
    self.init(
      lines: source.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        .map(String.init), file: file)
  }

  /// Takes lines as they are.
  init(lines: [String], file: String) {
    self.file = file
    self.lines = lines
    let end = lines.first == "---" ? lines.dropFirst().firstIndex(of: "---") : nil
    frontMatterEnd = end.map { $0 + 1 } ?? 0
    fences = Self.fences(in: lines, after: frontMatterEnd)
  }

  private static func fences(in lines: [String], after start: Int) -> [Fence] {
    var fences: [Fence] = []
    var open: (kind: String, line: Int, mark: String)?
    for (index, line) in lines.enumerated().dropFirst(start) {
      guard let mark = BlockParser.fence(of: line) else { continue }
      let rest = line.drop { $0 == " " }.dropFirst(mark.count)
      if let current = open {
        let closes = mark.first == current.mark.first && mark.count >= current.mark.count
        guard closes, rest.allSatisfy(\.isWhitespace) else { continue }
        fences.append(Fence(kind: current.kind, opening: current.line, closing: index + 1, mark: current.mark))
        open = nil
      } else {
        let kind = rest.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        open = (kind, index + 1, mark)
      }
    }
    if let open { fences.append(Fence(kind: open.kind, opening: open.line, closing: nil, mark: open.mark)) }
    return fences
  }

  /// The line with a number from 1; empty beyond the end.
  func line(_ number: Int) -> String { lines.indices.contains(number - 1) ? lines[number - 1] : "" }

  /// The block that a line belongs to, its fences included.
  func fence(around line: Int) -> Fence? {
    fences.first { $0.opening <= line && line <= ($0.closing ?? lines.count) }
  }

  /// The lines of prose: those of the body outside of blocks, and the content of blocks that people read; comments are
  /// for the author.
  var proseLines: [Int] {
    var isComment = false
    return (frontMatterEnd + 1..<max(lines.count, frontMatterEnd) + 1).filter { number in
      let line = line(number)
      if line.hasPrefix("<!--") { isComment = true }
      defer { if line.contains("-->") { isComment = false } }
      if isComment { return false }
      guard let fence = fence(around: number) else { return true }
      guard Self.proseKinds.contains(fence.kind), fence.content(of: self).contains(number) else { return false }
      return !fence.isQuestion || !isExpression(number, in: fence)
    }
  }

  /// The paragraphs of the prose outside of blocks and of those blocks that are text through and through.
  var paragraphs: [Paragraph] {
    var paragraphs: [Paragraph] = []
    var open: (line: Int, lines: [String])?
    func finish() {
      if let open { paragraphs.append(Paragraph(line: open.line, lines: open.lines)) }
      open = nil
    }
    var last = 0
    for number in proseLines {
      let text = line(number).trimmingSpaces
      let startsAnew = text.isEmpty || number != last + 1 || text.hasPrefix("#") || Self.isItem(text)
      if startsAnew { finish() }
      last = number
      if text.isEmpty || text.hasPrefix("#") { continue }
      if open == nil { open = (number, []) }
      open?.lines.append(text)
    }
    finish()
    return paragraphs
  }

  private static func isItem(_ text: String) -> Bool {
    if text.hasPrefix("- ") || text.hasPrefix("* ") || text.hasPrefix("> ") { return true }
    return text.wholeMatch(of: /\d+[.)] .*/) != nil
  }

  /// The number of the heading of level 2 that a line stands under; nil before the first.
  func heading(above line: Int) -> Int? {
    (frontMatterEnd + 1..<max(line, frontMatterEnd) + 1).last {
      self.line($0).hasPrefix("## ") && fence(around: $0) == nil
    }
  }

  /// The blocks of the step whose heading stands in `line`.
  func fences(ofStepAt line: Int) -> [Fence] { fences.filter { heading(above: $0.opening) == line } }

  /// A place in the file.
  func location(_ line: Int, column: Int = 1) -> LessonLocation {
    LessonLocation(file: file, line: line, column: column)
  }
}

extension String {
  /// The text without white space at both ends.
  var trimmingSpaces: String {
    let kept = drop(while: \.isWhitespace)
    return String(kept.dropLast(kept.reversed().prefix(while: \.isWhitespace).count))
  }
}
