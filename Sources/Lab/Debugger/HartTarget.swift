// Debugging one hart: what a booted system and a bare machine have in common. Each conforming type says how it runs,
// what its threads are and how its state is kept; this does the rest.

import Machine
import RISCV

/// A debug target around one machine.
protocol HartTarget: DebugTarget {
  associatedtype SavedState

  /// Where going back starts from.
  var history: DebugHistory<SavedState> { get set }
  /// Whether what happened is being repeated, so that nothing may be given to the guest or taken from it.
  var isRepeating: Bool { get set }

  func withMachine<Value>(_ body: (inout Machine) -> Value) -> Value
  /// The value of `satp` with which a thread sees memory; nil when the thread is not known.
  func space(of thread: UInt64) -> UInt64?
  /// The physical address of a thread's saved registers, pc and x1 to x31; nil for the thread that the hart runs.
  func savedFrame(of thread: UInt64) -> UInt64?
  /// Changes a register of the hart; false if it cannot be written.
  func setHartRegister(_ register: HartRegister, to value: UInt64) -> Bool
  func writePhysical(_ bytes: [UInt8], at address: UInt64)
  /// What the guest wrote to its console since the last call.
  func takeConsole() -> [UInt8]
  /// Forgets what the guest wrote while that was repeated.
  func dropConsole()

  /// Runs for about a number of instructions; nil when nothing else stopped it.
  func advance(instructions: UInt64, breakpoints: Set<UInt64>) -> DebugStop?
  /// Runs step by step until the closure, asked after each, says so; nil when it did.
  func advanceSteps(breakpoints: Set<UInt64>, until isDone: () -> Bool) -> DebugStop?
  /// Gets ready to run; what it writes into the guest for that must be noted by `noteChange`.
  func prepareToRun() -> DebugStop?
  func save() -> SavedState
  func restore(_ state: SavedState)
}

/// A register of the hart that a debugger can change.
enum HartRegister: Equatable {
  case integer(Int)
  case pc
  case floatingPoint(Int)
  case control(CSR)

  /// The register of a number in the protocol; nil if there is none that can be changed.
  init?(_ number: UInt64) {
    switch number {
    case DebugRegisterSet.Number.integer: self = .integer(Int(number))
    case DebugRegisterSet.Number.pc: self = .pc
    case DebugRegisterSet.Number.floatingPoint:
      self = .floatingPoint(Int(number - DebugRegisterSet.Number.firstFloatingPoint))
    case DebugRegisterSet.Number.control:
      self = .control(CSR(rawValue: UInt16(number - DebugRegisterSet.Number.firstControl)))
    default: return nil
    }
  }
}

// MARK: Registers and memory

extension HartTarget {
  private static var registerBytes: UInt64 { 8 }

  /// The registers that the machine has.
  public var registerSet: DebugRegisterSet { withMachine { DebugRegisterSet(of: $0) } }

  /// A register of the hart, or the saved one of a thread that does not run.
  public func register(_ number: UInt64, of thread: UInt64) -> UInt64? {
    if let slot = frameSlot(number, of: thread) {
      return number == 0 ? 0 : withMachine { $0.memory.load(UInt64.self, at: slot) }
    }
    return withMachine { machine in
      switch number {
      case DebugRegisterSet.Number.integer: machine[register: Int(number)]
      case DebugRegisterSet.Number.pc: machine.pc
      case DebugRegisterSet.Number.floatingPoint:
        machine[floatingPointRegister: Int(number - DebugRegisterSet.Number.firstFloatingPoint)]
      case DebugRegisterSet.Number.privilege: UInt64(machine.privilege.rawValue)
      case DebugRegisterSet.Number.control: machine.csr(Int(number - DebugRegisterSet.Number.firstControl))
      default: nil
      }
    }
  }

  /// Changes a register of the hart, or the saved one of a thread that does not run.
  public func setRegister(_ number: UInt64, of thread: UInt64, to value: UInt64) -> Bool {
    defer { noteChange() }
    if let slot = frameSlot(number, of: thread) {
      if number == 0 { return true }
      guard withMachine({ $0.memory.contains(slot, count: Self.registerBytes) }) else { return false }
      writePhysical((0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }, at: slot)
      return true
    }
    return HartRegister(number).map { setHartRegister($0, to: value) } ?? false
  }

