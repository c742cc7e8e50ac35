// Debugging one hart: what a booted system and a bare machine have in common. Each conforming type says how it runs,
// what its threads are and how its state is kept; this does the rest.

import Machine
import RISCV

/// A debug target around one machine.
protocol HartTarget: DebugTarget {
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

  /// Whether a breakpoint at the hart's `pc` means the program that the hart executes.
  var isBreakpointMeant: Bool { get }
  /// Runs for about a number of instructions; nil when nothing else stopped it.
  func advance(instructions: UInt64, breakpoints: Set<UInt64>) -> DebugStop?
  /// Runs step by step until the closure, asked after each, says so; nil when it did.
  func advanceSteps(breakpoints: Set<UInt64>, until isDone: () -> Bool) -> DebugStop?
  /// Gets ready to run; what it writes into the guest for that must be noted by `noteChange`.
  func prepareToRun() -> DebugStop?
  /// The state has been changed from outside.
  func noteChange()
  /// The guest has run a little further.
  func noteProgress()
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
  func arrival(at breakpoints: Set<UInt64>) -> DebugStop? {
    let pc = withMachine { $0.pc }
    return breakpoints.contains(pc) && isBreakpointMeant ? .breakpoint(address: pc) : nil
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

extension DebugRun {
  /// The addresses of the breakpoints among the probes.
  var breakpoints: Set<UInt64> { Set(probes.filter { !$0.isWatchpoint }.map(\.address)) }
}
