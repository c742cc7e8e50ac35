// `run`: a program of the guest, from its start to its end.

import Lab

/// Runs a guest program.
struct RunCommand: Command {
  let name = "run"
  let aliases = ["exec", "r"]
  let group = CommandGroup.running
  let summary = "run a program of the guest and wait for its end"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    The agent, a program inside the guest, calls `spawn` and `wait`. What the program writes is shown; the counters \
    cover everything from the agent's call of `spawn` to the return of `wait`.
    """,
    examples: ["run ls /", "run cat /etc/motd"], next: ["trace read 3 64", "info tasks"])
  var parameters: [any CommandParameter] { [Self.program, Self.rest] }

  private static let program = Required("PROGRAM", ArgumentKind.program, "the program's name")
  private static let rest = Remaining("ARGUMENT", ArgumentKind<String>.text, "what the program gets")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let program = arguments[Self.program]
    let line = arguments[Self.rest].joined(separator: " ")
    let report = try attempt(at: arguments.span(of: Self.program)) { () throws(LabError) in
      try system.run(program, arguments: line)
    }
    return CommandResult(
      RunValue(report: report, panic: session.currentPanic),
      next: report.state == .panicked
        ? StopText.afterPanic : nil,
      outcome: report.stopped?.stop.outcome ?? report.state.outcome)
  }
}

/// A program's report, with the panic that it ended in.
private struct RunValue: CommandValue {
  let report: RunReport
  let panic: PanicReport?

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    text.console(report.output)
    text.events(report.events, includingPanic: panic == nil)
    if let errno = report.errno {
      text.paragraph("\(report.program, .name) could not be started: \(errno, .bad)")
    } else if let status = report.exitStatus, status != 0 {
      let meaning = report.endedBy.map { ", \($0)" } ?? ""
      text.paragraph("\(report.program, .name) ended with status \("\(status)", .warning)\(meaning)")
    }
    report.stopped?.describe(panic: panic, in: &text)
    text.paragraph(report.counters.sentence, indent: 2, hanging: 2)
  }
}