  /// Where a register of a thread that does not run is kept; nil for a register of the hart.
  private func frameSlot(_ number: UInt64, of thread: UInt64) -> UInt64? {
    guard number <= DebugRegisterSet.Number.pc, let frame = savedFrame(of: thread) else { return nil }
    return number == DebugRegisterSet.Number.pc ? frame : frame &+ number * Self.registerBytes
  }

  /// Memory by the page tables of a thread, up to the first page that is missing.
  public func read(_ address: UInt64, count: Int, thread: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    for piece in pieces(address, count: count, thread: thread) {
      guard let physical = piece.physical,
        let part = withMachine({ $0.memory.bytes(at: physical, count: piece.count) })
      else { break }
      bytes += part
    }
    return bytes
  }

  /// Writes by the page tables of a thread, all or nothing.
  public func write(_ bytes: [UInt8], at address: UInt64, thread: UInt64) -> Bool {
    let pieces = pieces(address, count: bytes.count, thread: thread)
    for piece in pieces {
      guard let physical = piece.physical,
        withMachine({ $0.memory.contains(physical, count: UInt64(piece.count)) })
      else { return false }
    }
    var rest = bytes[...]
    for piece in pieces {
      if let physical = piece.physical { writePhysical(Array(rest.prefix(piece.count)), at: physical) }
      rest = rest.dropFirst(piece.count)
    }
    noteChange()
    return true
  }

  /// A range of virtual addresses cut at the borders of pages.
  private func pieces(_ address: UInt64, count: Int, thread: UInt64) -> [(physical: UInt64?, count: Int)] {
    guard let satp = space(of: thread) else { return [(nil, count)] }
    var pieces: [(physical: UInt64?, count: Int)] = []
    var position = address
    var left = count
    while left > 0 {
      let piece = min(left, Int(4096 - position % 4096))
      pieces.append((withMachine { $0.dataAddress(of: position, satp: satp) }, piece))
      position &+= UInt64(piece)
      left -= piece
    }
    return pieces
  }
}

// MARK: Running

extension HartTarget {
  /// Instructions between two looks at the debugger.
  private var slice: UInt64 { 200_000 }

  /// Steps that the hart has done since reset.
  var step: UInt64 {
    withMachine { machine in
      let counters = machine.counters
      return counters.instructions &+ counters.traps &+ counters.interrupts
    }
  }

  /// Keeps the present state as one that going back starts from, because it does not follow from the one before.
  func noteChange() { history.change(to: save(), at: step) }

  private func noteProgress() {
    let step = step
    if history.isDue(at: step) { history.keep(save(), at: step) }
  }

  /// Runs at full speed, or step by step when steps or accesses have to be looked at.
  public func run(_ run: DebugRun, poll: (_ console: [UInt8]) -> Bool) -> DebugStop {
    noteProgress()
    if let stop = prepareToRun() { return stop }
    let breakpoints = run.breakpoints
    defer { _ = poll(takeConsole()) }
    guard run.manner == .freely, !run.probes.contains(where: \.isWatchpoint) else {
      return runSteps(run, breakpoints: breakpoints, poll: poll)
    }
    while true {
      if let stop = advance(instructions: slice, breakpoints: breakpoints) ?? arrival(at: breakpoints) { return stop }
      noteProgress()
      if poll(takeConsole()) { return .interrupted }
    }
  }

  /// A breakpoint that was reached just when a slice of the run ended.
  private func arrival(at breakpoints: Set<UInt64>) -> DebugStop? {
    let pc = withMachine { $0.pc }
    return breakpoints.contains(pc) ? .breakpoint(address: pc) : nil
  }

  private func runSteps(
    _ run: DebugRun, breakpoints: Set<UInt64>, poll: (_ console: [UInt8]) -> Bool
  ) -> DebugStop {
    let space = run.thread.flatMap { self.space(of: $0) }
    var judge = withMachine { StepJudge(run, space: space, machine: $0) }
    while true {
      var verdict = StepJudge.Verdict.goOn
      var steps: UInt64 = 0
      let stop = advanceSteps(breakpoints: breakpoints) {
        verdict = withMachine { judge.judge($0) }
        steps += 1
        return verdict != .goOn || steps == slice
      }
      if let stop { return stop }
      switch verdict {
      case .done: return .trap
      case .watched(let probe): return .watchpoint(probe)
      case .goOn: break
      }
      if let stop = arrival(at: breakpoints) { return stop }
      noteProgress()
      if poll(takeConsole()) { return .interrupted }
    }
  }
}

