// `info history`: how far back the current system can go, and what that costs.

import Lab

/// Shows the extent and size of the history.
struct InfoHistoryCommand: Command {
  let name = "info history"
  let aliases = ["info record"]
  let group = CommandGroup.timeTravel
  let summary = "how far back the current system can go, and the memory that takes"
  let help = CommandHelp(
    """
    Checkpoints are taken by themselves while the guest runs, and inputs from outside are logged. When the history \
    needs more than `set history.memory` allows, checkpoints get rarer, then the older the rarer, and at last the \
    oldest are dropped. The further they are apart, the longer a step back takes there.
    """,
    examples: ["info history"], next: ["reverse-continue", "goto", "set history.memory 256M"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(try session.system().historyReport())
  }
}

extension HistoryReport: CommandValue {
  private var spacing: String {
    let near = "at most \(NumberStyle.decimal(interval)) instructions apart"
    return widestInterval > interval
      ? near + " near the present, \(NumberStyle.decimal(widestInterval)) further back" : near
  }

  func describe(in text: inout StyledText) {
    let place = isInThePast ? "it stands at \(NumberStyle.decimal(now)), in the past" : "it stands in the present"
    text.paragraph(
      "\(system, .name): instructions \(NumberStyle.decimal(first)) to \(NumberStyle.decimal(last)); \(place)",
      hanging: 2)
    let inputs = NumberStyle.count(self.inputs, "input")
    let kept = NumberStyle.count(checkpoints, "checkpoint")
    text.paragraph(
      "\(kept), \(spacing); \(inputs) from outside", indent: 2,
      hanging: 2)
    let memory = "\(NumberStyle.bytes(bytes)) of at most \(NumberStyle.bytes(limitBytes)) used"
    text.paragraph("\(memory); state hash \(stateHash, .dim)", indent: 2, hanging: 2)
  }
}
