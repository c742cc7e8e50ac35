// `lesson grade`: replays students' transcripts and reports what they show. Nothing leaves the machine.

import Foundation
import Lessons

/// Grades transcripts.
struct LessonGradeCommand: Command {
  let name = "lesson grade"
  let group = CommandGroup.learning
  let summary = "replay students' transcripts and report what they show"
  let help = CommandHelp(
    """
    A transcript is what `lesson start … --transcript FILE` leaves. Each is replayed in a fresh session: the report says \
    which steps were done and which answers were right, by concept, and where an output is not what the machine prints. \
    A transcript that was cut off counts as far as it goes. Transcripts that resemble each other more than the lesson \
    explains are worth a look, with the evidence: same commands of their own, same pauses. There may be good reasons. \
    `--csv` writes a line for each student. Nothing leaves this computer.
    """,
    examples: ["lesson grade anna.txt ben.txt --csv class.csv"], next: ["lesson coverage"])
  var parameters: [any CommandParameter] { [Self.files, Self.csv] }

  private static let files = Remaining(
    "TRANSCRIPT", ArgumentKind<String>.file, minimum: 1, mixesWithOptions: true, "the students' files")
  private static let csv = ValueOption("--csv", "FILE", ArgumentKind<String>.file, "the summary to be written")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let library = LessonPlaces.library()
    var grades: [StudentGrade] = []
    var candidates: [String: [TranscriptSimilarity.Candidate]] = [:]
    for (path, span) in zip(arguments[Self.files], arguments.spans(of: Self.files)) {
      if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "the grading was interrupted") }
      let transcript = StudentTranscript(try LessonFile(path: path).source())
      guard let id = transcript.lesson else {
        throw CommandError(
          .badFile, "\(path) is no transcript of a lesson: it has no line `# lesson ID`",
          hint: "`lesson start … --transcript FILE` makes one", at: span)
      }
      guard let lesson = library.lessons.first(where: { $0.id == id }) else {
        throw CommandError(
          .lesson, "\(path) is about the lesson `\(id)`, which is not here", hint: "`lesson list` lists those that are",
          at: span)
      }
      let student = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
      grades.append(try grade(transcript, of: student, file: path, lesson, in: session))
      candidates[id, default: []].append(
        TranscriptSimilarity.Candidate(
          student: student, transcript: transcript, suggested: Set(lesson.steps.flatMap(\.commands).map(\.line))))
    }
    let similarities = candidates.sorted { $0.key < $1.key }.flatMap { TranscriptSimilarity.pairs(among: $0.value) }
    if let path = arguments[Self.csv] { try TextFile.write(ClassSummary.csv(of: grades), to: path) }
    let value = GradeValue(grades: grades, similarities: similarities, file: arguments[Self.csv])
    return CommandResult(value, outcome: grades.contains { $0.difference != nil } ? .checkFailed : .fine)
  }

  private func grade(
    _ transcript: StudentTranscript, of student: String, file: String, _ lesson: LessonDocument, in session: Session
  ) throws(CommandError) -> StudentGrade {
    let empty = Session(output: session.output)
    let replay = try TranscriptReplay(transcript: transcript, lesson: lesson, session: empty).run()
    var notes = replay.notes
    if let program = transcript.program, program != Version.text {
      notes.append("it was written by version \(program) of the program, this is \(Version.text)")
    }
    if let content = transcript.content, content != lesson.contentHash {
      notes.append("the lesson has been edited since")
    }
    return StudentGrade(
      of: transcript, file: file, student: student, lesson: lesson, progress: replay.progress,
      difference: replay.difference, notes: notes)
  }
}

private struct GradeValue: CommandValue {
  let grades: [StudentGrade]
  /// Pairs that are worth a look.
  let similarities: [TranscriptSimilarity]
  /// The file that the summary was written into.
  let file: String?

  func describe(in text: inout StyledText) {
    for grade in grades { describe(grade, in: &text) }
    for pair in similarities {
      text.paragraph("\("worth a look:", .warning) \(pair.students.joined(separator: " and "))", hanging: 2)
      if !pair.ownCommands.isEmpty {
        let shown = pair.ownCommands.prefix(6).map { "`\($0)`" }.joined(separator: ", ")
        let count = NumberStyle.count(pair.ownCommands.count, "command")
        text.paragraph("\(count) that nobody else typed and the lesson does not show: \(shown)", indent: 2)
      }
      if pair.comparedPauses > 0 {
        text.paragraph("\(pair.equalPauses) of \(pair.comparedPauses) pauses are equal to half a second", indent: 2)
      }
    }
    if let file { text.paragraph("The summary is in \(file).") }
  }

  private func describe(_ grade: StudentGrade, in text: inout StyledText) {
    let mark: StyledLine =
      grade.difference != nil
      ? StyledLine("✗", .bad) : grade.isCutOff ? StyledLine("…", .warning) : StyledLine("✓", .good)
    let minutes = grade.minutes.map { ", \(Int($0.rounded())) min" } ?? ""
    let steps = "\(grade.stepsDone) of \(grade.stepsToDo) steps"
    let answers = "\(grade.answersRight) of \(NumberStyle.count(grade.answersGiven, "answer")) right"
    text.paragraph(
      "\(mark) \(grade.student, .name): \(grade.lesson), \(steps), \(answers)\(minutes)", hanging: 2)
    if let difference = grade.difference {
      text.paragraph(
        "output in line \(difference.line) is not what the machine prints after \(difference.command, .code)",
        indent: 2, hanging: 2)
      text.line(StyledLine("    there: \(difference.found ?? "nothing more")").truncated(to: StyledText.width))
      text.line(StyledLine("    here:  \(difference.printed ?? "nothing more")").truncated(to: StyledText.width))
    }
    if grade.isCutOff { text.paragraph("cut off: graded as far as it goes", indent: 2) }
    for note in grade.notes { text.paragraph(StyledLine(note, .dim), indent: 2, hanging: 2) }
    let results = grade.concepts.map { concept in
      "\(concept.concept) \(concept.done)/\(concept.steps)"
        + (concept.asked > 0 ? " (\(concept.right)/\(concept.asked) right)" : "")
    }
    if !results.isEmpty {
      text.paragraph(StyledLine("by concept: " + results.joined(separator: ", ")), indent: 2, hanging: 2)
    }
    let sure = grade.questions.filter { $0.isCorrect == false && $0.confidence == .sure }
    if !sure.isEmpty {
      let names = sure.map { $0.misconception ?? $0.question }.joined(separator: ", ")
      text.paragraph(StyledLine("sure and wrong: " + names), indent: 2, hanging: 2)
    }
  }
}
