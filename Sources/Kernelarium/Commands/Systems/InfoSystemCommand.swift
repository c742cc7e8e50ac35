// `info system`: the current system as a whole.

import Lab

/// Shows the current system's state.
struct InfoSystemCommand: Command {
  let name = "info system"
  let aliases = ["info status", "info program"]
  let group = CommandGroup.systems
  let summary = "state of the current system, and why it is not running"
  let help = CommandHelp(
    """
    `running`, `panicked`, `halted` or `hung`, judged from outside the guest. After a panic: the trap, where, and the \
    calls that had not returned.
    """,
    examples: ["info system"], next: ["info tasks", "info registers", "undo"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(try session.system().report())
  }
}

extension SystemReport: CommandValue {
  func describe(in text: inout StyledText) {
    var table = Table([.fixed(""), .text("")])
    table.row(["system", StyledLine(system, .name)])
    table.row(["kernel", StyledLine(kernel)])
    table.row(["state", state.styled])
    if let task { table.row(["next", "\(task, .name) in \(privilege)"]) } else { table.row(["next", "\(privilege)"]) }
    table.row(["instructions", "\(instructions)"])
    table.row(["mtime", "\(time) ticks of 100 ns of simulated time"])
    table.row(["memory", StyledLine(NumberStyle.bytes(memoryBytes))])
    table.row(["disk", StyledLine(disk)])
    if !options.isEmpty { table.row(["options", StyledLine(options.joined(separator: ", "), .strong)]) }
    text.append(table.text())
    if let panic { panic.describe(in: &text) } else if let reason { text.paragraph(StyledLine(reason, .warning)) }
    for fault in faults ?? [] {
      let outcome = fault.outcome ?? (fault.armed ? "armed" : "nothing came of it")
      text.paragraph(
        "fault \(fault.id), \(fault.driver, .name) \(fault.kind): \(outcome, fault.fired ? .warning : .plain)",
        hanging: 2)
    }
    let lines = GuestText.lines(console)
    if !lines.isEmpty {
      text.line(StyledLine("console, last lines", .dim))
      for line in lines.suffix(8) { text.paragraph(StyledLine(line), indent: 2) }
    }
  }
}

extension PanicReport {
  /// Adds the panic as the prompt shows it.
  func describe(in text: inout StyledText) {
    var head: StyledLine = "\("PANIC", .bad)  \(cause)"
    if let address { head.append(" at \(NumberStyle.hexadecimal(address))") }
    head.append(" in \(location.name) (\(privilege)-mode)")
    if let source = location.source { head.append("   \(source)") }
    text.paragraph(head, hanging: 2)
    if !backtrace.isEmpty {
      let names = backtrace.map(\.name).joined(separator: " ◀ ")
      text.paragraph(StyledLine(names), indent: 2, hanging: 2)
    }
  }
}
