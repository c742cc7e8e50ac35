// `info devices`, `info tlb` and `info stats`: the board, the TLB and the counters.

import Lab

/// Shows the board's devices.
struct InfoDevicesCommand: Command {
  let name = "info devices"
  let aliases = ["info qtree", "info mtree"]
  let group = CommandGroup.inspecting
  let summary = "the devices: addresses, interrupt lines, who may reach them"
  let help = CommandHelp(
    "The owner is read from the page tables: who could store to the registers, whatever the names say.",
    examples: ["info devices"], next: ["pmap blk", "xp/4wx 0x10001000"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(try session.system().devices())
  }
}

/// Shows the TLB.
struct InfoTLBCommand: Command {
  let name = "info tlb"
  let group = CommandGroup.inspecting
  let summary = "what the translation look-aside buffer holds"
  let help = CommandHelp(
    "The architectural TLB, with address-space numbers. Entries of several address spaces live side by side.",
    examples: ["info tlb"], next: ["translate $pc", "pagetable"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(try session.system().tlb())
  }
}

/// Shows the machine's counters.
struct InfoStatsCommand: Command {
  let name = "info stats"
  let aliases = ["info statistics", "info counters", "stat", "perf"]
  let group = CommandGroup.inspecting
  let summary = "the machine's counters since reset"
  let help = CommandHelp(
    """
    Exact counts, taken by the machine from outside; the guest does not know that they exist. Only cycles are \
    modelled: `show model` has the prices.
    """,
    examples: ["info stats"], next: ["sys null", "show model"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(try session.system().statistics())
  }
}

extension DeviceList: CommandValue {
  func describe(in text: inout StyledText) {
    var table = Table([
      .fixed("DEVICE"), .text("KIND"), .fixed("ADDRESS"), .number("IRQ"), .text("REACHED BY"),
      .text("STATUS"),
    ])
    for device in devices {
      table.row([
        StyledLine(device.name, .name), StyledLine(device.kind), StyledLine(NumberStyle.hexadecimal(device.address)),
        StyledLine(device.interrupt.map(String.init) ?? ""),
        StyledLine(device.owners.joined(separator: ", ")), StyledLine(device.status ?? ""),
      ])
    }
    text.append(table.text())
  }
}

extension TLBReport: CommandValue {
  func describe(in text: inout StyledText) {
    text.line("\(entries.count) of \(NumberStyle.count(capacity, "entry", "entries")) valid")
    if entries.isEmpty { return }
    var table = Table([
      .fixed("VIRTUAL"), .fixed("PHYSICAL"), .number("PAGE"), .number("ASID"), .fixed("RIGHTS"), .text("WHAT"),
    ])
    for entry in entries {
      table.row([
        StyledLine(NumberStyle.hexadecimal(entry.address)), StyledLine(NumberStyle.hexadecimal(entry.physical)),
        StyledLine(NumberStyle.bytes(entry.pageSize)), entry.global ? "all" : StyledLine(String(entry.asid)),
        StyledLine("\(entry.permissions) \(entry.privilege)"), StyledLine(entry.owner ?? "", .name),
      ])
    }
    text.append(table.text())
  }
}

extension StatisticsReport: CommandValue {
  func describe(in text: inout StyledText) {
    var table = Table([.text(""), .number(""), .fixed("")])
    func row(_ name: String, _ value: UInt64, _ mark: String = "exact") {
      table.row([StyledLine(name), "\(value)", StyledLine(mark, .dim)])
    }
    row("instructions", instructions)
    row("mtime, in ticks", time)
    row("traps", traps)
    for (cause, count) in trapsByCause.sorted(by: { $0.key < $1.key }) { row("  " + cause, count, "") }
    row("interrupts", interrupts)
    for (cause, count) in interruptsByCause.sorted(by: { $0.key < $1.key }) { row("  " + cause, count, "") }
    row("privilege changes", privilegeChanges)
    row("address-space switches", addressSpaceSwitches)
    row("TLB misses", tlbMisses)
    row("page-table reads", pageTableReads)
    row("MMIO accesses", mmioAccesses)
    row("cycles", cycles, "modelled")
    text.append(table.text())
    guard let messages else { return }
    func list(_ counts: [String: Int]) -> String {
      counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
    text.paragraph("messages of the calls made from here: \(list(messages.ways))", hanging: 2)
    if !messages.fastpathMisses.isEmpty {
      text.paragraph("fastpath not taken, by the condition missed: \(list(messages.fastpathMisses))", hanging: 2)
    }
  }
}
