// Splits an expression into tokens. Only the expression parser calls it.

/// A word, number, text or sign of an expression, with its place in characters.
struct ExpressionToken: Equatable {
  enum Kind: Equatable {
    case word(String)
    case literal(JSONValue)
    case sign(String)
    case end
  }

  let kind: Kind
  let offset: Int

  /// The token as an error message quotes it.
  var quoted: String {
    switch kind {
    case .word(let word): "`\(word)`"
    case .literal(.text(let text)): "\"\(text)\""
    case .literal: "a number"
    case .sign(let sign): "`\(sign)`"
    case .end: "the end of the expression"
    }
  }
}

/// The splitting of an expression's text.
struct ExpressionLexer {
  private static let signs = [
    "==", "!=", "<=", ">=", "?.", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ".", ",",
  ]
  private let characters: [Character]
  private var position = 0

  private init(_ source: String) { characters = Array(source) }

  /// All tokens of `source`, the last of kind `end`.
  static func tokens(of source: String) throws(ExpressionError) -> [ExpressionToken] {
    var lexer = ExpressionLexer(source)
    var tokens: [ExpressionToken] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  private mutating func next() throws(ExpressionError) -> ExpressionToken {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
    let start = position
    guard position < characters.count else { return ExpressionToken(kind: .end, offset: start) }
    let kind: ExpressionToken.Kind
    switch characters[position] {
    case let character where character.isLetter || character == "_":
      kind = .word(take { $0.isLetter || $0.isNumber || $0 == "_" })
    case let character where character.isASCII && character.isNumber:
      kind = .literal(try number())
    case "\"":
      kind = .literal(.text(try text()))
    case let character:
      kind = .sign(try sign(character))
    }
    return ExpressionToken(kind: kind, offset: start)
  }

  private mutating func take(while belongs: (Character) -> Bool) -> String {
    let start = position
    while position < characters.count, belongs(characters[position]) { position += 1 }
    return String(characters[start..<position])
  }

  private mutating func number() throws(ExpressionError) -> JSONValue {
    let start = position
    var digits = take { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    // A point belongs to the number only if a digit follows: `faults[1].fired` has none.
    if position + 1 < characters.count, characters[position] == ".", characters[position + 1].isNumber {
      position += 1
      digits += "." + take { $0.isASCII && ($0.isNumber || $0 == "_") }
    }
    let spelling = digits
    digits.removeAll { $0 == "_" }
    let whole: Int128? =
      if digits.hasPrefix("0x") {
        Int128(digits.dropFirst(2), radix: 16)
      } else if digits.hasPrefix("0b") {
        Int128(digits.dropFirst(2), radix: 2)
      } else {
        Int128(digits)
      }
    if let whole { return .integer(whole) }
    let isFraction = digits.contains(".") && digits.allSatisfy { $0.isNumber || $0 == "." }
    if isFraction, let value = Double(digits) { return .number(value) }
    throw ExpressionError(
      at: start, "`\(spelling)` is not a number", expected: "a decimal, 0x… or 0b… number",
      suggestion: "words go in quotation marks")
  }

  private mutating func text() throws(ExpressionError) -> String {
    let start = position
    position += 1
    var text = ""
    while position < characters.count {
      let character = characters[position]
      position += 1
      switch character {
      case "\"":
        return text
      case "\\":
        guard position < characters.count else { break }
        switch characters[position] {
        case "n": text.append("\n")
        case "t": text.append("\t")
        case "\"", "\\": text.append(characters[position])
        case let other:
          throw ExpressionError(
            at: position - 1, "unknown escape `\\\(other)` in a text", expected: "\\n, \\t, \\\" or \\\\")
        }
        position += 1
      default:
        text.append(character)
      }
    }
    throw ExpressionError(at: start, "this text is never closed", expected: "a `\"` at its end")
  }

  private mutating func sign(_ first: Character) throws(ExpressionError) -> String {
    let rest = String(characters[position..<min(position + 2, characters.count)])
    guard let sign = Self.signs.first(where: rest.hasPrefix) else {
      let suggestion: String? =
        switch first {
        case "=": "equality is `==`"
        case "&": "write `and`"
        case "|": "write `or`"
        case "!": "write `not`"
        case "'": "texts go in double quotation marks"
        default: nil
        }
      throw ExpressionError(
        at: position, "`\(first)` means nothing in an expression", expected: "a name, a value or an operator",
        suggestion: suggestion)
    }
    position += sign.count
    return sign
  }
}
