// `answer` and `lesson again`: the student's side of a question.

import Lessons

/// Answers the open question.
struct AnswerCommand: Command {
  let name = "answer"
  let aliases = ["ans", "lesson answer"]
  let group = CommandGroup.learning
  let summary = "answer the question of the lesson's step"
  let help = CommandHelp(
    """
    A letter for a choice, a number, or all letters in your order; then `sure`, `think` or `guess` where it is asked. \
    A prediction is locked with its answer, and the machine judges it once you have made the run.
    """,
    examples: ["answer b", "answer b sure", "answer 400", "answer b a c"], next: ["lesson status", "lesson again"])
  var parameters: [any CommandParameter] { [Self.words] }

  private static let words = Remaining(
    "ANSWER", ArgumentKind<String>.text, minimum: 0, "a letter, a number or letters; then how sure you are")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    let question = lesson.runner.openQuestion
    do throws(AnswerError) {
      let report = try lesson.answer(arguments[Self.words])
      for note in lesson.runner.takeNotes() { session.note(note) }
      return CommandResult(AnswerValue(question, report, lesson))
    } catch {
      throw CommandError(.invalidArgument, error.message, hint: error.hint, at: arguments.span(of: Self.words))
    }
  }
}

/// Puts a question again.
struct LessonAgainCommand: Command {
  let name = "lesson again"
  let aliases = ["again"]
  let group = CommandGroup.learning
  let summary = "the last question once more, with other values"
  let help = CommandHelp(
    "Works for questions that are drawn from a seed. The step does not wait for the answer.",
    examples: ["lesson again"], next: ["answer", "lesson next"])
  var parameters: [any CommandParameter] { [Self.question] }

  private static let question = Optionally("QUESTION", ArgumentKind<String>.text, "its id; the last one if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    guard lesson.again(arguments[Self.question]) != nil else {
      throw CommandError(
        .wrongState, "there is no answered question with other values in this step",
        hint: "`lesson status` shows the step")
    }
    for note in lesson.runner.takeNotes() { session.note(note) }
    return CommandResult(QuestionValue(lesson), next: lesson.nextHint)
  }
}
