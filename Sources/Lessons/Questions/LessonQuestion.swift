// A question of a lesson as values: what is asked, in all its variants, and by which expressions the machine decides.
// No answer stands in here: the author's mark is for the reader, and callers must judge by the expressions.

/// A question (`predict`, `observe`, `quiz`).
public struct LessonQuestion: Equatable, Sendable {
  /// When a question is asked and judged.
  public enum Role: String, Codable, Sendable {
    /// Answered before the run, and judged when the check behind it has held.
    case predict
    /// Answered after a run, before the explanation, and judged at once.
    case observe
    /// Answered at any time, and judged at once.
    case quiz
  }

  /// When it is asked and judged.
  public let role: Role
  /// The id by which expressions and progress name it; unique in the lesson.
  public let id: String
  /// Whether the student is asked how sure they are.
  public let asksConfidence: Bool
  /// One variant for each combination of the parameters' values; a question without parameters has one.
  public let variants: [QuestionVariant]
  /// A hash of the block's text, by which progress notices that the question has changed.
  public let contentHash: String
  /// Where the block stands.
  public let location: LessonLocation

  /// Whether there is more than one variant.
  public var varies: Bool { variants.count > 1 }
}

/// A question with its parameters filled in.
public struct QuestionVariant: Equatable, Sendable {
  /// A parameter and its value.
  public struct Parameter: Equatable, Sendable {
    /// The name.
    public let name: String
    /// The value as it is put into the text.
    public let value: String
  }

  /// What was filled in.
  public let parameters: [Parameter]
  /// What is asked.
  public let prompt: QuestionText
  /// How it is answered and judged.
  public let form: QuestionForm
}

/// How a question is answered and judged.
public enum QuestionForm: Equatable, Sendable {
  /// One of several options. The option is true whose condition holds; with `answer`, the one that equals its value.
  case choice([QuestionOption], answer: LessonExpression?)
  /// A number.
  case number(QuestionNumber)
  /// An order of several items, by ascending value.
  case order([QuestionItem])
}

/// An option of a choice.
public struct QuestionOption: Equatable, Sendable {
  /// What it says.
  public let text: QuestionText
  /// Whether the author marked it as the true one.
  public let isMarked: Bool
  /// The name of the misconception behind it, and where it stands.
  public let misconception: MisconceptionName?
  /// When it is true; nil: when no other is, or when an `answer` decides.
  public let condition: LessonExpression?
  /// Where it stands.
  public let location: LessonLocation
}

/// A number that is asked for.
public struct QuestionNumber: Equatable, Sendable {
  /// How far an answer may be from the truth.
  public enum Tolerance: Equatable, Sendable {
    /// Not at all.
    case exact
    /// By a factor (`x2`).
    case factor(Double)
    /// By a part of the truth (`10%` is 0.1).
    case part(Double)
    /// By so much (`3`).
    case difference(Double)
  }

  /// What is counted, for example `traps`.
  public let unit: String?
  /// How far an answer may be from the truth.
  public let tolerance: Tolerance
  /// What the machine computes.
  public let answer: LessonExpression
}

/// An item to be put in order.
public struct QuestionItem: Equatable, Sendable {
  /// What it says.
  public let text: QuestionText
  /// The number by which it is ordered.
  public let value: LessonExpression
  /// Where it stands.
  public let location: LessonLocation
}

/// An expression and where it stands.
public struct LessonExpression: Equatable, Sendable {
  /// The expression.
  public let expression: Expression
  /// Where its first character stands.
  public let location: LessonLocation
}

/// A misconception's name in a lesson.
public struct MisconceptionName: Equatable, Sendable {
  /// The name; see ``MisconceptionCatalogue``.
  public let name: String
  /// Where it stands.
  public let location: LessonLocation
}
