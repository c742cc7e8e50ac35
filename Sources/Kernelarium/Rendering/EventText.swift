// Text that several commands share: what happened by itself, why a guest stopped, what a call cost, console output.

import Lab

extension SystemEvent {
  /// Adds the event as one paragraph.
  func describe(in text: inout StyledText) {
    let role: TextRole =
      switch kind {
      case .faultFired, .taskFault: .warning
      case .restart: .good
      case .panic: .bad
      case .halt: .plain
      }
    var line = StyledLine(GuestText.oneLine(self.text), role)
    if let source = location?.source, !self.text.contains(source) { line.append("   \(source)", .dim) }
    text.paragraph(line, indent: 2, hanging: 2)
  }
}

extension StyledText {
  /// Adds what a guest wrote to its console.
  mutating func console(_ output: String, indent: Int = 0) {
    for line in GuestText.lines(output) { paragraph(StyledLine(line), indent: indent) }
  }

  /// Adds what happened by itself.
  ///
  /// - Parameter includingPanic: Whether the panic is told here, and not as the reason why the guest stopped.
  mutating func events(_ events: [SystemEvent], includingPanic: Bool = true) {
    for event in events where includingPanic || event.kind != .panic { event.describe(in: &self) }
  }
}

extension CodeLocation {
  /// The name with its component's source line, for the middle of a sentence.
  var styled: StyledLine {
    var line = StyledLine(name, .name)
    if let source { line.append(" (\(source))", .dim) }
    return line
  }
}

extension CallCounters {
  /// The counters of a call in one line, zeros left out.
  var sentence: StyledLine {
    var parts = [NumberStyle.count(instructions, "instruction")]
    func add(_ count: UInt64, _ singular: String, _ plural: String? = nil) {
      if count > 0 { parts.append(NumberStyle.count(count, singular, plural)) }
    }
    parts.append(NumberStyle.count(traps, "trap"))
    parts.append(NumberStyle.count(addressSpaceSwitches, "address-space switch", "address-space switches"))
    add(messages, "message")
    add(calls, "component call")
    add(interrupts, "interrupt")
    add(bytesCopied, "byte copied", "bytes copied")
    add(tlbMisses, "TLB miss", "TLB misses")
    add(mmioAccesses, "MMIO access", "MMIO accesses")
    add(vmExits, "VM exit")
    return StyledLine(parts.joined(separator: " · "), .dim)
  }
}

extension Interruption {
  /// Adds why a call did not return.
  ///
  /// - Parameter panic: The panic with its backtrace, if it was one.
  func describe(panic: PanicReport?, in text: inout StyledText) {
    if stop == .panicked, let panic {
      panic.describe(in: &text)
    } else {
      StopText.describe(stop, reason: reason, breakpoint: breakpoint, location: location, in: &text)
    }
  }
}

extension Session {
  /// The current system's panic, if it is in one.
  var currentPanic: PanicReport? {
    guard let system = try? laboratory.current(), system.state == .panicked else { return nil }
    return system.report().panic
  }
}

/// Why a guest stopped, in words.
enum StopText {
  /// What to try after a panic.
  static let afterPanic =
    "`reverse-continue` goes back to the trap; `why` names who wrote a value; `info system` has the state."

  static func describe(
    _ stop: StopKind, reason: String?, breakpoint: Int?, location: CodeLocation, in text: inout StyledText
  ) {
    let head: StyledLine
    switch stop {
    case .breakpoint: head = "breakpoint \(breakpoint.map(String.init) ?? "") at \(location.styled)"
    case .watchpoint, .catchpoint: head = "\(reason ?? ""); at \(location.styled)"
    case .history: head = "\(reason ?? "the end of the history"), at \(location.styled)"
    case .step: head = "at \(location.styled)"
    case .ready: head = StyledLine(reason ?? "the agent is parked: everything asked for is done")
    case .panicked: head = "\("PANIC", .bad)  \(reason ?? "the kernel cannot go on")"
    case .halted: head = "\("halted", .warning): \(reason ?? "the guest switched the machine off")"
    case .hung: head = "\("hung", .bad): \(reason ?? "the guest does not come back")"
    case .limit: head = "\(reason ?? "the instruction budget is used up", .warning), at \(location.styled)"
    case .outlived: head = "\("ended", .warning): \(reason ?? "the agent was ended")"
    case .interrupted: head = "\("interrupted", .warning) at \(location.styled)"
    }
    text.paragraph(head, hanging: 2)
  }
}

extension StopKind {
  /// What the stop means for the exit status.
  var outcome: CommandResult.Outcome {
    switch self {
    case .breakpoint, .watchpoint, .catchpoint, .history, .step, .ready, .halted, .outlived: .fine
    case .panicked: .panicked
    case .hung, .limit: .hung
    case .interrupted: .interrupted
    }
  }
}
