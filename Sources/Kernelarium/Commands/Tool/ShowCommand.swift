// `show`: the tool's own state, never the machine's.

import Lab

/// Shows settings, the cost model or the version.
struct ShowCommand: Command {
  let name = "show"
  let group = CommandGroup.tool
  let summary = "the tool's settings, its cost model, its version"
  let help = CommandHelp(
    """
    `show settings`, `show model`, `show version`, or one setting by name. The model prices what was counted, in \
    modelled cycles; it never feeds back into a run.
    """,
    examples: ["show settings", "show model", "show limit"], next: ["set limit 5M"])
  var parameters: [any CommandParameter] { [Self.topic] }

  private static let topics = ["settings", "model", "version"]
  private static let topic = Optionally(
    "TOPIC",
    ArgumentKind<String>.name("topic", listedBy: "help show") { _ in topics + SettingName.allCases.map(\.rawValue) },
    "what to show; the settings if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    switch arguments[Self.topic] {
    case "model": return CommandResult(session.laboratory.costModel)
    case "version": return CommandResult(VersionValue(version: Version.text))
    case .some(let name):
      if let setting = SettingName(rawValue: name) { return CommandResult(SettingsValue([setting], in: session)) }
      return CommandResult(SettingsValue(SettingName.allCases, in: session))
    case .none: return CommandResult(SettingsValue(SettingName.allCases, in: session))
    }
  }
}

extension CostModel: CommandValue {
  func describe(in text: inout StyledText) {
    text.paragraph("Modelled cycles, priced after a run; not seconds of any hardware.")
    var table = Table([.text(""), .number("CYCLES")], indent: 2)
    table.row(["instruction", "\(instruction)"])
    table.row(["TLB miss, its page-table reads apart", "\(tlbMiss)"])
    table.row(["page-table read", "\(pageTableRead)"])
    table.row(["trap or interrupt, with the return", "\(trap)"])
    table.row(["address-space switch", "\(addressSpaceSwitch)"])
    table.row(["MMIO access", "\(mmioAccess)"])
    text.append(table.text())
  }
}

private struct VersionValue: CommandValue {
  let version: String

  func describe(in text: inout StyledText) { text.line(StyledLine(version)) }
}
