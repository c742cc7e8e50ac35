// Turns text into Markdown values by libcmark, the reference implementation of CommonMark 0.30. The C tree lives only
// inside `parse`; callers must not expect extensions such as tables.

import CMark

/// The CommonMark parser.
enum MarkdownParser {
  /// Deeper nesting than this is left out: no lesson needs it, and a hostile file must not exhaust the stack.
  private static let deepestNesting = 64

  /// Parses a document.
  ///
  /// Every text is a CommonMark document, so nothing can fail.
  static func parse(_ source: String) -> [MarkdownBlock] {
    var source = source
    let root = source.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { cmark_parse_document($0.baseAddress, $0.count, CMARK_OPT_DEFAULT) }
    }
    guard let root else { return [] }
    defer { cmark_node_free(root) }
    return blocks(in: root, depth: 0)
  }

  private static func children(of node: OpaquePointer) -> [OpaquePointer] {
    var nodes: [OpaquePointer] = []
    var next = cmark_node_first_child(node)
    while let child = next {
      nodes.append(child)
      next = cmark_node_next(child)
    }
    return nodes
  }

  private static func literal(of node: OpaquePointer) -> String {
    cmark_node_get_literal(node).map { String(cString: $0) } ?? ""
  }

  private static func blocks(in node: OpaquePointer, depth: Int) -> [MarkdownBlock] {
    guard depth < deepestNesting else { return [] }
    return children(of: node).compactMap { block(from: $0, depth: depth) }
  }

  private static func block(from node: OpaquePointer, depth: Int) -> MarkdownBlock? {
    let line = Int(cmark_node_get_start_line(node))
    switch cmark_node_get_type(node) {
    case CMARK_NODE_HEADING:
      let level = Int(cmark_node_get_heading_level(node))
      return .heading(level: level, text: inlines(in: node, depth: depth), line: line)
    case CMARK_NODE_PARAGRAPH:
      return .paragraph(inlines(in: node, depth: depth))
    case CMARK_NODE_LIST:
      let ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST
      let items = children(of: node).map { blocks(in: $0, depth: depth + 1) }
      return .list(start: ordered ? Int(cmark_node_get_list_start(node)) : nil, items: items)
    case CMARK_NODE_BLOCK_QUOTE:
      return .quotation(blocks(in: node, depth: depth + 1))
    case CMARK_NODE_CODE_BLOCK:
      let info = cmark_node_get_fence_info(node).map { String(cString: $0) } ?? ""
      let end = Int(cmark_node_get_end_line(node))
      return .code(CodeBlock(info: info, text: literal(of: node), line: line, endLine: end))
    case CMARK_NODE_THEMATIC_BREAK:
      return .rule
    case CMARK_NODE_HTML_BLOCK:
      return .html(literal(of: node), line: line)
    default:
      return nil
    }
  }

  private static func inlines(in node: OpaquePointer, depth: Int) -> [MarkdownInline] {
    guard depth < deepestNesting else { return [] }
    return children(of: node).compactMap { child -> MarkdownInline? in
      switch cmark_node_get_type(child) {
      case CMARK_NODE_TEXT: .text(literal(of: child))
      case CMARK_NODE_SOFTBREAK: .softBreak
      case CMARK_NODE_LINEBREAK: .lineBreak
      case CMARK_NODE_CODE: .code(literal(of: child))
      case CMARK_NODE_HTML_INLINE: .html(literal(of: child))
      case CMARK_NODE_EMPH: .emphasis(inlines(in: child, depth: depth + 1))
      case CMARK_NODE_STRONG: .strong(inlines(in: child, depth: depth + 1))
      case CMARK_NODE_LINK: .link(inlines(in: child, depth: depth + 1), destination: address(of: child))
      case CMARK_NODE_IMAGE: .image(alternative: inlines(in: child, depth: depth + 1), source: address(of: child))
      default: nil
      }
    }
  }

  private static func address(of node: OpaquePointer) -> String {
    cmark_node_get_url(node).map { String(cString: $0) } ?? ""
  }
}
