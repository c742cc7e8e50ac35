// `device replace`: the hardware changes, and what has to change with it is linked again.

import Lab

/// Puts another disk into the machine.
struct DeviceReplaceCommand: Command {
  let name = "device replace"
  let group = CommandGroup.linking
  let summary = "put another kind of disk into the machine: what has to be linked again?"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    Each structure is linked again with the driver of the other disk, and its images are compared, byte by byte, with \
    those of before; an image counts when another object is in it. Where one driver serves all, one image changes; where each application drives the disk itself, \
    each application does, and the kernel's checker with them.

    Without `--kernels`, the current system's structure is booted with the new disk.
    """,
    examples: ["device replace disk sdisk", "device replace disk sdisk --kernels all"],
    next: ["boot micro --driver sdisk", "compare structure"])
  var parameters: [any CommandParameter] { [Self.device, Self.driver, KernelList.option] }

  private static let device = Required(
    "DEVICE",
    ArgumentKind<String>.name("device that can be replaced", listedBy: "help device replace") { _ in ["disk"] },
    "what is replaced")
  private static let driver = Required("DRIVER", ArgumentKind.text, "who drives the new one: sdisk, the simple disk")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let driver = arguments[Self.driver]
    let named = arguments[KernelList.option]
    var kernels = named ?? []
    if named == nil { kernels = [try session.system().kernel] }
    let rows = try attempt(at: arguments.span(of: Self.driver)) { () throws(LabError) in
      try session.laboratory.replaceDiskDriver(with: driver, in: kernels)
    }
    guard named == nil, let kernel = kernels.first else {
      return CommandResult(
        DeviceReplacementReport(rows: rows), next: "`boot exo --driver \(driver)` boots one of them.")
    }
    var request = BootRequest(structure: kernel)
    request.driver = driver
    request.seed = session.settings.seed
    request.limit = session.laboratory.limit
    let boot = try BootCommand.boot(request, in: session)
    return CommandResult(
      DeviceReplacementReport(rows: rows, boot: boot),
      next: "`device replace disk \(driver) --kernels all` sets the structures side by side.")
  }
}

extension DeviceReplacementReport: CommandValue {
  func describe(in text: inout StyledText) {
    var table = Table([
      .fixed("KERNEL"), .number("IMAGES"), .number("LINKED AGAIN"), .number("BYTES"), .fixed("KERNEL ITSELF"),
    ])
    for row in rows {
      table.row([
        StyledLine(row.kernel, .name), StyledLine(String(row.images.count)), StyledLine(String(row.relinked)),
        StyledLine(NumberStyle.decimal(row.relinkedBytes)), StyledLine(row.kernelChanged ? "changed" : "the same"),
      ])
    }
    text.append(table.text())
    for row in rows {
      let objects = row.objects.sorted { $0.key < $1.key }.map { "\($0.key) by \($0.value)" }
      let images = row.images.filter { $0.differs && $0.otherObjects }.map(\.image)
      text.paragraph(
        "\(row.kernel, .name): \(objects.joined(separator: ", ")) in \(images.joined(separator: ", "))", hanging: 2)
      guard !row.moved.isEmpty else { continue }
      text.paragraph(
        "the same objects at other addresses: \(row.moved.joined(separator: ", ")), which carries the others' archive",
        indent: 2, hanging: 2)
    }
    if let boot { BootValue(report: boot, faults: nil).describe(in: &text) }
  }
}
