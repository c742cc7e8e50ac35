// `profile` and `profile run`: a call or program with every instruction attributed to its component and function.

import GuestABI
import Lab

/// Issues a system call and attributes its instructions.
struct ProfileCommand: Command {
  let name = "profile"
  let group = CommandGroup.calls
  let summary = "issue a system call and say which component executed what"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    As `sys`, with each instruction counted at its address and attributed to the component and function it belongs to, \
    from the images' sections and symbols. Nothing is sampled: the sum is the call's instructions. The counters are \
    those of an unprofiled call; only the emulator is slower meanwhile.
    """,
    examples: ["profile null", "profile read 3 64"], next: ["trace read 3 64", "compare read --profile"])
  var parameters: [any CommandParameter] { [CallLine.call, CallLine.rest] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let function = arguments[CallLine.call]
    let values = try CallLine.marshal(arguments[CallLine.rest], for: function, source: arguments.source)
    let report = try attempt(at: arguments.span(of: CallLine.call)) { () throws(LabError) in
      try system.profile(function, values)
    }
    return CommandResult(
      ProfiledCallValue(report: report, panic: session.currentPanic),
      outcome: report.call.stopped?.stop.outcome ?? report.call.state.outcome)
  }
}

/// Runs a program and attributes its instructions.
struct ProfileRunCommand: Command {
  let name = "profile run"
  let group = CommandGroup.calls
  let summary = "run a program and say which component executed what"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    "As `run`, with each instruction attributed as `profile` does it.", examples: ["profile run hello"],
    next: ["compare spawn --profile"])
  var parameters: [any CommandParameter] { [Self.program, Self.rest] }

  private static let program = Required("PROGRAM", ArgumentKind<String>.program, "its name in the boot archive")
  private static let rest = Remaining("ARGUMENT", ArgumentKind<Token>.token, "what the program is given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let program = arguments[Self.program]
    let line = arguments[Self.rest].map(\.text).joined(separator: " ")
    let report = try attempt(at: arguments.span(of: Self.program)) { () throws(LabError) in
      try system.profileRun(program, arguments: line)
    }
    return CommandResult(
      ProfiledRunValue(report: report), outcome: report.run.stopped?.stop.outcome ?? report.run.state.outcome)
  }
}

private struct ProfiledCallValue: CommandValue {
  let report: ProfiledCallReport
  let panic: PanicReport?

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    report.call.describeResult(in: &text)
    text.events(report.call.events, includingPanic: panic == nil)
    report.call.stopped?.describe(panic: panic, in: &text)
    report.profile.describe(in: &text)
  }
}

private struct ProfiledRunValue: CommandValue {
  let report: ProfiledRunReport

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    text.console(report.run.output)
    text.events(report.run.events)
    report.run.stopped?.describe(panic: nil, in: &text)
    report.profile.describe(in: &text)
  }
}

extension ProfileReport {
  private static let mostFunctions = 12

  /// Adds the components and the largest functions.
  fileprivate func describe(in text: inout StyledText) {
    var components = Table([
      .number("INSTRUCTIONS"), .number("%"), .fixed("PRIV"), .text("COMPONENT"), .fixed("KIND"), .text("IMAGE"),
    ])
    for share in self.components {
      components.row([
        "\(share.instructions)", StyledLine(percent(share.instructions)), StyledLine(share.privilege),
        StyledLine(share.component, .name), StyledLine(share.kind), StyledLine(share.image),
      ])
    }
    text.append(components.text())
    var functions = Table([
      .number("INSTRUCTIONS"), .number("%"), .fixed("PRIV"), .text("FUNCTION"), .text("COMPONENT"),
    ])
    for share in self.functions.prefix(Self.mostFunctions) {
      functions.row([
        "\(share.instructions)", StyledLine(percent(share.instructions)), StyledLine(share.privilege),
        StyledLine(share.function, .name), StyledLine(share.component),
      ])
    }
    text.append(functions.text())
    let rest = self.functions.count - min(self.functions.count, Self.mostFunctions)
    if rest > 0 { text.line(StyledLine("  \(NumberStyle.count(rest, "further function"))", .dim)) }
    text.paragraph(
      StyledLine(
        "\(NumberStyle.count(instructions, "instruction")), \(NumberStyle.decimal(userInstructions)) of them in "
          + "U-mode, \(NumberStyle.decimal(copyingInstructions)) copying", .dim), indent: 2)
  }

  /// The share of all instructions, with one decimal.
  private func percent(_ part: UInt64) -> String {
    guard instructions > 0 else { return "" }
    let tenths = (part * 1000 + instructions / 2) / instructions
    return "\(tenths / 10).\(tenths % 10)"
  }
}
