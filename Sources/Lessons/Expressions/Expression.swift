// The language of checks: small, total, and only able to read. Its values are what `--json` prints. Callers must not
// extend it by anything that can change a system or run for an unbounded time.

/// A parsed expression over the machine's state.
///
/// In order of binding, weakest first: `or`; `and`; `not`; `== != < <= > >= in`; `+ -`; `* / %`; `-x`; `a.b`, `a?.b`,
/// `a[key]`. Primaries are literals (`12`, `0x1f`, `1.5`, `"text"`, `true`, `false`, `null`), names of ``StateRoot``,
/// `query "COMMAND"` (the result of any command, run in a forked copy), `last` (the result of the student's last
/// command in this step), `last "COMMAND"` (of the last one beginning with these words), `any(x in LIST, CONDITION)`,
/// `all(…)`, `count(…)`, `first(…)` (the index of the first element for which it is true, or null), `sum(x in LIST,
/// NUMBER)`, `length(x)`, `contains(TEXT, PART)`, `min(…)` and `max(…)` of numbers. In a branch, also the ids of the
/// lesson's questions: `p1.correct`, `p1.answered`, `p1.sure`, `p1.value`.
public struct Expression: Equatable, Sendable {
  /// The text as the author wrote it.
  public let source: String
  let root: ExpressionNode

  /// The expression that is true in no case.
  static let `false` = Expression(source: "false", root: ExpressionNode(kind: .literal(.boolean(false)), offset: 0))

  private init(source: String, root: ExpressionNode) {
    self.source = source
    self.root = root
  }

  /// Parses an expression.
  ///
  /// - Parameters:
  ///   - source: The text.
  ///   - questions: The ids of the questions whose answers it may use.
  /// - Throws: ``ExpressionError``, its offset counted in characters from the start of `source`.
  public init(_ source: String, questions: [String] = []) throws(ExpressionError) {
    self.source = source
    root = try ExpressionParser.parse(source, questions: questions)
  }
}

/// What is wrong in an expression, and where.
public struct ExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The place in the expression, in characters from its start.
  public let offset: Int
  /// What is wrong.
  public let problem: String
  /// What would be right in that place, if it can be said.
  public let expected: String?
  /// One thing to try next.
  public let suggestion: String?

  init(at offset: Int, _ problem: String, expected: String? = nil, suggestion: String? = nil) {
    self.offset = offset
    self.problem = problem
    self.expected = expected
    self.suggestion = suggestion
  }

  /// The message on one line, without the place.
  public var description: String {
    var text = problem
    if let expected { text += "; expected \(expected)" }
    if let suggestion { text += "; \(suggestion)" }
    return text
  }
}

/// A part of an expression with its place in the source.
struct ExpressionNode: Equatable, Sendable {
  let kind: Kind
  let offset: Int

  indirect enum Kind: Equatable, Sendable {
    case literal(JSONValue)
    case root(StateRoot)
    case variable(String)
    case query(String)
    case last(String?)
    case answer(question: String)
    case member(ExpressionNode, String, isOptional: Bool)
    case element(ExpressionNode, ExpressionNode)
    case not(ExpressionNode)
    case negative(ExpressionNode)
    case binary(BinaryOperator, ExpressionNode, ExpressionNode)
    case quantifier(Quantifier, variable: String, list: ExpressionNode, condition: ExpressionNode)
    case length(ExpressionNode)
    case contains(ExpressionNode, ExpressionNode)
    case extreme(Extreme, [ExpressionNode])
  }

  enum BinaryOperator: String, Sendable {
    case or, and
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divided = "/"
    case remainder = "%"
  }

  enum Quantifier: String, Sendable {
    case any, all, count, first, sum
  }

  enum Extreme: String, Sendable {
    case min, max
  }
}
