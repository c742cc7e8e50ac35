// `lesson test`: proves that lessons work. Solutions satisfy every check, the untouched start fails each, transcripts
// match what the machine prints.

import Lab
import Lessons

/// Tests lessons.
struct LessonTestCommand: Command {
  let name = "lesson test"
  let group = CommandGroup.learning
  let summary = "prove that lessons work, for their authors"
  let help = CommandHelp(
    """
    For each step: the untouched start fails the checks, the solution makes them pass, and transcripts match what the \
    machine prints. Without a name, all lessons. Your systems and your progress are not touched. Names may be ids or \
    files.
    """,
    examples: ["lesson test", "lesson test machine"], next: ["lesson list"])
  var parameters: [any CommandParameter] { [Self.names] }

  private static let names = Remaining(
    "LESSON",
    ArgumentKind<LessonDocument>(
      parse: { token, session throws(CommandError) in
        guard token.text.hasSuffix(".md") else { return try ArgumentKind<LessonDocument>.lesson.parse(token, session) }
        do throws(LessonError) {
          return try LessonDocument.read(file: token.text)
        } catch {
          throw CommandError(.lesson, error.description, hint: "correct the file", at: token.span)
        }
      }, candidates: ArgumentKind<LessonDocument>.lesson.candidates), "ids or files; all lessons if none is given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    var lessons = arguments[Self.names]
    var broken: [LessonError] = []
    if lessons.isEmpty {
      let library = LessonPlaces.library()
      lessons = library.lessons
      broken = library.errors
      if lessons.isEmpty, broken.isEmpty {
        throw CommandError(.lesson, "there are no lessons", hint: "KERNELARIUM_LESSONS names a folder of lessons")
      }
    }
    // A session of its own, so that nothing of the user's is touched; a fork, so that Ctrl-C stops its guests too.
    let laboratory = session.laboratory.fork()
    laboratory.adopt(Laboratory())
    var host = SessionLessonHost(
      session: Session(
        output: Output(renderer: session.output.renderer, errorRenderer: session.output.errorRenderer),
        laboratory: laboratory))
    var reports: [LessonTestReport] = []
    for lesson in lessons {
      if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "the test was interrupted") }
      reports.append(LessonTester.test(lesson, on: &host))
    }
    let value = LessonTestValue(reports: reports, broken: broken.map(\.description))
    return CommandResult(value, outcome: value.passed ? .fine : .checkFailed)
  }
}

private struct LessonTestValue: CommandValue {
  let passed: Bool
  let reports: [LessonTestReport]
  /// Lessons that cannot be read.
  let broken: [String]

  init(reports: [LessonTestReport], broken: [String]) {
    self.reports = reports
    self.broken = broken
    passed = broken.isEmpty && reports.allSatisfy(\.passed)
  }

  func describe(in text: inout StyledText) {
    for report in reports {
      let mark: StyledLine = report.passed ? StyledLine("✓", .good) : StyledLine("✗", .bad)
      let counts = [
        NumberStyle.count(report.steps, "step"), NumberStyle.count(report.checks, "check"),
        NumberStyle.count(report.comparedOutputs, "output") + " compared",
      ]
      text.paragraph("\(mark) \(report.lesson, .name): \(counts.joined(separator: ", "))", hanging: 2)
      for failure in report.failures { text.paragraph(StyledLine(failure.description), indent: 2, hanging: 2) }
    }
    for error in broken { text.paragraph("\("✗", .bad) \(error)", hanging: 2) }
  }
}
