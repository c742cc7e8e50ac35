// The values of the lesson commands.

import Lessons

/// The lessons that can be started.
struct LessonListing: CommandValue {
  struct Entry: Encodable, Sendable {
    let id: String
    let title: String
    let minutes: Int
    let steps: Int
    let done: Int
  }

  struct Broken: Encodable, Sendable {
    let file: String
    let line: Int
    let message: String
  }

  let lessons: [Entry]
  let broken: [Broken]

  init(_ library: LessonLibrary, store: ProgressStore) {
    lessons = library.lessons.map { lesson in
      let progress = store.load(lesson: lesson.id).progress
      let done = lesson.steps.filter { progress.state(of: $0) != .open }.count
      return Entry(id: lesson.id, title: lesson.title, minutes: lesson.minutes, steps: lesson.steps.count, done: done)
    }
    broken = library.errors.map {
      Broken(file: $0.location.file, line: $0.location.line, message: $0.message)
    }
  }

  func describe(in text: inout StyledText) {
    if lessons.isEmpty, broken.isEmpty {
      text.paragraph("There are no lessons; KERNELARIUM_LESSONS can name a folder of them.")
      return
    }
    var table = Table([.fixed("LESSON"), .text("TITLE"), .number("MINUTES"), .number("DONE")])
    for lesson in lessons {
      table.row([
        StyledLine(lesson.id, .name), StyledLine(lesson.title), "\(lesson.minutes)",
        StyledLine("\(lesson.done) of \(lesson.steps)", lesson.done == lesson.steps ? .good : .plain),
      ])
    }
    text.append(table.text())
    for error in broken {
      text.paragraph(
        "\(error.file):\(StyledLine(String(error.line))): \("cannot be read", .bad): \(error.message)", hanging: 2)
    }
  }
}

/// A question that is open, for programs.
struct OpenQuestionValue: Encodable, Sendable {
  struct Option: Encodable, Sendable {
    let letter: String
    let text: String
  }

  let id: String
  let kind: String
  let prompt: String
  let options: [Option]

  init(_ question: PresentedQuestion) {
    id = question.question.id
    kind = question.question.role.rawValue
    prompt = MarkdownBlock.plainText(of: question.prompt)
    options = question.options.map { Option(letter: $0.letter, text: $0.plainText) }
  }
}

/// A step of a lesson, as it is shown.
struct StepValue: CommandValue {
  struct Overview: Encodable, Sendable {
    let step: String
    let state: String
    let isCurrent: Bool
  }

  let lesson: String
  let step: String
  /// From 1.
  let number: Int
  let steps: Int
  let done: Bool
  let sandbox: Bool
  let question: OpenQuestionValue?
  let overview: [Overview]

  private let document: LessonDocument
  private let text: StyledText
  private let showsIntroduction: Bool
  private let showsOverview: Bool

  private enum CodingKeys: CodingKey {
    case lesson, step, number, steps, done, sandbox, question, overview
  }

  init(_ progress: LessonInProgress, showsIntroduction: Bool = false, showsOverview: Bool = false) {
    let runner = progress.runner
    document = runner.lesson
    lesson = runner.lesson.id
    step = runner.step.id
    number = runner.position + 1
    steps = runner.lesson.steps.count
    done = runner.isStepDone
    sandbox = runner.isInSandbox
    question = runner.openQuestion.map(OpenQuestionValue.init)
    overview = runner.overview.map { Overview(step: $0.step.id, state: $0.state.rawValue, isCurrent: $0.isCurrent) }
    text = StepText(progress).text()
    self.showsIntroduction = showsIntroduction
    self.showsOverview = showsOverview
  }

