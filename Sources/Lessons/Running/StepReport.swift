// What the runner says about the present step after something has happened. Values only: the program shows them.

/// How the current step stands after a command or an answer.
public struct StepReport: Equatable, Sendable {
  /// A check and what became of it.
  public struct Judgement: Equatable, Sendable {
    /// The check.
    public let check: LessonCheck
    /// What became of it.
    public let verdict: CheckVerdict
  }

  /// Each check of the gate that was shut before; none if that was no check.
  public var judgements: [Judgement] = []
  /// The answers that were judged now.
  public var answers: [JudgedAnswer] = []
  /// The numbers of the step's blocks that can be read now and could not before.
  public var revealed: Range<Int> = 0..<0
  /// Whether the step is done: now, or at some moment before.
  public var isDone = false
  /// Whether it was done just now.
  public var isJustDone = false
  /// Whether a hint can be had that fits the state.
  public var offersHint = false
}

/// An answer and what the machine said to it.
public struct JudgedAnswer: Equatable, Sendable {
  /// The question.
  public let question: LessonQuestion
  /// The answer; its verdict is nil if the machine does not decide the question.
  public let record: AnswerRecord
  /// Why there is no verdict: a mistake of the lesson.
  public let problem: LessonError?
  /// What is so instead of what a wrong answer suggests, if the lessons' catalogue has it.
  public let contrast: Misconception?

  /// Whether the contrast is to be shown in full, because the student was wrong and sure.
  public var isContrastFull: Bool { record.confidence == .sure }
  /// Whether the same question can be had with other parameters.
  public var offersAgain: Bool { question.varies && record.verdict?.isCorrect == false }
}

/// A question as it stands with the student.
public enum QuestionView: Equatable, Sendable {
  /// It is open.
  case open(PresentedQuestion)
  /// It was answered; the question is nil if it can no longer be shown as it was.
  case answered(PresentedQuestion?, AnswerRecord)
  /// It was not reached, or left out.
  case unanswered
}

/// What came of the wish to go on or back.
public enum LessonMove: Equatable, Sendable {
  /// Why a student stays.
  public enum Refusal: Equatable, Sendable {
    /// The step has to be done first.
    case mustBeDone
    /// The question has to be answered first; how that is done.
    case answerFirst(usage: String)
    /// The step has to be done, or its solution has to be looked at.
    case solutionFirst
    /// There is no step before the first.
    case isFirst
    /// The student plays in a copy and has to come back first.
    case inSandbox
  }

  /// Another step is now the current one.
  case moved
  /// A pause is over: more of the same step can be read.
  case revealed(StepReport)
  /// The last step is done.
  case finished
  /// Nothing changed.
  case refused(Refusal)
}

/// What `lesson resume` came to.
public enum LessonReturn: Equatable, Sendable {
  /// The state at the moment when the sandbox was opened.
  case fromSandbox
  /// The state in which the step began.
  case toStepStart
}

/// What helps a student who does not find the way.
public struct StepSolution: Equatable, Sendable {
  /// The commands that do what the student is asked for now.
  public var commands: [LessonCommand] = []
  /// What the machine says to the question that is open now, in words.
  public var answer: String?
  /// Whether a prediction is open: then there is nothing to tell, because any answer will do.
  public var isPrediction = false
}
