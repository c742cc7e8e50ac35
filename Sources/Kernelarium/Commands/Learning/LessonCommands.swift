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
  let group = CommandGroup.learning
  let summary = "begin a lesson, or go on where you left"
  let effect = CommandEffect.takesBack
  let help = CommandHelp(
    """
    Your systems are put away and the lesson's own is booted; what you did in the lesson before is done again, \
    command by command. Everything you type works as ever: a step is done when the machine's state says so, whatever \
    the way. `--over` forgets your progress in it. `--seed` draws the questions that differ from student to student; \
    `--transcript` keeps everything typed and printed, with the time, for `lesson grade`.
    """,
    examples: ["lesson start", "lesson start machine", "lesson start machine --over"],
    next: ["lesson next", "lesson hint", "lesson quit"])
  var parameters: [any CommandParameter] { [Self.lesson, Self.over, Self.seed, Self.transcript] }

  private static let lesson = Optionally(
    "LESSON", ArgumentKind<LessonDocument>.lesson, "its id; the first that is not done if not given")
  private static let over = FlagOption("--over", "begin at the first step")
  private static let seed = ValueOption("--seed", "N", ArgumentKind<UInt64>.count, "a number of your own")
  private static let transcript = ValueOption("--transcript", "FILE", ArgumentKind<String>.text, "where to keep it")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let library = LessonPlaces.library()
    let document: LessonDocument
    if let named = arguments[Self.lesson] { document = named } else { document = try Self.firstOpen(in: library) }
    if let path = arguments[Self.transcript] {
      try session.output.startTranscript(at: path)
      session.output.writeTranscript("> \(arguments.source.text.trimmingSpaces)\n")
    }
    let lesson = LessonInProgress(
      document, store: LessonPlaces.store(), misconceptions: library.misconceptions, in: session)
    // Commands that the lesson carries out are not the student's.
    session.lesson = nil
    do {
      try lesson.start(over: arguments[Self.over], seed: arguments[Self.seed] ?? session.settings.studentSeed)
    } catch {
      throw CommandError(.lesson, "the lesson cannot begin: \(error.message)", hint: "`lesson list`")
    }
    session.lesson = lesson
    session.lessonLog = LessonLog(of: lesson.runner, in: session.output)
    for note in lesson.runner.takeNotes() { session.note(note) }
    return CommandResult(StepValue(lesson, showsIntroduction: lesson.runner.position == 0), next: lesson.nextHint)
  }

  private static func firstOpen(in library: LessonLibrary) throws(CommandError) -> LessonDocument {
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
      CheckValue(report, lesson), next: report.revealed.isEmpty && !report.isDone ? "`lesson hint` helps." : nil)
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
  let group = CommandGroup.learning
  let summary = "the commands that do the step, or the answer"
  let help = CommandHelp(
    "They are shown, not run. Your progress remembers it; `lesson skip` then carries them out.",
    examples: ["lesson solution"], next: ["lesson skip"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentLesson()
    return CommandResult(SolutionValue(lesson.solution()))
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
    session.endLessonLog()
    return CommandResult(
      LeaveValue(lesson: lesson.runner.lesson.id), next: "`lesson start \(lesson.runner.lesson.id)` comes back.")
  }
}
