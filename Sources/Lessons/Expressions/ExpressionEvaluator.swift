// Computes an expression's value over the machine's state. It ends for every expression and state: lists are finite
// and the number of steps is bounded. Callers must answer from forked copies, so that asking changes nothing.

/// Where an expression's values come from.
public protocol StateSource {
  /// What a name of the table stands for now; null if the command behind it is refused.
  mutating func value(of root: StateRoot) -> JSONValue
  /// The result of a command, run in a forked copy; null if it is refused.
  mutating func result(of command: String) -> JSONValue
  /// The result of the student's last command in this step that begins with `words`; null if there is none.
  func lastResult(of words: String?) -> JSONValue
  /// What is known of the student's answer to a question.
  func answer(to question: String) -> JSONValue
}

extension Expression {
  /// The expression's value.
  ///
  /// - Throws: ``ExpressionError`` when an operator meets a value it has no meaning for or a field does not exist.
  public func value(in source: inout some StateSource) throws(ExpressionError) -> JSONValue {
    var evaluator = ExpressionEvaluator(source: source)
    defer { source = evaluator.source }
    return try evaluator.value(of: root)
  }

  /// Whether the expression is true; null counts as false, because it says "not yet".
  ///
  /// - Throws: ``ExpressionError`` as ``value(in:)``, and when the value is neither true, false nor null.
  public func holds(in source: inout some StateSource) throws(ExpressionError) -> Bool {
    try ExpressionEvaluator<NoState>.condition(value(in: &source), at: root.offset)
  }
}

/// A source that knows nothing, for evaluations that ask nothing.
private struct NoState: StateSource {
  mutating func value(of root: StateRoot) -> JSONValue { .null }
  mutating func result(of command: String) -> JSONValue { .null }
  func lastResult(of words: String?) -> JSONValue { .null }
  func answer(to question: String) -> JSONValue { .null }
}

/// The evaluation of one expression.
private struct ExpressionEvaluator<Source: StateSource> {
  var source: Source
  private var variables: [(name: String, value: JSONValue)] = []
  private var stepsLeft = 200_000

  init(source: Source) { self.source = source }

  static func condition(_ value: JSONValue, at offset: Int) throws(ExpressionError) -> Bool {
    switch value {
    case .boolean(let truth): return truth
    case .null: return false
    default: throw ExpressionError(at: offset, "this is \(value.kind)", expected: "a condition")
    }
  }

  mutating func value(of node: ExpressionNode) throws(ExpressionError) -> JSONValue {
    stepsLeft -= 1
    guard stepsLeft > 0 else {
      throw ExpressionError(
        at: node.offset, "this check takes too many steps", suggestion: "quantify over fewer lists at once")
    }
    switch node.kind {
    case .literal(let value): return value
    case .root(let root): return source.value(of: root)
    case .variable(let name): return variables.last { $0.name == name }?.value ?? .null
    case .query(let command): return source.result(of: command)
    case .last(let words): return source.lastResult(of: words)
    case .answer(let question): return source.answer(to: question)
    case .member(let base, let name, let isOptional):
      return try member(name, of: value(of: base), isOptional: isOptional, at: node.offset)
    case .element(let base, let key):
      return try element(of: value(of: base), key: value(of: key), at: node.offset)
    case .not(let operand):
      return .boolean(!(try Self.condition(value(of: operand), at: operand.offset)))
    case .negative(let operand):
      return try arithmetic(.minus, .integer(0), value(of: operand), at: node.offset)
    case .binary(let sign, let left, let right):
      return try binary(sign, left, right, at: node.offset)
    case .quantifier(let quantifier, let variable, let list, let condition):
      return try quantified(quantifier, variable, list, condition)
    case .length(let operand):
      return try length(of: value(of: operand), at: operand.offset)
    case .contains(let whole, let part):
      return .boolean(try contains(value(of: whole), value(of: part), at: node.offset))
    case .extreme(let extreme, let operands):
      return try self.extreme(extreme, operands)
    }
  }

