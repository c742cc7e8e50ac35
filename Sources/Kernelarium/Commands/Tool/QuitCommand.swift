// `quit`: leaves the session.

/// Ends the session.
struct QuitCommand: Command {
  let name = "quit"
  let aliases = ["exit", "q", "bye"]
  let group = CommandGroup.tool
  let summary = "leave; Ctrl-D does the same"
  let help = CommandHelp(
    "Disks booted with `--persist` are written back first. In a script, the rest of the script is not run.",
    examples: ["quit"], next: [])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    session.wantsToQuit = true
    return CommandResult(Acknowledgement(done: "quit"))
  }
}

/// The value of a command that has nothing to report but that it was done.
struct Acknowledgement: CommandValue {
  let done: String

  func describe(in text: inout StyledText) {}
}
