// Refuses what a lesson's Markdown must not hold where it would be silently lost. Only the document parser calls it.

/// A search for blocks that carry meaning where they carry none.
struct MarkdownCheck {
  /// The lesson's file, its lines, and how many of them stand before the Markdown.
  let file: String
  let lines: [String]
  let offset: Int

  /// Refuses HTML and fenced blocks with a meaning inside lists and quotations.
  func refuseHiddenBlocks(in block: MarkdownBlock) throws(LessonError) {
    switch block {
    case .list(_, let items):
      for inner in items.joined() { try refuseHiddenBlocks(in: inner) }
    case .quotation(let blocks):
      for inner in blocks { try refuseHiddenBlocks(in: inner) }
    case .code(let code):
      let kind = code.info.split(separator: " ").first.map(String.init) ?? ""
      guard kind.isEmpty || BlockParser.literals.contains(kind) else {
        throw LessonError(
          at: LessonLocation(file: file, line: code.line + offset), "a `\(kind)` block inside a list or quotation",
          expected: "the block at the left margin")
      }
    case .html(_, let line):
      throw LessonError(
        at: LessonLocation(file: file, line: line + offset), "HTML cannot be shown on a terminal", expected: "Markdown")
    case .paragraph(let inlines):
      try refuseHTML(in: inlines)
    case .heading(_, let inlines, _):
      try refuseHTML(in: inlines)
    case .rule:
      break
    }
  }

  private func refuseHTML(in inlines: [MarkdownInline]) throws(LessonError) {
    for inline in inlines {
      switch inline {
      case .html(let tag):
        let line = lines.dropFirst(offset).firstIndex { $0.contains(tag) } ?? offset
        throw LessonError(
          at: LessonLocation(file: file, line: line + 1), "`\(tag)` would be lost on a terminal",
          expected: "Markdown", suggestion: "write `\\<` for a less-than sign")
      case .emphasis(let inner), .strong(let inner), .link(let inner, _), .image(let inner, _):
        try refuseHTML(in: inner)
      case .text, .code, .softBreak, .lineBreak:
        break
      }
    }
  }
}
