// What an expression mentions: the commands it runs and the names it reads. Nothing is evaluated.

extension ExpressionNode {
  /// The operands directly below.
  var children: [ExpressionNode] {
    switch kind {
    case .literal, .root, .variable, .query, .last, .answer: []
    case .member(let base, _, _): [base]
    case .element(let base, let key): [base, key]
    case .not(let operand), .negative(let operand), .length(let operand): [operand]
    case .binary(_, let left, let right): [left, right]
    case .quantifier(_, _, let list, let condition): [list, condition]
    case .contains(let whole, let part): [whole, part]
    case .extreme(_, let operands): operands
    }
  }

  /// The node and everything below it.
  var parts: [ExpressionNode] { [self] + children.flatMap(\.parts) }
}

extension Expression {
  /// A command that an expression mentions.
  struct Mention {
    /// The command, or the beginning of one.
    let line: String
    /// Whether it is run, and so must be whole.
    let isRun: Bool
    /// The place of the name in front of it, in characters from the expression's start.
    let offset: Int
  }

  /// The commands of `query` and `last`.
  var mentions: [Mention] {
    root.parts.compactMap { node in
      switch node.kind {
      case .query(let line): Mention(line: line, isRun: true, offset: node.offset)
      case .last(let words?): Mention(line: words, isRun: false, offset: node.offset)
      default: nil
      }
    }
  }

  /// Whether the value can differ from state to state.
  var readsState: Bool {
    root.parts.contains { node in
      switch node.kind {
      case .root, .query, .last, .answer: true
      default: false
      }
    }
  }
}
