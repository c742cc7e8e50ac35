// Leads a student through one lesson. It judges the machine's state, not what was typed, so that every way to the goal
// counts. Callers hand it each command's outcome and show the reports; it never prints and never changes the student's
// systems but where a method says so.

/// A lesson in progress.
public struct LessonRunner<Host: LessonHost> {
  /// The lesson.
  public let lesson: LessonDocument
  /// What is known of the student's way through it.
  public internal(set) var progress: LessonProgress
  /// The number of the current step, from 0.
  public private(set) var position = 0
  /// How many of the current step's gates are open.
  public internal(set) var openGates = 0
  /// Whether the current step's gates have all been open.
  public internal(set) var isStepDone = false

  let misconceptions: MisconceptionCatalogue
  private let store: ProgressStore?
  private var notes: [String] = []
  var history: [CommandOutcome] = []
  /// What the machine was asked since something last ran.
  var knownResults: [String: JSONValue] = [:]
  var failedAttempts = 0
  var hintsShown: [LessonHint] = []
  var solutionShown = false
  /// The questions of this step as they are shown.
  var presented: [String: PresentedQuestion] = [:]
  /// A question that is put again although it was answered.
  var repeated: LessonQuestion?
  /// The systems, and the length of the journal, when a step was first entered.
  private var starts: [Int: (snapshot: Host.Snapshot, journalLength: Int)] = [:]
  /// The systems when the student began to play in a copy; nil: they do not.
  private var sandbox: Host.Snapshot?

