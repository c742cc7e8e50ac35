// `break`, `tbreak`, `delete`, `info breakpoints`: places where the guest stops.

import Lab

private let place = Required(
  "PLACE", ArgumentKind<String>.place, "SYMBOL, PROGRAM:SYMBOL, SYMBOL+N, ADDRESS or *ADDRESS")

/// Sets a breakpoint.
struct BreakCommand: Command {
  let name = "break"
  let aliases = ["b", "hbreak"]
  let group = CommandGroup.running
  let summary = "stop the guest before a place in its code"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    The machine stops before the instruction executes; the guest's memory is not changed. A symbol of a program \
    counts only in that program's address space.
    """,
    examples: ["break blk_submit", "break cat:main", "break *0x80000000"], next: ["continue", "info breakpoints"])
  var parameters: [any CommandParameter] { [place] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    try setBreakpoint(arguments, temporary: false, in: session)
  }
}

/// Sets a breakpoint that goes away when it is reached.
struct TemporaryBreakCommand: Command {
  let name = "tbreak"
  let aliases = ["tb"]
  let group = CommandGroup.running
  let summary = "stop the guest once before a place in its code"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    "As `break`, but the breakpoint is deleted when it is reached.", examples: ["tbreak fs_read"], next: ["continue"])
  var parameters: [any CommandParameter] { [place] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    try setBreakpoint(arguments, temporary: true, in: session)
  }
}

private func setBreakpoint(
  _ arguments: Arguments, temporary: Bool, in session: Session
) throws(CommandError) -> CommandResult {
  let system = try session.system()
  let name = arguments[place]
  do {
    let report = try system.setBreakpoint(at: name, temporary: temporary)
    return CommandResult(report, next: "A `sys` or `run` that reaches it stops there; `continue` goes on.")
  } catch {
    var located = CommandError(error, at: arguments.span(of: place))
    if error.code == .unknownName,
      let nearest = NearestMatch.nearest(to: name, among: session.symbols(String(name.prefix(1))))
    {
      located.hint = "did you mean `\(nearest)`?"
    }
    throw located
  }
}

/// Removes breakpoints.
struct DeleteCommand: Command {
  let name = "delete"
  let aliases = ["d", "clear"]
  let group = CommandGroup.running
  let summary = "remove a breakpoint, or all"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    "Without a number, all breakpoints go.", examples: ["delete 1", "delete"], next: ["info breakpoints"])
  var parameters: [any CommandParameter] { [Self.number] }

  private static let number = Optionally(
    "NUMBER",
    ArgumentKind<UInt64>(
      parse: { token, session throws(CommandError) in
        try ArgumentKind.number("a breakpoint's number", in: 1...UInt64(Int32.max)).parse(token, session)
      },
      candidates: { _, session in
        ((try? session.laboratory.current())?.breakpoints().breakpoints ?? []).map { String($0.id) }
      }), "the breakpoint's number")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let id = arguments[Self.number].map(Int.init)
    return CommandResult(
      try attempt(at: arguments.span(of: Self.number)) { () throws(LabError) in try system.deleteBreakpoint(id) })
  }
}

/// Lists the breakpoints.
struct InfoBreakpointsCommand: Command {
  let name = "info breakpoints"
  let aliases = ["info break", "info b"]
  let group = CommandGroup.running
  let summary = "the breakpoints of the current system"
  let help = CommandHelp("With how often each was reached.", examples: ["info breakpoints"], next: ["delete 1"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(try session.system().breakpoints())
  }
}

extension BreakpointReport: CommandValue {
  func describe(in text: inout StyledText) {
    let kind = temporary ? "temporary breakpoint" : "breakpoint"
    let address = NumberStyle.hexadecimal(location.address)
    text.paragraph("\(kind) \(id) at \(address), \(location.styled)", hanging: 2)
  }
}

extension BreakpointList: CommandValue {
  func describe(in text: inout StyledText) {
    if breakpoints.isEmpty, watchpoints.isEmpty, catchpoints.isEmpty {
      text.paragraph(StyledLine(markup: "There is no breakpoint; `break SYMBOL` sets one."))
      return
    }
    var table = Table([
      .number("NR"), .fixed("ADDRESS"), .text("PLACE"), .text("SOURCE"), .fixed("KIND"), .number("HITS"),
    ])
    for breakpoint in breakpoints {
      table.row([
        "\(breakpoint.id)", StyledLine(NumberStyle.hexadecimal(breakpoint.location.address)),
        StyledLine(breakpoint.location.name, .name), StyledLine(breakpoint.location.source ?? ""),
        breakpoint.temporary ? "once" : "stays", "\(breakpoint.hits)",
      ])
    }
    for watchpoint in watchpoints {
      table.row([
        "\(watchpoint.id)", StyledLine(NumberStyle.hexadecimal(watchpoint.address)),
        StyledLine(watchpoint.name, .name), StyledLine("\(NumberStyle.count(watchpoint.length, "byte"))"), "watch",
        "\(watchpoint.hits)",
      ])
    }
    for catchpoint in catchpoints {
      table.row([
        "\(catchpoint.id)", "", StyledLine(catchpoint.event.rawValue, .name), "", "catch", "\(catchpoint.hits)",
      ])
    }
    text.append(table.text())
  }
}
