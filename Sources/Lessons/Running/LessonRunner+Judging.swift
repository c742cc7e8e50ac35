// The runner's judgements: of commands, of checks and of answers. All of them are made in forked copies.

extension LessonRunner {
  // MARK: Commands

  /// Takes note of a command that the student ran, and judges the checks.
  ///
  /// Commands about the lesson itself, such as `lesson hint`, are not to be handed over: they are no attempts.
  public mutating func observe(_ outcome: CommandOutcome, on host: inout Host) -> StepReport {
    if isInSandbox { return StepReport(isDone: isStepDone) }
    history.append(outcome)
    knownResults = [:]
    switch outcome.ending {
    case .refused: break
    case .interrupted: note("the interrupted command is not kept: after a break the lesson goes on from before it")
    case .completed, .guestStopped:
      if outcome.isRepeatable {
        progress.journal.append(outcome.command)
      } else {
        note("what was typed meanwhile is not kept: after a break the lesson goes on from before it")
      }
    }
    let gateBefore = openGates
    var report = judge(on: &host)
    if openGates == gateBefore { presentAnew(into: &report, on: &host) }
    if openGates == gateBefore, gate?.checks.isEmpty == false {
      let isOnTheWay = step.commands.contains { $0.line == outcome.command }
      if !isOnTheWay { failedAttempts += 1 }
    }
    save()
    report.offersHint = nextHint(on: &host, isAsked: false) != nil
    return report
  }

  /// Judges the checks because the student asks for it.
  public mutating func check(on host: inout Host) -> StepReport {
    var report = judge(on: &host)
    if report.judgements.contains(where: { $0.verdict != .holds }) { failedAttempts += 1 }
    report.offersHint = nextHint(on: &host, isAsked: false) != nil
    return report
  }

  /// Whether commands that change a system have to wait for an answer, and how it is given; nil: they need not.
  public var lock: String? {
    guard !isInSandbox, let question = gate?.question, question.role == .predict else { return nil }
    return presented[question.id]?.usage ?? "`answer`"
  }

  // MARK: Gates

  func observedState(on host: Host) -> ObservedState<Host> {
    ObservedState(host: host, history: history, answers: answersInExpressions, results: knownResults)
  }

  /// Ends an evaluation: what was asked holds until something is run.
  mutating func take(_ state: ObservedState<Host>, into host: inout Host) {
    host = state.host
    knownResults = state.results
  }

  /// Judges the checks of the shut gate, or of the whole step when it is done.
  private mutating func judge(on host: inout Host) -> StepReport {
    var report = StepReport()
    let checks = isStepDone ? step.checks : gate?.checks ?? []
    report.judgements = judgements(of: checks, on: &host)
    if !isStepDone, !checks.isEmpty, report.judgements.allSatisfy({ $0.verdict == .holds }) {
      openGate(into: &report, on: &host)
    }
    report.isDone = isStepDone
    return report
  }

  private mutating func judgements(of checks: [LessonCheck], on host: inout Host) -> [StepReport.Judgement] {
    var state = observedState(on: host)
    defer { take(state, into: &host) }
    return checks.map { StepReport.Judgement(check: $0, verdict: $0.verdict(in: &state)) }
  }

  /// Opens the shut gate, and those behind it that need nothing more.
  mutating func openGate(into report: inout StepReport, on host: inout Host) {
    let readableBefore = readable.upperBound
    var isOpening = gate != nil && !isStepDone
    while isOpening, let opened = gate {
      openGates += 1
      failedAttempts = 0
      progress.opened[step.id] = .init(contentHash: step.contentHash, gates: openGates)
      if !opened.checks.isEmpty { report.answers += judgePredictions(on: &host) }
      switch gate?.kind {
      case .checks(let checks):
        isOpening = judgements(of: checks, on: &host).allSatisfy { $0.verdict == .holds }
      case .question(let question): isOpening = progress.answer(to: question) != nil
      case .pause, nil: isOpening = false
      }
    }
    present(on: &host)
    report.revealed = readableBefore..<readable.upperBound
    if gate == nil, !isStepDone {
      markDone()
      report.isJustDone = true
    }
    report.isDone = isStepDone
    save()
  }

