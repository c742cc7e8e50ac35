// Text with roles instead of colours. Commands build it from their values; only the renderer knows about terminals.
// Nothing here prints, and no builder may put escape sequences into a span.

/// What a piece of text is, from which the renderer derives its look.
enum TextRole: Equatable, Sendable {
  case plain
  /// Something to be seen first.
  case strong
  /// Secondary: hints, units, decoration.
  case dim
  /// A table's head or a section's title.
  case heading
  /// A name of the system at hand: task, component, register, symbol.
  case name
  case good
  case warning
  case bad
  /// Something that can be typed.
  case code
}

/// One line of text with roles.
struct StyledLine: Equatable, Sendable {
  /// A run of characters in one role.
  struct Span: Equatable, Sendable {
    var text: String
    var role: TextRole
  }

  private(set) var spans: [Span] = []

  init() {}

  /// A line in one role.
  init(_ text: String, _ role: TextRole = .plain) { append(text, role) }

  /// Width on the terminal, in columns.
  var width: Int { spans.reduce(0) { $0 + $1.text.count } }

  /// The characters without their roles.
  var text: String { spans.map(\.text).joined() }

  /// Adds text at the end.
  mutating func append(_ text: String, _ role: TextRole = .plain) {
    if text.isEmpty { return }
    if let last = spans.indices.last, spans[last].role == role {
      spans[last].text += text
    } else {
      spans.append(Span(text: text, role: role))
    }
  }

  /// Adds another line's spans at the end.
  mutating func append(_ line: StyledLine) {
    for span in line.spans { append(span.text, span.role) }
  }

  /// The line with everything in one role.
  func inRole(_ role: TextRole) -> StyledLine { StyledLine(text, role) }

  /// The line cut to a width, its end marked when something was cut.
  func truncated(to width: Int) -> StyledLine {
    if self.width <= width { return self }
    var result = StyledLine()
    var room = max(0, width - 1)
    for span in spans where room > 0 {
      let part = span.text.prefix(room)
      result.append(String(part), span.role)
      room -= part.count
    }
    result.append("…", .dim)
    return result
  }
}

extension StyledLine: ExpressibleByStringInterpolation {
  /// Collects literals in the plain role and interpolated text in roles of its own.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var line = StyledLine()

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) {
      line.append(literal)
    }

    mutating func appendInterpolation(_ text: String, _ role: TextRole = .plain) { line.append(text, role) }

    mutating func appendInterpolation(_ other: StyledLine) { line.append(other) }

    mutating func appendInterpolation(_ number: some BinaryInteger, _ role: TextRole = .plain) {
      line.append(NumberStyle.decimal(number), role)
    }
  }

  init(stringLiteral value: String) { append(value) }

  init(stringInterpolation: StringInterpolation) { self = stringInterpolation.line }
}

extension StyledLine {
  /// Text in which `` `code` `` is marked up; the quotes stay, for those who see no colours.
  init(markup: String, base: TextRole = .plain) {
    let parts = markup.split(separator: "`", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      let isCode = index % 2 == 1
      // The last quote of an odd number of them opens nothing.
      if isCode, index == parts.count - 1 {
        append("`" + part, base)
      } else {
        append(isCode ? "`\(part)`" : String(part), isCode ? .code : base)
      }
    }
  }
}

/// Lines of text with roles.
struct StyledText: Equatable, Sendable {
  /// The width everything is laid out for, in columns.
  static let width = 80

  private(set) var lines: [StyledLine] = []

  /// Whether there is nothing to show.
  var isEmpty: Bool { lines.isEmpty }

  /// Adds a line that already fits.
  mutating func line(_ line: StyledLine = StyledLine()) { lines.append(line) }

  /// Adds a paragraph, wrapped between words to the text width.
  ///
  /// - Parameters:
  ///   - paragraph: The text; white space between words collapses at line ends only.
  ///   - indent: Columns left free at the start of each line.
  ///   - hanging: Further columns left free from the second line on.
  mutating func paragraph(_ paragraph: StyledLine, indent: Int = 0, hanging: Int = 0) {
    var current = StyledLine(String(repeating: " ", count: indent))
    var used = indent
    let continuation = indent + hanging
    var pending = StyledLine()
    var hasWord = false

    for piece in paragraph.pieces {
      if piece.isSpace {
        pending = piece.line
        continue
      }
      if hasWord, used + pending.width + piece.line.width > Self.width {
        lines.append(current)
        current = StyledLine(String(repeating: " ", count: continuation))
        used = continuation
      } else {
        current.append(pending)
        used += pending.width
      }
      var rest = piece.line
      // A word longer than a line is cut where the line ends.
      while used + rest.width > Self.width {
        let (head, tail) = rest.split(at: max(1, Self.width - used))
        current.append(head)
        lines.append(current)
        current = StyledLine(String(repeating: " ", count: continuation))
        used = continuation
        rest = tail
      }
      current.append(rest)
      used += rest.width
      pending = StyledLine()
      hasWord = true
    }
    lines.append(current)
  }

  /// Adds all lines of another text.
  mutating func append(_ other: StyledText, indent: Int = 0) {
    for line in other.lines {
      if indent == 0 {
        lines.append(line)
      } else {
        var indented = StyledLine(String(repeating: " ", count: indent))
        indented.append(line)
        lines.append(indented)
      }
    }
  }

  /// The characters without their roles, each line ended by a newline.
  var text: String { lines.map { $0.text + "\n" }.joined() }
}

extension StyledLine {
  /// A word with its roles, or the white space between two words.
  fileprivate struct Piece {
    var line: StyledLine
    var isSpace: Bool
  }

  fileprivate var pieces: [Piece] {
    var pieces: [Piece] = []
    for span in spans {
      for character in span.text {
        let isSpace = character == " "
        if let last = pieces.indices.last, pieces[last].isSpace == isSpace {
          pieces[last].line.append(String(character), span.role)
        } else {
          pieces.append(Piece(line: StyledLine(String(character), span.role), isSpace: isSpace))
        }
      }
    }
    return pieces
  }

  fileprivate func split(at column: Int) -> (StyledLine, StyledLine) {
    var head = StyledLine()
    var tail = StyledLine()
    var room = column
    for span in spans {
      let part = span.text.prefix(room)
      head.append(String(part), span.role)
      tail.append(String(span.text.dropFirst(part.count)), span.role)
      room -= part.count
    }
    return (head, tail)
  }
}
