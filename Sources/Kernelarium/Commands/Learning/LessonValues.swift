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
  let overview: [Overview]

  private let document: LessonDocument
  private let showsIntroduction: Bool
  private let showsOverview: Bool

  private enum CodingKeys: CodingKey {
    case lesson, step, number, steps, done, overview
  }

  init(_ progress: LessonInProgress, showsIntroduction: Bool = false, showsOverview: Bool = false) {
    let runner = progress.runner
    document = runner.lesson
    lesson = runner.lesson.id
    step = runner.step.id
    number = runner.position + 1
    steps = runner.lesson.steps.count
    done = runner.isStepDone
    overview = runner.overview.map { Overview(step: $0.step.id, state: $0.state.rawValue, isCurrent: $0.isCurrent) }
    self.showsIntroduction = showsIntroduction
    self.showsOverview = showsOverview
  }

  func describe(in text: inout StyledText) {
    let renderer = TextRenderer(width: StyledText.width)
    if showsIntroduction {
      text.lesson(renderer.lines(of: document.introduction))
      text.line()
    }
    text.line(StyledLine("── \(document.title) · step \(number) of \(steps) ──", .dim))
    let current = document.steps[number - 1]
    // What explains a result is read after the result.
    let end = done ? current.blocks.count : current.gates.last?.blocks.upperBound ?? current.blocks.count
    text.lesson(renderer.lines(titleOf: current))
    text.line()
    text.lesson(renderer.lines(of: current.blocks[..<end]))
    text.line()
    if showsOverview {
      for (index, entry) in overview.enumerated() {
        let mark: StyledLine =
          entry.state == "open" ? (entry.isCurrent ? StyledLine("▶", .strong) : "·") : StyledLine("✓", .good)
        text.line("  \(mark) \(index + 1) \(entry.step)")
      }
    }
  }
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

  init(_ report: StepReport, _ progress: LessonInProgress) {
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
    text.paragraph(done ? StyledLine("The step is done.", .good) : "The step is not done yet.")
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

  func describe(in text: inout StyledText) {
    if commands.isEmpty {
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
    text.paragraph("\("✓", .good) The lesson \(lesson, .name) is done. You can now:")
    for objective in objectives { text.paragraph("• \(objective)", indent: 2, hanging: 2) }
  }
}
