// What the blocks of a step ask of each other: checks of solutions, predictions of a check that judges them, branches
// of steps they lead to. Only the document parser calls it.

/// The rules for the blocks of one step.
struct StepRules {
  let step: LessonStep

  /// Refuses a step whose blocks do not fit together.
  func check() throws(LessonError) {
    try checkHelp()
    for (number, gate) in step.gates.enumerated() {
      if let question = gate.question { try check(question, ofGate: number) }
    }
    let branches = step.blocks.compactMap { block -> LessonBranch? in
      if case .branch(let branch) = block { branch } else { nil }
    }
    if branches.count > 1 {
      throw LessonError(at: branches[1].location, "a second branch in this step", suggestion: "join the two")
    }
  }

  private func checkHelp() throws(LessonError) {
    guard step.checks.isEmpty else {
      guard step.solution.isEmpty else { return }
      throw LessonError(
        at: step.location, "this step has a check and no commands that satisfy it",
        expected: "a `solution` or a `repl` block", suggestion: "without one the step cannot be tested")
    }
    if let hint = step.hints.first {
      throw LessonError(at: hint.location, "a hint in a step without a check", expected: "a `check` block")
    }
    for case .solution(let commands) in step.blocks {
      guard let command = commands.first else { continue }
      throw LessonError(at: command.location, "a solution in a step without a check", expected: "a `check` block")
    }
  }

  private func check(_ question: LessonQuestion, ofGate number: Int) throws(LessonError) {
    func isCheck(_ gate: StepGate) -> Bool { if case .checks = gate.kind { true } else { false } }
    switch question.role {
    case .predict:
      guard step.gates[number...].contains(where: isCheck) else {
        throw LessonError(
          at: question.location, "nothing judges this prediction", expected: "a `check` block behind it in this step",
          suggestion: "a question that needs no run is a `quiz`")
      }
    case .observe:
      let end = step.gates[number].blocks.upperBound
      let hasTranscript = step.blocks[..<end].contains { if case .transcript = $0 { true } else { false } }
      guard hasTranscript || step.gates[..<number].contains(where: isCheck) else {
        throw LessonError(
          at: question.location, "there is nothing to observe before this question",
          expected: "a `check` or `repl` block above it in this step",
          suggestion: "a question that needs no run is a `quiz`")
      }
    case .quiz: break
    }
  }
}

/// The rule for branches: they lead forward, so that every way through a lesson ends.
struct BranchTargets {
  let steps: [LessonStep]

  /// Refuses a branch to a step that is not there or not ahead.
  func check() throws(LessonError) {
    for (number, step) in steps.enumerated() {
      for arm in step.branch?.arms ?? [] {
        guard let target = steps.firstIndex(where: { $0.id == arm.target }) else {
          throw LessonError(
            at: arm.location, "there is no step `#\(arm.target)`", expected: "the id of a later step",
            suggestion: NearestSpelling.suggestion(for: arm.target, among: steps.map(\.id)))
        }
        guard target > number else {
          throw LessonError(
            at: arm.location, "this branch leads back to `#\(arm.target)`", expected: "the id of a later step",
            suggestion: "`lesson back` and `lesson restart` are the ways back")
        }
      }
    }
  }
}
