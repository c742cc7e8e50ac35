// Takes out of an expression what it reads from the machine, so that a judgement can show the values it rests on.
// Callers must not evaluate it again to judge: it only explains.

extension Expression {
  /// In characters: what is longer is no path that a student would type.
  private static let longestReading = 80

  /// The paths that the expression reads and their values, in its order; those without a short value are left out, and
  /// those that are a condition of their own, which explain nothing to a student.
  ///
  /// - Parameters:
  ///   - source: Where the values come from.
  ///   - limit: How many at most.
  func readings(in source: inout some StateSource, limit: Int = 3) -> [(path: String, value: JSONValue)] {
    var found: [(path: String, value: JSONValue)] = []
    for node in root.paths {
      guard found.count < limit, let spelling = node.spelling, spelling.count <= Self.longestReading else { continue }
      guard !found.contains(where: { $0.path == spelling }) else { continue }
      guard let value = try? Expression(spelling).value(in: &source), value.isShort else { continue }
      found.append((spelling, value))
    }
    return found
  }
}

extension JSONValue {
  /// Whether the value fits into a sentence.
  fileprivate var isShort: Bool {
    switch self {
    case .null, .boolean, .integer, .number: true
    case .text(let text): text.count <= 40
    case .list(let elements): elements.count <= 4 && elements.allSatisfy(\.isShort)
    case .object: false
    }
  }
}

extension ExpressionNode {
  /// The longest paths in the node, from left to right.
  fileprivate var paths: [ExpressionNode] {
    switch kind {
    case .root, .query, .last, .member, .element, .quantifier, .length: [self]
    case .not(let operand), .negative(let operand): operand.paths
    case .binary(_, let left, let right): left.paths + right.paths
    case .contains(let whole, let part): whole.paths + part.paths
    case .extreme(_, let operands): operands.flatMap(\.paths)
    case .literal, .variable, .answer: []
    }
  }

  /// The node as an author would write it; nil if it needs more than a path.
  fileprivate var spelling: String? {
    switch kind {
    case .root(let root): root.rawValue
    case .variable(let name): name
    case .literal(.text(let text)): "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    case .literal(let value): ValueText.plain(value)
    case .query(let command): "query \"\(command.replacing("\"", with: "\\\""))\""
    case .last(let words): words.map { "last(\"\($0)\")" } ?? "last"
    case .member(let base, let name, let isOptional): base.spelling.map { $0 + (isOptional ? "?." : ".") + name }
    case .element(let base, let key): base.spelling.flatMap { base in key.spelling.map { "\(base)[\($0)]" } }
    case .length(let operand): operand.spelling.map { "length(\($0))" }
    case .quantifier(let quantifier, let variable, let list, let condition):
      list.spelling.flatMap { list in
        condition.spelling.map { "\(quantifier.rawValue)(\(variable) in \(list), \($0))" }
      }
    case .binary(let sign, let left, let right):
      left.spelling.flatMap { left in right.spelling.map { "\(left) \(sign.rawValue) \($0)" } }
    case .not, .negative, .contains, .extreme, .answer: nil
    }
  }
}
