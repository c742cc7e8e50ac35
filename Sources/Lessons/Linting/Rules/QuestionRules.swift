// Questions: what decides them reads the machine, names its commands right, and points at misconceptions that exist.

extension LessonLinter {
  func questionFindings(in lesson: LessonDocument) -> [LintFinding] {
    var findings = misconceptions.unknownNames(in: lesson).map(LintFinding.init)
    for question in lesson.questions {
      // The variants of a question stand in the same lines: what is wrong with several is said once.
      for variant in question.variants {
        // Under `verify` the other options are simply never true.
        for deciding in variant.form.expressions
        where !deciding.expression.readsState && deciding.expression.source != "false" {
          let finding = LintFinding(
            at: deciding.location, "what decides this question reads nothing of the machine",
            cure: "compare with a path such as `system.state`, `query \"…\"` or `last(\"…\")`")
          if !findings.contains(finding) { findings.append(finding) }
        }
        for part in variant.form.expressions + variant.texts.flatMap(\.expressions) {
          for finding in self.findings(in: part.expression, at: part.location) {
            let isKnown = findings.contains { ($0.line, $0.column) == (finding.line, finding.column) }
            if !isKnown { findings.append(finding) }
          }
        }
      }
    }
    return findings
  }
}

extension QuestionForm {
  /// The expressions by which the machine decides.
  var expressions: [LessonExpression] {
    switch self {
    case .choice(let options, let answer): options.compactMap(\.condition) + [answer].compactMap { $0 }
    case .number(let number): [number.answer]
    case .order(let items): items.map(\.value)
    }
  }
}

extension QuestionVariant {
  /// What is asked and what can be answered.
  var texts: [QuestionText] {
    switch form {
    case .choice(let options, _): [prompt] + options.map(\.text)
    case .number: [prompt]
    case .order(let items): [prompt] + items.map(\.text)
    }
  }
}
