// `boot`: starts a kernel on a machine of its own.

import Lab

/// Boots a system and makes it the current one.
struct BootCommand: Command {
  let name = "boot"
  let group = CommandGroup.systems
  let summary = "start a kernel on a machine of its own"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    The machine runs from reset until the first program is ready. Systems booted before stay as they are; `use` goes \
    back to them. The disk is a copy-on-write view: the file is changed only with `--persist`, and then when you \
    leave.

    With `--same-faults`, the faults injected into the current system are injected into the new one too: same driver, \
    same function, same offset.
    """,
    examples: ["boot micro", "boot monolithic --memory 128M", "boot micro --disk my.img --persist"],
    next: ["sys open \"/etc/motd\"", "info tasks", "pmap agent"])
  var parameters: [any CommandParameter] {
    [Self.structure, Self.disk, Self.memory, Self.persist, Self.sameFaults, Self.noNetwork]
  }

  private static let structure = Required("KERNEL", ArgumentKind.structure, "the kernel's structure")
  private static let disk = ValueOption("--disk", "FILE", ArgumentKind.file, "a disk image instead of the built one")
  private static let memory = ValueOption(
    "--memory", "N", ArgumentKind<UInt64>.bytes, "RAM in bytes, with K, M or G; 64M if not given")
  private static let persist = FlagOption("--persist", "write changed sectors back to the disk's file at the end")
  private static let noNetwork = FlagOption("--no-network", "leave the network adapter out")
  private static let sameFaults = FlagOption("--same-faults", "inject the current system's faults here too")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let source = arguments[Self.sameFaults] ? try session.system() : nil
    var request = BootRequest(structure: arguments[Self.structure])
    if let path = arguments[Self.disk] { request.disk = .file(path) }
    if let bytes = arguments[Self.memory] { request.memoryBytes = bytes }
    request.persist = arguments[Self.persist]
    if request.persist, arguments[Self.disk] == nil {
      throw CommandError(
        .invalidArgument, "`--persist` needs a disk file to write to",
        hint: "`boot \(request.structure) --disk FILE --persist`",
        at: arguments.span(of: Self.persist))
    }
    if arguments[Self.noNetwork] { request.network = .none }
    request.seed = session.settings.seed
    request.limit = session.laboratory.limit
    let report = try Self.boot(request, in: session)
    var faults: FaultList?
    if let source { faults = try attempt { () throws(LabError) in try session.laboratory.repeatFaults(of: source) } }
    return CommandResult(
      BootValue(report: report, faults: faults?.faults),
      next: "`sys open \"/etc/motd\"` asks it for a file; `info tasks` shows who runs.")
  }
}

extension BootCommand {
  private static func boot(_ request: BootRequest, in session: Session) throws(CommandError) -> BootReport {
    do {
      return try session.laboratory.boot(request)
    } catch {
      var failure = CommandError(error)
      // A kernel that does not come up has used up its instructions or hangs.
      if error.code == .guestContract { failure.code = .limit }
      if UserInterrupt.shared.isRequested { failure.code = .interrupted }
      throw failure
    }
  }
}

/// The boot report, with the faults that were injected again.
private struct BootValue: CommandValue {
  let report: BootReport
  let faults: [FaultReport]?

  private enum Keys: String, CodingKey {
    case faults
  }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: Keys.self)
    try container.encodeIfPresent(faults, forKey: .faults)
  }

  func describe(in text: inout StyledText) {
    let tasks = NumberStyle.count(report.tasks, "task")
    let spaces = NumberStyle.count(report.addressSpaces, "address space")
    var line: StyledLine = "\(report.system, .name): \("ready", .good) after \(report.instructions) instructions. "
    line.append("\(NumberStyle.bytes(report.privilegedBytes)) run privileged; \(tasks) in \(spaces).")
    text.paragraph(line, hanging: 2)
    for fault in faults ?? [] { fault.describeArmed(in: &text) }
  }
}
