// Splits one line into tokens: words, quoted strings, numbers, registers and `=`. It knows nothing of commands; callers
// must not give it more than one line.

/// One token of a command line.
struct Token: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    /// Anything bare that is no number and no register.
    case word
    /// A quoted string; `text` has its escapes resolved.
    case string
    /// A number literal without magnitude suffix.
    case number(UInt64)
    /// `$NAME`; `text` is the name without the dollar sign.
    case register
    /// An assignment sign.
    case equals
  }

  let kind: Kind
  /// The token as meant: without quotes, with escapes resolved.
  let text: String
  /// Where it stood in the line, with quotes.
  let span: SourceSpan

  /// The token as it can be typed again.
  var spelling: String {
    switch kind {
    case .register: "$" + text
    case .string: Quoting.quoted(text)
    case .word, .number, .equals: text
    }
  }
}

/// The tokeniser of the command grammar.
struct Tokenizer {
  private let characters: [Character]
  private var position = 0
  private var tokens: [Token] = []

  private init(_ line: String) { characters = Array(line) }

  /// The tokens of a line, comments left out.
  static func tokens(of line: String) throws(CommandError) -> [Token] {
    var tokenizer = Tokenizer(line)
    try tokenizer.run()
    return tokenizer.tokens
  }

  private mutating func run() throws(CommandError) {
    while position < characters.count {
      let character = characters[position]
      if character.isWhitespace {
        position += 1
      } else if character == "#" {
        return
      } else if character == "\"" || character == "'" {
        try readString(quote: character)
      } else if character == "=" {
        tokens.append(Token(kind: .equals, text: "=", span: SourceSpan(start: position, length: 1)))
        position += 1
      } else {
        try readWord()
      }
    }
  }

  private mutating func readWord() throws(CommandError) {
    let start = position
    // `$a0=1` and `0x80=1` are assignments and `--disk=FILE` is an option with its value; elsewhere `=` is a letter.
    let first = characters[start]
    let isOption = first == "-" && start + 1 < characters.count && characters[start + 1] == "-"
    let splitsAtEquals = isOption || first == "$" || first.isASCII && first.isNumber
    while position < characters.count {
      let character = characters[position]
      if character.isWhitespace || splitsAtEquals && character == "=" { break }
      if let scalar = character.unicodeScalars.first, scalar.value < 0x20 || scalar.value == 0x7f {
        throw CommandError(
          .syntax, "unprintable character U+\(Quoting.hexadecimal(scalar.value, digits: 4))",
          hint: "is this a text file? Quote the character as \"\\x\(Quoting.hexadecimal(scalar.value, digits: 2))\"",
          at: SourceSpan(start: position, length: 1))
      }
      if character == "\"" {
        throw CommandError(
          .syntax, "a quote inside a word", hint: "quote the whole argument, or leave a space before the quote",
          at: SourceSpan(start: position, length: 1))
      }
      position += 1
    }
    let span = SourceSpan(start: start, length: position - start)
    let text = String(characters[start..<position])
    if isOption, position < characters.count, characters[position] == "=" { position += 1 }
    tokens.append(try Self.classify(text, span: span))
  }

  private static func classify(_ text: String, span: SourceSpan) throws(CommandError) -> Token {
    if text.hasPrefix("$") {
      let name = text.dropFirst()
      if name.isEmpty {
        throw CommandError(.syntax, "`$` without a register name", hint: "for example $a0, $sp or $pc", at: span)
      }
      if name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) {
        return Token(kind: .register, text: String(name), span: span)
      }
    }
    if let value = try? NumberLiteral.parse(text) { return Token(kind: .number(value), text: text, span: span) }
    return Token(kind: .word, text: text, span: span)
  }

  private mutating func readString(quote: Character) throws(CommandError) {
    let start = position
    position += 1
    var text = ""
    while true {
      guard position < characters.count else {
        throw CommandError(
          .syntax, "the string is not closed", hint: "end it with \(quote)",
          at: SourceSpan(start: start, length: characters.count - start))
      }
      let character = characters[position]
      position += 1
      if character == quote { break }
      if character == "\\", quote == "\"" {
        text.append(try readEscape())
      } else {
        text.append(character)
      }
    }
    let span = SourceSpan(start: start, length: position - start)
    if position < characters.count, !characters[position].isWhitespace {
      throw CommandError(
        .syntax, "expected a space after the closing quote",
        hint: "write \\\" for a quote inside a string", at: SourceSpan(start: position, length: 1))
    }
    tokens.append(Token(kind: .string, text: text, span: span))
  }

  /// Reads what follows a backslash.
  private mutating func readEscape() throws(CommandError) -> Character {
    let start = position - 1
    guard position < characters.count else {
      throw CommandError(
        .syntax, "the string ends in a backslash", hint: "write \\\\ for a backslash",
        at: SourceSpan(start: start, length: 1))
    }
    let letter = characters[position]
    position += 1
    switch letter {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "0": return "\0"
    case "e": return "\u{1b}"
    case "\\", "\"", "'": return letter
    case "x":
      let digits = characters[position...].prefix(2)
      guard digits.count == 2, let value = UInt8(String(digits), radix: 16), value < 0x80 else {
        throw CommandError(
          .syntax, "`\\x` needs two hexadecimal digits below 80", hint: "for example \\x1b; \\u{e9} for others",
          at: SourceSpan(start: start, length: 2 + digits.count))
      }
      position += 2
      return Character(Unicode.Scalar(value))
    case "u":
      let rest = characters[position...]
      guard rest.first == "{", let close = rest.firstIndex(of: "}"), close - position <= 7,
        let value = UInt32(String(rest[(position + 1)..<close]), radix: 16), let scalar = Unicode.Scalar(value)
      else {
        throw CommandError(
          .syntax, "`\\u` needs a code point in braces", hint: "for example \\u{e9}",
          at: SourceSpan(start: start, length: 2))
      }
      position = close + 1
      return Character(scalar)
    default:
      throw CommandError(
        .syntax, "unknown escape `\\\(letter)`", hint: "known: \\n \\t \\r \\0 \\e \\\\ \\\" \\xHH \\u{HHHH}",
        at: SourceSpan(start: start, length: 2))
    }
  }
}

/// Quoting of text for one line of output that can be read back by the tokeniser.
enum Quoting {
  /// The text in double quotes, with everything unprintable escaped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case "\0": result += "\\0"
      case "\u{1b}": result += "\\e"
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: result += "\\x" + hexadecimal(scalar.value, digits: 2)
      // C1 controls act on terminals as escape sequences do.
      case "\u{80}"..."\u{9f}": result += "\\u{" + hexadecimal(scalar.value, digits: 2) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// A hexadecimal number with leading zeros, without prefix.
  static func hexadecimal(_ value: some BinaryInteger, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
