// Branches: every step can be reached. That their targets exist is the parser's to say.

extension LessonLinter {
  func branchFindings(in lesson: LessonDocument) -> [LintFinding] {
    let reached = Self.reachableSteps(of: lesson)
    return lesson.steps.enumerated().filter { !reached.contains($0.offset) }.map { _, step in
      LintFinding(
        at: step.location, "no way leads to the step `\(step.id)`",
        cure: "add an arm `… -> #\(step.id)` to a branch before it, or delete the step")
    }
  }

  /// The numbers of the steps that some answers lead to.
  static func reachableSteps(of lesson: LessonDocument) -> Set<Int> {
    var reached: Set<Int> = []
    var open = [0]
    while let index = open.popLast() {
      guard index < lesson.steps.count, reached.insert(index).inserted else { continue }
      if let branch = lesson.steps[index].branch {
        open += branch.arms.compactMap { arm in lesson.steps.firstIndex { $0.id == arm.target } }
      } else {
        open.append(index + 1)
      }
    }
    return reached
  }
}
