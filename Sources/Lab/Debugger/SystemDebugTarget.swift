// A booted system under a debugger: its tasks are the threads. Faults, counted calls and the agent work as they do for
// the prompt, because the system is run in the same way.
//
// Nobody else may run or change the system while it is attached.

import GuestABI
import Machine
import RISCV

/// A booted system as a debugger sees it.
public final class SystemDebugTarget: HartTarget {
  /// The thread that stands for the hart while no task has it.
  static let hartThread: UInt64 = 0x10000

  let system: System
  private var news: [UInt8] = []
  /// The programs whose symbols the debugger has read: its breakpoints in user space mean these; empty for all.
  private var meantPrograms: [String] = []

  /// Attaches to a system.
  public init(_ system: System) { self.system = system }

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

  /// The system's own history takes note of what is written and run.
  func noteChange() {}
  func noteProgress() {}

  // MARK: Programs

  /// One symbol for each program that has any of its own.
  public var wantedSymbols: [String] { system.distinctiveSymbols.map(\.symbol) }

  /// Breakpoints in user space mean the programs whose symbols are known from now on.
  public func noteSymbols(_ known: Set<String>) {
    meantPrograms = system.distinctiveSymbols.filter { known.contains($0.symbol) }.map(\.program)
  }

  var isBreakpointMeant: Bool { isMeant(system.imageName(at: system.machine.pc)) }

  private func isMeant(_ image: String?) -> Bool {
    guard system.machine.privilege == .user, !meantPrograms.isEmpty else { return true }
    return image.map { meantPrograms.contains($0) } ?? false
  }

  // MARK: Running

  /// A parked agent would wait for the host forever, so it is made to sleep, and the other tasks run.
  func prepareToRun() -> DebugStop? {
    // What was recorded goes on by itself.
    if system.isInThePast { return nil }
    if system.condition.state == .hung {
      system.condition.state = .running
      system.condition.reason = nil
    }
    if system.condition.state != .running { return stop(after: system.condition.state) }
    guard system.isParked, system.condition.pending == nil else { return nil }
    let mailbox = system.agentImage.address(of: Observation.mailbox) ?? 0
    do throws(LabError) {
      let request = try MarshalledCall(.sleep, [.number(Self.sleepMilliseconds)], mailbox: mailbox)
      try system.post(.sleep, request)
    } catch {
      return .broken(error.message)
    }
    system.condition.pending = CallRecorder(call: .sleep, isReported: false, output: nil)
    return nil
  }

  private static let sleepMilliseconds: Int64 = 1000

  func advance(instructions: UInt64, breakpoints: Set<UInt64>) -> DebugStop? {
    if system.isInThePast {
      if let stop = stop(after: system.replayForwards(SearchGoal(breakpoints: self.breakpoints(at: breakpoints)))) {
        return stop
      }
      // The recording has ended; a guest that had nothing more to do then has nothing more to do now.
      return system.isParked || system.state != .running ? .trap : nil
    }
    return stop(after: with(breakpoints) { system.drive(DriveGoal(budget: instructions, budgetIsGoal: true)) })
  }

  func advanceSteps(breakpoints: Set<UInt64>, until isDone: () -> Bool) -> DebugStop? {
    var isFirst = true
    while system.isInThePast {
      if !isFirst, let stop = arrival(at: breakpoints) { return stop }
      isFirst = false
      let before = system.machine.stepCount
      if system.replayForwards(steps: 1).stop == .interrupted { return .interrupted }
      // The present may be where the hart stands already.
      guard system.machine.stepCount != before else { break }
      if isDone() { return nil }
    }
    return stop(after: with(breakpoints) { system.driveSteps(.max, until: isDone) })
  }

  /// The debugger's breakpoints, under numbers that no user's breakpoint has.
  private func breakpoints(at addresses: Set<UInt64>) -> [System.Breakpoint] {
    var breakpoints: [System.Breakpoint] = []
    for address in addresses.sorted() {
      let isInProgram = address < Layout.userEnd && !system.isForeign && !meantPrograms.isEmpty
      let images: [String?] = isInProgram ? meantPrograms : [nil]
      for image in images {
        breakpoints.append(
          System.Breakpoint(id: -1 - breakpoints.count, image: image, address: address, temporary: false))
      }
    }
    return breakpoints
  }

  private func with(_ breakpoints: Set<UInt64>, _ body: () -> Halt) -> Halt {
    system.condition.breakpoints += self.breakpoints(at: breakpoints)
    defer { system.condition.breakpoints.removeAll { $0.id < 0 } }
    return body()
  }

  // MARK: Going back

  /// Goes back in the system's own history.
  public func reverse(_ run: DebugRun, poll: (_ console: [UInt8]) -> Bool) -> DebugStop {
    // What was written then has been told.
    defer { _ = takeConsole() }
    do throws(LabError) {
      guard run.manner == .freely else { return stop(after: try system.reverseStep()) ?? .historyBegins }
      let probes = run.probes.filter(\.isWatchpoint).sorted { $0.address < $1.address }
      let accesses = probes.filter { $0.kind != .writeWatchpoint }
      guard accesses.isEmpty else { return try reverseToAccess(run) }
      var goal = SearchGoal(breakpoints: breakpoints(at: run.breakpoints))
      let satp = space(of: currentThread) ?? 0
      for (index, probe) in probes.enumerated() {
        guard let physical = system.machine.dataAddress(of: probe.address, satp: satp) else { continue }
        goal.watchpoints.append(
          System.Watchpoint(
            id: index, name: "", address: probe.address, physical: physical..<physical &+ max(1, probe.length)))
      }
      let report = try system.reverseContinue(goal)
      guard report.stop == .watchpoint, let index = report.breakpoint else {
        return stop(after: report) ?? .historyBegins
      }
      return .watchpoint(probes[index])
    } catch {
      return .historyBegins
    }
  }

  /// Loads leave no trace, so each step is looked at.
  private func reverseToAccess(_ run: DebugRun) throws(LabError) -> DebugStop {
    var free = run
    free.manner = .freely
    let breakpoints = run.breakpoints
    var found: [UInt64: DebugStop] = [:]
    let space = space(of: currentThread)
    let report = try system.reverse { copy, end in
      let target = SystemDebugTarget(copy)
      target.meantPrograms = self.meantPrograms
      var judge = StepJudge(free, space: nil, machine: copy.machine, watching: space)
      var last: UInt64?
      let isComplete = copy.replaySteps(to: end) { step in
        if case .watched(let probe) = judge.judge(copy.machine) { (last, found[step]) = (step, .watchpoint(probe)) }
        if copy.machine.stepCount < end.step, let stop = target.arrival(at: breakpoints) {
          (last, found[step + 1]) = (step + 1, stop)
        }
      }
      return isComplete ? .some(last) : .none
    }
    return found[system.machine.stepCount] ?? stop(after: report) ?? .historyBegins
  }

  /// What a move in the history means to the debugger; nil where it ends.
  private func stop(after report: StopReport) -> DebugStop? {
    switch report.stop {
    case .step: .trap
    case .breakpoint: .breakpoint(address: system.machine.pc)
    case .interrupted: .interrupted
    default: nil
    }
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
