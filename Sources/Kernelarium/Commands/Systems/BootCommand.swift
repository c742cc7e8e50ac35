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

    With `--driver sdisk`, the kernel is linked again with another driver in the place of its disk's, and the board has \
    the disk that it drives: the hardware changed, and nothing else with it.

    With `--same-faults`, the faults injected into the current system are injected into the new one too: same driver, \
    same function, same offset.

    `boot uni --app NAME` boots an image that `link` made: it stops where the application begins, and `continue` lets \
    it run.

    Instead of KERNEL, `--image FILE` takes somebody else's kernel and `--bios FILE` firmware that starts it, ELF files \
    or raw ones, as `kernelarium machine` does. Such a system stands at its first instruction; `console` talks to it, \
    `continue` lets it run, and everything that the machine alone can tell works, backwards too. What needs the agent \
    or the task records of the built kernels is refused.
    """,
    examples: [
      "boot micro", "boot monolithic --memory 128M", "boot micro --disk my.img --persist", "boot micro --driver sdisk",
      "boot --bios fw_jump.elf --image uboot.elf",
    ],
    next: ["sys open \"/etc/motd\"", "info tasks", "pmap agent"])
  var parameters: [any CommandParameter] {
    [
      Self.structure, Self.application, Self.driver, Self.disk, Self.memory, Self.persist, Self.sameFaults,
      Self.noNetwork,
    ] + ForeignOptions.parameters
  }

  private static let structure = Optionally("KERNEL", ArgumentKind.structure, "the kernel's structure")
  private static let driver = ValueOption(
    "--driver", "OBJECT", ArgumentKind.text, "who drives the disk: blk (virtio) or sdisk (the simple disk)")
  private static let application = ValueOption(
    "--app", "IMAGE", ArgumentKind.virtualMachineImage, "for `uni`: a linked image, or a program to link")
  private static let disk = ValueOption("--disk", "FILE", ArgumentKind.file, "a disk image instead of the built one")
  private static let memory = ValueOption(
    "--memory", "N", ArgumentKind<UInt64>.bytes, "RAM in bytes, with K, M or G; if not given 64M, with an image 128M")
  private static let persist = FlagOption("--persist", "write changed sectors back to the disk's file at the end")
  private static let noNetwork = FlagOption("--no-network", "leave the network adapter out")
  private static let sameFaults = FlagOption("--same-faults", "inject the current system's faults here too")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let foreign = try ForeignOptions(arguments)
    guard let structure = arguments[Self.structure] else {
      guard let foreign else {
        throw CommandError(
          .missingArgument,
          "`boot` needs a kernel: \(KernelOrder.sorted(Laboratory.structures).joined(separator: ", "))",
          hint: "`boot micro`, or `boot --image FILE` for somebody else's", at: arguments.source.endSpan)
      }
      return try bootForeign(foreign, arguments, in: session)
    }
    if let foreign {
      throw CommandError(
        .invalidArgument, "`\(foreign.firstOption)` belongs to somebody else's image, and `\(structure)` is none",
        hint: "`boot \(structure)`, or `boot --image FILE`", at: arguments.span(of: Self.structure))
    }
    let source = arguments[Self.sameFaults] ? try session.system() : nil
    var request = BootRequest(structure: structure)
    request.driver = arguments[Self.driver]
    request.application = arguments[Self.application]
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
    let hasAgent = report.application.map { $0 == "agent" } ?? true
    return CommandResult(
      BootValue(report: report, faults: faults?.faults),
      next: hasAgent
        ? "`sys open \"/etc/motd\"` asks it for a file; `info tasks` shows who runs."
        : "`continue` lets \(report.application ?? "it") run; `pmap` shows what lies where.")
  }
}

extension BootCommand {
  private func bootForeign(
    _ options: ForeignOptions, _ arguments: Arguments, in session: Session
  ) throws(CommandError) -> CommandResult {
    if arguments[Self.sameFaults] {
      throw CommandError(
        .invalidArgument, "faults are for drivers of the built kernels, and a foreign image has none of them",
        hint: "leave `--same-faults` out", at: arguments.span(of: Self.sameFaults))
    }
    if arguments[Self.persist], arguments[Self.disk] == nil {
      throw CommandError(
        .invalidArgument, "`--persist` needs a disk file to write to", hint: "add `--disk FILE`",
        at: arguments.span(of: Self.persist))
    }
    var setup = options.setup
    setup.disk = arguments[Self.disk]
    setup.seed = session.settings.seed
    if let bytes = arguments[Self.memory] { setup.memory = bytes }
    var request = ForeignBoot(
      name: options.systemName, configuration: try setup.configuration(), contents: try setup.contents())
    request.diskPath = setup.disk
    request.persist = arguments[Self.persist]
    let report = try attempt { () throws(LabError) in try session.laboratory.boot(request) }
    return CommandResult(
      report, next: "`console` talks to it; `stepi` and `break` go slowly; `continue 1000` runs a second of its time.")
  }

  /// Boots a structure of the laboratory's.
  static func boot(_ request: BootRequest, in session: Session) throws(CommandError) -> BootReport {
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
struct BootValue: CommandValue {
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
    if report.application != nil {
      line.append(" \(NumberStyle.milliseconds(ticks: report.time)) of simulated time.")
    }
    text.paragraph(line, hanging: 2)
    for fault in faults ?? [] { fault.describeArmed(in: &text) }
  }
}
