// `gdbserver`: the current system under a debugger of the user's choice.

import Foundation
import Lab

/// Serves a debugger.
struct DebuggerCommand: Command {
  let name = "gdbserver"
  let group = CommandGroup.running
  let summary = "let gdb debug the system, on this computer only"
  let effect = CommandEffect.changesSystem
  let usesTerminal = true
  let help = CommandHelp(
    """
    Waits for a debugger on a TCP port of the loopback interface and serves it until it detaches: tasks are its \
    threads; registers, control registers, memory, breakpoints, watchpoints and going backwards work. `continue` \
    finishes a call that a breakpoint has stopped; with none, the agent sleeps a second of simulated time. Commands \
    that only look can be given as `monitor info tasks`. The port is 1234 if not given; 0 takes any free one.

    With `--symbols FOLDER`, `kernel.elf` and every program's ELF file are written there first. In another terminal: \
    `gdb-multiarch FOLDER/kernel.elf -ex 'target remote :1234'`, and `add-symbol-file FOLDER/blk.elf` for a program: \
    all programs are linked at one address, and breakpoints there mean the programs whose symbols have been read. \
    Without any, they stop whichever program comes by; `break PLACE thread N` stops one task only. Going back uses the \
    system's own history, from before the debugger came too.
    """,
    examples: ["gdbserver", "gdbserver 3333 --symbols /tmp/micro"], next: ["break", "info tasks"])
  var parameters: [any CommandParameter] { [Self.port, Self.symbols] }

  private static let port = Optionally(
    "PORT", ArgumentKind<UInt64>.number("a TCP port", in: 0...65535), "where the debugger connects; 1234 if not given")
  private static let symbols = ValueOption(
    "--symbols", "FOLDER", ArgumentKind.file, "where to write the ELF files with symbols")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let before = system.instructionCount
    if let folder = arguments[Self.symbols] {
      do throws(CommandError) {
        try Self.write(system.symbolFiles, into: folder)
      } catch {
        var located = error
        located.span = arguments.span(of: Self.symbols)
        throw located
      }
    }
    let port = arguments[Self.port].map { UInt16($0) } ?? DebugServer.defaultPort
    let served = try DebugServer.serve(
      SystemDebugTarget(system), port: port,
      announce: { port in
        session.note("waiting for a debugger; in gdb-multiarch: `target remote :\(port)`; Ctrl-C ends")
      },
      monitor: { Self.look($0, in: session) })
    guard let served else { throw CommandError(.interrupted, "no debugger came before the interruption") }
    return CommandResult(
      DebuggerValue(
        ended: served.end ?? .closed, packets: served.packets, icount: system.instructionCount,
        moved: system.instructionCount != before, location: system.registers().location, task: system.position.task),
      next: "`continue` goes on from here; `undo` takes back what the debugger did.")
  }

  /// Writes files; the folder is made when it is missing.
  private static func write(_ files: [(name: String, content: [UInt8])], into folder: String) throws(CommandError) {
    for file in files {
      let path = URL(filePath: folder).appending(path: file.name)
      do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(file.content).write(to: path)
      } catch {
        throw CommandError(
          .badFile, "cannot write \(path.path)", hint: "name a folder that you can write to, such as /tmp/symbols")
      }
    }
  }

  /// The text of a command that changes nothing.
  private static func look(_ line: String, in session: Session) -> String {
    let source = SourceLine(text: line, origin: .lesson)
    do throws(CommandError) {
      let parsed = try ParsedLine(parsing: source)
      if parsed.isEmpty { return "give a command, such as `monitor info tasks`" }
      let match = try session.lookup.match(parsed.tokens, in: source)
      guard match.command.effect == .none, !match.command.usesTerminal else {
        return "`\(match.command.name)` would change the system behind the debugger; detach first"
      }
    } catch {
      return error.message
    }
    switch session.evaluate(source).outcome {
    case .nothing: return ""
    case .success(let result): return session.text(of: result, withHint: false).text
    case .failure(let error): return error.message
    }
  }
}

/// What became of a debugger's visit.
private struct DebuggerValue: CommandValue {
  let ended: DebugSession.End
  let packets: Int
  let icount: UInt64
  let moved: Bool
  let location: CodeLocation
  let task: String?

  func describe(in text: inout StyledText) {
    let how =
      switch ended {
      case .detached: "the debugger detached"
      case .killed: "the debugger ended; the system is where it left it"
      case .exited: "the guest switched the machine off"
      case .closed: "the connection was closed"
      }
    text.paragraph(StyledLine("\(how), after \(NumberStyle.count(packets, "packet"))"))
    var place: StyledLine = "  stands at \(location.name, .name)"
    if let source = location.source { place.append("   \(source)", .dim) }
    text.line(place)
  }
}
