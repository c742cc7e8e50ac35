// `source`: runs a file of commands.

/// Runs a script in the session.
struct SourceCommand: Command {
  let name = "source"
  let aliases = ["script"]
  let group = CommandGroup.tool
  let summary = "run the commands of a file"
  let usesTerminal = true
  let help = CommandHelp(
    """
    The file holds one command a line, with `#` comments, as in `kernelarium FILE`. The first error ends it and names \
    the line.
    """,
    examples: ["source session.klab"], next: ["undo"])
  var parameters: [any CommandParameter] { [Self.file] }

  private static let file = Required("FILE", ArgumentKind.file, "a file of commands")
  private static let deepest = 16

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let path = arguments[Self.file]
    if session.sourceStack.count >= Self.deepest {
      throw CommandError(
        .invalidArgument, "`source` is nested more than \(Self.deepest) deep",
        hint: "does \(path) run itself?", at: arguments.span(of: Self.file))
    }
    session.sourceStack.append(path)
    defer { session.sourceStack.removeLast() }
    let run: (mayGoOn: Bool, lines: Int)
    do {
      run = try ScriptRunner(session: session).run(file: path)
    } catch {
      var located = error
      if located.code == .badFile { located.span = arguments.span(of: Self.file) }
      throw located
    }
    if !run.mayGoOn, !session.wantsToQuit {
      if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "\(path) was interrupted") }
      throw CommandError(
        .invalidArgument, "\(path) stopped at its line \(NumberStyle.decimal(run.lines))",
        hint: "the error above names the line; `--keep-going` goes on after errors")
    }
    return CommandResult(SourceReport(file: path, lines: run.lines))
  }
}

private struct SourceReport: CommandValue {
  let file: String
  let lines: Int

  func describe(in text: inout StyledText) {
    text.paragraph(StyledLine("\(file): \(NumberStyle.count(lines, "line")) run", .dim))
  }
}
