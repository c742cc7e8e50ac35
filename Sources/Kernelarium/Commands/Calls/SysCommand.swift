// `sys` and `trace`: one call of the program library, issued by a real program through the structure's real path.

import GuestABI
import Lab

/// A call with its arguments on the line, as several commands take it.
enum CallLine {
  static let call = Required("CALL", ArgumentKind<LibraryCall>.call, "the call's name")
  static let rest = Remaining("ARGUMENT", ArgumentKind<Token>.token, "what the call takes, in its order")
}

/// Issues a system call.
struct SysCommand: Command {
  let name = "sys"
  let aliases = ["syscall", "call"]
  let group = CommandGroup.calls
  let summary = "let the agent issue a system call, and count what it costs"
  let effect = CommandEffect.changesSystem
  var help: CommandHelp {
    CommandHelp(
      """
      The agent is a program inside the guest. It calls the library function as any program would, so the call takes \
      the structure's own way: a trap, messages, or a plain function call. The machine counts from the function's \
      first instruction to its return; instructions of the idle loop are counted apart.

      The calls: \(LibraryCall.allCases.map { "`\($0.usage)`" }.joined(separator: ", ")). FLAGS of open: any of \
      write, create, truncate, append.
      """,
      examples: ["sys open \"/etc/motd\"", "sys read 3 64", "sys write 1 \"hello\\n\""],
      next: ["trace read 3 64", "compare read"])
  }
  var parameters: [any CommandParameter] { [CallLine.call, CallLine.rest] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let report = try issue(arguments, in: session)
    let components = try session.system().components().components
    let services = Set(components.filter { ["service", "driver"].contains($0.kind) }.map(\.name))
    return CommandResult(
      CallValue(report: report, services: services, panic: session.currentPanic), next: Self.next(after: report),
      outcome: report.stopped?.stop.outcome ?? report.state.outcome)
  }

  private static func next(after report: CallReport) -> String? {
    if report.state == .panicked { return StopText.afterPanic }
    if let stop = report.stopped?.stop, [.breakpoint, .watchpoint, .catchpoint].contains(stop) {
      return "`info registers` shows the machine; `continue` finishes the call."
    }
    guard let returned = report.returned else { return "`info system` says more; `reverse-continue` goes back." }
    switch report.call {
    case "open" where returned >= 0: return "`sys read \(returned) 64` reads from it."
    case "open": return "`run ls /` lists what is there."
    case "read": return "`compare read` sets this beside the other kernels; `trace` shows every step."
    default: return nil
    }
  }
}

/// Issues a system call and shows its way step by step.
struct TraceCommand: Command {
  let name = "trace"
  let aliases = ["strace", "ltrace"]
  let group = CommandGroup.calls
  let summary = "issue a system call and show its way step by step"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    As `sys`, with every step in order: traps, calls between components, messages, address-space switches, interrupts. \
    The first column counts instructions since the call began. The guests hold no instrumentation: the machine watches \
    the addresses of the symbols.
    """,
    examples: ["trace read 3 64", "trace null"], next: ["compare read", "info stats"])
  var parameters: [any CommandParameter] { [CallLine.call, CallLine.rest] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let report = try issue(arguments, in: session)
    return CommandResult(
      TraceValue(report: report, panic: session.currentPanic),
      outcome: report.stopped?.stop.outcome ?? report.state.outcome)
  }
}

private func issue(_ arguments: Arguments, in session: Session) throws(CommandError) -> CallReport {
  let system = try session.system()
  let function = arguments[CallLine.call]
  let values = try CallLine.marshal(arguments[CallLine.rest], for: function, source: arguments.source)
  return try attempt(at: arguments.span(of: CallLine.call)) { () throws(LabError) in try system.call(function, values) }
}

extension CallLine {
  /// Gives each token the type that the call wants in its place.
  static func marshal(
    _ tokens: [Token], for call: LibraryCall, source: SourceLine
  ) throws(CommandError) -> [CallArgument] {
    var values: [CallArgument] = []
    var rest = tokens[...]
    for parameter in call.parameters {
      switch parameter {
      case .status: continue
      case .flags:
        // Several flags may be given as several words.
        if rest.isEmpty { continue }
        values.append(.text(rest.map(\.text).joined(separator: " ")))
        rest = []
      case .path, .input, .address:
        guard let token = rest.popFirst() else { throw missing(parameter.label, call, source) }
        values.append(.text(token.text))
      case .text:
        if rest.isEmpty { continue }
        values.append(.text(rest.map(\.text).joined(separator: " ")))
        rest = []
      case .output, .number:
        guard let token = rest.popFirst() else { throw missing(parameter.label, call, source) }
        guard case .number(let number) = token.kind else {
          throw CommandError(
            .invalidArgument, "`\(call.name)` wants a number for \(parameter.label), not `\(token.text)`",
            hint: "usage: `sys \(call.usage)`", at: token.span)
        }
        values.append(.number(Int64(bitPattern: number)))
      }
    }
    if let extra = rest.first {
      throw CommandError(
        .unexpectedArgument, "`\(call.name)` takes no further argument", hint: "usage: `sys \(call.usage)`",
        at: extra.span)
    }
    return values
  }
}

private func missing(_ label: String, _ call: LibraryCall, _ source: SourceLine) -> CommandError {
  CommandError(
    .missingArgument, "`\(call.name)` needs \(label)", hint: "usage: `sys \(call.usage)`", at: source.endSpan)
}

extension LibraryCall {
  /// The call with its arguments.
  fileprivate var usage: String {
    ([name] + parameters.filter { $0 != .status }.map(\.label)).joined(separator: " ")
  }
}

extension LibraryCall.Parameter {
  /// The argument in capitals, as usage lines show it.
  fileprivate var label: String {
    switch self {
    case .path: "PATH"
    case .text: "[TEXT]"
    case .input: "BYTES"
    case .output: "COUNT"
    case .number(let what): what.uppercased()
    case .address: "ADDRESS"
    case .flags: "[FLAGS]"
    case .status: ""
    }
  }
}
