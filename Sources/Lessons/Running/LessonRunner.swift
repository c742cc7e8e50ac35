// Leads a student through one lesson. It judges the machine's state, not what was typed, so that every way to the goal
// counts. Callers hand it each command's outcome and show the reports; it never prints and never changes the student's
// systems but where a method says so.

/// A lesson in progress.
public struct LessonRunner<Host: LessonHost> {
  /// The lesson.
  public let lesson: LessonDocument
  /// What is known of the student's way through it.
  public private(set) var progress: LessonProgress
  /// The number of the current step, from 0.
  public private(set) var position = 0
  /// Whether the current step's checks have all been true at once.
  public private(set) var isStepDone = false

  private let store: ProgressStore?
  private var notes: [String] = []
  private var history: [CommandOutcome] = []
  private var failedAttempts = 0
  private var hintsShown: Set<Int> = []
  private var solutionShown = false
  /// The systems, and the length of the journal, when a step was first entered.
  private var starts: [Int: (snapshot: Host.Snapshot, journalLength: Int)] = [:]

  /// Prepares a lesson; `store` is nil where no progress is to be kept.
  public init(lesson: LessonDocument, store: ProgressStore?) {
    self.lesson = lesson
    self.store = store
    if let store {
      let (progress, note) = store.load(lesson: lesson.id)
      self.progress = progress
      if let note { notes.append(note) }
    } else {
      progress = LessonProgress(lesson: lesson.id)
    }
  }

  /// The current step.
  public var step: LessonStep { lesson.steps[position] }

  /// Whether every step has been done at some time.
  public var isFinished: Bool { lesson.steps.allSatisfy { progress.state(of: $0) != .open } }

  /// Notes for the student that have come up since they were last taken: damaged or unwritable progress, for example.
  public mutating func takeNotes() -> [String] {
    defer { notes = [] }
    return notes
  }

  // MARK: Beginning

  /// Begins the lesson in a fresh session, at the first step that is not done.
  ///
  /// What the student did before is done again, command by command; on the same machine that gives the same state.
  /// - Throws: ``LessonHostError`` if the lesson's machine cannot be booted.
  public mutating func start(on host: inout Host) throws(LessonHostError) {
    try host.begin(lesson.machine)
    position = 0
    starts = [0: (host.snapshot(), 0)]
    let target = resumePosition
    guard target > 0 else {
      progress.journal = []
      enter(0, on: &host)
      return
    }
    for line in progress.journal where host.run(line).refusal != nil {
      notes.append("`\(line)` is now refused: step \(target + 1) begins with the solutions of the steps before it")
      try host.begin(lesson.machine)
      progress.journal = []
      for earlier in lesson.steps[..<target] { carryOut(earlier.commands, on: &host) }
      break
    }
    enter(target, on: &host)
  }

  /// Begins the lesson at its first step and forgets what was done.
  ///
  /// - Throws: ``LessonHostError`` if the lesson's machine cannot be booted.
  public mutating func startOver(on host: inout Host) throws(LessonHostError) {
    if let note = store?.forget(lesson: lesson.id) { notes.append(note) }
    progress = LessonProgress(lesson: lesson.id)
    try start(on: &host)
  }

  private var resumePosition: Int {
    if let current = lesson.steps.firstIndex(where: { $0.id == progress.current }) { return current }
    let open = lesson.steps.firstIndex { progress.state(of: $0) == .open }
    return progress.current == nil ? 0 : open ?? lesson.steps.count - 1
  }

  private mutating func enter(_ target: Int, on host: inout Host) {
    position = target
    history = []
    failedAttempts = 0
    hintsShown = []
    solutionShown = false
    isStepDone = progress.state(of: step) == .done
    if starts[target] == nil { starts[target] = (host.snapshot(), progress.journal.count) }
    progress.current = step.id
    save()
  }

  private mutating func save() {
    guard let store else { return }
    let (saved, note) = store.save(progress)
    progress = saved
    if let note, !notes.contains(note) { notes.append(note) }
  }

  // MARK: The student's commands

  /// Takes note of a command that the student ran, and judges the checks.
  ///
  /// Commands about the lesson itself, such as `lesson hint`, are not to be handed over: they are no attempts.
  public mutating func observe(_ outcome: CommandOutcome, on host: inout Host) -> StepReport {
    history.append(outcome)
    if outcome.refusal == nil, !outcome.onlyLooked { progress.journal.append(outcome.command) }
    let report = judge(on: &host)
    let isOnTheWay = step.commands.contains { $0.line == outcome.command }
    if !report.isDone && !isOnTheWay { failedAttempts += 1 }
    save()
    return report.offering(hint: nextHint(on: &host, isAsked: false) != nil)
  }

  /// Judges the checks because the student asks for it.
  public mutating func check(on host: inout Host) -> StepReport {
    let report = judge(on: &host)
    if !report.isDone { failedAttempts += 1 }
    return report.offering(hint: nextHint(on: &host, isAsked: false) != nil)
  }

