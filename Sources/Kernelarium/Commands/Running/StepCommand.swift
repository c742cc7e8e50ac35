// `stepi` and `continue`: the machine runs a little or freely.

import Lab

/// Executes single instructions.
struct StepCommand: Command {
  let name = "stepi"
  let aliases = ["si", "step", "s"]
  let group = CommandGroup.running
  let summary = "execute one instruction, or N"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    Steps follow traps into the kernel and back: nothing is stepped over. A trap itself counts as one step and \
    retires nothing.
    """,
    examples: ["stepi", "stepi 20"], next: ["info registers", "disassemble"])
  var parameters: [any CommandParameter] { [Self.count] }

  private static let count = Optionally("N", ArgumentKind<UInt64>.count, "how many; 1 if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let count = arguments[Self.count] ?? 1
    let report = try attempt { () throws(LabError) in try system.step(count) }
    return CommandResult(report, outcome: report.stop.outcome)
  }
}

/// Lets the guest run.
struct ContinueCommand: Command {
  let name = "continue"
  let aliases = ["c", "cont"]
  let group = CommandGroup.running
  let summary = "let the guest run on"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    Finishes a call that a breakpoint has stopped. Otherwise the agent sleeps, so that other tasks have the machine \
    for that much simulated time. A breakpoint, a panic, the instruction limit and Ctrl-C stop it.
    """,
    examples: ["continue", "continue 50"], next: ["break", "info stats"])
  var parameters: [any CommandParameter] { [Self.milliseconds] }

  private static let milliseconds = Optionally(
    "MS", ArgumentKind<UInt64>.number("a time in milliseconds", in: 1...3_600_000),
    "simulated milliseconds; 1000 if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let milliseconds = arguments[Self.milliseconds] ?? 1000
    let report = try attempt { () throws(LabError) in try system.continueRunning(milliseconds: milliseconds) }
    return CommandResult(report, outcome: report.stop.outcome)
  }
}

extension StopReport: CommandValue {
  func describe(in text: inout StyledText) {
    text.console(console)
    text.events(events)
    for trap in traps.prefix(12) { text.paragraph("\("trap", .warning): \(trap)", indent: 2, hanging: 2) }
    if traps.count > 12 { text.line(StyledLine("  … \(NumberStyle.decimal(traps.count - 12)) more traps", .dim)) }
    StopText.describe(stop, reason: reason, breakpoint: breakpoint, location: location, in: &text)
    if let instruction {
      var line: StyledLine = "\(NumberStyle.address(location.address), .dim)  \(instruction, .code)   \(privilege)"
      if let task { line.append(" \(task)", .name) }
      text.paragraph(line, indent: 2, hanging: 4)
    }
    text.line(StyledLine("  \(NumberStyle.count(instructions, "instruction"))", .dim))
    if let call {
      call.describeResult(in: &text)
      call.describeCost(in: &text)
    }
  }
}