  private func member(
    _ name: String, of base: JSONValue, isOptional: Bool, at offset: Int
  ) throws(ExpressionError) -> JSONValue {
    switch base {
    case .null:
      return .null
    case .object(let members):
      if let value = members[name] { return value }
      if isOptional { return .null }
      let known = members.keys.sorted()
      throw ExpressionError(
        at: offset, "there is no field `\(name)` here",
        expected: known.isEmpty ? nil : "one of \(known.prefix(12).joined(separator: ", "))",
        suggestion: NearestSpelling.suggestion(for: name, among: known)
          ?? "write `?.\(name)` if the field may be missing")
    default:
      throw ExpressionError(at: offset, "`.\(name)` of \(base.kind)", expected: "an object before the point")
    }
  }

  private func element(of base: JSONValue, key: JSONValue, at offset: Int) throws(ExpressionError) -> JSONValue {
    switch (base, key) {
    case (.null, _), (_, .null):
      return .null
    case (.object(let members), .text(let name)):
      return members[name] ?? .null
    case (.list(let elements), .text):
      return elements.first { $0.isNamed(key) } ?? .null
    case (.list(let elements), .integer(let position)):
      // Objects that carry a number are found by it, so that `faults[1]` is the fault that is printed as number 1.
      if elements.first?.isNumbered == true { return elements.first { $0.isNamed(key) } ?? .null }
      return elements.indices.contains(Int(clamping: position)) ? elements[Int(clamping: position)] : .null
    default:
      throw ExpressionError(
        at: offset, "\(key.kind) as the key of \(base.kind)", expected: "a name, or a number for a list")
    }
  }

  private mutating func binary(
    _ sign: ExpressionNode.BinaryOperator, _ left: ExpressionNode, _ right: ExpressionNode, at offset: Int
  ) throws(ExpressionError) -> JSONValue {
    let first = try value(of: left)
    switch sign {
    case .and:
      guard try Self.condition(first, at: left.offset) else { return .boolean(false) }
      return .boolean(try Self.condition(value(of: right), at: right.offset))
    case .or:
      if try Self.condition(first, at: left.offset) { return .boolean(true) }
      return .boolean(try Self.condition(value(of: right), at: right.offset))
    default: break
    }
    let second = try value(of: right)
    switch sign {
    case .equal: return .boolean(equal(first, second))
    case .notEqual: return .boolean(!equal(first, second))
    case .less, .lessOrEqual, .greater, .greaterOrEqual: return .boolean(try ordered(sign, first, second, at: offset))
    case .isIn: return .boolean(try contains(second, first, at: offset))
    default: return try arithmetic(sign, first, second, at: offset)
    }
  }

  private func equal(_ first: JSONValue, _ second: JSONValue) -> Bool {
    if first == second { return true }
    if case .text = first, case .text = second { return false }
    if let first = first.wholeNumber, let second = second.wholeNumber { return first == second }
    if let first = double(first), let second = double(second) { return first == second }
    return false
  }

  private func double(_ value: JSONValue) -> Double? {
    if case .number(let value) = value { return value }
    return value.wholeNumber.map { Double($0) }
  }

  private func ordered(
    _ sign: ExpressionNode.BinaryOperator, _ first: JSONValue, _ second: JSONValue, at offset: Int
  ) throws(ExpressionError) -> Bool {
    if first == .null || second == .null { return false }
    if case .text(let first) = first, case .text(let second) = second { return compare(sign, first, second) }
    if let first = first.wholeNumber, let second = second.wholeNumber { return compare(sign, first, second) }
    if let first = double(first), let second = double(second) { return compare(sign, first, second) }
    throw ExpressionError(
      at: offset, "`\(sign.rawValue)` between \(first.kind) and \(second.kind)", expected: "two numbers or two texts")
  }

  private func compare<Value: Comparable>(
    _ sign: ExpressionNode.BinaryOperator, _ first: Value, _ second: Value
  ) -> Bool {
    switch sign {
    case .less: first < second
    case .lessOrEqual: first <= second
    case .greater: first > second
    default: first >= second
    }
  }

  private func arithmetic(
    _ sign: ExpressionNode.BinaryOperator, _ first: JSONValue, _ second: JSONValue, at offset: Int
  ) throws(ExpressionError) -> JSONValue {
    if first == .null || second == .null { return .null }
    if sign == .plus, case .text(let first) = first, case .text(let second) = second { return .text(first + second) }
    if let first = first.wholeNumber, let second = second.wholeNumber {
      return .integer(try wholeArithmetic(sign, first, second, at: offset))
    }
    guard let first = double(first), let second = double(second) else {
      throw ExpressionError(
        at: offset, "`\(sign.rawValue)` between \(first.kind) and \(second.kind)", expected: "two numbers")
    }
    switch sign {
    case .plus: return .number(first + second)
    case .minus: return .number(first - second)
    case .times: return .number(first * second)
    case .divided: return .number(first / second)
    default: return .number(first.truncatingRemainder(dividingBy: second))
    }
  }