  func describe(in text: inout StyledText) {
    if showsIntroduction {
      text.lesson(TextRenderer(width: StyledText.width).lines(of: document.introduction))
      text.line()
    }
    text.line(StyledLine("── \(document.title) · step \(number) of \(steps) ──", .dim))
    text.append(self.text)
    text.line()
    if showsOverview {
      for (index, entry) in overview.enumerated() { text.line("  \(Self.mark(of: entry)) \(index + 1) \(entry.step)") }
    }
    if sandbox { text.paragraph(StyledLine("You are playing in a copy.", .warning)) }
  }

  private static func mark(of entry: Overview) -> StyledLine {
    switch StepState(rawValue: entry.state) {
    case .done, .changedSinceDone: StyledLine("✓", .good)
    case .skipped: StyledLine("»", .warning)
    case .passedBy: StyledLine("-", .dim)
    case .open, nil: entry.isCurrent ? StyledLine("▶", .strong) : "·"
    }
  }
}

/// What has come of a command or an answer.
struct ReportValue: CommandValue {
  let lesson: String
  let step: String
  let done: Bool
  let question: OpenQuestionValue?

  private let text: StyledText

  private enum CodingKeys: CodingKey {
    case lesson, step, done, question
  }

  init(_ report: StepReport, _ progress: LessonInProgress) {
    let runner = progress.runner
    lesson = runner.lesson.id
    step = runner.step.id
    done = report.isDone
    question = runner.openQuestion.map(OpenQuestionValue.init)
    text = StepText(progress).text(of: report)
  }

  func describe(in text: inout StyledText) { text.append(self.text) }
}

/// An answer that was given.
struct AnswerValue: CommandValue {
  let question: String?
  let answer: String?
  let confidence: String?
  /// Nil while the machine has not spoken.
  let correct: Bool?
  let truth: String?
  let evidence: [String]
  let step: ReportValue

  private let isLocked: Bool

  private enum CodingKeys: CodingKey {
    case question, answer, confidence, correct, truth, evidence, step
  }

  init(_ shown: PresentedQuestion?, _ report: StepReport, _ progress: LessonInProgress) {
    let record = shown.flatMap { progress.runner.progress.answer(to: $0.question) }
    question = shown?.question.id
    answer = record?.answer.text
    confidence = record?.confidence?.rawValue
    correct = record?.verdict?.isCorrect
    truth = record?.verdict?.truth
    evidence = record?.verdict?.evidence ?? []
    step = ReportValue(report, progress)
    isLocked = report.answers.isEmpty
  }

  func describe(in text: inout StyledText) {
    if isLocked, let answer {
      let sure = confidence.map { ", \($0)" } ?? ""
      text.paragraph("Noted: \(answer)\(sure). It is locked until the machine has spoken.", hanging: 2)
    }
    step.describe(in: &text)
  }
}

/// A question that is put again.
struct QuestionValue: CommandValue {
  let question: OpenQuestionValue?

  private let shown: PresentedQuestion?

  private enum CodingKeys: CodingKey {
    case question
  }

  init(_ progress: LessonInProgress) {
    shown = progress.runner.openQuestion
    question = shown.map(OpenQuestionValue.init)
  }

  func describe(in text: inout StyledText) {
    if let shown { text.lesson(TextRenderer(width: StyledText.width).lines(of: shown)) }
  }
}

/// Where the student is now, in a sentence.
struct PlaceValue: CommandValue {
  let lesson: String
  let step: String
  let sandbox: Bool

  private let says: String

  private enum CodingKeys: CodingKey {
    case lesson, step, sandbox
  }

  init(_ progress: LessonInProgress, says: String) {
    lesson = progress.runner.lesson.id
    step = progress.runner.step.id
    sandbox = progress.runner.isInSandbox
    self.says = says
  }

  func describe(in text: inout StyledText) { text.paragraph(StyledLine(markup: says)) }
}

/// The judgement of a step.
struct CheckValue: CommandValue {
  struct Judgement: Encodable, Sendable {
    let says: String
    let holds: Bool
    let problem: String?
  }

  let lesson: String
  let step: String
  let done: Bool
  let checks: [Judgement]

