// Proves that a lesson works, on a running program: the untouched start fails every check, the solution's commands make
// all of them true, transcripts are what the program prints, the machine agrees with every mark, and every arm of every
// branch is walked. Callers must give it a host of its own: it begins fresh sessions.
//
// What it asks of hints: their conditions can be evaluated in every state on the way, before the first command and after
// each. That a hint for a wrong way comes true somewhere it does not ask, because it does not know the wrong ways.

/// The test of a lesson on a running program.
public struct LessonTester<Host: LessonHost> {
  private let lesson: LessonDocument
  private let machine: LessonMachine
  private let rounds: Int
  private var record = LessonRecord()
  private var failures: [LessonTestFailure] = []
  private var checks = 0
  private var questions = 0
  private var comparedOutputs = 0
  private var walkedArms: Set<LessonLocation> = []
  private var visitedSteps: Set<Int> = []
  private var isRecording = true

  /// A place from which the lesson goes on: a step, the systems, and what was answered.
  private struct Start {
    let position: Int
    let snapshot: Host.Snapshot
    let answers: [String: JSONValue]
  }

  private init(_ lesson: LessonDocument, on machine: LessonMachine) {
    self.lesson = lesson
    self.machine = machine
    rounds = machine.testedSeeds ?? 2
  }

  /// Tests every step on every way through the lesson, on each of the kernels that the lesson declares.
  ///
  /// - Parameters:
  ///   - lesson: The lesson.
  ///   - misconceptions: The catalogue that wrong answers point into.
  ///   - host: The program.
  public static func test(
    _ lesson: LessonDocument, misconceptions: MisconceptionCatalogue = .init(), on host: inout Host
  ) -> LessonTestReport {
    let machines =
      lesson.machine.kernels.isEmpty ? [lesson.machine] : lesson.machine.kernels.map(lesson.machine.booting)
    var failures = misconceptions.unknownNames(in: lesson).map { error in
      LessonTestFailure(location: error.location, step: nil, message: error.message)
    }
    var testers: [LessonTester] = []
    for machine in machines {
      var tester = LessonTester(lesson, on: machine)
      tester.run(on: &host)
      let origin = testers.isEmpty ? "" : "on \(machine.kernel ?? "no kernel"): "
      for failure in tester.failures {
        let known = failures.contains {
          ($0.line, $0.column, $0.message) == (failure.line, failure.column, failure.message)
        }
        if !known { failures.append(failure.prefixed(by: origin)) }
      }
      testers.append(tester)
    }
    return LessonTestReport(
      lesson: lesson.id, stepIDs: lesson.steps.map(\.id), kernels: machines.compactMap(\.kernel),
      checks: testers.reduce(0) { $0 + $1.checks }, questions: testers.reduce(0) { $0 + $1.questions },
      comparedOutputs: testers.reduce(0) { $0 + $1.comparedOutputs }, branchArms: testers.first?.walkedArms.count ?? 0,
      notReached: testers.first?.notReached ?? [], failures: failures)
  }

  /// Walks a lesson on its own kernel and writes down what the machine says on the way.
  public static func record(_ lesson: LessonDocument, on host: inout Host) -> LessonRecord {
    var tester = LessonTester(lesson, on: lesson.machine)
    tester.run(on: &host)
    tester.record.failures = tester.failures
    return tester.record
  }

  /// The ids of the steps that no way has led to.
  private var notReached: [String] {
    lesson.steps.enumerated().filter { !visitedSteps.contains($0.offset) }.map(\.element.id)
  }

  // MARK: Ways

  private mutating func run(on host: inout Host) {
    do throws(LessonHostError) {
      try host.begin(machine)
    } catch {
      fail(LessonLocation(file: lesson.file, line: 1), step: nil, "the lesson's machine cannot be set up: \(error)")
      return
    }
    var starts = [Start(position: 0, snapshot: host.snapshot(), answers: [:])]
    while let start = starts.popLast() {
      host.restore(start.snapshot)
      walk(from: start, on: &host, &starts)
    }
    for (index, step) in lesson.steps.enumerated() where visitedSteps.contains(index) {
      failUnwalkedArms(of: step)
    }
  }

  /// Where only answers decide, every arm can be walked; what the machine's state decides only other commands could show.
  private mutating func failUnwalkedArms(of step: LessonStep) {
    for arm in step.branch?.arms ?? [] {
      if arm.condition?.readsMachine == true { return }
      if walkedArms.contains(arm.location) { continue }
      fail(arm.location, step: step, "no answers lead to `#\(arm.target)` from here: an arm above always decides")
    }
  }

