// Which step of which lesson has a student do each claim. It judges what the files say; that the steps work is for
// `LessonTester` to show.

/// The coverage of the claims by lessons.
public struct ConceptCoverage: Codable, Equatable, Sendable {
  /// A step that covers a claim.
  public struct Place: Codable, Equatable, Sendable {
    /// The lesson's id.
    public let lesson: String
    /// The step's id.
    public let step: String
  }

  /// How far a claim is covered.
  public enum State: String, Codable, Sendable {
    /// A step has it done.
    case covered
    /// A step has it done as far as the program goes.
    case inPart = "in-part"
    /// No step can have it done yet.
    case pending
    /// No step has it done, though the program could.
    case empty
  }

  /// One claim.
  public struct Row: Codable, Equatable, Sendable {
    /// The claim's id.
    public let concept: String
    /// What it says.
    public let claim: String
    /// How far it is covered.
    public let state: State
    /// The steps that cover it, in the order of teaching.
    public let steps: [Place]
    /// What the program lacks, if the claim is pending in whole or in part.
    public let pending: String?
  }

  /// Every claim.
  public let rows: [Row]

  /// Whether no claim is left empty.
  public var isComplete: Bool { !rows.contains { $0.state == .empty } }

  /// The coverage of `claims` by `lessons`.
  ///
  /// A step covers a claim if its heading names it and the step judges something: a check or a question.
  public init(of claims: [ConceptClaim] = Concept.claims, by lessons: [LessonDocument]) {
    var places: [String: [Place]] = [:]
    for lesson in lessons {
      for step in lesson.steps where step.judgesSomething {
        for concept in step.concepts { places[concept, default: []].append(Place(lesson: lesson.id, step: step.id)) }
      }
    }
    rows = claims.map { claim in
      let steps = places[claim.id] ?? []
      let state: State =
        switch (steps.isEmpty, claim.pending != nil) {
        case (false, false): .covered
        case (false, true): .inPart
        case (true, true): .pending
        case (true, false): .empty
        }
      return Row(concept: claim.id, claim: claim.text, state: state, steps: steps, pending: claim.pending)
    }
  }
}

extension LessonStep {
  /// Whether the step judges what the student did or thinks.
  var judgesSomething: Bool { !checks.isEmpty || !questions.isEmpty }
}
