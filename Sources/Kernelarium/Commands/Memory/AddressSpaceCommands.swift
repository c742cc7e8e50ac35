// `translate`, `pagetable` and `pmap`: address spaces as the MMU sees them, walked from the page tables.

import Lab

private let task = Optionally("TASK", ArgumentKind<String>.task, "whose address space; the current one if not given")

/// Translates one address.
struct TranslateCommand: Command {
  let name = "translate"
  let aliases = ["gva2gpa", "walk"]
  let group = CommandGroup.memory
  let summary = "the way from a virtual address to a physical one, level by level"
  let help = CommandHelp(
    """
    Shows each page-table entry on the way, what the TLB holds for the page, and a verdict that includes permissions \
    and privilege. The walk is done beside the machine: no entry is marked accessed and the TLB stays as it is.
    """,
    examples: ["translate $sp", "translate 0x10000 agent write"], next: ["pagetable", "info tlb"])
  var parameters: [any CommandParameter] { [Self.address, Self.rest] }

  private static let address = Required("ADDRESS", ArgumentKind<Place>.located, "the virtual address")
  private static let rest = Remaining(
    "TASK|ACCESS",
    ArgumentKind<Token>(
      parse: { token, _ throws(CommandError) in token },
      candidates: { _, session in
        ((try? session.laboratory.current().taskNames) ?? []) + MemoryAccess.allCases.map(\.rawValue)
      }), "whose address space, and one of read, write, execute")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    var owner: String?
    var access: MemoryAccess?
    for token in arguments[Self.rest] {
      // The two may come in either order: no task is named like an access.
      if access == nil, let found = try? ArgumentKind<MemoryAccess>.access.parse(token, session),
        !system.taskNames.contains(token.text)
      {
        access = found
      } else if owner == nil {
        owner = try ArgumentKind<String>.task.parse(token, session)
      } else {
        throw CommandError(
          .unexpectedArgument, "`translate` takes one task and one access", hint: "usage: \(usage)", at: token.span)
      }
    }
    let virtual = arguments[Self.address]
    return CommandResult(
      try attempt(at: arguments.span(of: Self.address)) { () throws(LabError) in
        try system.translate(virtual.address, task: owner ?? virtual.task, access: access ?? .read)
      })
  }
}

/// Shows a page table.
struct PageTableCommand: Command {
  let name = "pagetable"
  let aliases = ["info mem", "info pagetable"]
  let group = CommandGroup.memory
  let summary = "a task's page table: its pages, and the ranges it maps"
  let help = CommandHelp(
    "G, A and D: valid in all address spaces, accessed, dirty. `pmap` has the same ranges merged by owner.",
    examples: ["pagetable", "pagetable agent"], next: ["pmap agent", "translate"])
  var parameters: [any CommandParameter] { [task, Self.all] }

  private static let all = FlagOption("--all", "the kernel's own ranges too, in the text view")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let owner = arguments[task]
    let report = try attempt(at: arguments.span(of: task)) { () throws(LabError) in try system.pageTable(of: owner) }
    return CommandResult(PageTableValue(report: report, showsAll: arguments[Self.all]))
  }
}

/// Shows the regions of an address space.
struct RegionMapCommand: Command {
  let name = "pmap"
  let aliases = ["maps", "vmmap"]
  let group = CommandGroup.memory
  let summary = "a task's address space: ranges, rights, owners"
  let help = CommandHelp(
    """
    Rights are what the MMU would grant, read from the page table; `S` ranges are mapped but closed to U-mode. Names \
    of owners come from the images' sections.
    """,
    examples: ["pmap agent", "pmap"], next: ["translate", "pagetable agent"])
  var parameters: [any CommandParameter] { [task, Self.all] }

  private static let all = FlagOption("--all", "each range of the kernel's view of RAM")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let owner = arguments[task]
    let report = try attempt(at: arguments.span(of: task)) { () throws(LabError) in try system.regions(of: owner) }
    return CommandResult(RegionValue(report: report, showsAll: arguments[Self.all]))
  }
}

extension TranslationReport: CommandValue {
  func describe(in text: inout StyledText) {
    var head: StyledLine = "\(access.rawValue) \(NumberStyle.hexadecimal(address), .strong) in \(privilege)-mode, "
    if let task { head.append(task + ", ") }
    head.append("address space \(String(asid))")
    text.paragraph(head)
    if root == nil { text.line("  translation is off: virtual is physical") }
    if !levels.isEmpty {
      var table = Table(
        [.number("LEVEL"), .number("INDEX"), .fixed("ENTRY AT"), .fixed("ENTRY"), .fixed("FLAGS"), .text("IS")],
        indent: 2)
      for level in levels {
        table.row([
          "\(level.level)", StyledLine(String(level.index)), StyledLine(NumberStyle.hexadecimal(level.entryAddress)),
          StyledLine(NumberStyle.address(level.entry)), StyledLine(level.flags),
          StyledLine(level.kind, level.kind == "invalid" ? .bad : .plain),
        ])
      }
      text.append(table.text())
    }
    text.line("  TLB: \(tlb)")
    if let physical {
      var line: StyledLine = "physical \(NumberStyle.hexadecimal(physical), .strong)"
      if let pageSize { line.append(", page of \(NumberStyle.bytes(pageSize))") }
      if let owner { line.append(", \(owner)") }
      text.paragraph(line, indent: 2, hanging: 2)
    }
    if allowed {
      text.paragraph(StyledLine(verdict, .good), indent: 2, hanging: 2)
    } else {
      text.paragraph("\("refused", .bad): \(verdict)", indent: 2, hanging: 2)
    }
  }
}

