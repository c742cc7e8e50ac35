// A booted system under a debugger: its tasks are the threads. Faults, counted calls and the agent work as they do for
// the prompt, because the system is run in the same way.
//
// Nobody else may run or change the system while it is attached.

import GuestABI
import Machine
import RISCV

/// A booted system as a debugger sees it.
public final class SystemDebugTarget: HartTarget {
  struct SavedState {
    let machine: Checkpoint
    let condition: System.Condition
    let spaces: [UInt64: System.KnownSpace]
    let history: History
  }

  /// The thread that stands for the hart while no task has it.
  static let hartThread: UInt64 = 0x10000

  var history = DebugHistory<SavedState>()
  var isRepeating = false
  private let system: System
  private var news: [UInt8] = []

  /// Attaches to a system.
  public init(_ system: System) {
    self.system = system
    noteChange()
  }

  // MARK: Threads

  /// The tasks, and the hart while no task has it.
  public var threads: [DebugThread] {
    let tasks = system.tasks().tasks
    var threads: [DebugThread] = []
    for task in tasks where task.id != 0 && !threads.contains(where: { $0.id == UInt64(task.id) }) {
      let wait = task.waitsFor.map { " on \($0)" } ?? ""
      threads.append(DebugThread(id: UInt64(task.id), name: task.name, detail: task.state + wait))
    }
    if currentThread == Self.hartThread {
      threads.append(DebugThread(id: Self.hartThread, name: "hart", detail: "no task"))
    }
    return threads
  }

  /// The task in whose address space the hart is, in whatever mode.
  public var currentThread: UInt64 { system.currentTask.map { UInt64($0.record.id) } ?? Self.hartThread }

  func space(of thread: UInt64) -> UInt64? {
    if thread == currentThread { return system.machine.privilege == .machine ? 0 : system.currentSatp }
    guard let row = system.taskTable.row(id: thread), row.space.isTranslated else { return nil }
    return row.record.satp
  }

  func savedFrame(of thread: UInt64) -> UInt64? {
    guard thread != currentThread else { return nil }
    return system.taskTable.row(id: thread).flatMap { $0.record.frame == 0 ? nil : $0.record.frame }
  }

  // MARK: State

  func withMachine<Value>(_ body: (inout Machine) -> Value) -> Value { body(&system.machine) }

  func writePhysical(_ bytes: [UInt8], at address: UInt64) { system.writePhysical(bytes, at: address) }

  func setHartRegister(_ register: HartRegister, to value: UInt64) -> Bool {
    let name: String
    switch register {
    case .pc: name = "pc"
    case .integer(0): return true
    case .integer(let number): name = RegisterName.integer[number]
    case .control(let number):
      guard let known = number.name else { return false }
      name = known
    case .floatingPoint(let number):
      return system.apply(.floatingPointRegister(number, value: value))
    }
    return (try? system.setRegister(name, to: value)) != nil
  }

  func takeConsole() -> [UInt8] {
    defer { news = [] }
    return system.condition.console.takeFresh() + news
  }

  func dropConsole() { _ = takeConsole() }

  func save() -> SavedState {
    SavedState(
      machine: system.machine.checkpoint(), condition: system.condition, spaces: system.spaces,
      history: system.history)
  }

  func restore(_ state: SavedState) {
    let breakpoints = system.condition.breakpoints
    // The state is of this very machine.
    try? system.machine.restore(state.machine)
    system.condition = state.condition
    system.condition.breakpoints = breakpoints
    system.spaces = state.spaces
    system.history = state.history
  }

  // MARK: Running

  /// A parked agent would wait for the host forever, so it is made to sleep, and the other tasks run.
  func prepareToRun() -> DebugStop? {
    if system.condition.state == .hung {
      system.condition.state = .running
      system.condition.reason = nil
    }
    if system.condition.state != .running { return stop(after: system.condition.state) }
    guard system.isParked, system.condition.pending == nil else { return nil }
    let mailbox = system.agentImage?.address(of: Observation.mailbox) ?? 0
    do throws(LabError) {
      let request = try MarshalledCall(.sleep, [.number(Self.sleepMilliseconds)], mailbox: mailbox)
      try system.post(.sleep, request)
    } catch {
      return .broken(error.message)
    }
    system.condition.pending = CallRecorder(call: .sleep, isReported: false, output: nil)
    noteChange()
    return nil
  }

  private static let sleepMilliseconds: Int64 = 1000

  func advance(instructions: UInt64, breakpoints: Set<UInt64>) -> DebugStop? {
    stop(after: with(breakpoints) { system.drive(DriveGoal(budget: instructions, budgetIsGoal: true)) })
  }

  func advanceSteps(breakpoints: Set<UInt64>, until isDone: () -> Bool) -> DebugStop? {
    stop(after: with(breakpoints) { system.driveSteps(.max, until: isDone) })
  }

  /// Has the debugger's breakpoints in force, under numbers that no user's breakpoint has.
  private func with(_ breakpoints: Set<UInt64>, _ body: () -> Halt) -> Halt {
    for (index, address) in breakpoints.sorted().enumerated() {
      system.condition.breakpoints.append(
        System.Breakpoint(id: -1 - index, image: nil, address: address, temporary: false))
    }
    defer { system.condition.breakpoints.removeAll { $0.id < 0 } }
    return body()
  }

  private func stop(after halt: Halt) -> DebugStop? {
    switch halt {
    case .stepped: return nil
    case .breakpoint: return .breakpoint(address: system.machine.pc)
    case .panicked: return stop(after: .panicked as SystemState)
    case .halted: return stop(after: .halted as SystemState)
    case .hung: return stop(after: .hung as SystemState)
    case .interrupted: return .interrupted
    default:
      if system.isParked { tellResult() }
      return .trap
    }
  }

  private func stop(after state: SystemState) -> DebugStop {
    let reason = system.condition.reason ?? "the system stopped"
    if case .halted = state {
      if case .pass? = system.machine.board.finished { return .exited(code: 0) }
      return .exited(code: 1)
    }
    return .broken(reason)
  }

  /// A call is complete: says what it returned.
  private func tellResult() {
    guard let pending = system.condition.pending else { return }
    if pending.isReported, let result = pending.result {
      news += Array("\(pending.call.name) returned \(result)\n".utf8)
    }
    system.condition.pending = nil
  }
}