  /// Walks to the end; other arms of branches on the way are put onto `starts`.
  private mutating func walk(from start: Start, on host: inout Host, _ starts: inout [Start]) {
    var position = start.position
    var answers = start.answers
    while position < lesson.steps.count {
      let step = lesson.steps[position]
      isRecording = visitedSteps.insert(position).inserted
      test(step, on: &host, answers: &answers)
      guard let branch = step.branch else {
        position += 1
        continue
      }
      let choices = choices(of: branch, in: step, on: &host, answers: answers)
      for (arm, answers) in choices.dropFirst() where walkedArms.insert(arm.location).inserted {
        guard let target = lesson.steps.firstIndex(where: { $0.id == arm.target }) else { continue }
        starts.append(Start(position: target, snapshot: host.snapshot(), answers: answers))
      }
      guard let (arm, chosen) = choices.first, let target = lesson.steps.firstIndex(where: { $0.id == arm.target })
      else { return }
      walkedArms.insert(arm.location)
      (position, answers) = (target, chosen)
    }
  }

  /// The arms that some answers lead to, each with such answers; the one for right answers first.
  private mutating func choices(
    of branch: LessonBranch, in step: LessonStep, on host: inout Host, answers: [String: JSONValue]
  ) -> [(arm: LessonBranch.Arm, answers: [String: JSONValue])] {
    let mentioned = Set(branch.arms.flatMap { $0.condition?.mentionedQuestions ?? [] }).sorted()
    var variations = [answers]
    // More questions than these in one branch would take too long to try in all combinations.
    for question in mentioned.prefix(3) {
      variations = variations.flatMap { answers in
        possibleAnswers(to: question).map { answer in answers.merging([question: answer]) { $1 } }
      }
    }
    var choices: [(arm: LessonBranch.Arm, answers: [String: JSONValue])] = []
    for variation in variations {
      var state = ObservedState(host: host, history: [], answers: variation)
      defer { host = state.host }
      for arm in branch.arms {
        do throws(ExpressionError) {
          guard try arm.condition?.holds(in: &state) ?? true else { continue }
        } catch {
          fail(arm.location, step: step, "the branch cannot decide: \(error)")
          return choices
        }
        if !choices.contains(where: { $0.arm == arm }) { choices.append((arm, variation)) }
        break
      }
    }
    return choices
  }

  /// What expressions can find of an answer: right and wrong, sure and not, every letter of a choice; right and sure
  /// first.
  private func possibleAnswers(to question: String) -> [JSONValue] {
    func answer(_ isCorrect: Bool, _ isSure: Bool, _ value: JSONValue) -> JSONValue {
      .object([
        "answered": .boolean(true), "correct": .boolean(isCorrect), "sure": .boolean(isSure), "value": value,
      ])
    }
    guard let asked = record.questions[question], case .option(let right) = asked.truth else {
      return [(true, true), (false, true), (false, false), (true, false)].map { answer($0, $1, .null) }
    }
    let options = asked.presented.options.sorted { $0.index == right && $1.index != right }
    return options.flatMap { option in
      [true, false].map { isSure in answer(option.index == right, isSure, .text(option.letter)) }
    }
  }

  // MARK: Steps

  private mutating func fail(_ location: LessonLocation, step: LessonStep?, _ message: String) {
    let failure = LessonTestFailure(location: location, step: step?.id, message: message)
    if !failures.contains(failure) { failures.append(failure) }
  }

  private mutating func test(_ step: LessonStep, on host: inout Host, answers: inout [String: JSONValue]) {
    judgeUntouched(step, on: &host)
    judgeHints(step, on: &host, history: [], when: "at the untouched start")
    var history: [CommandOutcome] = []
    var predictions: [PresentedQuestion] = []
    for gate in step.gates {
      carryOut(gate.work, of: step, on: &host, history: &history)
      switch gate.kind {
      case .question(let question):
        let presented = present(question, of: step, on: &host, history: history)
        if question.role == .predict {
          predictions += presented
        } else {
          for question in presented { compare(question, of: step, on: &host, history: history) }
          answers[question.id] = possibleAnswers(to: question.id).first
        }
      case .checks(let checks):
        judge(checks, of: step, on: &host, history: history)
        for prediction in predictions {
          compare(prediction, of: step, on: &host, history: history)
          answers[prediction.question.id] = possibleAnswers(to: prediction.question.id).first
        }
        predictions = []
      case .pause: break
      }
    }
    carryOut(step.transcriptsBehindGates, of: step, on: &host, history: &history)
  }

  private mutating func judgeUntouched(_ step: LessonStep, on host: inout Host) {
    var state = ObservedState(host: host, history: [])
    for check in step.checks {
      checks += 1
      switch check.verdict(in: &state) {
      case .fails: break
      case .holds: fail(check.location, step: step, "this check is true before anything is done")
      case .cannotJudge(let error): fail(error.location, step: step, "at the untouched start: \(error.message)")
      }
    }
    host = state.host
  }

