// A bare machine under a debugger, with one thread: its hart.
//
// The closure is called between two slices of a run, never during a repetition of what happened.

import Machine
import RISCV

/// A machine as a debugger sees it.
public final class MachineDebugTarget: RepeatingTarget {
  /// What the machine's owner does while it runs: takes console output and gives input.
  ///
  /// - Parameters:
  ///   - machine: The machine between two instructions.
  ///   - isIdle: Whether the hart waits for input, so that the owner may wait for some, briefly.
  /// - Returns: Whether anything was given to the machine.
  public typealias Attendance = (_ machine: inout Machine, _ isIdle: Bool) -> Bool

  /// The machine; nobody else may run it while a debugger is attached.
  public var machine: Machine
  /// Why the machine stopped for good, if it did.
  public private(set) var end: StopReason?

  var history = DebugHistory<Checkpoint>()
  var isRepeating = false
  private let attend: Attendance

  private static let thread: UInt64 = 1

  /// Takes a machine, to be debugged from its present state.
  public init(_ machine: consuming Machine, attendedBy attend: @escaping Attendance) {
    self.machine = machine
    self.attend = attend
    noteChange()
  }

  /// The hart.
  public var threads: [DebugThread] {
    [DebugThread(id: Self.thread, name: "hart 0", detail: machine.isWaiting ? "waiting" : "running")]
  }

  /// The hart.
  public var currentThread: UInt64 { Self.thread }

  func space(of thread: UInt64) -> UInt64? {
    machine.privilege == .machine ? 0 : machine.csr(Int(CSR.satp.rawValue))
  }

  func savedFrame(of thread: UInt64) -> UInt64? { nil }

  func withMachine<Value>(_ body: (inout Machine) -> Value) -> Value { body(&machine) }

  func writePhysical(_ bytes: [UInt8], at address: UInt64) {
    _ = bytes.withUnsafeBytes { machine.memory.write(address, from: $0) }
  }

  func setHartRegister(_ register: HartRegister, to value: UInt64) -> Bool {
    switch register {
    case .pc: machine.pc = value
    case .integer(let number): machine[register: number] = value
    case .floatingPoint(let number): machine[floatingPointRegister: number] = value
    case .control(let number): return machine.setCSR(Int(number.rawValue), to: value)
    }
    return true
  }

  /// The owner of the machine takes the console's output, so the debugger gets none.
  func takeConsole() -> [UInt8] {
    attend(isIdle: false)
    return []
  }

  func dropConsole() { _ = machine.board.uart.takeOutput() }

  var isBreakpointMeant: Bool { true }

  func prepareToRun() -> DebugStop? { end.flatMap { stop(after: $0) } }

  func save() -> Checkpoint { machine.checkpoint() }

  func restore(_ state: Checkpoint) {
    end = nil
    // The state is of this very machine.
    try? machine.restore(state)
  }

  func advance(instructions: UInt64, breakpoints: Set<UInt64>) -> DebugStop? {
    machine.breakpoints = breakpoints
    defer { machine.breakpoints = [] }
    let reason = machine.run(limit: instructions)
    let stop = stop(after: reason)
    if reason == .idle { attend(isIdle: true) }
    return stop
  }

  func advanceSteps(breakpoints: Set<UInt64>, until isDone: () -> Bool) -> DebugStop? {
    var isFirst = true
    while true {
      if !isFirst, breakpoints.contains(machine.pc) { return .breakpoint(address: machine.pc) }
      isFirst = false
      let reason = machine.step()
      if let stop = stop(after: reason) { return stop }
      if isDone() { return nil }
      if reason == .idle { attend(isIdle: true) }
    }
  }

  private func attend(isIdle: Bool) {
    if !isRepeating, attend(&machine, isIdle) { noteChange() }
  }

  private func stop(after reason: StopReason) -> DebugStop? {
    switch reason {
    case .breakpoint(let pc), .tracepoint(let pc): return .breakpoint(address: pc)
    case .finished(let status):
      end = reason
      switch status {
      case .pass: return .exited(code: 0)
      case .fail(let code): return .exited(code: UInt8(truncatingIfNeeded: max(1, code)))
      case .reset: return .exited(code: 0)
      }
    case .trapLoop(let pc):
      end = reason
      return .broken("the trap handler at 0x\(String(pc, radix: 16)) traps itself, for ever")
    case .hostInterrupt: return .interrupted
    case .limit, .idle, .event: return nil
    }
  }
}
