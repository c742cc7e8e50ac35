// A step as it stands with the student: its text as far as it may be read, its questions with their answers, and what
// the machine said to them. It only makes text; nothing here decides anything.

import Lessons

/// The text of the present step.
struct StepText {
  private let runner: LessonRunner<SessionLessonHost>
  private let renderer = TextRenderer(width: StyledText.width)
  private let isPresentation: Bool

  init(_ lesson: LessonInProgress) {
    runner = lesson.runner
    isPresentation = lesson.presentation != nil
  }

  /// The step's heading and all of it that can be read.
  func text() -> StyledText {
    var text = StyledText()
    text.lesson(renderer.lines(titleOf: runner.step))
    text.line()
    text.append(self.text(of: runner.readable))
    return text
  }

  /// Some blocks of the step.
  func text(of blocks: Range<Int>) -> StyledText {
    var text = StyledText()
    let lines = renderer.lines(of: runner.step.blocks[blocks], showsNotes: isPresentation) { question in
      switch runner.view(of: question) {
      case .open(let shown): renderer.lines(of: shown)
      case .answered(let shown, let record):
        (shown.map(renderer.lines(of:)) ?? renderer.lines(of: question)) + Self.summary(of: record)
      case .unanswered: renderer.lines(of: question)
      }
    }
    text.lesson(lines)
    return text
  }

  /// What was answered and what became of it.
  private static func summary(of record: AnswerRecord) -> [Lessons.StyledLine] {
    let confidence = record.confidence.map { ", \($0.rawValue)" } ?? ""
    let end =
      switch record.verdict {
      case nil: "the machine will tell"
      case let verdict? where verdict.isCorrect: "right"
      case let verdict?: "it is " + verdict.truth
      }
    let given = record.answer.text.isEmpty ? "" : "your answer: \(record.answer.text)\(confidence) · "
    let text = given + end
    return TextRenderer(width: StyledText.width - 4).lines(of: [.paragraph([.text(text)])])
      .map { Lessons.StyledLine("    " + $0.text, .mark) }
  }

  /// What has come of a command or an answer: judged answers, the text that may be read now, whether the step is done.
  func text(of report: StepReport) -> StyledText {
    var text = StyledText()
    for answer in report.answers { describe(answer, in: &text) }
    let revealed = self.text(of: report.revealed)
    if !revealed.isEmpty {
      text.line()
      text.append(revealed)
      text.line()
    }
    if report.isJustDone {
      let isLast = runner.position == runner.lesson.steps.count - 1
      text.paragraph(
        StyledLine(
          markup: isLast
            ? "That was the last step; `lesson next` ends the lesson." : "Step done; `lesson next` goes on.",
          base: .good))
    } else if !report.revealed.isEmpty, let next {
      text.paragraph(StyledLine(markup: next, base: .dim), indent: 2)
    }
    return text
  }

  /// An answer that was judged, and what is so if it was wrong.
  private func describe(_ answer: JudgedAnswer, in text: inout StyledText) {
    let record = answer.record
    guard let verdict = record.verdict else {
      if let problem = answer.problem {
        text.paragraph(
          "\("?", .warning) The machine does not decide this question. \(problem.description)", hanging: 2)
      }
      return
    }
    if verdict.isCorrect {
      let truth = record.answer.text == verdict.truth ? "" : " The machine says \(verdict.truth)."
      text.paragraph("\("✓", .good) Right: \(record.answer.text).\(truth)", hanging: 2)
      return
    }
    let evidence = verdict.evidence.isEmpty ? "" : " (\(verdict.evidence.joined(separator: "; ")))"
    text.paragraph(
      "\("✗", .bad) You said \(record.answer.text). It is \(StyledLine(verdict.truth, .strong))\(evidence).", hanging: 2
    )
    if let contrast = answer.contrast {
      if answer.isContrastFull {
        text.paragraph("You were sure. \"\(contrast.belief)\" is often believed. But:", indent: 2)
      }
      var lines = StyledText()
      let blocks = answer.isContrastFull ? contrast.text : contrast.shortText
      lines.lesson(TextRenderer(width: StyledText.width - 2).lines(of: blocks))
      text.append(lines, indent: 2)
    }
    if answer.offersAgain {
      text.paragraph(StyledLine(markup: "`lesson again` asks it once more, with other values.", base: .dim), indent: 2)
    }
  }

  /// What to try next in the step.
  var next: String? {
    if runner.isInSandbox { return "`lesson resume` comes back to the lesson." }
    if isPresentation, runner.openQuestion != nil { return "`vote a 12 b 30` counts hands, `reveal` shows the truth." }
    if let question = runner.openQuestion { return question.usage + "." }
    if isPresentation, runner.gate?.checks.isEmpty == false { return "`reveal` does it, or type it yourself." }
    switch runner.gate?.kind {
    case .checks: return "`lesson check` says whether it is done, `lesson hint` helps."
    case .question, .pause, nil: return "`lesson next` goes on."
    }
  }
}
