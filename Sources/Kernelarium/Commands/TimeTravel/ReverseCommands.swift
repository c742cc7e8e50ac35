// `reverse-stepi`, `reverse-continue`, `goto`: the current system goes back, or to a place, in its history.

import Lab

/// Undoes single instructions.
struct ReverseStepCommand: Command {
  let name = "reverse-stepi"
  let aliases = ["rsi", "reverse-step"]
  let group = CommandGroup.timeTravel
  let summary = "go back by one instruction, or N"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    The mirror of `stepi`: traps and interrupts are steps of their own. Devices, memory and console go back as well.

    In the past, the prompt says how many instructions the present is away, as in `micro U agent @-1,204>`. `stepi` \
    and `continue` replay exactly what was, up to the present; breakpoints, `why`, `x` and the like change nothing. \
    Whatever gives the guest something new (`sys`, `run`, `console`, `set` of a register or memory, `fault inject`) \
    begins another future there: the recorded one is forgotten, a note says so, and `undo` brings it back.
    """,
    examples: ["reverse-stepi", "reverse-stepi 20"], next: ["stepi", "info registers", "why"])
  var parameters: [any CommandParameter] { [Self.count] }

  private static let count = Optionally("N", ArgumentKind<UInt64>.count, "how many; 1 if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let count = arguments[Self.count] ?? 1
    let report = try attempt { () throws(LabError) in try system.reverseStep(count) }
    return CommandResult(StopValue(report: report, panic: session.currentPanic), outcome: report.travelOutcome)
  }
}

/// Runs backwards.
struct ReverseContinueCommand: Command {
  let name = "reverse-continue"
  let aliases = ["rc"]
  let group = CommandGroup.timeTravel
  let summary = "go back to just before the last breakpoint, watched write or event"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    Without EVENT, it stops at what is set: breakpoints, watchpoints and catchpoints. When nothing is set, it stops \
    before the last trap or address-space switch. With EVENT, it stops before the last one of that kind. The machine \
    then stands before the instruction that does it: `stepi` does it again.
    """,
    examples: ["reverse-continue", "reverse-continue syscall"], next: ["stepi", "continue", "why"])
  var parameters: [any CommandParameter] { [Self.event] }

  private static let event = Optionally("EVENT", ArgumentKind<CatchEvent>.event, "syscall, trap, interrupt or switch")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let events = arguments[Self.event].map { Set([$0]) }
    let report = try attempt { () throws(LabError) in try system.reverseContinue(to: events) }
    return CommandResult(
      StopValue(report: report, panic: session.currentPanic),
      next: report.travel?.isInThePast == true ? "`stepi` does it again; `continue` returns to the present." : nil,
      outcome: report.travelOutcome)
  }
}

/// Goes to an instruction count.
struct GotoCommand: Command {
  let name = "goto"
  let aliases = ["seek"]
  let group = CommandGroup.timeTravel
  let summary = "go to where so many instructions had retired"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    Instructions are counted from reset, as `info history` shows them. When exceptions were taken at that count, the \
    machine stands before the first of them.
    """,
    examples: ["goto 100k"], next: ["info history", "continue"])
  var parameters: [any CommandParameter] { [Self.count] }

  private static let count = Required(
    "ICOUNT", ArgumentKind.number("an instruction count", in: 0...UInt64(Int64.max), suffixes: .decimal),
    "instructions since reset")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let count = arguments[Self.count]
    let report = try attempt(at: arguments.span(of: Self.count)) { () throws(LabError) in try system.goto(count) }
    return CommandResult(StopValue(report: report, panic: session.currentPanic), outcome: report.travelOutcome)
  }
}

extension StopReport {
  /// What a move means for the exit status: coming by a panic that happened before is no new one.
  fileprivate var travelOutcome: CommandResult.Outcome { stop == .interrupted ? .interrupted : .fine }
}

extension Travel {
  /// Adds the move in one line.
  func describe(in text: inout StyledText) {
    let instructions = max(from, to) - min(from, to)
    // A trap or an interrupt is a step without an instruction.
    let distance =
      instructions == 0 ? NumberStyle.count(steps, "step") : NumberStyle.count(instructions, "instruction")
    let way = isBackwards ? "\(distance) back" : "\(distance) replayed"
    let place = isInThePast ? "now at \(NumberStyle.decimal(to)) of \(NumberStyle.decimal(last))" : "now in the present"
    text.paragraph(StyledLine("\(way): \(place)", .dim), indent: 2, hanging: 2)
  }
}
