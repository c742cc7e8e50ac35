// What a step waits for: it is read gate by gate. A gate closes off what stands behind it until a question is answered,
// checks have held or a pause is over. The document parser makes gates; callers only read them.

/// Something that has to happen before the rest of a step is shown.
public struct StepGate: Equatable, Sendable {
  /// What has to happen.
  public enum Kind: Equatable, Sendable {
    /// A question has to be answered.
    case question(LessonQuestion)
    /// All of these have to be true at once.
    case checks([LessonCheck])
    /// The student has to say that they want to go on; the text says what to think or talk about.
    case pause([MarkdownBlock])
  }

  /// What has to happen.
  public let kind: Kind
  /// The numbers of the step's blocks that are shown while the gate is shut: what follows the gate before, up to and
  /// including this one.
  public let blocks: Range<Int>
  /// The help that belongs to the gate; checks only.
  public let hints: [LessonHint]
  /// The commands that are shown as the gate's solution; checks only.
  public let solution: [LessonCommand]
  /// The transcripts and solutions that lead from the gate before to behind this one, in the order of the file.
  public let work: [LessonBlock]

  /// All commands of ``work``.
  public var commands: [LessonCommand] { LessonBlock.commands(in: work[...]) }

  /// The checks; none for other gates.
  public var checks: [LessonCheck] { if case .checks(let checks) = kind { checks } else { [] } }

  /// The question; nil for other gates.
  public var question: LessonQuestion? { if case .question(let question) = kind { question } else { nil } }

  /// The gates of a step.
  ///
  /// Neighbouring checks are one gate, unless another gate stands between them.
  static func gates(of blocks: [LessonBlock]) -> [StepGate] {
    var kinds: [(kind: Kind, first: Int, last: Int)] = []
    for (index, block) in blocks.enumerated() {
      switch block {
      case .question(let question): kinds.append((.question(question), index, index))
      case .pause(let text): kinds.append((.pause(text), index, index))
      case .check(let checks):
        if case .checks(let earlier)? = kinds.last?.kind {
          kinds[kinds.count - 1].kind = .checks(earlier + checks)
          kinds[kinds.count - 1].last = index
        } else {
          kinds.append((.checks(checks), index, index))
        }
      default: break
      }
    }
    var owned = Array(repeating: [LessonBlock](), count: kinds.count)
    for (index, block) in blocks.enumerated() {
      switch block {
      case .transcript:
        // What is typed while a question is still open belongs to the question.
        if let gate = kinds.firstIndex(where: { $0.last > index }) { owned[gate].append(block) }
      case .hint, .solution:
        if let gate = owner(of: index, among: kinds) { owned[gate].append(block) }
      default: break
      }
    }
    var start = 0
    return kinds.enumerated().map { number, gate in
      defer { start = gate.last + 1 }
      let isCheck = if case .checks = gate.kind { true } else { false }
      return StepGate(
        kind: gate.kind, blocks: start..<(gate.last + 1),
        hints: owned[number].compactMap { block in if case .hint(let hint) = block { hint } else { nil } },
        solution: isCheck ? LessonBlock.solution(in: solutionBlocks(number, kinds, owned)) : [],
        work: owned[number].filter { block in if case .hint = block { false } else { true } })
    }
  }

  /// The check that a hint or solution belongs to: the one it follows, if no other gate stands between; else the one
  /// that it precedes; else the last one before it.
  private static func owner(of index: Int, among kinds: [(kind: Kind, first: Int, last: Int)]) -> Int? {
    func isCheck(_ gate: Int) -> Bool { if case .checks = kinds[gate].kind { true } else { false } }
    let before = kinds.lastIndex { $0.first < index }
    if let before, isCheck(before) { return before }
    return kinds.indices.first { kinds[$0].first > index && isCheck($0) }
      ?? kinds.indices.last { kinds[$0].first < index && isCheck($0) }
  }

  /// The blocks from which a check's solution is taken: without a written one, also transcripts that stand before the
  /// questions in front of it.
  private static func solutionBlocks(
    _ gate: Int, _ kinds: [(kind: Kind, first: Int, last: Int)], _ owned: [[LessonBlock]]
  ) -> ArraySlice<LessonBlock> {
    var first = gate
    while first > 0, case .question = kinds[first - 1].kind { first -= 1 }
    return Array(owned[first...gate].joined())[...]
  }
}
