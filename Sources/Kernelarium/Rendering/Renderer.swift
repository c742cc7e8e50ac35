// From text with roles to characters: colours only where wanted, and an ASCII spelling of arrows and boxes. The only
// place that writes escape sequences for output.

/// Turns styled text into a string.
struct Renderer: Sendable {
  /// Whether roles become colours.
  var usesColor: Bool
  /// Whether characters outside ASCII are replaced.
  var isASCII: Bool

  /// The text, each line ended by a newline.
  func string(_ text: StyledText) -> String {
    text.lines.map { string($0) + "\n" }.joined()
  }

  /// One line without a newline.
  func string(_ line: StyledLine) -> String {
    line.spans.map { span in
      let characters = isASCII ? Self.ascii(span.text) : span.text
      guard usesColor, let code = Self.code(span.role) else { return characters }
      return "\u{1b}[\(code)m\(characters)\u{1b}[0m"
    }.joined()
  }

  /// The parameters of the "select graphic rendition" sequence (ECMA-48, 8.3.117) for a role.
  static func code(_ role: TextRole) -> String? {
    switch role {
    case .plain: nil
    case .strong: "1"
    case .dim: "2"
    case .heading: "4"
    case .name: "36"
    case .good: "32"
    case .warning: "33"
    case .bad: "1;31"
    case .code: "1"
    }
  }

  /// The text with everything outside ASCII replaced, most by something of equal width.
  static func ascii(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
    return String(text.flatMap { character in character.isASCII ? String(character) : replacements[character] ?? "?" })
  }

  private static let replacements: [Character: String] = [
    "→": ">", "▶": ">", "←": "<", "◀": "<", "↔": "=", "↑": "^", "↓": "v",
    "─": "-", "━": "-", "│": "|", "┃": "|", "├": "|", "┤": "|", "└": "`", "┌": ",", "┐": ".", "┘": "'",
    "┬": "+", "┴": "+", "┼": "+", "…": "~", "·": ",", "×": "x", "≥": ">", "≤": "<", "≠": "#", "≈": "~",
    "•": "*", "▸": ">", "»": ">", "█": "#", "✓": "+", "✗": "x", "–": "-", "—": "-", "‘": "'", "’": "'", "“": "\"",
    "”": "\"", "µ": "u", "∞": "inf",
  ]
}
