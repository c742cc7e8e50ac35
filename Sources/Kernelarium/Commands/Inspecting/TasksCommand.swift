// `info tasks` and `info components`: who runs, and what is linked where.

import Lab

/// Lists the tasks.
struct InfoTasksCommand: Command {
  let name = "info tasks"
  let aliases = ["ps", "info threads", "tasks"]
  let group = CommandGroup.inspecting
  let summary = "the tasks: state, privilege, address space, restarts"
  let help = CommandHelp(
    """
    Read from the guest's own records and not trusted: after a wild write, a row says `corrupt at ADDRESS`. In a \
    monolithic kernel the services are no tasks: `info components` has them.
    """,
    examples: ["info tasks"], next: ["pmap agent", "info components"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    try attempt { () throws(LabError) in try system.requireOurs("list its tasks") }
    return CommandResult(system.tasks())
  }
}

/// Lists the components.
struct InfoComponentsCommand: Command {
  let name = "info components"
  let aliases = ["info modules", "lsmod"]
  let group = CommandGroup.inspecting
  let summary = "what is linked where, at which privilege, and how large"
  let help = CommandHelp(
    """
    The same object files in every structure; only the image they are linked into differs. The text shows the kernel \
    and the services; `--all` adds runtime parts, stubs and programs, which JSON always has.
    """,
    examples: ["info components", "info components --all"], next: ["info tasks", "disassemble blk_submit"])
  var parameters: [any CommandParameter] { [Self.all] }

  private static let all = FlagOption("--all", "runtime parts, stubs and programs too")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    try attempt { () throws(LabError) in try system.requireOurs("list its components") }
    return CommandResult(ComponentsValue(list: system.components(), showsAll: arguments[Self.all]))
  }
}

extension TaskList: CommandValue {
  func describe(in text: inout StyledText) {
    var table = Table([
      .fixed(""), .number("ID"), .text("TASK"), .text("STATE"), .fixed("PRIV"), .number("ASID"), .number("RESTARTS"),
      .text("WAITS FOR"),
    ])
    for task in tasks {
      let isCorrupt = task.state.hasPrefix("corrupt")
      table.row([
        task.current ? StyledLine("*", .good) : "", "\(task.id)", StyledLine(GuestText.oneLine(task.name), .name),
        StyledLine(task.state, isCorrupt ? .bad : .plain), StyledLine(task.privilege),
        StyledLine(String(task.addressSpace)),
        StyledLine(NumberStyle.decimal(task.restarts), task.restarts > 0 ? .warning : .plain),
        StyledLine(task.exitStatus.map { "status \($0)" } ?? task.waitsFor ?? ""),
      ])
    }
    text.append(table.text())
  }
}

/// The components, with the choice whether all of them are shown.
private struct ComponentsValue: CommandValue {
  let list: ComponentList
  let showsAll: Bool

  func encode(to encoder: any Encoder) throws { try list.encode(to: encoder) }

  /// What a structure is about: its kernel's parts and its services, without what every image needs.
  private var essential: [ComponentReport] {
    let programs = Set(list.components.filter { $0.kind == "program" }.map(\.image))
    return list.components.filter {
      !programs.contains($0.image) && ["core", "kernel", "service", "driver"].contains($0.kind)
    }
  }

  func describe(in text: inout StyledText) {
    let components = showsAll ? list.components : essential
    var table = Table([
      .text("COMPONENT"), .fixed("KIND"), .text("IMAGE"), .fixed("PRIV"), .number("TEXT"), .number("CONST"),
      .number("DATA"), .text("ENTRIES"),
    ])
    for component in components {
      table.row([
        StyledLine(component.name, .name), StyledLine(component.kind), StyledLine(component.image),
        StyledLine(component.privilege, component.privilege == "S" ? .warning : .plain), "\(component.textBytes)",
        "\(component.constantBytes)", "\(component.dataBytes)",
        StyledLine(component.entryPoints.joined(separator: " "), .dim),
      ])
    }
    text.append(table.text())
    if components.count < list.components.count {
      let hidden = NumberStyle.decimal(list.components.count - components.count)
      text.paragraph(
        StyledLine(markup: "\(hidden) runtime parts, stubs and programs besides; `--all` shows them.", base: .dim),
        indent: 2)
    }
  }
}
