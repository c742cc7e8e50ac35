// `why`: the instruction that last wrote a register or some memory.

import Lab

/// Finds the last writer.
struct WhyCommand: Command {
  let name = "why"
  let group = CommandGroup.timeTravel
  let summary = "who last wrote a register or some memory"
  let help = CommandHelp(
    """
    Searches the history backwards for the instruction, device or input from outside that last wrote it, with function \
    and source line. Nothing moves; `goto` takes you there. Of control and floating-point registers, writes that \
    change nothing are not seen.
    """,
    examples: ["why a0", "why satp", "why $sp+8", "why 0x80200000 4"], next: ["goto", "watch", "reverse-continue"])
  var parameters: [any CommandParameter] { [Self.target, Self.length] }

  private static let target = Required(
    "TARGET",
    ArgumentKind<String>(
      parse: { token, _ throws(CommandError) in token.spelling },
      candidates: { prefix, session in
        prefix.hasPrefix("$") ? session.addressCandidates(prefix) : RegisterNames.all + session.symbols(prefix)
      }), "a register, or a place as for `watch`")
  private static let length = Optionally(
    "LENGTH", ArgumentKind<UInt64>.number("a number of bytes", in: 1...4096), "bytes of memory; 8 if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let target = arguments[Self.target]
    let length = arguments[Self.length]
    // It replays guests, so Ctrl-C has to reach them.
    let report = try UserInterrupt.shared.whileGuestMayRun { () throws(CommandError) in
      try attempt(at: arguments.span(of: Self.target)) { () throws(LabError) in
        try system.why(target, length: length)
      }
    }
    let next = report.icount.map { "`goto \($0)` goes there; `stepi` does it again." }
    return CommandResult(report, next: next, outcome: report.isInterrupted ? .interrupted : .fine)
  }
}

extension ProvenanceReport: CommandValue {
  func describe(in text: inout StyledText) {
    guard let writer else {
      let reason = isInterrupted ? "the search was interrupted" : "nothing wrote it since instruction \(first)"
      text.paragraph("\(target, .name): \(reason)", hanging: 2)
      return
    }
    var line: StyledLine = "\(target, .name): "
    switch writer {
    case "instruction": line.append("written")
    case "trap": line.append("changed by a trap")
    case "device": line.append("written by a device, the hart being")
    case "page-walk": line.append("changed by the hardware's page-table walk")
    default: line.append("written from outside, by the host, the hart being")
    }
    if let location {
      line.append(" at ")
      line.append(location.styled)
    }
    if let icount { line.append(", instruction \(NumberStyle.decimal(icount))") }
    text.paragraph(line, hanging: 2)
    if let instruction, let location {
      var code: StyledLine = "\(NumberStyle.address(location.address), .dim)  \(instruction, .code)   "
      if let privilege { code.append(privilege) }
      if let task { code.append(" \(task)", .name) }
      text.paragraph(code, indent: 2, hanging: 4)
    }
    if let before, let after {
      text.line("  \(NumberStyle.hexadecimal(before), .dim) ─▶ \(NumberStyle.hexadecimal(after), .strong)")
    }
  }
}
