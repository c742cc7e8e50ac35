// `info resources` and `exo revoke`: who owns which physical resource, and giving some back.

import Lab

/// Shows an exokernel's books.
struct InfoResourcesCommand: Command {
  let name = "info resources"
  let group = CommandGroup.inspecting
  let summary = "exokernel: the owner of each page, extent, time slice and device window"
  let help = CommandHelp(
    """
    An exokernel only allocates physical resources and remembers whose they are. This reads its books. Of the pages \
    that an environment was asked for, it gave some back in time; others were taken by force. A packet filter binds \
    frames to one environment in both directions; a frame that it sends from anything else is refused.
    """,
    examples: ["info resources"], next: ["exo revoke agent 16", "pmap agent"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    return CommandResult(try attempt { () throws(LabError) in try system.resources() })
  }
}

extension ResourceReport: CommandValue {
  func describe(in text: inout StyledText) {
    let kept = NumberStyle.decimal(pagesOfNobody)
    text.line(
      "\(NumberStyle.decimal(pages)) pages of \(NumberStyle.bytes(pageSize)); \(kept) are the kernel's or nobody's")
    var owners = Table([
      .number("TASK"), .text("NAME"), .number("PAGES"), .number("SHARED"), .number("ASKED"), .number("GIVEN"),
      .number("TAKEN"), .fixed("TIME SLICE"),
    ])
    for environment in environments {
      owners.row([
        StyledLine(String(environment.task)), StyledLine(environment.name, .name),
        StyledLine(NumberStyle.decimal(environment.pages)), StyledLine(NumberStyle.decimal(environment.sharedPages)),
        StyledLine(NumberStyle.decimal(environment.pagesAsked)),
        StyledLine(NumberStyle.decimal(environment.pagesGiven)),
        StyledLine(NumberStyle.decimal(environment.pagesTaken)), StyledLine(environment.slice),
      ])
    }
    text.append(owners.text())
    var disk = Table([.number("EXTENT"), .number("FIRST SECTOR"), .number("SECTORS"), .text("OWNER")])
    for extent in extents {
      disk.row([
        StyledLine(String(extent.extent)), StyledLine(NumberStyle.decimal(extent.first)),
        StyledLine(NumberStyle.decimal(extent.sectors)),
        StyledLine(extent.owner.map { "\(extent.ownerName ?? "?") (\($0))" } ?? "everybody, to read"),
      ])
    }
    text.append(disk.text())
    if !filters.isEmpty { text.append(describeFilters()) }
    for device in devices {
      text.line("\(device.name) (\(device.kind)): mapped by \(device.owners.joined(separator: ", "))")
    }
  }

  private func describeFilters() -> StyledText {
    var table = Table([.fixed("FRAMES TO AND FROM"), .text("OWNER"), .number("IN"), .number("OUT"), .number("REFUSED")])
    for (index, filter) in filters.enumerated() {
      // The counts are the owner's, so they stand beside the first of its filters.
      let isFirst = filters.firstIndex { $0.owner == filter.owner } == index
      let counts = isFirst ? environments.first { $0.task == filter.owner } : nil
      table.row([
        StyledLine(filter.filter), StyledLine("\(filter.ownerName ?? "?") (\(filter.owner))"),
        StyledLine(counts.map { NumberStyle.decimal($0.framesReceived) } ?? ""),
        StyledLine(counts.map { NumberStyle.decimal($0.framesSent) } ?? ""),
        StyledLine(counts.map { NumberStyle.decimal($0.framesRefused) } ?? ""),
      ])
    }
    return table.text()
  }
}

/// Asks an environment for pages.
struct RevokeCommand: Command {
  let name = "exo revoke"
  let aliases = ["revoke"]
  let group = CommandGroup.running
  let summary = "exokernel: ask an environment to give pages back"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    Visible revocation: the kernel tells the environment how many pages it wants back, by an upcall or as an event, and \
    the library in the application chooses which ones it can do without. What it has not given back when its time is \
    over is taken by force, and it can read which pages those were. The agent sleeps meanwhile.
    """,
    examples: ["exo revoke agent 16", "exo revoke hog 100"], next: ["info resources", "info tasks"])
  var parameters: [any CommandParameter] { [Self.task, Self.pages] }

  private static let task = Required(
    "TASK",
    ArgumentKind<String>(
      parse: { token, _ throws(CommandError) in token.text },
      candidates: { _, session in (try? session.laboratory.current())?.taskNames ?? [] }),
    "the environment's name or number")
  private static let pages = Required("PAGES", ArgumentKind<UInt64>.number("a number", in: 1...1_000_000), "how many")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let report = try attempt(at: arguments.span(of: Self.task)) { () throws(LabError) in
      try system.revoke(arguments[Self.pages], from: arguments[Self.task])
    }
    return CommandResult(report, next: "`info resources` shows who has what now.")
  }
}

extension RevocationReport: CommandValue {
  func describe(in text: inout StyledText) {
    text.events(events, includingPanic: true)
    let outcome: String
    if pagesAfter == nil {
      outcome = "it could not do without what the kernel took by force, and has ended"
    } else if given >= asked {
      outcome = "it gave them back"
    } else if taken == 0 {
      outcome = "it gave \(NumberStyle.decimal(given)) back; the kernel found nothing to take by force"
    } else {
      outcome =
        "it gave \(NumberStyle.decimal(given)) back in \(patience) ms, and the kernel took "
        + "\(NumberStyle.decimal(taken)) by force"
    }
    text.paragraph("\(name, .name) (\(task)) was asked for \(NumberStyle.count(asked, "page")): \(outcome)")
    guard let pagesAfter else { return }
    text.paragraph(
      "It had \(NumberStyle.decimal(pagesBefore)) pages; now it has \(NumberStyle.decimal(pagesAfter)).", indent: 2)
  }
}
