// What a student's transcript shows once it was replayed: which steps were done, which questions were answered right,
// which concepts that covers. It counts; a mark is for the teacher to give.

/// The grading of one transcript.
public struct StudentGrade: Codable, Equatable, Sendable {
  /// A step and what became of it.
  public struct Step: Codable, Equatable, Sendable {
    /// The step's id.
    public let step: String
    /// How far it was done in the replay.
    public let state: StepState
    /// Whether the solution was looked at first.
    public let solutionShown: Bool
  }

  /// A question and its answer.
  public struct Question: Codable, Equatable, Sendable {
    /// The question's id.
    public let question: String
    /// The step it belongs to.
    public let step: String
    /// The answer in words; nil if there was none.
    public let answer: String?
    /// Whether the machine agreed; nil if it was not judged.
    public let isCorrect: Bool?
    /// How sure the student was, where that was asked.
    public let confidence: AnswerConfidence?
    /// The misconception behind a wrong answer.
    public let misconception: String?
  }

  /// A concept and how much of it was done.
  public struct ConceptResult: Codable, Equatable, Sendable {
    /// The concept's id.
    public let concept: String
    /// How many of the lesson's steps that cover it were done without their solution.
    public let done: Int
    /// How many the student had to do.
    public let steps: Int
    /// How many of their questions were answered right.
    public let right: Int
    /// How many of them were asked.
    public let asked: Int
  }

  /// The student's name: that of the file.
  public let student: String
  /// The transcript's path.
  public let file: String
  /// The lesson's id.
  public let lesson: String
  /// How many commands there are.
  public let commands: Int
  /// The minutes from the first command to the last, as the transcript says.
  public let minutes: Double?
  /// Whether the transcript was cut off.
  public let isCutOff: Bool
  /// The first output that is not what the machine prints; nil if all are.
  public let difference: OutputDifference?
  /// Other things to know: another version, an earlier session, commands that cannot be replayed.
  public let notes: [String]
  /// Every step of the lesson.
  public let steps: [Step]
  /// Every question of the lesson.
  public let questions: [Question]
  /// Every concept of the lesson.
  public let concepts: [ConceptResult]

  /// Sums up a replay.
  ///
  /// - Parameters:
  ///   - transcript: The transcript.
  ///   - file: Its path.
  ///   - lesson: The lesson.
  ///   - progress: What the program recorded during the replay.
  ///   - difference: The first output that differs.
  ///   - notes: Other things to know.
  public init(
    of transcript: StudentTranscript, file: String, student: String, lesson: LessonDocument, progress: LessonProgress,
    difference: OutputDifference?, notes: [String]
  ) {
    self.student = student
    self.file = file
    self.lesson = lesson.id
    commands = transcript.entries.count
    let times = transcript.entries.compactMap(\.seconds)
    minutes = times.last.flatMap { last in times.first.map { (last - $0) / 60 } }
    isCutOff = !transcript.isEnded
    self.difference = difference
    self.notes = notes
    let steps = lesson.steps.map { step in
      Step(
        step: step.id, state: progress.state(of: step), solutionShown: progress.done[step.id]?.solutionShown ?? false)
    }
    let questions = lesson.steps.flatMap { step in
      step.questions.map { question in
        let answer = progress.answer(to: question)
        return Question(
          question: question.id, step: step.id, answer: answer?.answer.text, isCorrect: answer?.verdict?.isCorrect,
          confidence: answer?.confidence, misconception: answer?.verdict?.misconception)
      }
    }
    self.steps = steps
    self.questions = questions
    concepts = lesson.concepts.map { concept in
      let ids = lesson.steps.filter { $0.concepts.contains(concept) && $0.judgesSomething }.map(\.id)
      let own = steps.filter { ids.contains($0.step) && $0.state != .passedBy }
      let asked = questions.filter { ids.contains($0.step) && $0.answer != nil }
      return ConceptResult(
        concept: concept, done: own.count { $0.state == .done && !$0.solutionShown }, steps: own.count,
        right: asked.count { $0.isCorrect == true }, asked: asked.count)
    }
  }

  /// How many steps were done.
  public var stepsDone: Int { steps.count { $0.state == .done } }
  /// How many steps there were to do: those that no branch led around.
  public var stepsToDo: Int { steps.count { $0.state != .passedBy } }
  /// How many questions were answered right.
  public var answersRight: Int { questions.count { $0.isCorrect == true } }
  /// How many questions were answered.
  public var answersGiven: Int { questions.count { $0.answer != nil } }
}

/// The summary of a class.
public enum ClassSummary {
  /// A table of comma-separated values (RFC 4180), a line for each student; concepts have a column each with the part of
  /// their steps that was done, from 0 to 1.
  public static func csv(of grades: [StudentGrade]) -> String {
    var concepts: [String] = []
    for concept in Concept.identifiers where grades.contains(where: { $0.concepts.contains { $0.concept == concept } })
    {
      concepts.append(concept)
    }
    let head = [
      "student", "lesson", "replay", "first_difference_line", "steps_done", "steps_to_do", "answers_right",
      "answers_given", "sure_and_wrong", "solutions_shown", "commands", "minutes",
    ]
    let lines = grades.map { grade in
      let replay = grade.difference != nil ? "differs" : grade.isCutOff ? "cut off" : "same"
      let fields = [
        grade.student, grade.lesson, replay, grade.difference.map { String($0.line) } ?? "",
        String(grade.stepsDone), String(grade.stepsToDo), String(grade.answersRight), String(grade.answersGiven),
        String(grade.questions.count { $0.isCorrect == false && $0.confidence == .sure }),
        String(grade.steps.count(where: \.solutionShown)), String(grade.commands),
        grade.minutes.map { rounded($0) } ?? "",
      ]
      return fields
        + concepts.map { concept in
          guard let result = grade.concepts.first(where: { $0.concept == concept }), result.steps > 0 else { return "" }
          return rounded(Double(result.done) / Double(result.steps))
        }
    }
    return ([head + concepts] + lines).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func rounded(_ value: Double) -> String { String((value * 100).rounded() / 100) }

  private static func field(_ text: String) -> String {
    // A spreadsheet would take these for a formula.
    let text = text.first.map { "=+-@".contains($0) } == true ? "'" + text : text
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
