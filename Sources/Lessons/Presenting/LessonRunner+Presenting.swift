// The runner as a demonstration: a question's gate opens when the truth is revealed, not when somebody answers, and the
// lesson's own commands make the run. Callers show what was run; a demonstration keeps no progress.

/// What was revealed.
public struct Revelation: Sendable {
  /// The commands that were run for it, with their outcomes.
  public var outcomes: [CommandOutcome] = []
  /// The question that was open; nil if there was none.
  public var question: PresentedQuestion?
  /// What the machine says, in words, and the values that decided it; nil if it does not decide the question.
  public var truth: AnswerVerdict?
  /// Which of the answers asked about are right.
  public var rightAnswers: [GivenAnswer] = []
  /// Why there is no truth: a mistake of the lesson.
  public var problem: LessonError?
  /// What can be read now, and whether the step is done.
  public var report = StepReport()
}

extension LessonRunner {
  /// Reveals what is true of the open question, and makes the run that a shut check waits for.
  ///
  /// Commands of the lesson that were typed in this step already are not run again.
  /// - Parameter answers: The answers of which it is to be said whether they are right.
  /// - Returns: what was revealed; nil if nothing is shut but a pause, or nothing at all.
  public mutating func reveal(_ answers: [GivenAnswer], on host: inout Host) -> Revelation? {
    var revelation = Revelation()
    let isRepeated = repeated != nil
    let shown = openQuestion
    guard shown != nil || gate?.checks.isEmpty == false else { return nil }
    if let shown {
      let question = shown.question
      if question.role != .predict, !isRepeated { runCommands(into: &revelation, on: &host) }
      revelation.question = shown
      progress.answers[question.id] = AnswerRecord(
        contentHash: question.contentHash, round: (progress.answer(to: question)?.round ?? -1) + 1, shown: shown.shown,
        answer: GivenAnswer(text: ""), confidence: nil, verdict: nil)
      presented[question.id] = nil
      repeated = nil
      if question.role != .predict || isRepeated { judge(shown, answers, into: &revelation, on: &host) }
      if !isRepeated { openGate(into: &revelation.report, on: &host) }
    }
    if !isRepeated, let gate, !gate.checks.isEmpty {
      makeRun(to: gate, into: &revelation, on: &host)
    }
    if let shown, shown.question.role == .predict, !isRepeated {
      judge(shown, answers, into: &revelation, on: &host)
    }
    return revelation
  }

  /// Runs the commands that lead through a check, and opens it.
  private mutating func makeRun(to gate: StepGate, into revelation: inout Revelation, on host: inout Host) {
    let first = revelation.report.revealed
    runCommands(into: &revelation, on: &host)
    let report = check(on: &host)
    revelation.report = report
    if !first.isEmpty, report.revealed.isEmpty {
      revelation.report.revealed = first
    } else if !first.isEmpty {
      revelation.report.revealed = first.lowerBound..<report.revealed.upperBound
    }
    // What the room answered is counted, not judged one by one.
    revelation.report.answers = []
  }

  /// Runs the lesson's commands up to the shut gate.
  private mutating func runCommands(into revelation: inout Revelation, on host: inout Host) {
    for command in step.gates.prefix(openGates + 1).flatMap(\.commands)
    where !history.contains(where: { $0.command == command.line }) {
      let outcome = host.run(command.line)
      history.append(outcome)
      knownResults = [:]
      revelation.outcomes.append(outcome)
    }
  }

  private mutating func judge(
    _ shown: PresentedQuestion, _ answers: [GivenAnswer], into revelation: inout Revelation, on host: inout Host
  ) {
    var state = observedState(on: host)
    defer { take(state, into: &host) }
    do throws(LessonError) {
      let verdict = try shown.judge(GivenAnswer(text: ""), in: &state)
      revelation.truth = verdict
      for answer in answers where try shown.judge(answer, in: &state).isCorrect {
        revelation.rightAnswers.append(answer)
      }
      progress.answers[shown.question.id]?.verdict = verdict
    } catch {
      revelation.problem = error
    }
  }
}
