// The ways through a lesson: `lesson next`, `skip`, `back`, `restart`, `sandbox` and `resume`.

import Lessons

/// Goes on: over a pause, or to the next step.
struct LessonNextCommand: Command {
  let name = "lesson next"
  let aliases = ["next"]
  let group = CommandGroup.learning
  let summary = "go on, to the next step once this one is done"
  let effect = CommandEffect.takesBack
  let help = CommandHelp(
    "A step is done when its questions are answered and its checks hold. `lesson skip` goes on without.",
    examples: ["lesson next"], next: ["lesson check", "lesson hint", "lesson skip"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    return try session.moving(lesson) { $0.next() }
  }
}

/// Goes on without doing the step.
struct LessonSkipCommand: Command {
  let name = "lesson skip"
  let group = CommandGroup.learning
  let summary = "go on without doing the step"
  let effect = CommandEffect.takesBack
  let help = CommandHelp(
    """
    If the lesson allows it, for most lessons after `lesson solution`. The step's solution is carried out, because \
    later steps build on it, and the step is marked as skipped.
    """,
    examples: ["lesson skip"], next: ["lesson status", "lesson back"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    return try session.moving(lesson) { $0.skip() }
  }
}

/// Goes to the step before.
struct LessonBackCommand: Command {
  let name = "lesson back"
  let aliases = ["lesson previous"]
  let group = CommandGroup.learning
  let summary = "look at the step before"
  let effect = CommandEffect.takesBack
  let help = CommandHelp("The systems stay as they are.", examples: ["lesson back"], next: ["lesson next"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    return try session.moving(lesson) { $0.back() }
  }
}

/// Begins the present step again.
struct LessonRestartCommand: Command {
  let name = "lesson restart"
  let aliases = ["lesson reset"]
  let group = CommandGroup.learning
  let summary = "put the systems back to the beginning of the step"
  let effect = CommandEffect.takesBack
  let help = CommandHelp(
    "Other steps keep what was done in them, and answers stay answered.", examples: ["lesson restart"],
    next: ["lesson status"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    lesson.restartStep()
    return CommandResult(StepValue(lesson), next: lesson.nextHint)
  }
}

/// Lets the student play in a copy.
struct LessonSandboxCommand: Command {
  let name = "lesson sandbox"
  let aliases = ["sandbox"]
  let group = CommandGroup.learning
  let summary = "play freely in a copy; `lesson resume` comes back"
  let effect = CommandEffect.takesBack
  let help = CommandHelp(
    "Nothing is judged or kept meanwhile, and nothing can go wrong: `lesson resume` brings this very state back.",
    examples: ["lesson sandbox"], next: ["lesson resume"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    let wasInSandbox = lesson.runner.isInSandbox
    lesson.enterSandbox()
    return CommandResult(
      PlaceValue(
        lesson,
        says: wasInSandbox
          ? "You are playing in a copy already." : "You are playing in a copy now. Nothing is judged or kept."),
      next: "`lesson resume` comes back to the lesson, as it is now.")
  }
}

/// Comes back from free play.
struct LessonResumeCommand: Command {
  let name = "lesson resume"
  let group = CommandGroup.learning
  let summary = "come back from the sandbox, or to where the step began"
  let effect = CommandEffect.takesBack
  let help = CommandHelp(
    """
    After `lesson sandbox`: the very state in which it began. Otherwise the state in which the step began, for when \
    something went wrong. Outside a lesson it is `lesson start`.
    """,
    examples: ["lesson resume"], next: ["lesson status", "lesson sandbox"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    guard let lesson = session.lesson else {
      let start = LessonStartCommand()
      let none = try Arguments([], format: nil, of: start, source: arguments.source, in: session)
      return try start.run(none, in: session)
    }
    switch lesson.resume() {
    case .fromSandbox:
      return CommandResult(
        PlaceValue(lesson, says: "Back in the lesson, in the state that you left. `lesson status` shows the step."),
        next: lesson.nextHint)
    case .toStepStart:
      return CommandResult(
        PlaceValue(lesson, says: "You were in no sandbox: the systems are as they were when this step began."),
        next: lesson.nextHint)
    }
  }
}

extension Session {
  /// The lesson that the user is in.
  func currentLesson() throws(CommandError) -> LessonInProgress {
    guard let lesson else {
      throw CommandError(
        .wrongState, "you are in no lesson", hint: "`lesson start` begins one, `lesson list` lists them")
    }
    return lesson
  }

  /// Moves in a lesson and says what came of it.
  fileprivate func moving(
    _ lesson: LessonInProgress, _ move: (LessonInProgress) -> LessonMove
  ) throws(CommandError) -> CommandResult {
    // Commands that the lesson carries out are not the student's.
    self.lesson = nil
    let result = move(lesson)
    self.lesson = lesson
    for note in lesson.runner.takeNotes() { self.note(note) }
    switch result {
    case .moved:
      lessonLog?.enter(lesson.runner.step.id)
      return CommandResult(StepValue(lesson), next: lesson.nextHint)
    case .revealed(let report): return CommandResult(ReportValue(report, lesson))
    case .finished:
      self.lesson = nil
      endLessonLog()
      return CommandResult(FinishedValue(lesson), next: "`lesson list` has the others.")
    case .refused(let refusal): throw Self.error(for: refusal, in: lesson)
    }
  }

  private static func error(for refusal: LessonMove.Refusal, in lesson: LessonInProgress) -> CommandError {
    // Before an audience a step is done by `reveal`, and hands are counted in the place of answers.
    let before = lesson.presentation == nil ? nil : lesson.nextHint
    return switch refusal {
    case .mustBeDone:
      CommandError(
        .wrongState, "this step has to be done first",
        hint: before ?? "`lesson check` says what is missing, `lesson hint` helps, `lesson skip` goes on without")
    case .answerFirst(let usage):
      CommandError(.wrongState, "there is a question to answer first", hint: before ?? usage)
    case .solutionFirst:
      CommandError(
        .wrongState, "this lesson is skipped only with open eyes",
        hint: "`lesson solution` shows what does the step; then `lesson skip`")
    case .isFirst: CommandError(.wrongState, "this is the first step", hint: "`lesson status` shows all")
    case .inSandbox:
      CommandError(.wrongState, "you are playing in a copy", hint: "`lesson resume` comes back to the lesson first")
    }
  }
}

extension LessonInProgress {
  /// What to try next in the present step.
  var nextHint: String? { StepText(self).next }
}
