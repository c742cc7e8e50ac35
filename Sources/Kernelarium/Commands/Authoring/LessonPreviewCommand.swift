// `lesson preview`: a lesson as its student will read it, every gate open, for its author.

import Lessons

/// Shows a lesson.
struct LessonPreviewCommand: Command {
  let name = "lesson preview"
  let group = CommandGroup.learning
  let summary = "a lesson as the student will read it, all of it at once"
  let help = CommandHelp(
    "Nothing is run: questions stand there as in the file. `--step` shows one step only.",
    examples: ["lesson preview machine", "lesson preview my-lesson.md --step look"],
    next: ["lesson lint", "lesson test"])
  var parameters: [any CommandParameter] { [Self.file, Self.step] }

  private static let file = Required("LESSON", ArgumentKind<LessonFile>.lessonFile, "its id or its file")
  private static let step = ValueOption("--step", "STEP", ArgumentKind<String>.text, "the id of a step")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let file = arguments[Self.file]
    let lesson = try file.lesson()
    guard let id = arguments[Self.step] else { return CommandResult(PreviewValue(lesson, steps: lesson.steps)) }
    guard let step = lesson.steps.first(where: { $0.id == id }) else {
      let ids = lesson.steps.map(\.id)
      throw CommandError(
        .unknownName, "the lesson `\(lesson.id)` has no step `\(id)`",
        hint: NearestMatch.nearest(to: id, among: ids).map { "did you mean `\($0)`?" }
          ?? "one of: \(ids.joined(separator: ", "))",
        at: arguments.span(of: Self.step))
    }
    return CommandResult(PreviewValue(lesson, steps: [step]))
  }
}

private struct PreviewValue: CommandValue {
  struct Step: Encodable, Sendable {
    let step: String
    let concepts: [String]
    let lines: [String]
  }

  let lesson: String
  let title: String
  let steps: [Step]

  private let introduction: [Lessons.StyledLine]
  private let shown: [[Lessons.StyledLine]]

  private enum CodingKeys: CodingKey {
    case lesson, title, steps
  }

  init(_ document: LessonDocument, steps: [LessonStep]) {
    let renderer = TextRenderer(width: StyledText.width)
    lesson = document.id
    title = document.title
    introduction = steps.count == document.steps.count ? renderer.lines(of: document.introduction) : []
    shown = steps.map(renderer.lines(of:))
    self.steps = zip(steps, shown).map { Step(step: $0.id, concepts: $0.concepts, lines: $1.map(\.text)) }
  }

  func describe(in text: inout StyledText) {
    if !introduction.isEmpty {
      text.line(StyledLine(title, .strong))
      text.line()
      text.lesson(introduction)
      text.line()
    }
    for (step, lines) in zip(steps, shown) {
      let concepts = step.concepts.isEmpty ? "" : " · " + step.concepts.joined(separator: " ")
      text.line(StyledLine("── \(step.step)\(concepts) ──", .dim))
      text.lesson(lines)
      text.line()
    }
  }
}
