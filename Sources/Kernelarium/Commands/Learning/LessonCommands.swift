// `lesson list`, `lesson start` and the way through a lesson's steps.

import Lessons

extension ArgumentKind where Value == LessonDocument {
  /// A lesson by its id or an unambiguous beginning of it.
  static let lesson = ArgumentKind(
    parse: { token, _ throws(CommandError) in
      let library = LessonPlaces.library()
      if let lesson = library.lesson(named: token.text) { return lesson }
      if let broken = library.errors.first(where: { $0.location.file.contains(token.text) }) {
        throw CommandError(.lesson, broken.description, hint: "`lesson list` has the others", at: token.span)
      }
      throw CommandError(
        .unknownName, "there is no lesson `\(token.text)`",
        hint: library.nearestID(to: token.text).map { "did you mean `\($0)`?" } ?? "`lesson list` lists them",
        at: token.span)
    },
    candidates: { _, _ in LessonPlaces.library().lessons.map(\.id) })
}

/// Lists the lessons.
struct LessonListCommand: Command {
  let name = "lesson list"
  let aliases = ["lesson ls", "lessons"]
  let group = CommandGroup.learning
  let summary = "the lessons, and how far you are"
  let help = CommandHelp(
    """
    Lessons are Markdown files in the program's folder and in those named by KERNELARIUM_LESSONS. One that cannot be \
    read is listed with its error.
    """,
    examples: ["lesson list"], next: ["lesson start"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let library = LessonPlaces.library()
    let store = LessonPlaces.store()
    for note in library.notes { session.note(note) }
    return CommandResult(
      LessonListing(library, store: store), next: "`lesson start` begins with the first that is not done.")
  }
}

/// Begins a lesson.
struct LessonStartCommand: Command {
  let name = "lesson start"
  let aliases = ["lesson resume"]
  let group = CommandGroup.learning
  let summary = "begin a lesson, or go on where you left"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    Your systems are put away and the lesson's own is booted; what you did in the lesson before is done again, \
    command by command. Everything you type works as ever: a step is done when the machine's state says so, whatever \
    the way. `--over` forgets your progress in it.
    """,
    examples: ["lesson start", "lesson start machine", "lesson start machine --over"],
    next: ["lesson next", "lesson hint", "lesson quit"])
  var parameters: [any CommandParameter] { [Self.lesson, Self.over] }

  private static let lesson = Optionally(
    "LESSON", ArgumentKind<LessonDocument>.lesson, "its id; the first that is not done if not given")
  private static let over = FlagOption("--over", "begin at the first step")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let document: LessonDocument
    if let named = arguments[Self.lesson] { document = named } else { document = try Self.firstOpen() }
    let lesson = LessonInProgress(document, store: LessonPlaces.store(), in: session)
    // Commands that the lesson carries out are not the student's.
    session.lesson = nil
    do {
      try lesson.start(over: arguments[Self.over])
    } catch {
      throw CommandError(.lesson, "the lesson's machine cannot be booted: \(error.message)", hint: "`lesson list`")
    }
    session.lesson = lesson
    for note in lesson.runner.takeNotes() { session.note(note) }
    return CommandResult(StepValue(lesson, showsIntroduction: lesson.runner.position == 0), next: lesson.nextHint)
  }

  private static func firstOpen() throws(CommandError) -> LessonDocument {
    let library = LessonPlaces.library()
    let store = LessonPlaces.store()
    let open = library.lessons.first { lesson in
      let progress = store.load(lesson: lesson.id).progress
      return lesson.steps.contains { progress.state(of: $0) == .open }
    }
    guard let lesson = open ?? library.lessons.first else {
      throw CommandError(
        .lesson, "there are no lessons", hint: "name a folder of lessons in KERNELARIUM_LESSONS")
    }
    return lesson
  }
}

/// Shows where the student is.
struct LessonStatusCommand: Command {
  let name = "lesson status"
  let aliases = ["lesson show", "lesson step"]
  let group = CommandGroup.learning
  let summary = "the present step again, and the way so far"
  let help = CommandHelp(
    "Shows the step's text and every step of the lesson.", examples: ["lesson status"], next: ["lesson next"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    return CommandResult(StepValue(lesson, showsOverview: true), next: lesson.nextHint)
  }
}

/// Goes to the next step.
struct LessonNextCommand: Command {
  let name = "lesson next"
  let aliases = ["lesson skip", "next"]
  let group = CommandGroup.learning
  let summary = "go to the next step"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    When the step is done, or when the lesson lets it be skipped: then its solution is carried out, because later \
    steps build on it.
    """,
    examples: ["lesson next"], next: ["lesson check", "lesson hint"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    session.lesson = nil
    let move = lesson.next()
    session.lesson = lesson
    return try session.result(of: move, lesson)
  }
}

/// Goes to the step before.
struct LessonBackCommand: Command {
  let name = "lesson back"
  let aliases = ["lesson previous"]
  let group = CommandGroup.learning
  let summary = "look at the step before"
  let help = CommandHelp("The systems stay as they are.", examples: ["lesson back"], next: ["lesson next"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    return try session.result(of: lesson.back(), lesson)
  }
}

/// Judges the present step.
struct LessonCheckCommand: Command {
  let name = "lesson check"
  let group = CommandGroup.learning
  let summary = "is the step done? What is missing?"
  let help = CommandHelp(
    "Checks are conditions on the machine's state, judged in a copy: asking changes nothing.",
    examples: ["lesson check"],
    next: ["lesson hint", "lesson next"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    let report = lesson.check()
    return CommandResult(
      CheckValue(report, lesson), next: report.isDone ? "`lesson next` goes on." : "`lesson hint` helps.")
  }
}

/// Shows a hint.
struct LessonHintCommand: Command {
  let name = "lesson hint"
  let aliases = ["hint"]
  let group = CommandGroup.learning
  let summary = "a hint that fits the state of things"
  let help = CommandHelp(
    "Each time another one, while there are any.", examples: ["lesson hint"], next: ["lesson solution"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    return CommandResult(
      HintValue(hint: lesson.hint()), next: "`lesson solution` shows the commands.")
  }
}

/// Shows the solution.
struct LessonSolutionCommand: Command {
  let name = "lesson solution"
  let aliases = ["lesson answer"]
  let group = CommandGroup.learning
  let summary = "the commands that do the step"
  let help = CommandHelp(
    "They are shown, not run. Your progress remembers it.", examples: ["lesson solution"], next: ["lesson next"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    return CommandResult(SolutionValue(commands: lesson.runner.solution().map(\.line)))
  }
}

/// Begins the present step again.
struct LessonRestartCommand: Command {
  let name = "lesson restart"
  let aliases = ["lesson reset"]
  let group = CommandGroup.learning
  let summary = "put the systems back to the beginning of the step"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    "Other steps keep what was done in them.", examples: ["lesson restart"], next: ["lesson status"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    lesson.restartStep()
    return CommandResult(StepValue(lesson), next: lesson.nextHint)
  }
}

/// Leaves the lesson.
struct LessonQuitCommand: Command {
  let name = "lesson quit"
  let aliases = ["lesson leave", "lesson stop"]
  let group = CommandGroup.learning
  let summary = "leave the lesson; progress is kept"
  let help = CommandHelp(
    "The systems stay as they are; `lesson start` comes back.", examples: ["lesson quit"], next: ["lesson list"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    session.lesson = nil
    return CommandResult(
      LeaveValue(lesson: lesson.runner.lesson.id), next: "`lesson start \(lesson.runner.lesson.id)` comes back.")
  }
}

extension Session {
  /// The lesson that the user is in.
  fileprivate func currentLesson() throws(CommandError) -> LessonInProgress {
    guard let lesson else {
      throw CommandError(
        .wrongState, "you are in no lesson", hint: "`lesson start` begins one, `lesson list` lists them")
    }
    return lesson
  }

  /// What came of the wish to go to another step.
  fileprivate func result(of move: LessonMove, _ lesson: LessonInProgress) throws(CommandError) -> CommandResult {
    for note in lesson.runner.takeNotes() { self.note(note) }
    switch move {
    case .moved: return CommandResult(StepValue(lesson), next: lesson.nextHint)
    case .finished:
      self.lesson = nil
      return CommandResult(FinishedValue(lesson), next: "`lesson list` has the others.")
    case .refused(.mustBeDone):
      throw CommandError(.wrongState, "this step has to be done first", hint: "`lesson check` says what is missing")
    case .refused(.solutionFirst):
      throw CommandError(
        .wrongState, "this step is not done yet",
        hint: "`lesson check` says what is missing; after `lesson solution` it can be skipped")
    case .refused(.isFirst):
      throw CommandError(.wrongState, "this is the first step", hint: "`lesson status` shows all")
    }
  }
}

extension LessonInProgress {
  /// What to try next in the present step.
  fileprivate var nextHint: String? {
    runner.isStepDone || runner.step.checks.isEmpty
      ? "`lesson next` goes on." : "`lesson check` says whether it is done, `lesson hint` helps."
  }
}
