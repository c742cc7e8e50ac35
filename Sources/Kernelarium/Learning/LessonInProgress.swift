// The lesson that a session is in: watches the commands and says when a step is done. Lesson commands themselves are in
// `Commands/Learning`.

import Lessons

/// A lesson and how far its student is.
final class LessonInProgress {
  var runner: LessonRunner<SessionLessonHost>
  private var host: SessionLessonHost

  init(_ lesson: LessonDocument, store: ProgressStore?, in session: Session) {
    runner = LessonRunner(lesson: lesson, store: store)
    host = SessionLessonHost(session: session)
  }

  /// Begins, or goes on where the student left.
  func start(over: Bool) throws(LessonHostError) {
    if over { try runner.startOver(on: &host) } else { try runner.start(on: &host) }
  }

  /// Judges the step because the student asks for it.
  func check() -> StepReport { runner.check(on: &host) }
  /// The next hint that fits.
  func hint() -> LessonHint? { runner.hint(on: &host) }
  /// Goes to the next step.
  func next() -> LessonMove { runner.next(on: &host) }
  /// Goes to the step before.
  func back() -> LessonMove { runner.back(on: &host) }
  /// Begins the step again.
  func restartStep() { runner.restart(on: &host) }

  /// Takes note of a command that the student ran, and says what it means for the step.
  func observe(_ evaluation: Session.Evaluation, in session: Session) {
    if let command = evaluation.command {
      if command.group == .learning { return }
      if command.group == .tool, evaluation.effect == .none { return }
    }
    let report = runner.observe(host.outcome(of: evaluation), on: &host)
    tell(report, in: session)
  }

  private func tell(_ report: StepReport, in session: Session) {
    for note in runner.takeNotes() { session.note(note) }
    if session.settings.json { return }
    var text = StyledText()
    if report.isJustDone {
      for judgement in report.judgements {
        if let says = judgement.check.says { text.paragraph("\("✓", .good) \(says)", hanging: 2) }
      }
      let afterword = TextRenderer(width: StyledText.width).lines(
        of: runner.step.blocks[(runner.step.gates.last?.blocks.upperBound ?? 0)...])
      if !afterword.isEmpty {
        text.line()
        text.lesson(afterword)
        text.line()
      }
      let isLast = runner.position == runner.lesson.steps.count - 1
      text.paragraph(
        StyledLine(
          markup: isLast
            ? "That was the last step; `lesson next` ends the lesson." : "Step done; `lesson next` goes on.",
          base: .good))
    } else if report.offersHint, !session.settings.quiet {
      text.paragraph(StyledLine(markup: "`lesson hint` has a hint for this.", base: .dim))
    }
    if !text.isEmpty { session.output.write(text) }
  }
}

/// Where lessons are found and progress is kept.
enum LessonPlaces {
  /// The lessons of this installation and of the user.
  static func library() -> LessonLibrary {
    LessonLibrary(
      folders: LessonLibrary.standardFolders(
        environment: ProcessPlaces.environment, executable: ProcessPlaces.executable,
        currentFolder: ProcessPlaces.currentFolder))
  }

  /// The user's progress.
  static func store() -> ProgressStore {
    ProgressStore(folder: ProgressStore.standardFolder(environment: ProcessPlaces.environment))
  }
}
