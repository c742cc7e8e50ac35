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
    return CommandResult(StopValue(report: report, panic: session.currentPanic), outcome: report.stop.outcome)
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
    In the past, replays what was recorded, to the next stop or to the present. In the present, finishes a call that a \
    breakpoint has stopped. Otherwise the agent sleeps, so that other tasks have the machine for that much simulated \
    time. A foreign system runs for MS, or without MS until the instruction limit. A breakpoint, a panic, the \
    instruction limit and Ctrl-C stop it.
    """,
    examples: ["continue", "continue 50"], next: ["break", "info stats"])
  var parameters: [any CommandParameter] { [Self.milliseconds] }

  private static let milliseconds = Optionally(
    "MS", ArgumentKind<UInt64>.number("a time in milliseconds", in: 1...3_600_000),
    "simulated milliseconds; 1000 if not given, for a foreign system until the limit")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let milliseconds = arguments[Self.milliseconds]
    let report = try attempt { () throws(LabError) in try system.continueRunning(milliseconds: milliseconds) }
    return CommandResult(StopValue(report: report, panic: session.currentPanic), outcome: report.stop.outcome)
  }
}

/// Why and where the guest stopped, with the panic if it was one.
struct StopValue: CommandValue {
  let report: StopReport
  let panic: PanicReport?

  private static let listedTraps = 12

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    text.console(report.console)
    text.events(report.events, includingPanic: panic == nil)
    for trap in report.traps.prefix(Self.listedTraps) {
      text.paragraph("\("trap", .warning): \(trap)", indent: 2, hanging: 2)
    }
    if report.traps.count > Self.listedTraps {
      let hidden = NumberStyle.decimal(report.traps.count - Self.listedTraps)
      text.line(StyledLine("  … \(hidden) more traps", .dim))
    }
    if report.stop == .panicked, let panic {
      panic.describe(in: &text)
    } else {
      StopText.describe(
        report.stop, reason: report.reason, breakpoint: report.breakpoint, location: report.location, in: &text)
    }
    if let instruction = report.instruction {
      var line: StyledLine = "\(NumberStyle.address(report.location.address), .dim)  \(instruction, .code)   "
      line.append(report.privilege)
      if let task = report.task { line.append(" \(task)", .name) }
      text.paragraph(line, indent: 2, hanging: 4)
    }
    if let travel = report.travel {
      travel.describe(in: &text)
    } else {
      text.line(StyledLine("  \(NumberStyle.count(report.instructions, "instruction"))", .dim))
    }
    if let call = report.call {
      call.describeResult(in: &text)
      call.describeCost(in: &text)
    }
  }
}
