// `info rights` and `space diff`: who can reach what, and how two address spaces differ.

import Lab

/// Shows who can reach what.
struct InfoRightsCommand: Command {
  let name = "info rights"
  let aliases = ["info access"]
  let group = CommandGroup.inspecting
  let summary = "who can reach which memory and device, by MMU and by DMA"
  let help = CommandHelp(
    """
    What the page tables would grant to each task's own code, and to the kernel, whether it is ever used or not. A \
    device that does DMA reaches memory on its own, past the page tables: who programs it can have it read and write \
    anywhere, unless an IOMMU stands between. With a task, its memory by owner.
    """,
    examples: ["info rights", "info rights agent"], next: ["pmap agent", "info devices", "space diff agent blk"])
  var parameters: [any CommandParameter] { [Self.task] }

  private static let task = Optionally(
    "TASK",
    ArgumentKind<String>.name("task", listedBy: "ps") { session in
      ["kernel"] + ((try? session.laboratory.current())?.taskNames ?? [])
    }, "only this one, or kernel, with its memory by owner")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let task = arguments[Self.task]
    let report = try attempt(at: arguments.span(of: Self.task)) { () throws(LabError) in
      try system.rights(of: task)
    }
    return CommandResult(RightsValue(report: report, showsOwners: task != nil))
  }
}

private struct RightsValue: CommandValue {
  let report: RightsReport
  let showsOwners: Bool

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    var table = Table([
      .fixed("TASK"), .fixed("PRIV"), .number("READ"), .number("WRITE"), .number("EXEC"), .number("BY DMA"),
      .text("DEVICES"),
    ])
    for row in report.rows {
      let dma = row.dma.map(\.bytes).max() ?? 0
      let isUnlimited = row.dma.contains(where: \.unlimited)
      table.row([
        StyledLine(GuestText.oneLine(row.task), .name),
        StyledLine(row.privilege, row.privilege == "U" ? .plain : .warning),
        StyledLine(NumberStyle.bytes(row.readableBytes)), StyledLine(NumberStyle.bytes(row.writableBytes)),
        StyledLine(NumberStyle.bytes(row.executableBytes)),
        row.dma.isEmpty
          ? "" : StyledLine(isUnlimited ? "all RAM" : NumberStyle.bytes(dma), isUnlimited ? .warning : .plain),
        StyledLine(row.devices.joined(separator: " ")),
      ])
    }
    text.append(table.text())
    if showsOwners { for row in report.rows { row.describeOwners(in: &text) } }
    describeDMA(in: &text)
  }

  private func describeDMA(in text: inout StyledText) {
    for row in report.rows {
      for right in row.dma {
        if right.unlimited {
          text.paragraph(
            """
            \(row.task, .name) programs \(right.device) (\(right.kind)), which reaches \("all of RAM", .warning) by \
            itself: the IOMMU is \(report.iommu)
            """, hanging: 2)
        } else {
          let windows = right.windows.map {
            "\(NumberStyle.hexadecimal($0.start)) \(NumberStyle.bytes($0.bytes)) \($0.permissions)"
          }
          text.paragraph(
            """
            \(row.task, .name) programs \(right.device) (\(right.kind)), which reaches \
            \(windows.isEmpty ? "nothing" : windows.joined(separator: ", ")): the IOMMU is on
            """, hanging: 2)
        }
      }
    }
  }
}

extension RightsRow {
  fileprivate func describeOwners(in text: inout StyledText) {
    var table = Table([.fixed("RIGHTS"), .number("BYTES"), .text("OWNER"), .text("SHARED WITH")], indent: 2)
    for right in memory {
      table.row([
        StyledLine(right.permissions), "\(right.bytes)", StyledLine(right.owner, .name),
        StyledLine(right.sharedWith.joined(separator: " "), .warning),
      ])
    }
    text.append(table.text())
  }
}

/// Compares two address spaces.
struct SpaceDiffCommand: Command {
  let name = "space diff"
  let aliases = ["pmap diff"]
  let group = CommandGroup.memory
  let summary = "how two address spaces differ, or one at two times"
  let help = CommandHelp(
    """
    Each is TASK, or TASK@CHECKPOINT for the task as it was. Listed are addresses that only one of them maps, those \
    with other rights, and those that lead to other physical pages.
    """,
    examples: ["space diff agent blk", "space diff agent@before agent"], next: ["pmap agent", "checkpoint before"])
  var parameters: [any CommandParameter] { [Self.first, Self.second] }

  private static let space = ArgumentKind<SpaceName>(
    parse: { token, _ throws(CommandError) in SpaceName(token.text) },
    candidates: { prefix, session in
      let tasks = (try? session.laboratory.current().taskNames) ?? []
      guard let at = prefix.firstIndex(of: "@") else { return tasks }
      return session.laboratory.checkpoints().checkpoints.map { prefix[...at] + $0.name }
    })
  private static let first = Required("FIRST", space, "a task, now or in a checkpoint")
  private static let second = Required("SECOND", space, "another one, or the same at another time")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    _ = try session.system()
    let (first, second) = (arguments[Self.first], arguments[Self.second])
    return CommandResult(
      try attempt(at: arguments.span(of: Self.first)) { () throws(LabError) in
        try session.laboratory.compareSpaces(first, second)
      })
  }
}

extension SpaceDifferenceReport: CommandValue {
  func describe(in text: inout StyledText) {
    text.paragraph(
      "\(first, .name) beside \(second, .name): \(NumberStyle.bytes(sameBytes)) of addresses mean the same in both")
    guard !differences.isEmpty else { return }
    var table = Table([
      .fixed("START"), .fixed("END"), .number("SIZE"), .fixed("DIFFERS IN"), .fixed("FIRST"), .fixed("SECOND"),
      .text("OWNER"),
    ])
    for difference in differences {
      table.row([
        StyledLine(NumberStyle.hexadecimal(difference.start)), StyledLine(NumberStyle.hexadecimal(difference.end)),
        StyledLine(NumberStyle.bytes(difference.end &- difference.start)), StyledLine(difference.change.label),
        StyledLine(side(difference, difference.first, difference.firstPhysical)),
        StyledLine(side(difference, difference.second, difference.secondPhysical)),
        StyledLine(difference.owner, .name),
      ])
    }
    text.append(table.text())
  }

  /// The rights where they differ, else the physical address.
  private func side(_ difference: SpaceDifference, _ rights: String?, _ physical: UInt64?) -> String {
    difference.change == .physical ? physical.map(NumberStyle.hexadecimal) ?? "" : rights ?? ""
  }
}

extension SpaceChange {
  fileprivate var label: String {
    switch self {
    case .firstOnly: "first only"
    case .secondOnly: "second only"
    case .permissions: "rights"
    case .physical: "page"
    case .permissionsAndPhysical: "rights, page"
    }
  }
}
