// `lesson export`: a lesson for reading and printing where the program is not.

import Lessons

/// Exports a lesson.
struct LessonExportCommand: Command {
  let name = "lesson export"
  let group = CommandGroup.learning
  let summary = "a lesson as a web page or as a handout on paper"
  let help = CommandHelp(
    """
    `html` is one file that needs no other and no script: answers, hints and solutions open by a click and stay away \
    from paper. `handout` is plain text with room for predictions. The lesson is run, and what the machine says stands \
    in it. `--notes` adds what is for the instructor. Without `--output` it is printed.
    """,
    examples: ["lesson export html machine --output machine.html", "lesson export handout machine --notes"],
    next: ["lesson preview"])
  var parameters: [any CommandParameter] { [Self.form, Self.file, Self.output, Self.notes] }

  private static let form = Required(
    "FORM", ArgumentKind<String>.name("form", listedBy: "help lesson export") { _ in ["html", "handout"] },
    "html or handout")
  private static let file = Required("LESSON", ArgumentKind<LessonFile>.lessonFile, "its id or its file")
  private static let output = ValueOption("--output", "FILE", ArgumentKind<String>.file, "the file to be written")
  private static let notes = FlagOption("--notes", "with the instructor's notes")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try arguments[Self.file].lesson()
    var host = SessionLessonHost.apart(from: session)
    let record = LessonTester.record(lesson, on: &host)
    if let failure = record.failures.first {
      session.note("the lesson fails its test, so this is not all it should be: \(failure)")
    }
    let notes = arguments[Self.notes]
    let text =
      arguments[Self.form] == "html"
      ? LessonHTML(lesson, record: record, showsNotes: notes).text
      : LessonHandout(lesson, record: record, showsNotes: notes).text
    if let path = arguments[Self.output] { try TextFile.write(text, to: path) }
    return CommandResult(ExportValue(lesson: lesson.id, file: arguments[Self.output], text: text))
  }
}

private struct ExportValue: CommandValue {
  let lesson: String
  let file: String?
  /// The export itself, unless a file has it.
  let text: String?

  private let bytes: Int

  private enum CodingKeys: CodingKey {
    case lesson, file, text
  }

  init(lesson: String, file: String?, text: String) {
    self.lesson = lesson
    self.file = file
    self.text = file == nil ? text : nil
    bytes = text.utf8.count
  }

  func describe(in styled: inout StyledText) {
    if let file {
      styled.paragraph("\("✓", .good) \(file) holds \(NumberStyle.count(bytes, "byte")).", hanging: 2)
      return
    }
    var lines = (text ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    for line in lines { styled.line(StyledLine(String(line))) }
  }
}