// MARK: Going back

extension HartTarget {
  /// Starts from a kept state and repeats what happened, up to the moment that is looked for.
  public func reverse(_ run: DebugRun, poll: (_ console: [UInt8]) -> Bool) -> DebugStop {
    let now = step
    isRepeating = true
    defer {
      isRepeating = false
      dropConsole()
    }
    if run.manner != .freely {
      guard let first = history.entries.first, first.step < now else { return .historyBegins }
      go(to: now - 1)
      return .trap
    }
    var end = now
    while end > 0, let entry = history.entry(atOrBefore: end - 1) {
      if let found = lastStop(in: run, from: entry, before: end) {
        go(to: found.step)
        return found.stop
      }
      end = entry.step
      if poll([]) {
        go(to: end)
        return .interrupted
      }
    }
    if let first = history.entries.first, first.step < now { go(to: first.step) }
    return .historyBegins
  }

  /// The last moment before `end`, not before `entry`, at which a probe would have stopped the guest.
  private func lastStop(
    in run: DebugRun, from entry: DebugHistory<SavedState>.Entry, before end: UInt64
  ) -> (step: UInt64, stop: DebugStop)? {
    restore(entry.state)
    let breakpoints = run.breakpoints
    guard run.probes.contains(where: \.isWatchpoint) else {
      return lastBreakpoint(breakpoints, from: entry.step, before: end)
    }
    var free = run
    free.manner = .freely
    var judge = withMachine { StepJudge(free, space: nil, machine: $0) }
    var found: (step: UInt64, stop: DebugStop)?
    var step = entry.step
    let pc = withMachine { $0.pc }
    if breakpoints.contains(pc) { found = (step, .breakpoint(address: pc)) }
    replay(to: end) {
      let (pc, verdict) = withMachine { ($0.pc, judge.judge($0)) }
      // Going back, one stands before the access.
      if case .watched(let probe) = verdict { found = (step, .watchpoint(probe)) }
      step += 1
      if step < end, breakpoints.contains(pc) { found = (step, .breakpoint(address: pc)) }
    }
    return found
  }

  /// The last moment before `end`, from the present one on, at which the guest stands at a breakpoint.
  private func lastBreakpoint(
    _ breakpoints: Set<UInt64>, from start: UInt64, before end: UInt64
  ) -> (step: UInt64, stop: DebugStop)? {
    var found: (step: UInt64, stop: DebugStop)?
    var last: UInt64?
    var position = start
    // What else stops the guest stops its repetition too, without harm unless nothing moves any more.
    while position < end, position != last, !breakpoints.isEmpty {
      if let stop = arrival(at: breakpoints) { found = (position, stop) }
      last = position
      _ = advance(instructions: end - position, breakpoints: breakpoints)
      position = step
    }
    return found
  }

  /// Repetitions shorter than this are done step by step.
  private var shortReplay: UInt64 { 1000 }

  private func go(to end: UInt64) {
    guard let entry = history.entry(atOrBefore: end) else { return }
    restore(entry.state)
    // At full speed most of the way: traps are steps too, so half of what is left leaves room for them.
    var position = entry.step
    while end - position > shortReplay {
      _ = advance(instructions: (end - position) / 2, breakpoints: [])
      let next = step
      if next == position { break }
      guard next <= end else {
        restore(entry.state)
        break
      }
      position = next
    }
    replay(to: end) {}
  }

  /// Repeats what happened, up to a moment.
  private func replay(to end: UInt64, afterEachStep body: () -> Void) {
    var step = step
    while step < end {
      let start = step
      let stop = advanceSteps(breakpoints: []) {
        step += 1
        body()
        return step == end
      }
      // What stopped the guest then stops its repetition, without harm unless nothing moves any more.
      if stop != nil, step == start { return }
    }
  }
}

extension DebugRun {
  /// The addresses of the breakpoints among the probes.
  fileprivate var breakpoints: Set<UInt64> { Set(probes.filter { !$0.isWatchpoint }.map(\.address)) }
}
