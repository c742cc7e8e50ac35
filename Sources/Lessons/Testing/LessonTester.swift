// Proves that a lesson works: the untouched start fails every check, the commands of its solution satisfy all of them,
// and its transcripts are what the program prints. Callers must give it a host of its own: it begins fresh sessions.

/// The test of a lesson on a running program.
public struct LessonTester<Host: LessonHost> {
  private let lesson: LessonDocument
  private var failures: [LessonTestFailure] = []
  private var checks = 0
  private var comparedOutputs = 0

  private init(lesson: LessonDocument) { self.lesson = lesson }

  /// Tests every step in order, each from the state that the commands of the steps before it leave.
  public static func test(_ lesson: LessonDocument, on host: inout Host) -> LessonTestReport {
    var tester = LessonTester(lesson: lesson)
    tester.run(on: &host)
    return LessonTestReport(
      lesson: lesson.id, steps: lesson.steps.count, checks: tester.checks, comparedOutputs: tester.comparedOutputs,
      failures: tester.failures)
  }

  private mutating func run(on host: inout Host) {
    do throws(LessonHostError) {
      try host.begin(lesson.machine)
    } catch {
      fail(LessonLocation(file: lesson.file, line: 1), step: nil, "the lesson's machine cannot be set up: \(error)")
      return
    }
    for step in lesson.steps { test(step, on: &host) }
  }

  private mutating func fail(_ location: LessonLocation, step: LessonStep?, _ message: String) {
    failures.append(LessonTestFailure(location: location, step: step?.id, message: message))
  }

  private mutating func test(_ step: LessonStep, on host: inout Host) {
    var state = ObservedState(host: host, history: [])
    for check in step.checks {
      checks += 1
      switch check.verdict(in: &state) {
      case .fails: break
      case .holds: fail(check.location, step: step, "this check is true before anything is done")
      case .cannotJudge(let error): fail(error.location, step: step, "at the untouched start: \(error.message)")
      }
    }
    for hint in step.hints {
      guard let condition = hint.condition else { continue }
      do throws(ExpressionError) {
        _ = try condition.holds(in: &state)
      } catch {
        fail(hint.location, step: step, "the hint's condition at the untouched start: \(error)")
      }
    }
    host = state.host
    var history: [CommandOutcome] = []
    var predictions: [PresentedQuestion] = []
    for gate in step.gates {
      carryOut(gate.work, of: step, on: &host, history: &history)
      switch gate.kind {
      case .question(let question):
        var state = ObservedState(host: host, history: history)
        let presented = PresentedQuestion(question, seed: lesson.machine.seed, round: 0, in: &state)
        host = state.host
        for problem in presented.problems { fail(problem.location, step: step, problem.message) }
        if question.role == .predict {
          predictions.append(presented)
        } else {
          compare(presented, of: step, on: &host, history: history)
        }
      case .checks(let checks):
        judge(checks, of: step, on: &host, history: history)
        for prediction in predictions { compare(prediction, of: step, on: &host, history: history) }
        predictions = []
      case .pause: break
      }
    }
    carryOut(step.transcriptsBehindGates, of: step, on: &host, history: &history)
  }

  private mutating func carryOut(
    _ work: [LessonBlock], of step: LessonStep, on host: inout Host, history: inout [CommandOutcome]
  ) {
    for block in work {
      switch block {
      case .transcript(let transcript): history += replay(transcript, of: step, on: &host)
      case .solution(let commands): history += commands.map { run($0, of: step, on: &host) }
      default: break
      }
    }
  }

  /// Compares a question's mark with what the machine says.
  private mutating func compare(
    _ question: PresentedQuestion, of step: LessonStep, on host: inout Host, history: [CommandOutcome]
  ) {
    var state = ObservedState(host: host, history: history)
    do throws(LessonError) {
      if let error = question.disagreement(with: try question.truth(in: &state)) { throw error }
    } catch {
      fail(error.location, step: step, error.message)
    }
    host = state.host
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

  private mutating func run(_ command: LessonCommand, of step: LessonStep, on host: inout Host) -> CommandOutcome {
    let outcome = host.run(command.line)
    if let refusal = outcome.refusal { fail(command.location, step: step, "`\(command.line)` is refused: \(refusal)") }
    return outcome
  }

  private mutating func replay(
    _ transcript: LessonTranscript, of step: LessonStep, on host: inout Host
  ) -> [CommandOutcome] {
    var history: [CommandOutcome] = []
    for entry in transcript.entries {
      let isCompared = transcript.isTested && entry.expected.contains { !$0.isEmpty }
      // A refusal may be the point of a transcript, but only if the transcript shows it.
      guard isCompared else {
        history.append(run(entry.command, of: step, on: &host))
        continue
      }
      let outcome = host.run(entry.command.line)
      history.append(outcome)
      comparedOutputs += 1
      guard let mismatch = TranscriptPattern(entry.expected).firstMismatch(in: outcome.text) else { continue }
      var location = entry.command.location
      location.line += 1 + mismatch.expectedLine
      location.column = 1
      let expected =
        mismatch.expectedLine < entry.expected.count ? "`\(entry.expected[mismatch.expectedLine])`" : "the end"
      let actual = mismatch.actual.map { "`\($0)`" } ?? "nothing more"
      fail(location, step: step, "`\(entry.command.line)` prints \(actual) where the lesson has \(expected)")
    }
    return history
  }
}

/// Something that is wrong with a lesson on this program.
public struct LessonTestFailure: Codable, Equatable, Sendable, CustomStringConvertible {
  /// The lesson's file.
  public let file: String
  /// The line in it.
  public let line: Int
  /// The column in it.
  public let column: Int
  /// The step's id; nil for the lesson as a whole.
  public let step: String?
  /// What is wrong.
  public let message: String

  init(location: LessonLocation, step: String?, message: String) {
    file = location.file
    line = location.line
    column = location.column
    self.step = step
    self.message = message
  }

  /// The message on one line, beginning with the location.
  public var description: String { "\(file):\(line):\(column): \(message)" }
}

/// What the test of a lesson found.
public struct LessonTestReport: Codable, Equatable, Sendable {
  /// The lesson's id.
  public let lesson: String
  /// How many steps it has.
  public let steps: Int
  /// How many checks were judged, each before and after the solution.
  public let checks: Int
  /// How many outputs were compared with their transcripts.
  public let comparedOutputs: Int
  /// Everything that is wrong.
  public let failures: [LessonTestFailure]

  /// Whether nothing is wrong.
  public var passed: Bool { failures.isEmpty }
}