  private func wholeArithmetic(
    _ sign: ExpressionNode.BinaryOperator, _ first: Int128, _ second: Int128, at offset: Int
  ) throws(ExpressionError) -> Int128 {
    let (value, overflow): (Int128, Bool) =
      switch sign {
      case .plus: first.addingReportingOverflow(second)
      case .minus: first.subtractingReportingOverflow(second)
      case .times: first.multipliedReportingOverflow(by: second)
      case .divided: first.dividedReportingOverflow(by: second)
      default: first.remainderReportingOverflow(dividingBy: second)
      }
    guard !overflow else {
      throw ExpressionError(
        at: offset, second == 0 ? "division by zero" : "`\(sign.rawValue)` gives a number that is too large")
    }
    return value
  }

  private mutating func quantified(
    _ quantifier: ExpressionNode.Quantifier, _ variable: String, _ list: ExpressionNode, _ condition: ExpressionNode
  ) throws(ExpressionError) -> JSONValue {
    let elements: [JSONValue]
    switch try value(of: list) {
    case .null: return quantifier == .count ? .integer(0) : .null
    case .list(let found): elements = found
    case let other: throw ExpressionError(at: list.offset, "this is \(other.kind)", expected: "a list")
    }
    if quantifier == .sum { return try sum(of: condition, over: elements, variable) }
    var matches = 0
    for (index, element) in elements.enumerated() {
      variables.append((variable, element))
      defer { variables.removeLast() }
      guard try Self.condition(value(of: condition), at: condition.offset) else { continue }
      if quantifier == .first { return .integer(Int128(index)) }
      matches += 1
    }
    return switch quantifier {
    case .any: .boolean(matches > 0)
    case .all: .boolean(matches == elements.count)
    case .count: .integer(Int128(matches))
    case .first, .sum: .null
    }
  }

  private mutating func sum(
    of term: ExpressionNode, over elements: [JSONValue], _ variable: String
  ) throws(ExpressionError) -> JSONValue {
    var total = JSONValue.integer(0)
    for element in elements {
      variables.append((variable, element))
      defer { variables.removeLast() }
      total = try arithmetic(.plus, total, value(of: term), at: term.offset)
    }
    return total
  }

  private mutating func extreme(
    _ extreme: ExpressionNode.Extreme, _ operands: [ExpressionNode]
  ) throws(ExpressionError) -> JSONValue {
    var best: JSONValue?
    for operand in operands {
      let candidate = try value(of: operand)
      if candidate == .null { return .null }
      guard double(candidate) != nil else {
        throw ExpressionError(
          at: operand.offset, "`\(extreme.rawValue)` of \(candidate.kind)", expected: "numbers")
      }
      guard let current = best else {
        best = candidate
        continue
      }
      if try ordered(extreme == .min ? .less : .greater, candidate, current, at: operand.offset) { best = candidate }
    }
    return best ?? .null
  }

  private func length(of value: JSONValue, at offset: Int) throws(ExpressionError) -> JSONValue {
    switch value {
    case .null: return .null
    case .text(let text): return .integer(Int128(text.count))
    case .list(let elements): return .integer(Int128(elements.count))
    case .object(let members): return .integer(Int128(members.count))
    default: throw ExpressionError(at: offset, "the length of \(value.kind)", expected: "a text or a list")
    }
  }

  private func contains(_ whole: JSONValue, _ part: JSONValue, at offset: Int) throws(ExpressionError) -> Bool {
    switch (whole, part) {
    case (.null, _): return false
    case (.list(let elements), _): return elements.contains { equal($0, part) || $0.isNamed(part) }
    case (.object(let members), .text(let name)): return members[name] != nil
    case (.text(let text), .text(let piece)): return piece.isEmpty || text.contains(piece)
    default:
      throw ExpressionError(at: offset, "\(part.kind) in \(whole.kind)", expected: "a list, or a text in a text")
    }
  }
}
