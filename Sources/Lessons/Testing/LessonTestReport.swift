// What the test of a lesson found, as values.

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

  /// The same failure with words in front of its message.
  func prefixed(by words: String) -> LessonTestFailure {
    LessonTestFailure(
      location: LessonLocation(file: file, line: line, column: column), step: step, message: words + message)
  }

  /// The message on one line, beginning with the location.
  public var description: String { "\(file):\(line):\(column): \(message)" }
}

/// What the test of a lesson found.
public struct LessonTestReport: Codable, Equatable, Sendable {
  /// The lesson's id.
  public let lesson: String
  /// The ids of its steps.
  public let stepIDs: [String]
  /// The kernels on which it was tested.
  public let kernels: [String]
  /// How many checks were judged, each before and after the solution, on all ways and kernels.
  public let checks: Int
  /// How many questions were compared with the machine, each variant for itself.
  public let questions: Int
  /// How many outputs were compared with their transcripts.
  public let comparedOutputs: Int
  /// How many arms of branches were walked.
  public let branchArms: Int
  /// The steps that no way led to: what the machine's state decides at a branch, only other commands could show.
  public let notReached: [String]
  /// Everything that is wrong.
  public let failures: [LessonTestFailure]

  /// How many steps it has.
  public var steps: Int { stepIDs.count }

  /// Whether nothing is wrong.
  public var passed: Bool { failures.isEmpty }
}

extension LessonTestReport {
  /// The report of a lesson whose test could not be made.
  public init(failed file: String, _ message: String) {
    let failure = LessonTestFailure(location: LessonLocation(file: file, line: 1), step: nil, message: message)
    self.init(
      lesson: file, stepIDs: [], kernels: [], checks: 0, questions: 0, comparedOutputs: 0, branchArms: 0,
      notReached: [],
      failures: [failure])
  }
}

/// What the machine said on the way through a lesson.
public struct LessonRecord: Equatable, Sendable {
  /// A question and its answer.
  public struct Question: Equatable, Sendable {
    /// The question as it was put, with its values filled in.
    public let presented: PresentedQuestion
    /// What was true.
    public let truth: QuestionTruth

    init(_ presented: PresentedQuestion, _ truth: QuestionTruth) {
      self.presented = presented
      self.truth = truth
    }
  }

  /// What each command printed, by its place in the file.
  public internal(set) var outputs: [LessonLocation: String] = [:]
  /// Every question that was judged, by its id.
  public internal(set) var questions: [String: Question] = [:]
  /// What is wrong with the lesson.
  public internal(set) var failures: [LessonTestFailure] = []

  /// A record of nothing.
  public init() {}
}