  /// Puts the question of the shut gate, so that its letters and values stay the same until it is answered.
  mutating func present(on host: inout Host) {
    guard let question = repeated ?? gate?.question, presented[question.id] == nil else { return }
    var state = observedState(on: host)
    let round = repeated == nil ? 0 : (progress.answer(to: question)?.round ?? 0) + 1
    let shown = PresentedQuestion(question, seed: seed, round: round, in: &state)
    take(state, into: &host)
    presented[question.id] = shown
    // Before the commands above it have been run, values may well be missing.
    if firstCommandNotRun == nil { for problem in shown.problems { note(problem.description) } }
  }

  /// Puts the open question again if values were missing in it and are there now.
  private mutating func presentAnew(into report: inout StepReport, on host: inout Host) {
    guard let question = openQuestion, !question.problems.isEmpty else { return }
    presented[question.question.id] = nil
    present(on: &host)
    guard openQuestion?.problems.isEmpty == true, repeated == nil else { return }
    report.revealed = (readable.upperBound - 1)..<readable.upperBound
  }

  /// The first command that stands above the shut gate in a transcript and was not run in this step.
  private var firstCommandNotRun: LessonCommand? {
    step.gates.prefix(openGates + 1).flatMap(\.commands).first { command in
      !history.contains { $0.command == command.line }
    }
  }

  // MARK: Answers

  /// The question that `answer` answers now.
  public var openQuestion: PresentedQuestion? {
    (repeated ?? gate?.question).flatMap { presented[$0.id] }
  }

  /// How a question of the current step is to be shown.
  public func view(of question: LessonQuestion) -> QuestionView {
    if openQuestion?.question.id == question.id, let shown = openQuestion { return .open(shown) }
    guard let record = progress.answer(to: question) else { return .unanswered }
    return .answered(PresentedQuestion(question, shown: record.shown), record)
  }

  /// Takes an answer to the open question; a prediction is then locked until the machine has spoken.
  ///
  /// - Parameter words: The words after `answer`.
  /// - Throws: ``AnswerError``.
  public mutating func answer(_ words: [String], on host: inout Host) throws(AnswerError) -> StepReport {
    if isInSandbox { throw AnswerError(message: "you are playing in a copy", hint: "`lesson resume` comes back first") }
    guard let shown = openQuestion else {
      let isLocked = gate != nil && step.questions.contains { progress.answer(to: $0)?.verdict == nil }
      throw AnswerError(
        message: "no question is open", hint: isLocked ? "`lesson status` shows what to do" : "`lesson next` goes on")
    }
    let question = shown.question
    let (answer, confidence) = try shown.answer(from: words)
    if question.role != .predict, let command = firstCommandNotRun {
      var state = observedState(on: host)
      let isDecided = (try? shown.judge(answer, in: &state)) != nil
      take(state, into: &host)
      guard isDecided else {
        throw AnswerError(message: "there is nothing to see yet", hint: "first `\(command.line)`")
      }
    }
    progress.answers[question.id] = AnswerRecord(
      contentHash: question.contentHash, round: (progress.answer(to: question)?.round ?? -1) + 1, shown: shown.shown,
      answer: answer, confidence: question.asksConfidence ? confidence ?? .think : confidence, verdict: nil)
    presented[question.id] = nil
    var report = StepReport(isDone: isStepDone)
    let isRepeated = repeated != nil
    repeated = nil
    if question.role != .predict || isRepeated, let judged = judge(question, shown, on: &host) {
      report.answers.append(judged)
    }
    if !isRepeated { openGate(into: &report, on: &host) }
    save()
    return report
  }

  /// Puts a question with parameters again, with other ones: the one named, or the last one answered in this step.
  ///
  /// - Returns: the question, or nil if there is none that can be put again.
  public mutating func again(_ id: String?, on host: inout Host) -> PresentedQuestion? {
    let candidates = step.questions.filter { $0.varies && progress.answer(to: $0)?.verdict != nil }
    guard !isInSandbox, let question = candidates.last(where: { id == nil || $0.id == id }) else { return nil }
    repeated = question
    presented[question.id] = nil
    present(on: &host)
    return openQuestion
  }

