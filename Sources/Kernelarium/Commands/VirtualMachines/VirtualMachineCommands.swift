// `vm start`, `vm run`, `vm list` and `vm stop`: several systems side by side under one monitor.

import Lab

/// Starts a virtual machine.
struct VirtualMachineStartCommand: Command {
  let name = "vm start"
  let group = CommandGroup.linking
  let summary = "start a virtual machine from a linked image or a structure"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    The machine has memory of its own, a copy-on-write disk of its own and a port on the virtual switch. It and the \
    others have their turns until its first program is ready. A program that was not linked yet is linked with the \
    usual choices. Commands such as `info system` or `fault inject` go to it after `use NAME`.
    """,
    examples: ["vm start hello", "vm start hello --name second", "vm start monolithic"],
    next: ["vm run", "vm list", "use hello"])
  var parameters: [any CommandParameter] { [Self.image, Self.label, Self.memory] }

  private static let image = Required(
    "IMAGE", ArgumentKind.virtualMachineImage, "a linked image, a program or a structure")
  private static let label = ValueOption(
    "--name", "NAME", ArgumentKind<String>.text, "its name; the image's if not given")
  private static let memory = ValueOption(
    "--memory", "N", ArgumentKind<UInt64>.bytes, "RAM in bytes, with K, M or G; 64M if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    var request = VirtualMachineRequest(image: arguments[Self.image], name: arguments[Self.label])
    if let bytes = arguments[Self.memory] { request.memoryBytes = bytes }
    request.limit = session.laboratory.limit
    let report = try attempt(at: arguments.span(of: Self.image)) { () throws(LabError) in
      try session.laboratory.startVirtualMachine(request)
    }
    return CommandResult(report, next: "`vm run` lets all machines run in turn; `use \(report.name)` looks into it.")
  }
}

/// Lets all virtual machines run.
struct VirtualMachineRunCommand: Command {
  let name = "vm run"
  let group = CommandGroup.linking
  let summary = "let all virtual machines run in turn"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    Each machine runs for the same simulated time in each turn; frames pass the switch between the turns. It ends \
    when the time is over, or before, when all machines have ended or wait for something from outside.
    """,
    examples: ["vm run", "vm run 50"], next: ["vm list", "info system"])
  var parameters: [any CommandParameter] { [Self.time] }

  private static let time = Optionally(
    "MILLISECONDS", ArgumentKind<UInt64>.count, "simulated time; 1000 if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let milliseconds = arguments[Self.time] ?? 1000
    let list = try attempt { () throws(LabError) in
      try session.laboratory.runVirtualMachines(milliseconds: milliseconds)
    }
    return CommandResult(list, outcome: list.stopped == "interrupted" ? .interrupted : .fine)
  }
}

/// Lists the virtual machines.
struct VirtualMachineListCommand: Command {
  let name = "vm list"
  let aliases = ["info vms"]
  let group = CommandGroup.linking
  let summary = "list the virtual machines"
  let help = CommandHelp(
    "With what each has cost so far: instructions, and how often it left to the monitor.", examples: ["vm list"],
    next: ["vm run", "vm stop hello"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(session.laboratory.virtualMachines())
  }
}

/// Switches a virtual machine off.
struct VirtualMachineStopCommand: Command {
  let name = "vm stop"
  let group = CommandGroup.linking
  let summary = "switch a virtual machine off and remove it"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    "Its memory and its view of the disk are gone; the others notice nothing but its silence.",
    examples: ["vm stop hello"], next: ["vm list"])
  var parameters: [any CommandParameter] { [Self.machine] }

  private static let machine = Required("NAME", ArgumentKind.virtualMachine, "the machine's name")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let name = arguments[Self.machine]
    return CommandResult(
      StoppedMachine(
        report: try attempt(at: arguments.span(of: Self.machine)) { () throws(LabError) in
          try session.laboratory.stopVirtualMachine(name)
        }))
  }
}

/// A machine that was switched off.
private struct StoppedMachine: CommandValue {
  let report: VirtualMachineReport

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    text.paragraph("\(report.name, .name) is switched off after \(report.instructions) instructions.")
  }
}

extension VirtualMachineReport: CommandValue {
  func describe(in text: inout StyledText) {
    text.console(console)
    guard let instructions = startInstructions, let ticks = startTicks else {
      text.paragraph("\(name, .name): \(state.styled)", hanging: 2)
      return
    }
    text.paragraph(
      """
      \(name, .name): \("ready", .good) after \(instructions) instructions, \(NumberStyle.milliseconds(ticks: ticks)) of \
      simulated time; \(NumberStyle.bytes(imageBytes)) loaded.
      """, hanging: 2)
  }
}

extension VirtualMachineList: CommandValue {
  func describe(in text: inout StyledText) {
    guard !machines.isEmpty else {
      text.paragraph(StyledLine(markup: "There is no virtual machine; `vm start hello` starts one."))
      return
    }
    for machine in machines where !machine.console.isEmpty {
      text.paragraph("\(machine.name, .name) writes:")
      text.console(machine.console)
    }
    var table = Table([
      .text("MACHINE"), .text("RUNS"), .text("STATE"), .number("INSTRUCTIONS"), .number("VM EXITS"), .number("TURNS"),
    ])
    for machine in machines {
      table.row([
        StyledLine(machine.name, .name), StyledLine(machine.application ?? machine.kernel),
        machine.waiting ? StyledLine("waiting") : machine.state.styled, "\(machine.instructions)",
        "\(machine.vmExits)", "\(machine.turns)",
      ])
    }
    text.append(table.text())
    for machine in machines {
      guard let reason = machine.reason else { continue }
      text.paragraph("\(machine.name, .name): \(reason)", indent: 2, hanging: 2)
    }
    text.paragraph(
      "Monitor's time: \(NumberStyle.milliseconds(ticks: time)); \(NumberStyle.count(frames, "frame")) passed on.",
      indent: 2, hanging: 2)
    if let stopped { text.paragraph(StyledLine(stopped, .dim), indent: 2, hanging: 2) }
  }
}
