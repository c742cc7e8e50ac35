// `console`: the terminal belongs to the guest's own shell until the user takes it back.

import Glibc
import Lab

/// Talks to the guest's shell.
struct ConsoleCommand: Command {
  let name = "console"
  let aliases = ["screen"]
  let group = CommandGroup.running
  let summary = "talk to the guest's own shell; Ctrl-] comes back"
  let effect = CommandEffect.changesSystem
  let usesTerminal = true
  let help = CommandHelp(
    """
    Starts the guest's shell on its console. Every key goes to the guest, Ctrl-C too; Ctrl-] comes back to this \
    prompt and `exit` ends the shell. When standard input is no terminal, it is fed to the guest and the console ends \
    at its end.

    A foreign system has its serial port there. It gets what standard input holds when it waits for some.
    """,
    examples: ["console"], next: ["info tasks", "undo"])

  /// The key that leaves: Ctrl-].
  private static let leaveKey: UInt8 = 0x1d
  /// Ctrl-D, by which a terminal ends its input.
  private static let endOfInputKey: UInt8 = 0x04
  /// Idle slices after which the guest counts as waiting for the user.
  private static let patience = 200
  /// Instructions between two looks at the keyboard.
  private static let slice: UInt64 = 2_000_000

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    try attempt { () throws(LabError) in try system.openConsole() }
    var conversation = Conversation(system: system, session: session)
    let terminal = RawTerminal()
    defer { terminal?.restore() }
    if terminal != nil { session.note("Ctrl-] comes back to the prompt") }
    terminal?.enter()
    if terminal == nil {
      try conversation.feed()
    } else {
      try conversation.talk()
    }
    terminal?.restore()
    if terminal != nil { session.output.write(raw: "\n") }
    return CommandResult(
      ConsoleValue(
        output: String(decoding: conversation.transcript, as: UTF8.self), ended: conversation.ended,
        panic: session.currentPanic),
      outcome: conversation.ended?.stop.outcome ?? .fine)
  }

  /// The guest's console while it is open.
  private struct Conversation {
    let system: System
    let session: Session
    /// What the guest wrote.
    var transcript: [UInt8] = []
    /// Why the guest ended the conversation.
    var ended: Interruption?
    /// How often in a row the guest had nothing to do and wrote nothing.
    private var idleSlices = 0

    init(system: System, session: Session) { (self.system, self.session) = (system, session) }

    /// Gives input to the guest; returns whether it waits for more.
    private mutating func step(_ input: [UInt8]) throws(CommandError) -> Bool {
      let slice = try attempt { () throws(LabError) in try system.console(input: input, budget: ConsoleCommand.slice) }
      transcript += slice.output
      // A guest that waits for its disk is idle for a moment as well.
      idleSlices = slice.waitsForInput && slice.output.isEmpty && input.isEmpty ? idleSlices + 1 : 0
      if !session.settings.json { session.output.write(bytes: slice.output) }
      ended = slice.ended
      return slice.waitsForInput
    }

    /// Feeds what standard input holds, then lets the guest finish with it.
    mutating func feed() throws(CommandError) {
      var isAtEnd = false
      var waits = try step([])
      var used: UInt64 = 0
      while ended == nil, !session.output.isClosed {
        if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "the console was interrupted") }
        var input: [UInt8] = []
        if waits, !isAtEnd {
          input = session.readStandardInput()
          isAtEnd = input.isEmpty
          // The guest's shell ends at the end of its input as any shell does; a foreign system is none.
          if isAtEnd, !system.isForeign { input = [ConsoleCommand.endOfInputKey] }
        } else if waits, idleSlices > ConsoleCommand.patience {
          return
        }
        let before = system.instructionCount
        waits = try step(input)
        used += system.instructionCount &- before
        if used > session.laboratory.limit {
          throw CommandError(
            .limit, "the console used up \(NumberStyle.count(used, "instruction"))", hint: "`set limit` allows more")
        }
      }
    }

    /// Passes keys on until the user or the guest ends it.
    mutating func talk() throws(CommandError) {
      var waits = try step([])
      while ended == nil, !session.output.isClosed {
        let rests = waits && idleSlices > ConsoleCommand.patience
        var input = RawTerminal.readKeys(waitingMilliseconds: rests ? 50 : 0)
        let leaves = input.firstIndex(of: ConsoleCommand.leaveKey)
        if let leaves { input.removeSubrange(leaves...) }
        waits = try step(input)
        if leaves != nil { return }
      }
    }
  }
}

/// The terminal without line editing, echo and signals.
final class RawTerminal {
  private var saved = termios()
  private var isRaw = false

  /// The terminal on standard input; nil if there is none.
  init?() {
    guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &saved) == 0 else { return nil }
  }

  /// Makes every key arrive as it is.
  func enter() {
    var raw = saved
    cfmakeraw(&raw)
    // Output keeps its translation of line ends.
    raw.c_oflag = saved.c_oflag
    isRaw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0
  }

  /// Puts the terminal back as it was.
  func restore() {
    if !isRaw { return }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &saved)
    isRaw = false
  }

  /// Keys that have arrived, or an empty list after a wait.
  static func readKeys(waitingMilliseconds: Int32) -> [UInt8] {
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, waitingMilliseconds) > 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(STDIN_FILENO, &buffer, buffer.count)
    // A terminal that is gone acts as if the user had left.
    return count > 0 ? Array(buffer[..<count]) : [0x1d]
  }
}

private struct ConsoleValue: CommandValue {
  let output: String
  let ended: Interruption?
  private let panic: PanicReport?

  private enum CodingKeys: CodingKey {
    case output, ended
  }

  init(output: String, ended: Interruption?, panic: PanicReport?) {
    (self.output, self.ended, self.panic) = (output, ended, panic)
  }

  func describe(in text: inout StyledText) {
    if let ended {
      ended.describe(panic: panic, in: &text)
    } else {
      text.line(StyledLine("console closed", .dim))
    }
  }
}
