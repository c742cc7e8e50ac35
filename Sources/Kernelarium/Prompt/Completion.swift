// What Tab does: finds out which word of which command is being typed, asks the command's parameter what could stand
// there, and says what to insert or list. Pure: it reads the session and changes nothing.

/// What to do about a Tab.
struct Completion: Equatable {
  /// Characters to insert at the cursor.
  var insertion = ""
  /// What could stand here, when nothing can be inserted.
  var choices: [String] = []

  private static let listed = 120

  /// The choices in columns.
  var listing: StyledText {
    var text = StyledText()
    let shown = choices.prefix(Self.listed)
    let columnWidth = min(StyledText.width, (shown.map(\.count).max() ?? 0) + 2)
    let columns = max(1, StyledText.width / max(1, columnWidth))
    let rows = (shown.count + columns - 1) / columns
    for row in 0..<rows {
      var line = StyledLine()
      for column in 0..<columns where column * rows + row < shown.count {
        let choice = shown[column * rows + row]
        let gap = column == columns - 1 ? 0 : max(0, columnWidth - choice.count)
        line.append(choice + String(repeating: " ", count: gap))
      }
      text.line(line.truncated(to: StyledText.width))
    }
    if choices.count > shown.count {
      text.line(StyledLine("… \(NumberStyle.decimal(choices.count - shown.count)) more", .dim))
    }
    return text
  }
}

/// Completes lines for a session.
struct Completer {
  let session: Session

  /// The word being typed, and everything before it.
  private struct Partial {
    var head: String
    var word: String
    /// The quote that was opened, if one was.
    var quote: Character?
  }

  /// The completion of the text before the cursor.
  func completion(of text: String) -> Completion {
    let partial = Self.split(text)
    let head = SourceLine(text: partial.head, origin: .prompt)
    guard let tokens = (try? ParsedLine(parsing: head))?.tokens else { return Completion() }
    let found = candidates(after: tokens, typing: partial.word).filter { $0.hasPrefix(partial.word) }
    var unique: [String] = []
    for candidate in found where !unique.contains(candidate) { unique.append(candidate) }
    return Self.completion(choosing: unique, typed: partial.word, quote: partial.quote)
  }

  private static func completion(choosing choices: [String], typed: String, quote: Character?) -> Completion {
    guard let first = choices.first else { return Completion() }
    if choices.count == 1 {
      // A folder is rarely the end of a path, nor a program's name that of a symbol.
      let ending = first.hasSuffix("/") || first.hasSuffix(":") ? "" : quote.map { "\($0) " } ?? " "
      return Completion(insertion: String(first.dropFirst(typed.count)) + ending)
    }
    var common = first
    for choice in choices.dropFirst() {
      common = String(zip(common, choice).prefix { $0 == $1 }.map(\.0))
    }
    if common.count > typed.count { return Completion(insertion: String(common.dropFirst(typed.count))) }
    return Completion(choices: choices)
  }

  private static func split(_ text: String) -> Partial {
    let characters = Array(text)
    var wordStart = 0
    var quote: Character?
    var index = 0
    while index < characters.count {
      let character = characters[index]
      if let open = quote {
        if character == "\\", open == "\"" { index += 1 } else if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
        wordStart = index + 1
      } else if character.isWhitespace || character == "=" {
        wordStart = index + 1
      }
      index += 1
    }
    wordStart = min(wordStart, characters.count)
    let headEnd = quote == nil ? wordStart : wordStart - 1
    return Partial(head: String(characters[..<headEnd]), word: String(characters[wordStart...]), quote: quote)
  }

  private func candidates(after tokens: [Token], typing word: String) -> [String] {
    guard let first = tokens.first else { return session.lookup.nameCandidates(after: []) }
    let source = SourceLine(text: "", origin: .prompt)
    var names: [String] = []
    if tokens.count == 1, let expanded = session.lookup.expansion(of: first) {
      names = session.lookup.nameCandidates(after: [expanded])
    }
    guard let match = try? session.lookup.match(tokens, in: source) else { return names }
    return names + argumentCandidates(match.command, after: tokens[match.consumed...], typing: word)
  }

  private func argumentCandidates(
    _ command: any Command, after tokens: ArraySlice<Token>, typing word: String
  ) -> [String] {
    let positional = command.parameters.filter(\.isPositional)
    let options = command.parameters.filter { !$0.isPositional }
    var position = 0
    var rest = tokens
    while let token = rest.popFirst() {
      if let option = options.first(where: { $0.label == token.text }) {
        guard case .option = option.form else { continue }
        if rest.popFirst() == nil { return option.candidates(for: word, in: session) }
      } else if position < positional.count {
        if case .remaining = positional[position].form { continue }
        position += 1
      }
    }
    let used = Set(tokens.map(\.text))
    let labels = word.hasPrefix("-") ? options.map(\.label).filter { !used.contains($0) } : []
    guard position < positional.count else {
      return labels.isEmpty ? options.map(\.label).filter { !used.contains($0) } : labels
    }
    return labels + positional[position].candidates(for: word, in: session)
  }
}
