// Expressions for addresses and values: numbers, registers and symbols joined by + and -, as in `$sp+0x10` or
// `blk_submit+24`. Evaluation asks a resolver, so the grammar knows no machine. gdb's leading `*` is accepted.

/// A sum of signed terms.
struct AddressExpression: Equatable, Sendable {
  enum Term: Equatable, Sendable {
    case number(UInt64)
    /// A register's name without the dollar sign.
    case register(String)
    /// A symbol's name.
    case symbol(String)
  }

  struct SignedTerm: Equatable, Sendable {
    let term: Term
    let isNegative: Bool
    let span: SourceSpan
  }

  let terms: [SignedTerm]

  /// Parses one token.
  init(parsing token: Token) throws(CommandError) {
    switch token.kind {
    case .number(let value):
      terms = [SignedTerm(term: .number(value), isNegative: false, span: token.span)]
    case .register:
      terms = [SignedTerm(term: .register(token.text), isNegative: false, span: token.span)]
    case .string:
      terms = [SignedTerm(term: .symbol(token.text), isNegative: false, span: token.span)]
    case .equals:
      throw CommandError(.syntax, "expected an address before `=`", hint: Self.example, at: token.span)
    case .word:
      terms = try Self.parse(token)
    }
  }

  private static let example = "for example 0x80000000, $sp+16 or blk_submit"

  private static func parse(_ token: Token) throws(CommandError) -> [SignedTerm] {
    let characters = Array(token.text)
    var terms: [SignedTerm] = []
    var position = characters.first == "*" ? 1 : 0
    var isNegative = false
    if position < characters.count, characters[position] == "-" {
      isNegative = true
      position += 1
    }
    while true {
      let start = position
      while position < characters.count, characters[position] != "+", characters[position] != "-" { position += 1 }
      let span = SourceSpan(start: token.span.start + start, length: max(1, position - start))
      let text = String(characters[start..<position])
      if text.isEmpty {
        throw CommandError(.syntax, "expected a number, a register or a symbol", hint: example, at: span)
      }
      terms.append(SignedTerm(term: try term(text, at: span), isNegative: isNegative, span: span))
      if position == characters.count { return terms }
      isNegative = characters[position] == "-"
      position += 1
    }
  }

  private static func term(_ text: String, at span: SourceSpan) throws(CommandError) -> Term {
    if text.hasPrefix("$") {
      let name = String(text.dropFirst())
      if name.isEmpty {
        throw CommandError(.syntax, "`$` without a register name", hint: "for example $a0, $sp or $pc", at: span)
      }
      return .register(name)
    }
    do {
      return .number(try NumberLiteral.parse(text))
    } catch .notANumber {
      return .symbol(text)
    } catch {
      throw CommandError(.invalidArgument, error.explanation(of: text), hint: example, at: span)
    }
  }

  /// The expression's value, wrapping around at 64 bits.
  func value(
    _ resolve: (Term, SourceSpan) throws(CommandError) -> UInt64
  ) throws(CommandError) -> UInt64 {
    var sum: UInt64 = 0
    for signed in terms {
      let value = try resolve(signed.term, signed.span)
      sum = signed.isNegative ? sum &- value : sum &+ value
    }
    return sum
  }
}
