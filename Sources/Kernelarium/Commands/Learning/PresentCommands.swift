// `present`, `vote` and `reveal`: a lesson as a demonstration, in which the room predicts and the machine answers.

import Lessons

/// Begins a demonstration.
struct PresentCommand: Command {
  let name = "present"
  let aliases = ["lesson present"]
  let group = CommandGroup.learning
  let summary = "show a lesson to a room, with votes for its questions"
  let effect = CommandEffect.takesBack
  let help = CommandHelp(
    """
    `lesson next` goes on at pauses and from step to step. At a question, count hands: `vote a 12 b 30 c 3`; let them \
    talk, and `vote` again to see the shift. `reveal` then makes the run with the lesson's own commands and sets the \
    votes beside the truth; `lesson again` asks the same with other values. The instructor's notes are shown. Votes \
    and progress are kept nowhere.
    """,
    examples: ["present machine"], next: ["vote", "reveal", "lesson next"])
  var parameters: [any CommandParameter] { [Self.lesson] }

  private static let lesson = Required("LESSON", ArgumentKind<LessonDocument>.lesson, "its id")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let library = LessonPlaces.library()
    let lesson = LessonInProgress(
      arguments[Self.lesson], store: nil, misconceptions: library.misconceptions, in: session)
    lesson.presentation = LessonPresentation()
    session.lesson = nil
    session.lessonLog = nil
    do {
      try lesson.start(over: true, seed: session.settings.studentSeed)
    } catch {
      throw CommandError(.lesson, "the lesson cannot begin: \(error.message)", hint: "`lesson list`")
    }
    session.lesson = lesson
    return CommandResult(StepValue(lesson, showsIntroduction: true), next: lesson.nextHint)
  }
}

/// Counts hands.
struct VoteCommand: Command {
  let name = "vote"
  let group = CommandGroup.learning
  let summary = "count the hands for each answer, in a demonstration"
  let help = CommandHelp(
    """
    Answers and numbers of hands in turn. At a terminal, `vote` alone asks for each option's number. A second vote on \
    the same question shows the shift.
    """,
    examples: ["vote a 12 b 30 c 3", "vote"], next: ["reveal"])
  var parameters: [any CommandParameter] { [Self.counts] }

  private static let counts = Remaining("COUNTS", ArgumentKind<String>.text, "answers and numbers in turn")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentPresentation()
    guard let question = lesson.runner.openQuestion else {
      throw CommandError(.wrongState, "no question is open", hint: lesson.nextHint)
    }
    var words = arguments[Self.counts]
    if words.isEmpty, session.isInteractive { words = try Self.askForCounts(of: question, in: session) }
    do throws(AnswerError) {
      lesson.presentation?.add(try question.ballot(from: words), for: question)
    } catch {
      throw CommandError(.invalidArgument, error.message, hint: error.hint, at: arguments.span(of: Self.counts))
    }
    let ballots = lesson.presentation?.ballots(for: question) ?? []
    return CommandResult(
      VoteValue(question, ballots, right: nil), next: "`vote` again after a talk, or `reveal`.")
  }

  private static func askForCounts(
    of question: PresentedQuestion, in session: Session
  ) throws(CommandError) -> [String] {
    var words: [String] = []
    for option in question.options {
      session.output.write(raw: "\(option.letter) ")
      guard let line = try session.standardInput.next() else { return words }
      let count = line.trimmingSpaces
      words += [option.letter, count.isEmpty ? "0" : count]
    }
    return words
  }
}

/// Shows what is true.
struct RevealCommand: Command {
  let name = "reveal"
  let group = CommandGroup.learning
  let summary = "make the run, and set the votes beside the truth"
  let effect = CommandEffect.takesBack
  let help = CommandHelp(
    "Runs the lesson's own commands up to the check; what was typed already is not run again.", examples: ["reveal"],
    next: ["lesson again", "lesson next"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let lesson = try session.currentPresentation()
    let ballots = lesson.runner.openQuestion.flatMap { lesson.presentation?.ballots(for: $0) } ?? []
    // Commands that the lesson carries out are not typed by anybody.
    session.lesson = nil
    let revelation = lesson.reveal(ballots.last?.entries.map(\.answer) ?? [])
    session.lesson = lesson
    for note in lesson.runner.takeNotes() { session.note(note) }
    guard let revelation else {
      throw CommandError(.wrongState, "there is nothing to reveal here", hint: "`lesson next` goes on")
    }
    return CommandResult(RevealValue(revelation, ballots, lesson))
  }
}

extension Session {
  /// The demonstration that is going on.
  fileprivate func currentPresentation() throws(CommandError) -> LessonInProgress {
    guard let lesson, lesson.presentation != nil else {
      throw CommandError(.wrongState, "no lesson is being presented", hint: "`present LESSON` begins")
    }
    return lesson
  }
}

/// A count of hands.
private struct VoteValue: CommandValue {
  struct Entry: Encodable, Sendable {
    let answer: String
    let votes: Int
    let before: Int?
    /// Nil while it is not known.
    let right: Bool?
  }

  let question: String
  let total: Int
  let entries: [Entry]

  private let chart: StyledText

  private enum CodingKeys: CodingKey {
    case question, total, entries
  }

  init(_ question: PresentedQuestion, _ ballots: [Ballot], right: [GivenAnswer]?) {
    self.question = question.question.id
    total = ballots.last?.total ?? 0
    let before = ballots.dropLast().last
    entries = (ballots.last?.entries ?? []).map { entry in
      Entry(
        answer: entry.answer.text, votes: entry.votes, before: before?.votes(for: entry.answer),
        right: right?.contains(entry.answer))
    }
    chart = BallotChart.text(of: ballots, right: right)
  }

  func describe(in text: inout StyledText) { text.append(chart) }
}

/// What was revealed.
private struct RevealValue: CommandValue {
  let commands: [String]
  let truth: String?
  let evidence: [String]
  let votes: VoteValue?
  let step: ReportValue

  private let outputs: [String]
  private let problem: String?

  private enum CodingKeys: CodingKey {
    case commands, truth, evidence, votes, step
  }

  init(_ revelation: Revelation, _ ballots: [Ballot], _ progress: LessonInProgress) {
    commands = revelation.outcomes.map(\.command)
    outputs = revelation.outcomes.map(\.text)
    truth = revelation.truth?.truth
    evidence = revelation.truth?.evidence ?? []
    problem = revelation.problem?.description
    votes = revelation.question.flatMap { question in
      ballots.isEmpty ? nil : VoteValue(question, ballots, right: revelation.rightAnswers)
    }
    step = ReportValue(revelation.report, progress)
  }

  func describe(in text: inout StyledText) {
    for (command, output) in zip(commands, outputs) {
      text.line("> \(command, .code)")
      for line in output.split(separator: "\n") { text.line(StyledLine(String(line))) }
    }
    if let truth {
      let evidence = evidence.isEmpty ? "" : " (\(evidence.joined(separator: "; ")))"
      text.paragraph("The machine says: \(truth, .strong)\(evidence)", hanging: 2)
    }
    if let problem { text.paragraph("The machine does not decide this question. \(problem)", hanging: 2) }
    votes?.describe(in: &text)
    step.describe(in: &text)
  }
}
