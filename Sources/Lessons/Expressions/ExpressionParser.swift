// Parses the language of checks by recursive descent. Only `Expression.init` calls it. Depth and size are bounded, so
// that no text from a lesson's file can exhaust the stack.

/// The parser of one expression.
struct ExpressionParser {
  private static let largestSize = 400
  private static let deepestNesting = 40
  private static let functions = [
    "any", "all", "count", "first", "sum", "min", "max", "length", "contains", "query", "last",
  ]
  private static let words = ["and", "or", "not", "in", "true", "false", "null"]

  /// Words that already mean something, and so can be no question's id.
  static var reservedWords: [String] { functions + words + StateRoot.allCases.map(\.rawValue) }

  private let tokens: [ExpressionToken]
  private let questions: [String]
  private var position = 0
  private var size = 0
  private var depth = 0
  private var variables: [String] = []

  private init(tokens: [ExpressionToken], questions: [String]) {
    self.tokens = tokens
    self.questions = questions
  }

  static func parse(_ source: String, questions: [String]) throws(ExpressionError) -> ExpressionNode {
    var parser = ExpressionParser(tokens: try ExpressionLexer.tokens(of: source), questions: questions)
    let node = try parser.expression()
    guard parser.current.kind == .end else {
      throw ExpressionError(
        at: parser.current.offset, "\(parser.current.quoted) does not continue the expression",
        expected: "an operator or the end", suggestion: parser.operatorSuggestion)
    }
    return node
  }

  private var current: ExpressionToken { tokens[position] }

  private var operatorSuggestion: String? {
    guard case .word(let word) = current.kind else { return nil }
    return NearestSpelling.suggestion(for: word, among: ["and", "or", "in"])
  }

  private mutating func advance() { position = min(position + 1, tokens.count - 1) }

  private mutating func accept(sign: String) -> Bool {
    guard current.kind == .sign(sign) else { return false }
    advance()
    return true
  }

  private mutating func accept(word: String) -> Bool {
    guard current.kind == .word(word) else { return false }
    advance()
    return true
  }

  private mutating func expect(sign: String, after what: String) throws(ExpressionError) {
    guard accept(sign: sign) else {
      throw ExpressionError(at: current.offset, "\(current.quoted) after \(what)", expected: "`\(sign)`")
    }
  }

  private mutating func node(_ kind: ExpressionNode.Kind, at offset: Int) throws(ExpressionError) -> ExpressionNode {
    size += 1
    guard size <= Self.largestSize else {
      throw ExpressionError(at: offset, "this expression is too long", suggestion: "split it into several checks")
    }
    return ExpressionNode(kind: kind, offset: offset)
  }

  private mutating func expression() throws(ExpressionError) -> ExpressionNode {
    try nested { parser throws(ExpressionError) in
      try parser.chain(of: [.or], over: { operand throws(ExpressionError) in try operand.conjunction() })
    }
  }

  private mutating func nested(
    _ parse: (inout ExpressionParser) throws(ExpressionError) -> ExpressionNode
  ) throws(ExpressionError) -> ExpressionNode {
    guard depth < Self.deepestNesting else {
      throw ExpressionError(
        at: current.offset, "this expression is nested too deeply", suggestion: "split it into several checks")
    }
    depth += 1
    defer { depth -= 1 }
    return try parse(&self)
  }

  private mutating func chain(
    of operators: [ExpressionNode.BinaryOperator],
    over operand: (inout ExpressionParser) throws(ExpressionError) -> ExpressionNode
  ) throws(ExpressionError) -> ExpressionNode {
    var left = try operand(&self)
    while let (found, offset) = acceptOperator(among: operators) {
      let right = try operand(&self)
      left = try node(.binary(found, left, right), at: offset)
    }
    return left
  }

  private mutating func acceptOperator(
    among operators: [ExpressionNode.BinaryOperator]
  ) -> (ExpressionNode.BinaryOperator, Int)? {
    let spelling: String
    switch current.kind {
    case .word(let text), .sign(let text): spelling = text
    default: return nil
    }
    guard let found = operators.first(where: { $0.rawValue == spelling }) else { return nil }
    let offset = current.offset
    advance()
    return (found, offset)
  }

  private mutating func conjunction() throws(ExpressionError) -> ExpressionNode {
    try chain(of: [.and], over: { operand throws(ExpressionError) in try operand.negation() })
  }

  private mutating func negation() throws(ExpressionError) -> ExpressionNode {
    let offset = current.offset
    guard accept(word: "not") else { return try comparison() }
    let operand = try nested { parser throws(ExpressionError) in try parser.negation() }
    return try node(.not(operand), at: offset)
  }

  private mutating func comparison() throws(ExpressionError) -> ExpressionNode {
    let operators: [ExpressionNode.BinaryOperator] = [
      .equal, .notEqual, .lessOrEqual, .greaterOrEqual, .less, .greater, .isIn,
    ]
    let left = try sum()
    guard let (found, offset) = acceptOperator(among: operators) else { return left }
    let comparison = try node(.binary(found, left, try sum()), at: offset)
    if let (_, second) = acceptOperator(among: operators) {
      throw ExpressionError(at: second, "comparisons cannot be chained", suggestion: "join two of them by `and`")
    }
    return comparison
  }

  private mutating func sum() throws(ExpressionError) -> ExpressionNode {
    try chain(of: [.plus, .minus], over: { operand throws(ExpressionError) in try operand.product() })
  }

  private mutating func product() throws(ExpressionError) -> ExpressionNode {
    try chain(of: [.times, .divided, .remainder], over: { operand throws(ExpressionError) in try operand.unary() })
  }