  /// Prepares a lesson; `store` is nil where no progress is to be kept.
  public init(
    lesson: LessonDocument, store: ProgressStore?, misconceptions: MisconceptionCatalogue = MisconceptionCatalogue()
  ) {
    self.lesson = lesson
    self.store = store
    self.misconceptions = misconceptions
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

  /// The gate of the current step that is shut; nil if all are open.
  public var gate: StepGate? { step.gates.indices.contains(openGates) ? step.gates[openGates] : nil }

  /// What can be read of the current step: all up to the first shut gate.
  public var readable: Range<Int> { 0..<(gate?.blocks.upperBound ?? step.blocks.count) }

  /// Whether every step has been done at some time or is not needed.
  public var isFinished: Bool { lesson.steps.allSatisfy { progress.state(of: $0) != .open } }

  /// Whether the student plays in a copy.
  public var isInSandbox: Bool { sandbox != nil }

  /// What the student's own questions are drawn from.
  public var seed: UInt64 { progress.seed ?? lesson.machine.seed }

  /// Notes for the student that have come up since they were last taken: damaged or unwritable progress, for example.
  public mutating func takeNotes() -> [String] {
    defer { notes = [] }
    return notes
  }

  mutating func note(_ text: String) {
    if !notes.contains(text) { notes.append(text) }
  }

  // MARK: Beginning

  /// Begins the lesson in a fresh session, where the student left it.
  ///
  /// What the student did before is done again, command by command; on the same machine that gives the same state.
  /// - Parameter seed: What the student's own questions are drawn from; nil: as before.
  /// - Throws: ``LessonHostError`` if the lesson's machine cannot be booted or the student stopped it.
  public mutating func start(seed: UInt64? = nil, on host: inout Host) throws(LessonHostError) {
    if let seed, seed != progress.seed {
      if progress.answers.isEmpty {
        progress.seed = seed
      } else {
        note("you have answered questions already: they stay those of the seed \(self.seed)")
      }
    }
    try host.begin(lesson.machine)
    sandbox = nil
    position = 0
    starts = [0: (host.snapshot(), 0)]
    let target = resumePosition
    if try !replayJournal(before: target, on: &host) {
      try host.begin(lesson.machine)
      starts = [0: (host.snapshot(), 0)]
      progress.journal = []
      progress.starts = [:]
      progress.opened[lesson.steps[target].id] = .init(contentHash: "", gates: 0)
      history = []
      for earlier in lesson.steps[..<target] where progress.state(of: earlier) != .passedBy {
        carryOut(earlier.commands, on: &host)
      }
    }
    progress.machine = machineName
    enter(target, on: &host, keepingHistory: true)
  }

  /// Does again what the journal says; returns false if it no longer fits this program or this lesson.
  private mutating func replayJournal(before target: Int, on host: inout Host) throws(LessonHostError) -> Bool {
    if let machine = progress.machine, machine != machineName {
      note("the lesson's machine has changed: step \(target + 1) begins with the solutions of the steps before it")
      return false
    }
    history = []
    let current = lesson.steps[target].id
    for (index, line) in progress.journal.enumerated() {
      takeStarts(at: index, on: &host)
      let outcome = host.run(line)
      if outcome.ending == .interrupted { throw LessonHostError("interrupted; nothing of your progress is lost") }
      if outcome.refusal != nil {
        note("`\(line)` is now refused: step \(target + 1) begins with the solutions of the steps before it")
        return false
      }
      if let start = progress.starts[current], index >= start { history.append(outcome) }
    }
    takeStarts(at: progress.journal.count, on: &host)
    return true
  }

  /// Keeps the state as the beginning of the steps that began at this place of the journal.
  private mutating func takeStarts(at index: Int, on host: inout Host) {
    for (number, step) in lesson.steps.enumerated() where progress.starts[step.id] == index && starts[number] == nil {
      starts[number] = (host.snapshot(), index)
    }
  }

  /// The machine as the journal names it.
  private var machineName: String {
    "\(lesson.machine.kernel ?? "none") \(lesson.machine.seed) \(lesson.machine.instructionLimit ?? 0)"
  }

  /// Begins the lesson at its first step and forgets what was done.
  ///
  /// - Throws: ``LessonHostError`` if the lesson's machine cannot be booted.
  public mutating func startOver(seed: UInt64? = nil, on host: inout Host) throws(LessonHostError) {
    if let note = store?.forget(lesson: lesson.id) { self.note(note) }
    progress = LessonProgress(lesson: lesson.id)
    try start(seed: seed, on: &host)
  }

  private var resumePosition: Int {
    if let current = lesson.steps.firstIndex(where: { $0.id == progress.current }) { return current }
    let open = lesson.steps.firstIndex { progress.state(of: $0) == .open }
    return progress.current == nil ? 0 : open ?? lesson.steps.count - 1
  }

  private mutating func enter(_ target: Int, on host: inout Host, keepingHistory: Bool = false) {
    position = target
    knownResults = [:]
    if !keepingHistory { history = [] }
    failedAttempts = 0
    hintsShown = []
    solutionShown = false
    presented = [:]
    repeated = nil
    isStepDone = [.done, .skipped].contains(progress.state(of: step))
    openGates = isStepDone ? step.gates.count : gatesOpenBefore
    if starts[target] == nil {
      starts[target] = (host.snapshot(), progress.journal.count)
      progress.starts[step.id] = progress.journal.count
    }
    progress.passedBy.remove(step.id)
    progress.current = step.id
    present(on: &host)
    save()
  }

  /// How many of the step's gates the student has opened at some time, as far as the step is still the same.
  private var gatesOpenBefore: Int {
    let opened = progress.opened[step.id]
    let count = opened?.contentHash == step.contentHash ? opened?.gates ?? 0 : 0
    let firstShut = step.gates.enumerated().first { number, gate in
      if let question = gate.question { return progress.answer(to: question) == nil }
      return number >= count
    }
    return firstShut?.offset ?? step.gates.count
  }

  mutating func save() {
    guard let store else { return }
    let (saved, note) = store.save(progress)
    progress = saved
    if let note { self.note(note) }
  }

  mutating func markDone(isSkipped: Bool = false) {
    guard !isStepDone else { return }
    isStepDone = true
    openGates = step.gates.count
    progress.done[step.id] = .init(
      contentHash: step.contentHash, solutionShown: solutionShown, isSkipped: isSkipped ? true : nil)
    progress.opened[step.id] = nil
    save()
  }

  // MARK: Moving

  /// Goes on: over a pause, or to the next step once the current one is done.
  public mutating func next(on host: inout Host) -> LessonMove {
    if isInSandbox { return .refused(.inSandbox) }
    switch gate?.kind {
    case nil: markDone()
    case .pause:
      var report = StepReport()
      openGate(into: &report, on: &host)
      return .revealed(report)
    case .question(let question): return .refused(.answerFirst(usage: presented[question.id]?.usage ?? "`answer`"))
    case .checks: return .refused(.mustBeDone)
    }
    return goOn(on: &host)
  }

  /// Goes to the next step without doing the current one, if the lesson allows it.
  ///
  /// The step's solution is carried out from the step's start, because later steps build on it.
  public mutating func skip(on host: inout Host) -> LessonMove {
    if isInSandbox { return .refused(.inSandbox) }
    if !isStepDone, gate != nil {
      switch lesson.skip {
      case .deny: return .refused(.mustBeDone)
      case .showAnswer where !solutionShown: return .refused(.solutionFirst)
      case .showAnswer, .allow:
        restart(on: &host)
        carryOut(step.commands, on: &host)
        markDone(isSkipped: true)
      }
    }
    markDone()
    return goOn(on: &host)
  }

  private mutating func goOn(on host: inout Host) -> LessonMove {
    let target = target(on: &host)
    guard target < lesson.steps.count else { return .finished }
    for step in lesson.steps[(position + 1)..<target] where progress.done[step.id] == nil {
      progress.passedBy.insert(step.id)
    }
    enter(target, on: &host)
    return .moved
  }

  /// Where the student goes from the current step.
  private mutating func target(on host: inout Host) -> Int {
    guard let branch = step.branch else { return position + 1 }
    var state = observedState(on: host)
    defer { take(state, into: &host) }
    for arm in branch.arms {
      var isTaken = true
      if let condition = arm.condition {
        do throws(ExpressionError) {
          isTaken = try condition.holds(in: &state)
        } catch {
          note(error.lessonError(in: condition, at: arm.location).description)
          isTaken = false
        }
      }
      if isTaken, let target = lesson.steps.firstIndex(where: { $0.id == arm.target }) { return target }
    }
    return position + 1
  }

  /// Shows the step before; the systems stay as they are.
  public mutating func back(on host: inout Host) -> LessonMove {
    if isInSandbox { return .refused(.inSandbox) }
    guard let earlier = lesson.steps[..<position].lastIndex(where: { progress.state(of: $0) != .passedBy }) else {
      return .refused(.isFirst)
    }
    enter(earlier, on: &host)
    return .moved
  }

  /// Puts the systems into the state they had when the current step began; answers stay as they are.
  public mutating func restart(on host: inout Host) {
    sandbox = nil
    knownResults = [:]
    if let start = starts[position] {
      host.restore(start.snapshot)
      progress.journal = Array(progress.journal.prefix(start.journalLength))
      // Later steps were entered on a way that is now undone.
      starts = starts.filter { $0.key <= position }
      progress.starts = progress.starts.filter { $0.value <= start.journalLength }
    }
    history = []
    failedAttempts = 0
    if !isStepDone {
      progress.opened[step.id] = .init(contentHash: step.contentHash, gates: 0)
      openGates = gatesOpenBefore
      present(on: &host)
    }
    save()
  }

  private mutating func carryOut(_ commands: [LessonCommand], on host: inout Host) {
    knownResults = [:]
    for command in commands {
      let outcome = host.run(command.line)
      if outcome.refusal == nil, outcome.isRepeatable { progress.journal.append(command.line) }
    }
  }

  // MARK: Free play

  /// Lets the student play in a copy: nothing is judged or kept until ``resume(on:)``.
  public mutating func enterSandbox(on host: inout Host) {
    if sandbox == nil { sandbox = host.snapshot() }
  }

  /// Comes back from free play to the very state in which it began; without free play, to the step's beginning.
  public mutating func resume(on host: inout Host) -> LessonReturn {
    guard let snapshot = sandbox else {
      restart(on: &host)
      return .toStepStart
    }
    host.restore(snapshot)
    sandbox = nil
    return .fromSandbox
  }

  // MARK: Overview

  /// Every step and how far the student is with it.
  public var overview: [(step: LessonStep, state: StepState, isCurrent: Bool)] {
    lesson.steps.enumerated().map { ($0.element, progress.state(of: $0.element), $0.offset == position) }
  }
}
