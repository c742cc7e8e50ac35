// Hints and checks: a hint that comes too late, or whose condition says nothing, is never of use; a check that reads
// nothing proves nothing.

extension LessonLinter {
  func hintFindings(in lesson: LessonDocument) -> [LintFinding] {
    var findings: [LintFinding] = []
    for step in lesson.steps {
      for (index, hint) in step.hints.enumerated() {
        // A hint for everyone is offered before those behind it, unless they come earlier.
        if hint.condition == nil, hint.tried == nil,
          let late = step.hints[..<index].first(where: {
            $0.condition == nil && $0.tried == nil && $0.after > hint.after
          })
        {
          findings.append(
            LintFinding(
              at: hint.location, "this hint stands behind one that is offered later, after \(late.after) attempts",
              cure: "order the hints of a step by `after`, from the vague to the plain"))
        }
        if let condition = hint.condition, !condition.readsState {
          findings.append(
            LintFinding(
              at: hint.location, "the hint's condition is the same in every state",
              cure: "read the machine's state in `when`, or leave `when` out"))
        }
      }
    }
    return findings
  }

  func checkFindings(in lesson: LessonDocument) -> [LintFinding] {
    var findings: [LintFinding] = []
    for check in lesson.steps.flatMap(\.checks) {
      if !check.expression.readsState {
        findings.append(
          LintFinding(
            at: check.location, "this check reads nothing of the machine",
            cure: "compare with a path such as `system.state`, `query \"…\"` or `last(\"…\")`"))
      }
      if check.says == nil {
        findings.append(
          LintFinding(
            .warning, at: check.location, "this check does not say in words what it wants",
            cure: "write `check says=\"…\"`: students read it"))
      }
    }
    return findings
  }
}
