// `gdbserver`: the current system under a debugger of the user's choice.

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

    In another terminal: `gdb-multiarch KERNEL.elf -ex 'target remote :1234'`.
    """,
    examples: ["gdbserver", "gdbserver 3333"], next: ["break", "info tasks"])
  var parameters: [any CommandParameter] { [Self.port] }

  private static let port = Optionally(
    "PORT", ArgumentKind<UInt64>.number("a TCP port", in: 0...65535), "where the debugger connects; 1234 if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let before = system.instructionCount
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
