// What is kept of a student's way through one lesson. Steps are named by id and content, never by position, so that a
// lesson may be edited under its students.

/// A student's way through one lesson.
public struct LessonProgress: Codable, Equatable, Sendable {
  /// A step that was done.
  public struct DoneStep: Codable, Equatable, Sendable {
    /// The hash of the step's text when it was done.
    public var contentHash: String
    /// Whether the student saw the solution first.
    public var solutionShown: Bool
  }

  /// The version of this record's shape.
  static let currentFormat = 1

  var format = LessonProgress.currentFormat
  /// The lesson's id.
  public let lesson: String
  /// The steps done, by id.
  public var done: [String: DoneStep] = [:]
  /// The step the student is at; nil before the first.
  public var current: String?
  /// The commands since the lesson began that may have changed something, by which its state can be built again.
  public var journal: [String] = []

  /// An empty record for a lesson.
  public init(lesson: String) { self.lesson = lesson }

  /// What the record says of a step.
  public func state(of step: LessonStep) -> StepState {
    guard let record = done[step.id] else { return .open }
    return record.contentHash == step.contentHash ? .done : .changedSinceDone
  }

  /// Takes over the steps that another terminal has done meanwhile.
  mutating func merge(_ other: LessonProgress) {
    done.merge(other.done) { mine, _ in mine }
  }
}

/// How far a student is with a step.
public enum StepState: String, Equatable, Sendable {
  /// Not done.
  case open
  /// Done.
  case done
  /// Done, and rewritten by the lesson's author since.
  case changedSinceDone
}