  /// Judges the predictions of this step whose run has now been made.
  private mutating func judgePredictions(on host: inout Host) -> [JudgedAnswer] {
    var judged: [JudgedAnswer] = []
    for gate in step.gates[..<openGates] {
      guard let question = gate.question, question.role == .predict,
        let record = progress.answer(to: question), record.verdict == nil,
        let shown = PresentedQuestion(question, shown: record.shown)
      else { continue }
      if let answer = judge(question, shown, on: &host) { judged.append(answer) }
    }
    return judged
  }

  /// Judges the kept answer to a question.
  private mutating func judge(
    _ question: LessonQuestion, _ shown: PresentedQuestion, on host: inout Host
  ) -> JudgedAnswer? {
    guard var record = progress.answer(to: question) else { return nil }
    var state = observedState(on: host)
    defer { take(state, into: &host) }
    do throws(LessonError) {
      record.verdict = try shown.judge(record.answer, in: &state)
    } catch {
      return JudgedAnswer(question: question, record: record, problem: error, contrast: nil)
    }
    progress.answers[question.id] = record
    return JudgedAnswer(
      question: question, record: record, problem: nil,
      contrast: record.verdict?.misconception.flatMap { misconceptions[$0] })
  }

  /// The answers as expressions see them.
  private var answersInExpressions: [String: JSONValue] {
    var values: [String: JSONValue] = [:]
    for question in lesson.questions {
      let record = progress.answer(to: question)
      values[question.id] = .object([
        "answered": .boolean(record != nil),
        "correct": record?.verdict.map { .boolean($0.isCorrect) } ?? .null,
        "sure": record?.confidence.map { .boolean($0 == .sure) } ?? .null,
        "value": record?.expressionValue ?? .null,
      ])
    }
    return values
  }

  // MARK: Help

  /// The next hint whose condition holds; nil if there is none left.
  public mutating func hint(on host: inout Host) -> LessonHint? {
    guard let hint = nextHint(on: &host, isAsked: true) else { return nil }
    hintsShown.append(hint)
    return hint
  }

  private mutating func nextHint(on host: inout Host, isAsked: Bool) -> LessonHint? {
    guard !isStepDone, let gate else { return nil }
    var state = observedState(on: host)
    defer { take(state, into: &host) }
    return gate.hints.first { hint in
      guard !hintsShown.contains(hint), isAsked || failedAttempts >= hint.after else { return false }
      if let tried = hint.tried, !history.contains(where: { $0.begins(with: tried) }) { return false }
      guard let condition = hint.condition else { return true }
      return (try? condition.holds(in: &state)) ?? false
    }
  }

  /// The written solution of the shut gate, and before it what the transcripts above ask for and was not run yet.
  private var commandsLeft: [LessonCommand] {
    let gates = step.gates.prefix(openGates + 1)
    let first = gates.dropLast().lastIndex { !$0.checks.isEmpty }.map { $0 + 1 } ?? 0
    return gates[first...].flatMap(\.work).flatMap { block -> [LessonCommand] in
      switch block {
      case .solution(let commands): commands
      case .transcript(let transcript):
        transcript.entries.map(\.command).filter { command in !history.contains { $0.command == command.line } }
      default: []
      }
    }
  }

  /// What does the current step, or what is left of it; the progress remembers that it was shown.
  public mutating func solution(on host: inout Host) -> StepSolution {
    solutionShown = true
    switch gate?.kind {
    case .checks: return StepSolution(commands: commandsLeft)
    case .question(let question) where question.role == .predict: return StepSolution(isPrediction: true)
    case .question(let question):
      guard let shown = presented[question.id] else { return StepSolution() }
      var state = observedState(on: host)
      defer { take(state, into: &host) }
      let nothing = GivenAnswer(text: "")
      return StepSolution(answer: (try? shown.judge(nothing, in: &state))?.truth)
    case .pause, nil: return StepSolution(commands: step.solution)
    }
  }
}

extension AnswerRecord {
  /// A choice's letter, a number, or the letters of an order.
  fileprivate var expressionValue: JSONValue {
    if let number = answer.number { return Int128(exactly: number).map { .integer($0) } ?? .number(number) }
    let letters = answer.options.compactMap { index in
      shown.options.first { $0.index == index }.map { JSONValue.text($0.letter) }
    }
    return letters.count == 1 ? letters[0] : .list(letters)
  }
}
