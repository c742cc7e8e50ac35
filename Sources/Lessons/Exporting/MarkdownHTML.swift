// Markdown values as HTML. Every character of the source is escaped: what comes out holds no mark-up but what is written
// here, and no script.

/// The translation of Markdown to HTML.
enum MarkdownHTML {
  /// The blocks as HTML, a line each.
  static func html(of blocks: [MarkdownBlock]) -> String { blocks.map(html(of:)).joined(separator: "\n") }

  /// One block as HTML; headings inside a step rank below the step's own.
  static func html(of block: MarkdownBlock) -> String {
    switch block {
    case .heading(let level, let text, _):
      let rank = min(level + 1, 6)
      return "<h\(rank)>\(html(of: text))</h\(rank)>"
    case .paragraph(let text): return "<p>\(html(of: text))</p>"
    case .list(let start, let items):
      let name = start == nil ? "ul" : "ol"
      let opening = start.map { $0 == 1 ? "<ol>" : "<ol start=\"\($0)\">" } ?? "<ul>"
      return opening + "\n" + items.map { "<li>\(item($0))</li>" }.joined(separator: "\n") + "\n</\(name)>"
    case .quotation(let blocks): return "<blockquote>\n\(html(of: blocks))\n</blockquote>"
    case .code(let code): return "<pre><code>\(escaped(code.text))</code></pre>"
    case .rule: return "<hr>"
    case .html: return ""
    }
  }

  /// An item of one paragraph is set without space around it.
  private static func item(_ blocks: [MarkdownBlock]) -> String {
    if blocks.count == 1, case .paragraph(let text) = blocks[0] { return html(of: text) }
    return "\n" + html(of: blocks) + "\n"
  }

  /// A run of text as HTML.
  static func html(of inlines: [MarkdownInline]) -> String {
    inlines.map { inline in
      switch inline {
      case .text(let text): escaped(text)
      case .softBreak: "\n"
      case .lineBreak: "<br>\n"
      case .code(let text): "<code>\(escaped(text))</code>"
      case .emphasis(let inner): "<em>\(html(of: inner))</em>"
      case .strong(let inner): "<strong>\(html(of: inner))</strong>"
      case .link(let inner, let destination): link(html(of: inner), to: destination)
      // A file of its own cannot hold a picture that stands elsewhere: its words stand in for it.
      case .image(let alternative, _): "<em>[\(html(of: alternative))]</em>"
      case .html: ""
      }
    }.joined()
  }

  /// Only addresses that lead to a page are linked.
  private static func link(_ text: String, to destination: String) -> String {
    let isPage = ["http://", "https://", "#"].contains { destination.lowercased().hasPrefix($0) }
    return isPage ? "<a href=\"\(escaped(destination))\">\(text)</a>" : text
  }

  /// Text in which no character means anything to HTML.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\0": result += "\u{fffd}"
      default: result.append(character)
      }
    }
    return result
  }
}
