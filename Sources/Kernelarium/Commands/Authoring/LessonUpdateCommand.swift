// `lesson update`: the outputs of a lesson's transcripts as the program prints them now. It shows the difference; only
// `--write` changes the file, because an output that changed may be a bug.

import Lessons

/// Renews the outputs of transcripts.
struct LessonUpdateCommand: Command {
  let name = "lesson update"
  let group = CommandGroup.learning
  let summary = "bring the outputs in a lesson's file up to date"
  let help = CommandHelp(
    """
    Runs the lesson and shows which lines of its transcripts are no longer what the program prints. Patterns (`...`) \
    stay where they still fit. Nothing is written without `--write`. Transcripts that are `untested`, and commands \
    without output in the file, are left alone.
    """,
    examples: ["lesson update my-lesson.md", "lesson update my-lesson.md --write"], next: ["lesson test"])
  var parameters: [any CommandParameter] { [Self.file, Self.write] }

  private static let file = Required("LESSON", ArgumentKind<LessonFile>.lessonFile, "its id or its file")
  private static let write = FlagOption("--write", "write the file")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let file = arguments[Self.file]
    let lesson = try file.lesson()
    var host = SessionLessonHost.apart(from: session)
    let record = LessonTester.record(lesson, on: &host)
    let update = TranscriptUpdate(source: try file.source(), lesson: lesson, outputs: record.outputs)
    let writes = arguments[Self.write] && !update.changes.isEmpty
    if writes { try TextFile.write(update.text, to: file.path) }
    let value = UpdateValue(file: file.path, written: writes, update)
    let hint = writes || update.changes.isEmpty ? "`lesson test \(file.path)` tests it." : "`--write` writes the file."
    return CommandResult(value, next: hint)
  }
}

private struct UpdateValue: CommandValue {
  struct Line: Encodable, Sendable {
    let kind: String
    /// In the old file for what goes, in the new one for what comes.
    let line: Int
    let text: String
  }

  let file: String
  let written: Bool
  let changes: [Line]

  init(file: String, written: Bool, _ update: TranscriptUpdate) {
    self.file = file
    self.written = written
    changes = update.changes.map { change in
      switch change {
      case .removed(let line, let text): Line(kind: "removed", line: line, text: text)
      case .added(let line, let text): Line(kind: "added", line: line, text: text)
      }
    }
  }

  func describe(in text: inout StyledText) {
    for change in changes {
      let isAdded = change.kind == "added"
      text.line(
        StyledLine("\(isAdded ? "+" : "-") \(change.line): \(change.text)", isAdded ? .good : .bad).truncated(
          to: StyledText.width))
    }
    if changes.isEmpty {
      text.paragraph("\("✓", .good) \(file) says what the program prints.", hanging: 2)
    } else {
      let lines = NumberStyle.count(changes.count, "line")
      text.paragraph("\(lines) of difference; \(file) \(written ? "is written" : "is as it was").")
    }
  }
}
