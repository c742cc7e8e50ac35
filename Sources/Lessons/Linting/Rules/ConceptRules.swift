// Concepts: the front matter names those, and only those, that a step has the student do.

extension LessonLinter {
  func conceptFindings(in lesson: LessonDocument, _ source: LessonSource) -> [LintFinding] {
    var findings: [LintFinding] = []
    for step in lesson.steps where !step.judgesSomething && !step.concepts.isEmpty {
      findings.append(
        LintFinding(
          at: step.location, "the step `\(step.id)` names \(step.concepts.joined(separator: ", ")) and judges nothing",
          cure: "add a check or a question that reads the machine, or take the concepts out of the heading"))
    }
    for step in lesson.steps {
      for concept in step.concepts where !lesson.concepts.contains(concept) {
        findings.append(
          LintFinding(
            at: step.location, "the step `\(step.id)` covers \(concept), which the front matter does not name",
            cure: "add \(concept) to `concepts` at the head of the file"))
      }
    }
    let taught = Set(lesson.steps.flatMap(\.concepts))
    for concept in lesson.concepts where !taught.contains(concept) {
      findings.append(
        LintFinding(
          at: source.frontMatterLocation(of: "concepts"), "no step's heading names \(concept)",
          cure: "add `concepts=[\(concept)]` to the step that covers it, or take it out here"))
    }
    return findings
  }
}

extension LessonSource {
  /// Where a key of the front matter stands.
  func frontMatterLocation(of key: String) -> LessonLocation {
    location((1..<max(frontMatterEnd, 2)).first { line($0).hasPrefix(key + ":") } ?? 1)
  }
}
