// `watch` and `catch`: memory and events at which the guest stops, forwards and backwards.

import Lab

/// Watches memory.
struct WatchCommand: Command {
  let name = "watch"
  let group = CommandGroup.timeTravel
  let summary = "stop the guest after each write to some memory"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    Writes by instructions, by devices and by the hardware's page-table walk all count. The memory is taken by its \
    physical address, so that it is the same whatever address space is current. `reverse-continue` stops before the write.
    """,
    examples: ["watch $sp", "watch 0x80200000 16"], next: ["continue", "reverse-continue", "info breakpoints"])
  var parameters: [any CommandParameter] { [Self.place, Self.length] }

  private static let place = Required(
    "PLACE", ArgumentKind<String>.place, "SYMBOL, PROGRAM:SYMBOL, SYMBOL+N, $REGISTER or ADDRESS")
  private static let length = Optionally(
    "LENGTH", ArgumentKind<UInt64>.number("a number of bytes", in: 1...4096), "bytes; 8 if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let place = arguments[Self.place]
    let length = arguments[Self.length] ?? 8
    let report = try attempt(at: arguments.span(of: Self.place)) { () throws(LabError) in
      try system.setWatchpoint(at: place, length: length)
    }
    return CommandResult(
      report, next: "`continue` and `sys` stop after a write, `reverse-continue` before the last one.")
  }
}

/// Catches events.
struct CatchCommand: Command {
  let name = "catch"
  let aliases = ["tcatch"]
  let group = CommandGroup.timeTravel
  let summary = "stop the guest after each system call, trap, interrupt or address-space switch"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    `syscall` is an environment call from U-mode, `trap` any synchronous exception, `switch` a write that changes \
    `satp`. The guest stops in the handler; `reverse-continue` stops before the event. `delete N` takes it away.
    """,
    examples: ["catch syscall", "catch switch"], next: ["sys null", "reverse-continue", "delete"])
  var parameters: [any CommandParameter] { [Self.event] }

  private static let event = Required("EVENT", ArgumentKind<CatchEvent>.event, "syscall, trap, interrupt or switch")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(try session.system().setCatchpoint(arguments[Self.event]))
  }
}

extension ArgumentKind where Value == CatchEvent {
  /// An event to stop at.
  static let event = ArgumentKind(
    parse: { token, _ throws(CommandError) in
      let found = CatchEvent.allCases.filter { !token.text.isEmpty && $0.rawValue.hasPrefix(token.text) }
      if found.count == 1 { return found[0] }
      throw CommandError(
        .invalidArgument, "`\(token.text)` is no event to stop at",
        hint: "one of: \(CatchEvent.allCases.map(\.rawValue).joined(separator: ", "))", at: token.span)
    },
    candidates: { _, _ in CatchEvent.allCases.map(\.rawValue) })
}

extension WatchpointReport: CommandValue {
  func describe(in text: inout StyledText) {
    let place = "\(NumberStyle.count(length, "byte")) at physical \(NumberStyle.hexadecimal(physical))"
    text.paragraph("watchpoint \(id): \(name, .name), \(place)", hanging: 2)
  }
}

extension CatchpointReport: CommandValue {
  func describe(in text: inout StyledText) { text.paragraph("catchpoint \(id): \(event.rawValue, .name)") }
}
