// `continue`, `stepi`, `run` and the console: letting a system run for other reasons than one counted call.

import GuestABI
import Machine
import RISCV

extension System {
  // MARK: Programs

  /// Starts a program through the agent and waits for its end; this runs the guest.
  ///
  /// - Parameters:
  ///   - program: Its name in the boot archive.
  ///   - arguments: One string.
  /// - Throws: `LabError` when the program is not known or the system cannot run.
  public func run(_ program: String, arguments: String) throws(LabError) -> RunReport {
    try requireRunning("run a program")
    try requireAgent("start a program")
    // Where there are no programs at all, the guest says why itself.
    guard image.isFlat || programs.contains(program) else {
      throw LabError(
        .unknownName, "there is no program `\(program)`\(Nearest.suggestion(for: program, among: programs))",
        hint: "programs: " + programs.joined(separator: " "))
    }
    let mailbox = agentImage.address(of: Observation.mailbox) ?? 0
    let spawn = try MarshalledCall(.spawn, [.text(program), .text(arguments)], mailbox: mailbox)
    beginCommand()
    var goal = DriveGoal(budget: limit)
    var report = RunReport(
      program: program, arguments: arguments, output: "", counters: CallCounters(), idleInstructions: 0,
      state: .running,
      events: [])
    var halt = try perform(.spawn, spawn, isReported: true, goal: &goal)
    let task = add(to: &report, halt: halt)
    if halt == nil, let task {
      if let error = ErrorCode(result: task) {
        report.errno = error.name
      } else if task < 0 {
        report.errno = "error \(task)"
      } else {
        report.task = UInt64(task)
        let wait = try MarshalledCall(.wait, [.number(task)], mailbox: mailbox)
        halt = try perform(.wait, wait, isReported: true, goal: &goal)
        let status = add(to: &report, halt: halt)
        report.exitStatus = halt == nil ? status : nil
        report.endedBy = report.exitStatus.flatMap(CauseName.ofEnd(status:))
      }
    }
    report.output = String(decoding: condition.console.takeFresh(), as: UTF8.self)
    report.state = condition.state
    report.stopped = halt.map { interruption($0) }
    report.events = condition.events
    report.counters = report.counters.priced(by: costModel)
    return report
  }

  /// Adds what the call under way cost; its result.
  private func add(to report: inout RunReport, halt: Halt?) -> Int64? {
    guard let recorder = condition.pending else { return nil }
    report.counters = report.counters + counters(of: recorder)
    report.idleInstructions += recorder.idleInstructions
    if halt == nil || condition.state != .running { condition.pending = nil }
    return recorder.result
  }

  // MARK: Continue and step

  /// Completes a call that was stopped, or else lets the system run while the agent sleeps; this runs the guest.
  ///
  /// A foreign system runs for so much simulated time, or until its budget is used up.
  /// - Parameter milliseconds: How long the agent sleeps, in simulated time; nil for a second.
  /// - Throws: `LabError` when the system panicked or is switched off.
  public func continueRunning(milliseconds: UInt64? = nil) throws(LabError) -> StopReport {
    if isInThePast { return replayForwards() }
    if condition.state == .hung {
      condition.state = .running
      condition.reason = nil
    }
    try requireRunning("continue")
    beginCommand()
    if image.isForeign { return runForeign(milliseconds: milliseconds) }
    let start = machine.instructionCount
    var goal = DriveGoal(budget: limit)
    let halt: Halt
    if isParked, condition.pending == nil {
      let mailbox = agentImage.address(of: Observation.mailbox) ?? 0
      let sleep = try MarshalledCall(.sleep, [.number(Int64(clamping: milliseconds ?? 1000))], mailbox: mailbox)
      halt = try perform(.sleep, sleep, isReported: false, goal: &goal) ?? .parked
    } else {
      halt = drive(goal)
    }
    return stopReport(halt, since: start)
  }

  /// Executes instructions one by one, following traps; this runs the guest.
  ///
  /// A parked agent is given a call of `null` to step through, since it would wait forever otherwise.
  /// - Parameter count: How many, from 1.
  /// - Throws: `LabError` when the system panicked or is switched off.
  public func step(_ count: UInt64 = 1) throws(LabError) -> StopReport {
    if isInThePast { return replayForwards(steps: count) }
    if condition.state == .hung {
      condition.state = .running
      condition.reason = nil
    }
    try requireRunning("step")
    guard count <= limit else {
      throw LabError(
        .badArgument, "\(count.grouped) steps are more than the budget of \(limit.grouped) instructions",
        hint: "`set limit N` changes the budget")
    }
    beginCommand()
    let start = machine.instructionCount
    if isParked, condition.pending == nil {
      let request = try MarshalledCall(.null, [], mailbox: agentImage.address(of: Observation.mailbox) ?? 0)
      try post(.null, request)
      condition.pending = CallRecorder(call: .null, isReported: false, output: nil)
    }
    recordsTraps = true
    defer { recordsTraps = false }
    return stopReport(driveSteps(count), since: start)
  }

  func stopReport(_ halt: Halt, since start: UInt64) -> StopReport {
    let call: CallReport? = condition.pending.flatMap { pending in
      guard pending.isReported, halt == .parked || condition.state != .running else { return nil }
      return takeCallReport(pending.call, halt: halt == .parked ? nil : halt)
    }
    if halt == .parked || condition.state != .running { condition.pending = nil }
    let interruption = interruption(halt)
    return StopReport(
      stop: interruption.stop, state: condition.state, reason: interruption.reason,
      breakpoint: interruption.breakpoint, location: interruption.location,
      instruction: instructionText(at: machine.pc), privilege: machine.privilege.letter, task: currentTaskName,
      instructions: machine.instructionCount - start, traps: trapNames,
      console: call?.console ?? String(decoding: condition.console.takeFresh(), as: UTF8.self),
      events: condition.events, call: call)
  }

  /// A halt as reports show it.
  func interruption(_ halt: Halt) -> Interruption {
    let place = location(of: machine.pc)
    switch halt {
    case .idle where image.isForeign:
      return Interruption(stop: .ready, reason: "it waits for an interrupt that only input can bring", location: place)
    case .parked, .idle: return Interruption(stop: .ready, location: place)
    case .budgetUsedUp:
      return Interruption(
        stop: .limit, reason: "the budget of \(limit.grouped) instructions is used up", location: place)
    case .breakpoint(let id): return Interruption(stop: .breakpoint, breakpoint: id, location: place)
    case .watchpoint(let id, let text):
      return Interruption(stop: .watchpoint, reason: text, breakpoint: id, location: place)
    case .caught(let id, let text):
      return Interruption(stop: .catchpoint, reason: text, breakpoint: id, location: place)
    case .stepped: return Interruption(stop: .step, location: place)
    case .panicked: return Interruption(stop: .panicked, reason: condition.reason, location: place)
    case .halted: return Interruption(stop: .halted, reason: condition.reason, location: place)
    case .hung: return Interruption(stop: .hung, reason: condition.reason, location: place)
    case .outlived: return Interruption(stop: .outlived, reason: condition.reason, location: place)
    case .interrupted:
      return Interruption(stop: .interrupted, reason: "interrupted at \(place.name)", location: place)
    }
  }
}