  private mutating func judgeHints(
    _ step: LessonStep, on host: inout Host, history: [CommandOutcome], when: String
  ) {
    guard step.hints.contains(where: { $0.condition != nil }) else { return }
    var state = ObservedState(host: host, history: history)
    for hint in step.hints {
      guard let condition = hint.condition else { continue }
      do throws(ExpressionError) {
        _ = try condition.holds(in: &state)
      } catch {
        fail(hint.location, step: step, "the hint's condition \(when): \(error)")
      }
    }
    host = state.host
  }

  private mutating func carryOut(
    _ work: [LessonBlock], of step: LessonStep, on host: inout Host, history: inout [CommandOutcome]
  ) {
    for block in work {
      switch block {
      case .transcript(let transcript):
        for entry in transcript.entries {
          let isCompared = transcript.isTested && entry.expected.contains { !$0.isEmpty }
          history.append(replay(entry, isCompared: isCompared, of: step, on: &host))
          judgeHints(step, on: &host, history: history, when: "after `\(entry.command.line)`")
        }
      case .solution(let commands):
        for command in commands {
          history.append(run(command, of: step, on: &host))
          judgeHints(step, on: &host, history: history, when: "after `\(command.line)`")
        }
      default: break
      }
    }
  }

  private mutating func judge(
    _ checks: [LessonCheck], of step: LessonStep, on host: inout Host, history: [CommandOutcome]
  ) {
    var state = ObservedState(host: host, history: history)
    for check in checks {
      switch check.verdict(in: &state) {
      case .holds: break
      case .fails: fail(check.location, step: step, "the solution does not make this check true")
      case .cannotJudge(let error): fail(error.location, step: step, "after the solution: \(error.message)")
      }
    }
    host = state.host
  }

  // MARK: Questions

  /// A question as it is put with several seeds.
  private mutating func present(
    _ question: LessonQuestion, of step: LessonStep, on host: inout Host, history: [CommandOutcome]
  ) -> [PresentedQuestion] {
    var state = ObservedState(host: host, history: history)
    let rounds = question.varies ? min(self.rounds, question.variants.count) : 1
    let presented = (0..<rounds).map { round in
      PresentedQuestion(question, seed: machine.seed, round: round, in: &state)
    }
    host = state.host
    for problem in presented.flatMap(\.problems) { fail(problem.location, step: step, problem.message) }
    return presented
  }

  /// Compares a question's mark with what the machine says.
  private mutating func compare(
    _ presented: PresentedQuestion, of step: LessonStep, on host: inout Host, history: [CommandOutcome]
  ) {
    questions += 1
    var state = ObservedState(host: host, history: history)
    do throws(LessonError) {
      let truth = try presented.truth(in: &state)
      if record.questions[presented.question.id] == nil {
        record.questions[presented.question.id] = LessonRecord.Question(presented, truth)
      }
      if let error = presented.disagreement(with: truth) { throw error }
    } catch {
      let parameters = presented.variant.parameters.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
      fail(error.location, step: step, error.message + (parameters.isEmpty ? "" : " (with \(parameters))"))
    }
    host = state.host
  }

  // MARK: Commands

  private mutating func run(_ command: LessonCommand, of step: LessonStep, on host: inout Host) -> CommandOutcome {
    let outcome = host.run(command.line)
    if isRecording { record.outputs[command.location] = outcome.text }
    if let refusal = outcome.refusal { fail(command.location, step: step, "`\(command.line)` is refused: \(refusal)") }
    return outcome
  }

  private mutating func replay(
    _ entry: LessonTranscript.Entry, isCompared: Bool, of step: LessonStep, on host: inout Host
  ) -> CommandOutcome {
    // A refusal may be the point of a transcript, but only if the transcript shows it.
    guard isCompared else { return run(entry.command, of: step, on: &host) }
    let outcome = host.run(entry.command.line)
    if isRecording { record.outputs[entry.command.location] = outcome.text }
    comparedOutputs += 1
    guard let mismatch = TranscriptPattern(entry.expected).firstMismatch(in: outcome.text) else { return outcome }
    var location = entry.command.location
    location.line += 1 + mismatch.expectedLine
    location.column = 1
    let expected =
      mismatch.expectedLine < entry.expected.count ? "`\(entry.expected[mismatch.expectedLine])`" : "the end"
    let actual = mismatch.actual.map { "`\($0)`" } ?? "nothing more"
    fail(location, step: step, "`\(entry.command.line)` prints \(actual) where the lesson has \(expected)")
    return outcome
  }
}

extension Expression {
  /// Whether it reads more than answers.
  var readsMachine: Bool {
    root.parts.contains { node in
      switch node.kind {
      case .root, .query, .last: true
      default: false
      }
    }
  }

  /// The ids of the questions whose answers it reads.
  var mentionedQuestions: [String] {
    root.parts.compactMap { node in if case .answer(let question) = node.kind { question } else { nil } }
  }
}
