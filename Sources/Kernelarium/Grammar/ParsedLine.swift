// One line taken apart: the words that name a command, a gdb-style format such as `/8gx`, and the arguments. Which
// command it is, and whether the arguments fit, is decided by the registry and the binder.

/// A parsed line.
struct ParsedLine: Equatable, Sendable {
  let source: SourceLine
  /// All tokens, the format taken out.
  let tokens: [Token]
  /// What followed the slash in `x/8gx`, if anything did.
  let format: Token?

  /// Parses a line; the result has no tokens if the line is empty or a comment.
  init(parsing source: SourceLine) throws(CommandError) {
    self.source = source
    var tokens = try Tokenizer.tokens(of: source.text)
    var format: Token?
    if let first = tokens.first, first.kind == .word, let slash = first.text.firstIndex(of: "/") {
      let name = first.text[..<slash]
      if !name.isEmpty, name.allSatisfy({ $0.isASCII && $0.isLetter }) {
        let letters = first.text[first.text.index(after: slash)...]
        let start = first.span.start
        tokens[0] = Token(kind: .word, text: String(name), span: SourceSpan(start: start, length: name.count))
        format = Token(
          kind: .word, text: String(letters),
          span: SourceSpan(start: start + name.count + 1, length: max(1, letters.count)))
      }
    }
    self.tokens = tokens
    self.format = format
  }

  /// Whether there is nothing to run.
  var isEmpty: Bool { tokens.isEmpty }
}