  private mutating func unary() throws(ExpressionError) -> ExpressionNode {
    let offset = current.offset
    guard accept(sign: "-") else { return try postfix() }
    let operand = try nested { parser throws(ExpressionError) in try parser.unary() }
    return try node(.negative(operand), at: offset)
  }

  private mutating func postfix() throws(ExpressionError) -> ExpressionNode {
    var base = try primary()
    while true {
      let offset = current.offset
      if accept(sign: ".") {
        base = try node(.member(base, try memberName(), isOptional: false), at: offset)
      } else if accept(sign: "?.") {
        base = try node(.member(base, try memberName(), isOptional: true), at: offset)
      } else if accept(sign: "[") {
        let key = try expression()
        try expect(sign: "]", after: "the key")
        base = try node(.element(base, key), at: offset)
      } else {
        return base
      }
    }
  }

  private mutating func memberName() throws(ExpressionError) -> String {
    guard case .word(let name) = current.kind else {
      throw ExpressionError(at: current.offset, "\(current.quoted) after `.`", expected: "a field's name")
    }
    advance()
    return name
  }

  private mutating func primary() throws(ExpressionError) -> ExpressionNode {
    let token = current
    switch token.kind {
    case .literal(let value):
      advance()
      return try node(.literal(value), at: token.offset)
    case .sign("("):
      advance()
      let inner = try expression()
      try expect(sign: ")", after: "the expression in parentheses")
      return inner
    case .word(let word):
      advance()
      return try named(word, at: token.offset)
    case .sign, .end:
      throw ExpressionError(at: token.offset, "\(token.quoted) where a value should be", expected: "a value or a name")
    }
  }

  private mutating func named(_ word: String, at offset: Int) throws(ExpressionError) -> ExpressionNode {
    if variables.contains(word) { return try node(.variable(word), at: offset) }
    switch word {
    case "true": return try node(.literal(.boolean(true)), at: offset)
    case "false": return try node(.literal(.boolean(false)), at: offset)
    case "null": return try node(.literal(.null), at: offset)
    case "any", "all", "count", "first", "sum": return try quantifier(word, at: offset)
    case "min", "max": return try extreme(word, at: offset)
    case "length":
      try expect(sign: "(", after: "`length`")
      let value = try expression()
      try expect(sign: ")", after: "the value")
      return try node(.length(value), at: offset)
    case "contains":
      try expect(sign: "(", after: "`contains`")
      let whole = try expression()
      try expect(sign: ",", after: "the text or list")
      let part = try expression()
      try expect(sign: ")", after: "the part")
      return try node(.contains(whole, part), at: offset)
    case "query":
      guard let command = acceptText() else {
        throw ExpressionError(
          at: current.offset, "\(current.quoted) after `query`", expected: "a command in quotation marks",
          suggestion: "as in query \"pmap agent\"")
      }
      return try node(.query(command), at: offset)
    case "last":
      return try node(.last(acceptText()), at: offset)
    case let word where questions.contains(word):
      return try node(.answer(question: word), at: offset)
    default:
      guard let root = StateRoot(rawValue: word) else { throw unknownName(word, at: offset) }
      return try node(.root(root), at: offset)
    }
  }

  private func unknownName(_ word: String, at offset: Int) -> ExpressionError {
    let roots = StateRoot.allCases.map(\.rawValue)
    return ExpressionError(
      at: offset, "unknown name `\(word)`",
      expected: "one of \((roots + questions + ["query", "last"]).joined(separator: ", "))",
      suggestion: NearestSpelling.suggestion(
        for: word, among: roots + questions + Self.functions + Self.words + variables))
  }

  private mutating func acceptText() -> String? {
    let start = position
    let isParenthesised = accept(sign: "(")
    if case .literal(.text(let text)) = current.kind {
      advance()
      if !isParenthesised || accept(sign: ")") { return text }
    }
    position = start
    return nil
  }

  private mutating func extreme(_ word: String, at offset: Int) throws(ExpressionError) -> ExpressionNode {
    try expect(sign: "(", after: "`\(word)`")
    var operands = [try expression()]
    while accept(sign: ",") { operands.append(try expression()) }
    try expect(sign: ")", after: "the numbers")
    return try node(.extreme(word == "min" ? .min : .max, operands), at: offset)
  }

  private mutating func quantifier(_ word: String, at offset: Int) throws(ExpressionError) -> ExpressionNode {
    try expect(sign: "(", after: "`\(word)`")
    guard case .word(let variable) = current.kind, !Self.words.contains(variable) else {
      throw ExpressionError(
        at: current.offset, "\(current.quoted) after `\(word)(`", expected: "a name for one element",
        suggestion: "as in \(word)(task in tasks, task.restarts > 0)")
    }
    guard StateRoot(rawValue: variable) == nil, !Self.functions.contains(variable) else {
      throw ExpressionError(
        at: current.offset, "`\(variable)` already has a meaning", suggestion: "choose another name for the element")
    }
    advance()
    guard accept(word: "in") else {
      throw ExpressionError(at: current.offset, "\(current.quoted) after `\(variable)`", expected: "`in`")
    }
    let list = try expression()
    try expect(sign: ",", after: "the list")
    variables.append(variable)
    defer { variables.removeLast() }
    let condition = try expression()
    try expect(sign: ")", after: "the condition")
    guard let quantifier = ExpressionNode.Quantifier(rawValue: word) else { throw unknownName(word, at: offset) }
    return try node(.quantifier(quantifier, variable: variable, list: list, condition: condition), at: offset)
  }
}
