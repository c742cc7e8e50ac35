// One user's work: the laboratory, the settings, the commands and what they came to. Prompt, `-e`, scripts and
// lessons all run their lines through here. Not safe to share between threads.

import Lab

/// A session of commands.
final class Session {
  let laboratory: Laboratory
  let lookup: CommandLookup
  let output: Output
  var settings: Settings
  /// What the commands so far mean for the exit status.
  var verdict: ExitVerdict
  var undoLog = UndoLog()
  /// Whether someone types at a terminal: errors then end nothing.
  let isInteractive: Bool
  /// Whether a script goes on after an error.
  let keepsGoing: Bool
  /// The lesson that the user is in.
  var lesson: LessonInProgress?
  /// Writes about the lesson into the transcript.
  var lessonLog: LessonLog?
  /// Set by `quit`.
  var wantsToQuit = false
  /// Files being run by `source`, innermost last.
  var sourceStack: [String] = []

  init(
    output: Output, settings: Settings = Settings(), isInteractive: Bool = false, keepsGoing: Bool = false,
    expectsPanic: Bool = false, laboratory: Laboratory = Laboratory()
  ) {
    self.output = output
    self.settings = settings
    self.isInteractive = isInteractive
    self.keepsGoing = keepsGoing
    self.laboratory = laboratory
    verdict = ExitVerdict(expectsPanic: expectsPanic)
    lookup = CommandLookup(CommandRegistry.commands)
  }

  /// Standard input, shared by scripts and the guest's console.
  let standardInput = LineReader(standardInput: "standard input")

  /// What one line came to.
  struct Evaluation: Sendable {
    enum Outcome: Sendable {
      /// The line was empty or a comment.
      case nothing
      case success(CommandResult)
      case failure(CommandError)
    }

    /// The command, if the line names one.
    var command: (any Command)?
    /// The line with the command's name written out and its arguments as they can be typed again.
    var canonical: String
    /// Whether a system was changed, or could have been.
    var effect = CommandEffect.none
    var outcome: Outcome
  }

  /// Runs one line and prints nothing.
  func evaluate(_ source: SourceLine) -> Evaluation {
    var evaluation = Evaluation(canonical: source.text.trimmingSpaces, outcome: .nothing)
    do {
      let line = try ParsedLine(parsing: source)
      if line.isEmpty { return evaluation }
      let match = try lookup.match(line.tokens, in: source)
      evaluation.command = match.command
      evaluation.canonical = Self.canonical(match, line)
      let arguments = try Arguments(
        line.tokens[match.consumed...], format: line.format, of: match.command, source: source, in: self)
      evaluation.effect = match.command.effect(of: arguments)
      try refuseBeforePrediction(evaluation, from: source.origin)
      evaluation.outcome = .success(try perform(match.command, arguments, line: source.text))
    } catch {
      evaluation.outcome = .failure(error)
    }
    return evaluation
  }

  /// Refuses a command of the student's that would show what they have to predict first.
  private func refuseBeforePrediction(
    _ evaluation: Evaluation, from origin: LineOrigin
  ) throws(CommandError) {
    guard origin != .lesson, evaluation.effect == .changesSystem, evaluation.command?.group != .learning,
      let lesson, lesson.presentation == nil, let usage = lesson.runner.lock
    else { return }
    throw CommandError(.wrongState, "predict first: this command would give it away", hint: usage)
  }

  private static func canonical(_ match: CommandLookup.Match, _ line: ParsedLine) -> String {
    let name = match.command.name + (line.format.map { "/" + $0.text } ?? "")
    return ([name] + line.tokens[match.consumed...].map(\.spelling)).joined(separator: " ")
  }

  private func perform(
    _ command: any Command, _ arguments: Arguments, line: String
  ) throws(CommandError) -> CommandResult {
    let progress = showsProgress && !command.usesTerminal ? ProgressNote(output, signal: laboratory.stopSignal) : nil
    defer { progress?.finish() }
    guard command.effect(of: arguments) == .changesSystem else { return try command.run(arguments, in: self) }
    let before = UndoLog.Entry(line: line, laboratory: laboratory.fork())
    let countBefore = instructionCount
    do {
      let result = try UserInterrupt.shared.whileGuestMayRun { () throws(CommandError) in
        try command.run(arguments, in: self)
      }
      undoLog.push(before)
      noteForgottenFuture()
      return result
    } catch {
      noteForgottenFuture()
      // A command that failed before the guest ran has changed nothing that could be taken back.
      if instructionCount != countBefore { undoLog.push(before) }
      throw error
    }
  }

