// What is kept of a student's way through one lesson. Steps and questions are named by id and content, never by
// position, so that a lesson may be edited under its students.

/// A student's way through one lesson.
public struct LessonProgress: Codable, Equatable, Sendable {
  /// A step that was done.
  public struct DoneStep: Codable, Equatable, Sendable {
    /// The hash of the step's text when it was done.
    public var contentHash: String
    /// Whether the student saw the solution first.
    public var solutionShown: Bool
    /// Whether the student went on without doing it.
    public var isSkipped: Bool?
  }

  /// How far a step was done.
  public struct OpenedStep: Codable, Equatable, Sendable {
    /// The hash of the step's text then.
    public var contentHash: String
    /// How many of its gates were open.
    public var gates: Int
  }

  /// The version of this record's shape.
  static let currentFormat = 2

  var format = LessonProgress.currentFormat
  /// The lesson's id.
  public let lesson: String
  /// What the student's own questions are drawn from; nil: the seed of the lesson's machine.
  public var seed: UInt64?
  /// The steps done, by id.
  public var done: [String: DoneStep] = [:]
  /// The steps begun, by id.
  public var opened: [String: OpenedStep] = [:]
  /// The answers, by the question's id.
  public var answers: [String: AnswerRecord] = [:]
  /// The ids of steps that a branch led around.
  public var passedBy: Set<String> = []
  /// The step the student is at; nil before the first.
  public var current: String?
  /// The machine that the journal was written on.
  public var machine: String?
  /// The commands since the lesson began that may have changed something, by which its state can be built again.
  public var journal: [String] = []
  /// How long the journal was when each step was begun, by the step's id.
  public var starts: [String: Int] = [:]

  /// An empty record for a lesson.
  public init(lesson: String) { self.lesson = lesson }

  private enum CodingKeys: CodingKey {
    case format, lesson, seed, done, opened, answers, passedBy, current, machine, journal, starts
  }

  /// Reads a record of this format or an earlier one.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let format = try container.decode(Int.self, forKey: .format)
    guard (1...Self.currentFormat).contains(format) else {
      throw DecodingError.dataCorruptedError(forKey: .format, in: container, debugDescription: "a newer format")
    }
    lesson = try container.decode(String.self, forKey: .lesson)
    seed = try container.decodeIfPresent(UInt64.self, forKey: .seed)
    done = try container.decode([String: DoneStep].self, forKey: .done)
    // Format 1 knew neither gates nor questions.
    opened = try container.decodeIfPresent([String: OpenedStep].self, forKey: .opened) ?? [:]
    answers = try container.decodeIfPresent([String: AnswerRecord].self, forKey: .answers) ?? [:]
    passedBy = try container.decodeIfPresent(Set<String>.self, forKey: .passedBy) ?? []
    current = try container.decodeIfPresent(String.self, forKey: .current)
    machine = try container.decodeIfPresent(String.self, forKey: .machine)
    journal = try container.decode([String].self, forKey: .journal)
    starts = try container.decodeIfPresent([String: Int].self, forKey: .starts) ?? [:]
  }

  /// What the record says of a step.
  public func state(of step: LessonStep) -> StepState {
    guard let record = done[step.id] else { return passedBy.contains(step.id) ? .passedBy : .open }
    if record.contentHash != step.contentHash { return .changedSinceDone }
    return record.isSkipped == true ? .skipped : .done
  }

  /// The answer to a question, unless the question has changed since.
  public func answer(to question: LessonQuestion) -> AnswerRecord? {
    guard let record = answers[question.id], record.contentHash == question.contentHash else { return nil }
    return record
  }

  /// Takes over what another terminal has done meanwhile.
  mutating func merge(_ other: LessonProgress) {
    done.merge(other.done) { mine, _ in mine }
    opened.merge(other.opened) { mine, _ in mine }
    passedBy.formUnion(other.passedBy)
    passedBy.subtract(done.keys)
    answers.merge(other.answers) { mine, theirs in
      // A later round replaces an earlier one, and a judged answer one that waits for its judgement.
      if mine.round != theirs.round { return mine.round > theirs.round ? mine : theirs }
      return mine.verdict == nil && theirs.verdict != nil ? theirs : mine
    }
  }
}

/// How far a student is with a step.
public enum StepState: String, Codable, Equatable, Sendable {
  /// Not done.
  case open
  /// Done.
  case done
  /// Done, and rewritten by the lesson's author since.
  case changedSinceDone
  /// Left without doing it.
  case skipped
  /// Not needed: a branch led around it.
  case passedBy
}

/// A student's answer to a question, as it is kept.
public struct AnswerRecord: Codable, Equatable, Sendable {
  /// The hash of the question's text then.
  public let contentHash: String
  /// How often the question had been put before.
  public let round: Int
  /// What the student saw.
  public let shown: PresentedQuestion.Shown
  /// What the student answered.
  public let answer: GivenAnswer
  /// How sure they were, where that was asked.
  public let confidence: AnswerConfidence?
  /// What the machine said; nil while it is not known.
  public var verdict: AnswerVerdict?
}

/// What the machine said to an answer.
public struct AnswerVerdict: Codable, Equatable, Sendable {
  /// Whether the answer was right.
  public let isCorrect: Bool
  /// What is so, in words.
  public let truth: String
  /// The values that decided it.
  public let evidence: [String]
  /// The misconception behind the answer, where the lesson names one.
  public let misconception: String?
}
