// How an error looks: what was wrong, the line with a caret under the place, and one thing to try.

/// Renders errors for people.
enum ErrorText {
  /// The error as text.
  ///
  /// - Parameters:
  ///   - error: What went wrong.
  ///   - source: The line, or nil if the error has none.
  static func text(_ error: CommandError, in source: SourceLine?) -> StyledText {
    var text = StyledText()
    var head = StyledLine()
    if let place = source?.origin.description {
      let column = error.span.map { ":\($0.column)" } ?? ""
      head.append("\(place)\(column): ", .strong)
    }
    head.append("error: ", .bad)
    head.append(StyledLine(markup: GuestText.oneLine(error.message)))
    text.paragraph(head, hanging: 2)
    if let source, let span = error.span, !source.text.isEmpty {
      let (line, caret) = excerpt(source.text, span)
      text.line(StyledLine("  " + line))
      text.line(StyledLine("  " + caret, .bad))
    }
    if let hint = error.hint {
      var line = StyledLine("hint: ", .dim)
      line.append(StyledLine(markup: GuestText.oneLine(hint)))
      text.paragraph(line, indent: 2, hanging: 6)
    }
    return text
  }

  /// The part of a long line around a span, and carets below the span.
  static func excerpt(_ line: String, _ span: SourceSpan) -> (line: String, caret: String) {
    let room = StyledText.width - 4
    var characters = Array(line).map { character -> Character in
      guard let scalar = character.unicodeScalars.first else { return " " }
      return scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) ? "?" : character
    }
    let start = min(span.start, characters.count)
    var first = 0
    if characters.count > room, start > room / 2 { first = min(start - room / 2, characters.count - room) }
    characters = Array(characters.dropFirst(first).prefix(room))
    let offset = start - first
    let length = max(1, min(span.length, room - offset))
    return (
      String(characters), String(repeating: " ", count: offset) + "^" + String(repeating: "~", count: length - 1)
    )
  }
}

extension GuestText {
  /// Text for the middle of a sentence: control characters are made visible, line ends too.
  static func oneLine(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }) { return text }
    return String(Quoting.quoted(text).dropFirst().dropLast())
  }
}
