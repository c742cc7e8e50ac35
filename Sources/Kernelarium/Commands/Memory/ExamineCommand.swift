// `x`, `xp` and `disassemble`: what lies in memory.

import Lab

private let address = Required("ADDRESS", ArgumentKind<Place>.located, "a number, $REGISTER, symbol, or a sum of them")
private let task = Optionally("TASK", ArgumentKind<String>.task, "whose address space; the current one if not given")

/// Shows virtual memory.
struct ExamineCommand: Command {
  let name = "x"
  let aliases = ["examine"]
  let group = CommandGroup.memory
  let summary = "memory as a task sees it"
  let takesFormat = true
  let help = CommandHelp(
    """
    The format is gdb's: a count, a size (b h w g: 1, 2, 4, 8 bytes) and a letter \
    (\(ExamineFormat.letters), where s is a string and i an \
    instruction). Looking changes nothing, not even the TLB.
    """,
    examples: ["x/8gx $sp", "x/4i $pc", "x/s 0x80001000", "x/2wx 0x10000 agent"],
    next: ["xp", "translate", "disassemble"])
  var parameters: [any CommandParameter] { [address, task] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let format = try arguments.format.map { token throws(CommandError) in try ExamineFormat(parsing: token) }
    let start = arguments[address]
    let owner = arguments[task] ?? start.task
    return CommandResult(
      try attempt(at: arguments.span(of: address)) { () throws(LabError) in
        try system.examine(format ?? ExamineFormat(), at: start.address, task: owner)
      })
  }
}

/// Shows physical memory.
struct ExaminePhysicalCommand: Command {
  let name = "xp"
  let group = CommandGroup.memory
  let summary = "physical memory"
  let takesFormat = true
  let help = CommandHelp(
    "As `x`, without translation. Device registers are not read: a read could change the device.",
    examples: ["xp/8gx 0x80000000"], next: ["x", "info devices"])
  var parameters: [any CommandParameter] { [address] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let format = try arguments.format.map { token throws(CommandError) in try ExamineFormat(parsing: token) }
    let start = arguments[address]
    return CommandResult(
      try attempt(at: arguments.span(of: address)) { () throws(LabError) in
        try system.examinePhysical(format ?? ExamineFormat(), at: start.address)
      })
  }
}

/// Shows code.
struct DisassembleCommand: Command {
  let name = "disassemble"
  let aliases = ["dis", "u"]
  let group = CommandGroup.memory
  let summary = "code as instructions, with symbols and source lines"
  let help = CommandHelp(
    "From the address to the end of its function, or COUNT instructions. Without an address: from pc.",
    examples: ["disassemble", "disassemble blk_submit", "disassemble blk_submit 8"],
    next: ["break blk_submit", "x/4i $pc"])
  var parameters: [any CommandParameter] { [Self.start, Self.count, Self.owner] }

  private static let start = Optionally("ADDRESS", ArgumentKind<Place>.located, "where to start; pc if not given")
  private static let count = Optionally(
    "COUNT", ArgumentKind<UInt64>.number("a count", in: 1...4096), "how many instructions")
  private static let owner = ValueOption("--task", "TASK", ArgumentKind<String>.task, "whose address space")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let count = arguments[Self.count].map(Int.init) ?? (arguments[Self.start] == nil ? 8 : nil)
    let start = arguments[Self.start]
    let owner = arguments[Self.owner] ?? start?.task
    return CommandResult(
      try attempt(at: arguments.span(of: Self.start)) { () throws(LabError) in
        try system.disassemble(at: start?.address, count: count, task: owner)
      })
  }
}

extension ExamineReport: CommandValue {
  func describe(in text: inout StyledText) {
    let isLong = units.contains { $0.location != nil || $0.text.count > 18 || $0.value == nil }
    let perLine = isLong ? 1 : Self.perLine(units.map(\.text.count).max() ?? 1)
    var index = 0
    while index < units.count {
      let row = units[index..<min(index + perLine, units.count)]
      var line = StyledLine(NumberStyle.hexadecimal(row.first?.address ?? 0), .dim)
      line.append(":")
      for unit in row {
        line.append("  " + GuestText.oneLine(unit.text))
        if let location = unit.location, location.symbol != nil { line.append("  <\(location.name)>", .name) }
      }
      if isLong { text.paragraph(line, hanging: 4) } else { text.line(line) }
      index += perLine
    }
    if let stopped { text.paragraph(StyledLine(stopped, .warning)) }
  }

  /// A power of two of units that fits beside the address.
  private static func perLine(_ width: Int) -> Int {
    let fitting = (StyledText.width - 20) / (width + 2)
    return fitting >= 8 ? 8 : fitting >= 4 ? 4 : fitting >= 2 ? 2 : 1
  }
}

extension DisassemblyReport: CommandValue {
  func describe(in text: inout StyledText) {
    var lastSource: String?
    var lastSymbol: String?
    for instruction in instructions {
      if let symbol = instruction.location.symbol, symbol != lastSymbol {
        text.line("\(symbol, .name):")
        lastSymbol = symbol
      }
      var line = StyledLine(instruction.current ? "=>" : instruction.breakpoint != nil ? " *" : "  ", .warning)
      line.append(" " + NumberStyle.hexadecimal(instruction.address) + " ", .dim)
      let digits = instruction.length == 2 ? 4 : 8
      let encoding = Quoting.hexadecimal(instruction.encoding, digits: digits)
      line.append(encoding + String(repeating: " ", count: 10 - digits), .dim)
      line.append(instruction.text)
      if let source = instruction.location.source, source != lastSource {
        let gap = max(2, 56 - line.width)
        if line.width + gap + source.count <= StyledText.width {
          line.append(String(repeating: " ", count: gap) + source, .dim)
        }
        lastSource = source
      }
      text.line(line.truncated(to: StyledText.width))
    }
  }
}
