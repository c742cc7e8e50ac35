// `systems` and `use`: several systems at once, one of them current.

import Lab

/// Lists the booted systems.
struct SystemsCommand: Command {
  let name = "systems"
  let aliases = ["info systems", "info inferiors"]
  let group = CommandGroup.systems
  let summary = "list the booted systems"
  let help = CommandHelp(
    """
    Any number of systems can exist side by side, each on a machine of its own. Commands go to the current one, which \
    the prompt names.
    """,
    examples: ["systems"], next: ["use", "boot"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(session.laboratory.list())
  }
}

/// Makes another system the current one.
struct UseCommand: Command {
  let name = "use"
  let aliases = ["inferior"]
  let group = CommandGroup.systems
  let summary = "make another system the current one"
  let help = CommandHelp(
    "Nothing runs or changes; only later commands go to the system named.", examples: ["use mono"],
    next: ["systems", "info system"])
  var parameters: [any CommandParameter] { [Self.system] }

  private static let system = Required("SYSTEM", ArgumentKind.system, "the system's name")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let name = arguments[Self.system]
    return CommandResult(
      try attempt(at: arguments.span(of: Self.system)) { () throws(LabError) in try session.laboratory.use(name) })
  }
}

extension SystemList: CommandValue {
  func describe(in text: inout StyledText) {
    if systems.isEmpty {
      text.paragraph(
        StyledLine(
          markup:
            "No system is booted; `boot \(KernelOrder.sorted(Laboratory.structures).first ?? "KERNEL")` starts one."))
      return
    }
    var table = Table([.fixed(""), .text("SYSTEM"), .text("KERNEL"), .text("STATE"), .number("INSTRUCTIONS")])
    for system in systems {
      table.row([
        system.current ? StyledLine("*", .good) : "", StyledLine(system.system, .name), StyledLine(system.kernel),
        system.state.styled, "\(system.instructions)",
      ])
    }
    text.append(table.text())
  }
}

extension SystemSummary: CommandValue {
  func describe(in text: inout StyledText) {
    text.paragraph("\(system, .name) (\(kernel)), \(state.styled), \(instructions) instructions since reset")
  }
}

extension SystemState {
  /// The state in the colour that it deserves.
  var styled: StyledLine {
    switch self {
    case .running: StyledLine(rawValue, .good)
    case .halted: StyledLine(rawValue, .warning)
    case .panicked, .hung: StyledLine(rawValue, .bad)
    }
  }

  /// What the state means for the exit status of the command that led to it.
  var outcome: CommandResult.Outcome {
    switch self {
    case .running, .halted: .fine
    case .panicked: .panicked
    case .hung: .hung
    }
  }
}
