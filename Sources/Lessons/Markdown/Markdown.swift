// A CommonMark document as plain values, so that nothing above this folder sees the C library. Lines count from 1 in
// the text that was parsed; callers add the lines of the front matter themselves.

/// A block of a CommonMark document.
public indirect enum MarkdownBlock: Equatable, Sendable {
  /// A heading of level 1 to 6 and the line it stands on.
  case heading(level: Int, text: [MarkdownInline], line: Int)
  /// A paragraph.
  case paragraph([MarkdownInline])
  /// A list; `start` is the first number of an ordered list and nil for bullets.
  case list(start: Int?, items: [[MarkdownBlock]])
  /// A block quotation.
  case quotation([MarkdownBlock])
  /// A code block, fenced or indented.
  case code(CodeBlock)
  /// A horizontal rule.
  case rule
  /// Raw HTML and the line it starts on.
  case html(String, line: Int)
}

/// A fenced or indented code block.
public struct CodeBlock: Equatable, Sendable {
  /// The words after the opening fence; empty for an indented block.
  public var info: String
  /// The text between the fences, each line ended by a newline.
  public var text: String
  /// The block's first line: the opening fence, if there is one.
  public var line: Int
  /// The last line of the block: the closing fence, if there is one.
  public var endLine: Int
}

/// A run of text inside a block.
public indirect enum MarkdownInline: Equatable, Sendable {
  /// Characters as they are.
  case text(String)
  /// A line end of the source that means no more than a space.
  case softBreak
  /// A line end that the author asked for.
  case lineBreak
  /// Code, shown as it is.
  case code(String)
  /// Emphasised text.
  case emphasis([MarkdownInline])
  /// Strongly emphasised text.
  case strong([MarkdownInline])
  /// A link and its destination.
  case link([MarkdownInline], destination: String)
  /// A picture: its alternative text and its source.
  case image(alternative: [MarkdownInline], source: String)
  /// Raw HTML.
  case html(String)
}

extension MarkdownInline {
  /// The text of a run without its mark-up.
  public static func plainText(of inlines: [MarkdownInline]) -> String {
    inlines.map { inline in
      switch inline {
      case .text(let text), .code(let text): text
      case .softBreak, .lineBreak: " "
      case .emphasis(let inner), .strong(let inner), .link(let inner, _), .image(let inner, _): plainText(of: inner)
      case .html: ""
      }
    }.joined()
  }
}
