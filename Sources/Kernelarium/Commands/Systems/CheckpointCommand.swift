// `checkpoint`, `restore` and `info checkpoints`: whole states of a system under names.

import Lab

/// Keeps the current system's state.
struct CheckpointCommand: Command {
  let name = "checkpoint"
  let aliases = ["savevm"]
  let group = CommandGroup.systems
  let summary = "keep the current system's whole state under a name"
  let help = CommandHelp(
    """
    Everything is kept: memory, registers, TLB, devices, disk, faults. Pages are shared until one side changes them, \
    so it costs next to nothing.
    """,
    examples: ["checkpoint before"], next: ["restore before", "info checkpoints"])
  var parameters: [any CommandParameter] { [Self.label] }

  private static let label = Required("NAME", ArgumentKind<String>.text, "a name of your choice")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    _ = try session.system()
    let label = arguments[Self.label]
    let report = try attempt(at: arguments.span(of: Self.label)) { () throws(LabError) in
      try session.laboratory.checkpoint(label)
    }
    return CommandResult(CheckpointValue(report, verb: "kept"), next: "`restore \(label)` comes back here.")
  }
}

/// Puts a kept state back.
struct RestoreCommand: Command {
  let name = "restore"
  let aliases = ["loadvm"]
  let group = CommandGroup.systems
  let summary = "go back to a checkpoint"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    "The checkpoint stays and can be restored again. The system it belongs to becomes the current one.",
    examples: ["restore before"], next: ["info system", "undo"])
  var parameters: [any CommandParameter] { [Self.label] }

  private static let label = Required("NAME", ArgumentKind.checkpoint, "the checkpoint's name")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let label = arguments[Self.label]
    let report = try attempt(at: arguments.span(of: Self.label)) { () throws(LabError) in
      try session.laboratory.restore(label)
    }
    return CommandResult(CheckpointValue(report, verb: "restored"))
  }
}

/// Lists the checkpoints.
struct InfoCheckpointsCommand: Command {
  let name = "info checkpoints"
  let aliases = ["info snapshots"]
  let group = CommandGroup.systems
  let summary = "the checkpoints of all systems"
  let help = CommandHelp("In the order in which they were made.", examples: ["info checkpoints"], next: ["restore"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(session.laboratory.checkpoints())
  }
}

private struct CheckpointValue: CommandValue {
  let report: CheckpointReport
  let verb: String

  init(_ report: CheckpointReport, verb: String) { (self.report, self.verb) = (report, verb) }

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    text.paragraph("\(report.name, .strong): \(verb) \(report.system, .name) at instruction \(report.icount)")
  }
}

extension CheckpointList: CommandValue {
  func describe(in text: inout StyledText) {
    if checkpoints.isEmpty {
      text.paragraph(StyledLine(markup: "There is no checkpoint; `checkpoint NAME` makes one."))
      return
    }
    var table = Table([.text("NAME"), .text("SYSTEM"), .number("INSTRUCTION")])
    for checkpoint in checkpoints {
      table.row([StyledLine(checkpoint.name, .strong), StyledLine(checkpoint.system, .name), "\(checkpoint.icount)"])
    }
    text.append(table.text())
  }
}