  /// Says that a command has begun another future than the recorded one.
  private func noteForgottenFuture() {
    guard let system = try? laboratory.current(), let count = system.takeForgottenFuture() else { return }
    note(
      "this begins another future: what was recorded after here, \(NumberStyle.count(count, "instruction")), is forgotten; "
        + "`undo` brings it back")
  }

  private var showsProgress: Bool { isInteractive && !settings.quiet && !settings.json }

  /// Runs one line, prints what it came to and notes it for the exit status.
  ///
  /// - Returns: Whether a script may go on.
  @discardableResult
  func execute(_ source: SourceLine) -> Bool {
    let typed = source.text.trimmingSpaces
    if !typed.isEmpty {
      lessonLog?.markTime()
      output.writeTranscript("> \(typed)\n")
    }
    let evaluation = evaluate(source)
    switch evaluation.outcome {
    case .nothing:
      return true
    case .success(let result):
      verdict.note(result.outcome)
      report(result, command: typed)
      lesson?.observe(evaluation, in: self)
      return result.outcome != .interrupted && !output.isClosed
    case .failure(let error):
      verdict.note(error)
      report(error, in: source)
      lesson?.observe(evaluation, in: self)
      return error.code != .interrupted && keepsGoing && !output.isClosed
    }
  }

  private func report(_ result: CommandResult, command: String) {
    if settings.json {
      do {
        let line = try JSONLine.success(
          command: command, instructionCount: instructionCount, value: result.value)
        output.write(raw: line + "\n")
      } catch {
        output.writeError(ErrorText.text(CommandError(.syntax, "this value cannot be written as JSON"), in: nil))
      }
    } else {
      output.write(text(of: result))
    }
  }

  /// The text view of a result, with its hint unless the session is quiet.
  func text(of result: CommandResult, withHint: Bool = true) -> StyledText {
    var text = StyledText()
    result.value.describe(in: &text)
    if let next = result.next, withHint, !settings.quiet {
      text.paragraph(StyledLine(markup: next, base: .dim), indent: 2, hanging: 0)
    }
    return text
  }

  /// Prints an error that belongs to a line, or to none.
  func report(_ error: CommandError, in source: SourceLine?) {
    if settings.json {
      let line = JSONLine.failure(
        command: source?.text.trimmingSpaces ?? "", instructionCount: instructionCount, error: error)
      output.write(raw: line + "\n")
    } else {
      output.writeError(ErrorText.text(error, in: source))
    }
  }

  /// Ends the session: disks booted with `--persist` are written back.
  func finish() {
    defer { endLessonLog() }
    do {
      for (file, sectors) in try laboratory.persistDisks().sorted(by: { $0.key < $1.key }) where sectors > 0 {
        note("\(NumberStyle.count(sectors, "sector")) written to \(file)")
      }
    } catch {
      let failure = CommandError(error)
      verdict.note(failure)
      report(failure, in: nil)
    }
  }

  /// Ends what is written about a lesson into the transcript.
  func endLessonLog() {
    lessonLog?.end()
    lessonLog = nil
  }

  /// The next bytes of standard input, a script's unread lines first; empty at its end.
  func readStandardInput() -> [UInt8] { standardInput.readBytes() }

  /// Prints a note on standard error, unless the session is quiet.
  func note(_ message: String) {
    if settings.quiet { return }
    var text = StyledText()
    text.paragraph(StyledLine("note: " + message, .dim))
    output.writeError(text)
  }

  /// The current system's instruction count, 0 without a system.
  var instructionCount: UInt64 { (try? laboratory.current())?.instructionCount ?? 0 }
}

extension String {
  /// The text without white space at both ends.
  var trimmingSpaces: String {
    let start = firstIndex { !$0.isWhitespace } ?? endIndex
    let reversedEnd = self[start...].lastIndex { !$0.isWhitespace }
    return reversedEnd.map { String(self[start...$0]) } ?? ""
  }
}
