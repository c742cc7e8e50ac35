// `undo`: takes back the last command that changed a system.

/// Goes back to before the last changing command.
struct UndoCommand: Command {
  let name = "undo"
  let group = CommandGroup.tool
  let summary = "take back the last command that changed a system"
  let effect = CommandEffect.takesBack
  let help = CommandHelp(
    """
    Before each command that runs or changes a system, all systems are kept as they are, copy-on-write. `undo` puts \
    them back: memory, registers, devices, disk, faults, breakpoints. It cannot itself be undone; the last \
    \(UndoLog.capacity) commands can.
    """,
    examples: ["undo"], next: ["checkpoint", "restore"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    guard let entry = session.undoLog.pop() else {
      throw CommandError(
        .wrongState, "no command has changed a system yet", hint: "`checkpoint NAME` keeps a state for longer")
    }
    session.laboratory.adopt(entry.laboratory)
    return CommandResult(UndoReport(undone: entry.line.trimmingSpaces, icount: session.instructionCount))
  }
}

private struct UndoReport: CommandValue {
  let undone: String
  let icount: UInt64

  func describe(in text: inout StyledText) {
    text.paragraph("back to before \(undone, .code): instruction \(icount)", hanging: 2)
  }
}
