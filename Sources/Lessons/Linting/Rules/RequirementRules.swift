// Requirements: every required lesson exists, and none requires itself by a detour.

extension LessonLinter {
  func requirementFindings(in lesson: LessonDocument, _ source: LessonSource) -> [LintFinding] {
    let place = source.frontMatterLocation(of: "requires")
    let others = lessons.filter { $0.id != lesson.id }
    var findings: [LintFinding] = []
    for id in lesson.requires where id != lesson.id && !others.contains(where: { $0.id == id }) {
      findings.append(
        LintFinding(
          at: place, "there is no lesson `\(id)` to be required",
          cure: NearestSpelling.suggestion(for: id, among: others.map(\.id)) ?? "take it out, or write that lesson"))
    }
    if let circle = Self.circle(from: lesson, among: others) {
      findings.append(
        LintFinding(
          at: place, "the lesson requires itself: \(circle.joined(separator: " requires "))",
          cure: "take one of them out of `requires`"))
    }
    if lesson.objectives.isEmpty {
      findings.append(
        LintFinding(
          .warning, at: source.frontMatterLocation(of: "id"), "the lesson says nothing about what it is for",
          cure: "add `objectives: [\"…\"]`: what the student can do afterwards"))
    }
    return findings
  }

  /// The way from a lesson over what it requires back to itself; nil if there is none.
  private static func circle(from lesson: LessonDocument, among others: [LessonDocument]) -> [String]? {
    var seen: Set<String> = []
    var open = lesson.requires.map { [lesson.id, $0] }
    while let way = open.popLast() {
      guard let id = way.last else { continue }
      if id == lesson.id { return way }
      guard seen.insert(id).inserted, let next = others.first(where: { $0.id == id }) else { continue }
      open += next.requires.map { way + [$0] }
    }
    return nil
  }
}