/// A page table, with the choice whether all of it is shown.
struct PageTableValue: CommandValue {
  let report: PageTableReport
  let showsAll: Bool

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    let pages = NumberStyle.count(report.tables.count, "page-table page")
    let root = NumberStyle.hexadecimal(report.root)
    text.paragraph("\(report.task, .name): address space \(String(report.asid)), root at \(root), \(pages)")
    for node in report.tables {
      let depth = max(0, 2 - node.level)
      let place = "level \(node.level) at \(NumberStyle.hexadecimal(node.address))"
      let covers = "from \(NumberStyle.hexadecimal(node.start))"
      let holds = "\(NumberStyle.count(node.tables, "table")), \(NumberStyle.count(node.pages, "page"))"
      text.paragraph("\(place) \(covers): \(holds)", indent: 2 + 2 * depth)
    }
    var table = Table([
      .fixed("START"), .fixed("END"), .fixed("PHYSICAL"), .fixed("RIGHTS"), .fixed("FLAGS"), .text("OWNER"),
    ])
    // Ranges that are global are the same in every address space.
    let ranges = showsAll ? report.ranges : report.ranges.filter { !$0.global }
    for range in ranges {
      let flags = (range.global ? "G" : "-") + (range.accessed ? "A" : "-") + (range.dirty ? "D" : "-")
      table.row([
        StyledLine(NumberStyle.hexadecimal(range.start)), StyledLine(NumberStyle.hexadecimal(range.end)),
        StyledLine(NumberStyle.hexadecimal(range.physical)), StyledLine("\(range.permissions) \(range.privilege)"),
        StyledLine(flags), StyledLine(range.owner, .name),
      ])
    }
    text.append(table.text())
    if ranges.count < report.ranges.count {
      let hidden = report.ranges.count - ranges.count
      let besides = NumberStyle.count(hidden, "global range")
      text.paragraph(
        StyledLine(markup: "\(besides) of the kernel besides; `--all` shows each.", base: .dim), indent: 2)
    }
    if report.truncated {
      text.paragraph(StyledLine("the walk was cut short: the tables are too large, or loop", .warning))
    }
  }
}

/// The regions, with the choice whether all of them are shown.
struct RegionValue: CommandValue {
  let report: RegionReport
  let showsAll: Bool

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    let regions = showsAll ? report.regions : RegionMerging.merged(report.regions)
    text.paragraph("\(report.task, .name): address space \(StyledLine(String(report.asid)))")
    var table = Table([
      .fixed("START"), .fixed("END"), .number("SIZE"), .fixed("RIGHTS"), .fixed("PHYSICAL"), .text("OWNER"),
    ])
    for region in regions {
      table.row([
        StyledLine(NumberStyle.hexadecimal(region.start)), StyledLine(NumberStyle.hexadecimal(region.end)),
        StyledLine(NumberStyle.bytes(region.end &- region.start)),
        StyledLine("\(region.permissions) \(region.privilege)", region.privilege == "U" ? .plain : .warning),
        StyledLine((region.contiguous ? "" : "~") + NumberStyle.hexadecimal(region.physical)),
        StyledLine(region.owner, .name),
      ])
    }
    text.append(table.text())
    if regions.contains(where: { !$0.contiguous }) {
      text.line(StyledLine("  ~ first page only: the others lie elsewhere", .dim))
    }
    if regions.count < report.regions.count {
      let hidden = report.regions.count - regions.count
      text.paragraph(
        StyledLine(
          markup: "\(NumberStyle.count(hidden, "range")) of the kernel's view of RAM merged; `--all` shows each.",
          base: .dim),
        indent: 2)
    }
  }
}

/// Joins the kernel's view of RAM, where pages of a few owners alternate, so that the rest can be read.
enum RegionMerging {
  /// Owners that recur more often than this are scattered over RAM.
  private static let scattered = 3

  /// The regions, with neighbours of scattered owners and equal rights made one.
  static func merged(_ regions: [Region]) -> [Region] {
    var counts: [String: Int] = [:]
    for region in regions where region.privilege == "S" { counts[region.owner, default: 0] += 1 }
    var result: [Region] = []
    var owners: [String] = []
    for region in regions {
      let isScattered = region.privilege == "S" && counts[region.owner, default: 0] > scattered
      if isScattered, !owners.isEmpty, let last = result.last, last.end == region.start,
        last.permissions == region.permissions
      {
        if !owners.contains(region.owner) { owners.append(region.owner) }
        result[result.count - 1].end = region.end
        result[result.count - 1].owner = owners.joined(separator: ", ")
      } else {
        owners = isScattered ? [region.owner] : []
        result.append(region)
      }
    }
    return result
  }
}