  private let text: StyledText
  private let next: String?

  private enum CodingKeys: CodingKey {
    case lesson, step, done, checks
  }

  init(_ report: StepReport, _ progress: LessonInProgress) {
    text = StepText(progress).text(of: report)
    next = progress.nextHint
    lesson = progress.runner.lesson.id
    step = progress.runner.step.id
    done = report.isDone
    checks = report.judgements.map { judgement in
      let says = judgement.check.says ?? judgement.check.expression.source
      switch judgement.verdict {
      case .holds: return Judgement(says: says, holds: true, problem: nil)
      case .fails: return Judgement(says: says, holds: false, problem: nil)
      case .cannotJudge(let error): return Judgement(says: says, holds: false, problem: error.description)
      }
    }
  }

  func describe(in text: inout StyledText) {
    for check in checks {
      text.paragraph("\(check.holds ? "✓" : "✗", check.holds ? .good : .bad) \(check.says)", hanging: 2)
      if let problem = check.problem { text.paragraph(StyledLine(problem, .warning), indent: 2, hanging: 2) }
    }
    if !self.text.isEmpty {
      text.append(self.text)
    } else if done {
      text.paragraph(StyledLine(markup: "The step is done; `lesson next` goes on.", base: .good))
    } else if checks.isEmpty, let next {
      text.paragraph(StyledLine(markup: "There is nothing to check here: \(next)"))
    } else {
      text.paragraph("The step is not done yet.")
    }
  }
}

/// A hint, or none.
struct HintValue: CommandValue {
  private let blocks: [MarkdownBlock]?
  let hint: String?

  private enum CodingKeys: CodingKey {
    case hint
  }

  init(hint: LessonHint?) {
    blocks = hint?.text
    var text = StyledText()
    if let blocks { text.lesson(TextRenderer(width: StyledText.width).lines(of: blocks)) }
    self.hint = blocks == nil ? nil : text.text
  }

  func describe(in text: inout StyledText) {
    if let blocks {
      text.lesson(TextRenderer(width: StyledText.width).lines(of: blocks))
    } else {
      text.paragraph("There is no further hint for this state.")
    }
  }
}

/// A step's solution.
struct SolutionValue: CommandValue {
  let commands: [String]
  let answer: String?

  private let isPrediction: Bool

  private enum CodingKeys: CodingKey {
    case commands, answer
  }

  init(_ solution: StepSolution) {
    commands = solution.commands.map(\.line)
    answer = solution.answer
    isPrediction = solution.isPrediction
  }

  func describe(in text: inout StyledText) {
    if let answer {
      text.paragraph("The machine says: \(answer, .strong)", hanging: 2)
    } else if isPrediction {
      text.paragraph(
        "Nobody knows before the run. Any answer will do; a wrong one costs nothing and is remembered better.")
    } else if commands.isEmpty {
      text.paragraph(StyledLine(markup: "There is nothing to do here but to read; `lesson next`."))
    }
    for command in commands { text.paragraph("> \(command, .code)", indent: 2, hanging: 4) }
  }
}

/// A lesson that was left.
struct LeaveValue: CommandValue {
  let lesson: String

  func describe(in text: inout StyledText) {
    text.paragraph("You have left the lesson \(lesson, .name). Your progress is kept.")
  }
}

/// A lesson that was done.
struct FinishedValue: CommandValue {
  let lesson: String
  let objectives: [String]

  init(_ progress: LessonInProgress) {
    lesson = progress.runner.lesson.id
    objectives = progress.runner.lesson.objectives
  }

  func describe(in text: inout StyledText) {
    let outlook = objectives.isEmpty ? "" : " You can now:"
    text.paragraph("\("✓", .good) The lesson \(lesson, .name) is done.\(outlook)")
    for objective in objectives { text.paragraph("• \(objective)", indent: 2, hanging: 2) }
  }
}
