// `info resources`: who owns which physical resource.

import Lab

/// Shows an exokernel's books.
struct InfoResourcesCommand: Command {
  let name = "info resources"
  let group = CommandGroup.inspecting
  let summary = "exokernel: the owner of each page, extent, time slice and device window"
  let help = CommandHelp(
    """
    An exokernel only allocates physical resources and remembers whose they are. This reads its books. Pages taken by \
    force were asked back in vain before.
    """,
    examples: ["info resources"], next: ["pmap agent", "info tasks"])

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
      .number("TASK"), .text("NAME"), .number("PAGES"), .number("SHARED"), .number("TAKEN"), .fixed("TIME SLICE"),
    ])
    for environment in environments {
      owners.row([
        StyledLine(String(environment.task)), StyledLine(environment.name, .name),
        StyledLine(NumberStyle.decimal(environment.pages)), StyledLine(NumberStyle.decimal(environment.sharedPages)),
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
    for device in devices {
      text.line("\(device.name) (\(device.kind)): mapped by \(device.owners.joined(separator: ", "))")
    }
  }
}