  private mutating func judge(on host: inout Host) -> StepReport {
    var state = ObservedState(host: host, history: history)
    let verdicts = step.checks.map { StepReport.Judgement(check: $0, verdict: $0.verdict(in: &state)) }
    host = state.host
    let holds = verdicts.allSatisfy { $0.verdict == .holds }
    let wasDone = isStepDone
    if holds && !verdicts.isEmpty { markDone() }
    return StepReport(
      judgements: verdicts, isDone: isStepDone, isJustDone: isStepDone && !wasDone, offersHint: false)
  }

  private mutating func markDone() {
    guard !isStepDone else { return }
    isStepDone = true
    progress.done[step.id] = .init(contentHash: step.contentHash, solutionShown: solutionShown)
    save()
  }

  // MARK: Help

  /// The next hint whose condition holds; nil if there is none left.
  public mutating func hint(on host: inout Host) -> LessonHint? {
    guard let index = nextHint(on: &host, isAsked: true) else { return nil }
    hintsShown.insert(index)
    return step.hints[index]
  }

  private func nextHint(on host: inout Host, isAsked: Bool) -> Int? {
    guard !isStepDone else { return nil }
    var state = ObservedState(host: host, history: history)
    defer { host = state.host }
    return step.hints.indices.first { index in
      let hint = step.hints[index]
      guard !hintsShown.contains(index), isAsked || failedAttempts >= hint.after else { return false }
      guard let condition = hint.condition else { return true }
      return (try? condition.holds(in: &state)) ?? false
    }
  }

  /// The commands that do the current step; the progress remembers that they were shown.
  public mutating func solution() -> [LessonCommand] {
    solutionShown = true
    return step.solution
  }

  // MARK: Moving

  /// Goes to the next step, if the current one is done or the lesson lets it be skipped.
  ///
  /// Skipping carries out the step's solution from the step's start, because later steps build on it.
  public mutating func next(on host: inout Host) -> LessonMove {
    if !isStepDone {
      if step.checks.isEmpty {
        markDone()
      } else {
        switch lesson.skip {
        case .deny: return .refused(.mustBeDone)
        case .showAnswer where !solutionShown: return .refused(.solutionFirst)
        case .showAnswer, .allow:
          restart(on: &host)
          carryOut(step.commands, on: &host)
        }
      }
    }
    guard position + 1 < lesson.steps.count else { return .finished }
    enter(position + 1, on: &host)
    return .moved
  }

  /// Shows the step before; the systems stay as they are.
  public mutating func back(on host: inout Host) -> LessonMove {
    guard position > 0 else { return .refused(.isFirst) }
    enter(position - 1, on: &host)
    return .moved
  }

  /// Puts the systems into the state they had when the current step began.
  public mutating func restart(on host: inout Host) {
    if let start = starts[position] {
      host.restore(start.snapshot)
      progress.journal = Array(progress.journal.prefix(start.journalLength))
      // Later steps were entered on a way that is now undone.
      starts = starts.filter { $0.key <= position }
    }
    history = []
    failedAttempts = 0
    save()
  }

  private mutating func carryOut(_ commands: [LessonCommand], on host: inout Host) {
    for command in commands where host.run(command.line).refusal == nil {
      progress.journal.append(command.line)
    }
  }

  // MARK: Overview

  /// Every step and how far the student is with it.
  public var overview: [(step: LessonStep, state: StepState, isCurrent: Bool)] {
    lesson.steps.enumerated().map { ($0.element, progress.state(of: $0.element), $0.offset == position) }
  }
}

/// How the current step stands after a command.
public struct StepReport: Equatable, Sendable {
  /// A check and what became of it.
  public struct Judgement: Equatable, Sendable {
    /// The check.
    public let check: LessonCheck
    /// What became of it.
    public let verdict: CheckVerdict
  }

  /// Each check of the step.
  public let judgements: [Judgement]
  /// Whether the step is done: now, or at some moment before.
  public let isDone: Bool
  /// Whether this command did it.
  public let isJustDone: Bool
  /// Whether a hint can be had that fits the state.
  public let offersHint: Bool

  func offering(hint: Bool) -> StepReport {
    StepReport(judgements: judgements, isDone: isDone, isJustDone: isJustDone, offersHint: hint)
  }
}

/// What came of the wish to go to another step.
public enum LessonMove: Equatable, Sendable {
  /// Why a student stays.
  public enum Refusal: Equatable, Sendable {
    /// The step has to be done first.
    case mustBeDone
    /// The step has to be done, or its solution has to be looked at.
    case solutionFirst
    /// There is no step before the first.
    case isFirst
  }

  /// Another step is now the current one.
  case moved
  /// The last step is done.
  case finished
  /// Nothing changed.
  case refused(Refusal)
}
