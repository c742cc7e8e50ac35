// The lesson that a session is in: watches the commands and says what has come of them. Lesson commands themselves are
// in `Commands/Learning`.

import Lessons

/// A lesson and how far its student is.
final class LessonInProgress {
  var runner: LessonRunner<SessionLessonHost>
  private var host: SessionLessonHost
  /// The votes of the demonstration that is going on; nil: a student works through the lesson.
  var presentation: LessonPresentation?

  init(
    _ lesson: LessonDocument, store: ProgressStore?, misconceptions: MisconceptionCatalogue, in session: Session
  ) {
    runner = LessonRunner(lesson: lesson, store: store, misconceptions: misconceptions)
    host = SessionLessonHost(session: session)
  }

  /// Begins, or goes on where the student left.
  func start(over: Bool, seed: UInt64?) throws(LessonHostError) {
    if over {
      try runner.startOver(seed: seed, on: &host)
    } else {
      try runner.start(seed: seed, on: &host)
    }
  }

  /// Judges the step because the student asks for it.
  func check() -> StepReport { runner.check(on: &host) }
  /// The next hint that fits.
  func hint() -> LessonHint? { runner.hint(on: &host) }
  /// What does the step.
  func solution() -> StepSolution { runner.solution(on: &host) }
  /// Goes on.
  func next() -> LessonMove { runner.next(on: &host) }
  /// Goes on without doing the step.
  func skip() -> LessonMove { runner.skip(on: &host) }
  /// Goes to the step before.
  func back() -> LessonMove { runner.back(on: &host) }
  /// Begins the step again.
  func restartStep() { runner.restart(on: &host) }
  /// Lets the student play in a copy.
  func enterSandbox() { runner.enterSandbox(on: &host) }
  /// Comes back from it.
  func resume() -> LessonReturn { runner.resume(on: &host) }
  /// Takes an answer.
  func answer(_ words: [String]) throws(AnswerError) -> StepReport { try runner.answer(words, on: &host) }
  /// Puts a question again with other parameters.
  func again(_ id: String?) -> PresentedQuestion? { runner.again(id, on: &host) }

  /// Shows what is true of the open question.
  func reveal(_ answers: [GivenAnswer]) -> Revelation? { runner.reveal(answers, on: &host) }

  /// Takes note of a command that the student ran, and says what it means for the step.
  func observe(_ evaluation: Session.Evaluation, in session: Session) {
    if let command = evaluation.command {
      if command.group == .learning { return }
      if command.group == .tool, evaluation.effect == .none { return }
    }
    if runner.isInSandbox { return }
    let report = runner.observe(host.outcome(of: evaluation), on: &host)
    for note in runner.takeNotes() { session.note(note) }
    if session.settings.json { return }
    var text = StyledText()
    if !report.revealed.isEmpty || report.isJustDone {
      for judgement in report.judgements {
        if let says = judgement.check.says { text.paragraph("\("✓", .good) \(says)", hanging: 2) }
      }
    }
    text.append(StepText(self).text(of: report))
    if report.offersHint, !session.settings.quiet {
      text.paragraph(StyledLine(markup: "`lesson hint` has a hint for this.", base: .dim))
    }
    if !text.isEmpty { session.output.write(text) }
  }

  /// The line with how sure the student is, asked for by one key where the answer leaves it out.
  func completed(_ line: String, in session: Session) -> String {
    guard let question = runner.openQuestion, !runner.isInSandbox, presentation == nil,
      let parsed = try? ParsedLine(parsing: SourceLine(text: line, origin: .prompt)),
      let match = try? session.lookup.match(parsed.tokens, in: parsed.source), match.command is AnswerCommand,
      question.lacksConfidence(parsed.tokens[match.consumed...].map(\.text)), let terminal = RawTerminal()
    else { return line }
    session.output.write(raw: "How sure are you? s sure, t think so, g guess ")
    terminal.enter()
    defer { terminal.restore() }
    var word: String?
    while word == nil {
      let keys = RawTerminal.readKeys(waitingMilliseconds: -1)
      word = keys.contains { [0x03, 0x04, 0x0d, 0x1d].contains($0) } ? "think" : Self.confidence(of: keys)
    }
    session.output.write(raw: (word ?? "think") + "\n")
    return line + " " + (word ?? "think")
  }

  private static func confidence(of keys: [UInt8]) -> String? {
    keys.lazy.compactMap { key in
      AnswerConfidence.allCases.first { $0.rawValue.utf8.first == key | 0x20 }?.rawValue
    }.first
  }
}
