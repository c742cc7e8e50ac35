// Letting a guest run, and acting at the addresses where the host wants to look.
//
// Every way of running a guest goes through `drive`: budgets, breakpoints, faults, panics and console output are dealt
// with here and nowhere else.

import GuestABI
import Machine

/// Why `drive` came back.
enum Halt: Equatable {
  /// The agent waits for the host.
  case parked
  case breakpoint(id: Int)
  case watchpoint(id: Int, text: String)
  case caught(id: Int, text: String)
  /// The asked number of instructions is done.
  case stepped
  /// The kernel has nothing to do before the given time, or ever.
  case idle
  /// The system's condition says what happened.
  case panicked
  case halted
  case hung
  /// The budget was used up, and that says nothing about the guest.
  case budgetUsedUp
  /// The agent has ended; other programs go on.
  case outlived
  case interrupted
}

/// A moment of a run: an address reached again later is another moment.
struct Place: Equatable {
  let pc: UInt64
  let icount: UInt64
}

/// How far `drive` may go.
struct DriveGoal {
  /// Instructions left.
  var budget: UInt64
  /// Stop, without calling it hung, when the budget is used up.
  var budgetIsGoal = false
  /// Stop when the kernel goes idle.
  var stopsAtIdle = false
  /// The step at which a replay ends; nil when the guest runs for the first time.
  var endStep: UInt64?
  /// Stop at this tick of the machine's time; a hart that nothing wakes waits until then.
  var endTick: UInt64?
  /// Whether this goes on with the run before, so that the history knows how it began.
  var continuesRun = false
}

extension System {
  /// The most instructions between two looks at the event log, so that the log stays small.
  private static let slice: UInt64 = 4_000_000
  /// How often the machine may stop at addresses that mean something in other images only.
  private static let mostStrayStops = 16
  /// How long the other programs run when the agent was ended by a fault.
  private static let afterlife: UInt64 = 2_000_000
  /// What a panicking kernel may still execute to print its last words.
  private static let lastWords: UInt64 = 2_000_000

  /// What is watched now.
  func tracePlan(for goal: DriveGoal) -> TracePlan {
    var plan = TracePlan(watching: image)
    if let pending = condition.pending {
      switch pending.phase {
      case .entering:
        plan.add(.libraryEntry, image: agentImage, symbol: pending.call.symbol)
      case .inside(let returnAddress):
        plan.addCounting(of: image)
        plan.add(.libraryReturn, image: agentImage.name, at: returnAddress)
      case .returned: break
      }
    }
    if goal.stopsAtIdle, !image.isForeign { plan.add(.idle, image: image.kernel, symbol: Observation.idle) }
    for fault in condition.faults { fault.addTracepoints(to: &plan) }
    for breakpoint in condition.breakpoints {
      plan.add(.breakpoint(id: breakpoint.id), image: breakpoint.image, at: breakpoint.address)
    }
    return plan
  }

  /// Runs the guest until something stops it.
  func drive(_ goal: DriveGoal) -> Halt {
    var goal = goal
    var plan = tracePlan(for: goal)
    if !goal.continuesRun { beginRecording(goal) }
    prepare(plan, goal)
    defer { settle() }
    if let halt = begin(plan: plan, goal: goal) { return halt }
    var strayStops = 0
    while true {
      if stopSignal.consume() { return .interrupted }
      recordIfDue(goal)
      if plansAreStale {
        plansAreStale = false
        plan = tracePlan(for: goal)
        prepare(plan, goal)
      }
      // Nobody will come back to the host; the others are let run for a while.
      if condition.agentFaulted { goal.budget = min(goal.budget, Self.afterlife) }
      let before = machine.instructionCount
      let stop = advance(limit: min(goal.budget, Self.slice), goal)
      goal.budget -= min(goal.budget, machine.instructionCount - before)
      drain()
      if hasReached(goal) { return .stepped }
      switch stop {
      case .breakpoint(let address), .tracepoint(let address):
        if isHandled { continue }
        let arrival = arrival(at: address, plan)
        if arrival.actions.isEmpty {
          strayStops += 1
          if strayStops >= Self.mostStrayStops { passOver(address) }
        } else if let halt = arrive(arrival, goal: goal) {
          return halt
        }
      case .limit, .event:
        if case .event(let event) = stop {
          if let halt = halt(at: event) { return halt }
          if strayStops >= Self.mostStrayStops {
            strayStops = 0
            prepare(plan, goal)
          }
        }
        noteProfiledSpace()
        if let end = goal.endTick, goal.endStep == nil, machine.time >= end { return .stepped }
        if goal.budget == 0 {
          guard !goal.budgetIsGoal else { return .stepped }
          if let halt = outlive() { return halt }
          return hang("its budget of \(limit.grouped) instructions was used up", noticedBy: "the instruction budget")
        }
      case .finished(let status): return finish(status)
      case .idle:
        guard !goal.stopsAtIdle, !image.isForeign else { return .idle }
        return outlive() ?? hangIdle()
      case .trapLoop(let address): return hangInTraps(address)
      case .hostInterrupt: return .interrupted
      }
    }
  }

  /// Executes single instructions or traps, with the same looks as `drive`.
  ///
  /// - Parameters:
  ///   - count: The most to execute.
  ///   - isDone: Asked after each whether that is enough.
  func driveSteps(_ count: UInt64, until isDone: () -> Bool = { false }) -> Halt {
    let goal = DriveGoal(budget: count)
    var plan = tracePlan(for: goal)
    beginRecording(goal)
    prepare(plan, goal)
    defer { settle() }
    if let halt = begin(plan: plan, goal: goal) { return halt }
    for done in 0..<count {
      if stopSignal.consume() { return .interrupted }
      if done > 0, plan.addresses.contains(machine.pc), !isHandled,
        let halt = arrive(arrival(at: machine.pc, plan), goal: goal)
      {
        return halt
      }
      recordIfDue(goal)
      if plansAreStale {
        plansAreStale = false
        plan = tracePlan(for: goal)
        prepare(plan, goal)
      }
      let stop = machine.step()
      drain()
      switch stop {
      case .finished(let status): return finish(status)
      case .idle: return image.isForeign ? .idle : hangIdle()
      case .trapLoop(let address): return hangInTraps(address)
      case .hostInterrupt: return .interrupted
      case .event(let event): if let halt = halt(at: event) { return halt }
      case .limit, .breakpoint, .tracepoint: break
      }
      if isDone() { break }
    }
    return isParked ? .parked : .stepped
  }

  /// Acts at the place where the guest stands, if nobody has yet: the user's breakpoint there has been seen already.
  private func begin(plan: TracePlan, goal: DriveGoal) -> Halt? {
    guard plan.addresses.contains(machine.pc), !isHandled else { return nil }
    return act(arrival(at: machine.pc, plan), goal: goal)
  }

  /// Whether the host has dealt with the present place already.
  private var isHandled: Bool { condition.handled == Place(pc: machine.pc, icount: machine.instructionCount) }

  private func prepare(_ plan: TracePlan, _ goal: DriveGoal) {
    if machine.tracepoints != plan.addresses { machine.tracepoints = plan.addresses }
    let isQuiet = condition.pending == nil && !recordsTraps
    machine.recording = isQuiet ? [] : [.traps, .interrupts, .addressSpaceSwitches]
    // The exact step of its end is found from trap to trap.
    machine.stoppingEvents = goal.endStep == nil ? watchedEvents.union(profiledEvents) : [.traps, .interrupts]
    let watched = condition.watchpoints.map(\.physical)
    if machine.watchedMemory != watched { machine.watchedMemory = watched }
    eventSatp = currentSatp
  }

  /// Stops no more at an address that means nothing in this address space, where a loop may lead over it.
  private func passOver(_ address: UInt64) {
    machine.tracepoints.remove(address)
    machine.stoppingEvents.insert(.addressSpaceSwitches)
  }

  /// Leaves the machine without anything of the host's in it.
  private func settle() {
    machine.tracepoints = []
    machine.recording = []
    machine.stoppingEvents = []
    if !machine.watchedMemory.isEmpty { machine.watchedMemory = [] }
    drain()
    judgeFaults()
  }

  /// Takes console output and the machine's event log.
  private func drain() {
    condition.console.append(machine.board.uart.takeOutput())
    for event in machine.takeEvents() { note(event) }
  }

  // MARK: Ends

  private func hang(_ why: String, noticedBy detector: String) -> Halt {
    condition.state = .hung
    attributeFaults(to: detector)
    let place = location(of: machine.pc)
    let source = place.source.map { ", \($0)" } ?? ""
    condition.reason = "\(why); it stands at \(place.name)\(source)"
    return .hung
  }

  private func hangIdle() -> Halt {
    hang(
      agentIsGone
        ? "the agent was ended, and nothing will ever run again"
        : "every task waits, and no device or timer will ever wake one",
      noticedBy: "the machine (nothing left that could happen)")
  }

  private func hangInTraps(_ address: UInt64) -> Halt {
    hang(
      "the trap handler at 0x\(String(address, radix: 16)) traps itself, for ever",
      noticedBy: "the machine (traps without end)")
  }

  private func finish(_ status: FinisherStatus) -> Halt {
    if condition.panic != nil { return .panicked }
    condition.state = .halted
    switch status {
    case .pass: condition.reason = "the guest switched the machine off"
    case .fail(let code): condition.reason = "the guest switched the machine off with failure code \(code)"
    case .reset: condition.reason = "the guest asked for a reset"
    }
    condition.events.append(
      SystemEvent(kind: .halt, text: condition.reason ?? "", icount: machine.instructionCount))
    return .halted
  }

  private func panic(_ goal: DriveGoal) -> Halt {
    let report = diagnosePanic()
    condition.panic = report
    condition.state = .panicked
    condition.reason = report.sentence
    condition.events.append(
      SystemEvent(
        kind: .panic, text: report.headline, icount: machine.instructionCount, task: report.task,
        location: report.location))
    machine.tracepoints = []
    machine.recording = []
    machine.stoppingEvents.formIntersection([.traps, .interrupts])
    speakLastWords(goal)
    return .panicked
  }

  /// Lets a panicked kernel print its last words, in the same steps whether it is recorded or replayed.
  private func speakLastWords(_ goal: DriveGoal) {
    var goal = goal
    // A virtual machine's turn may be over in the middle of a sentence; nobody waits for the rest.
    goal.endTick = nil
    let end = machine.instructionCount + Self.lastWords
    speaking: while machine.instructionCount < end, !hasReached(goal) {
      switch advance(limit: end - machine.instructionCount, goal) {
      case .event, .limit: continue
      default: break speaking
      }
    }
    drain()
  }

  // MARK: Arriving

  /// What a plan has to do at the place where the guest stands.
  private struct Arrival {
    let address: UInt64
    /// The image whose code the hart is about to execute.
    let program: ProgramImage?
    let actions: [TraceAction]
  }

  private func arrival(at address: UInt64, _ plan: TracePlan) -> Arrival {
    let program = imageName(at: address).flatMap { image.image($0) }
    return Arrival(address: address, program: program, actions: plan.actions(image: program?.name, at: address))
  }

  /// Stops at a user's breakpoint, or acts; nil means that the guest goes on.
  ///
  /// A breakpoint comes first, so that its user sees the guest before the host has done anything there.
  private func arrive(_ arrival: Arrival, goal: DriveGoal) -> Halt? {
    for case .breakpoint(let id) in arrival.actions {
      guard let index = condition.breakpoints.firstIndex(where: { $0.id == id }) else { continue }
      condition.breakpoints[index].hits += 1
      if condition.breakpoints[index].temporary { condition.breakpoints.remove(at: index) }
      return .breakpoint(id: id)
    }
    return act(arrival, goal: goal)
  }

  /// The image whose code the hart is about to execute.
  func imageName(at address: UInt64) -> String? {
    guard machine.privilege == .user else { return image.privileged(covering: address).name }
    // Programs of a foreign kernel have no names, whatever the kernel has at the same addresses.
    return image.isForeign ? nil : programImage(covering: address, satp: currentSatp)?.name
  }

  private func act(_ arrival: Arrival, goal: DriveGoal) -> Halt? {
    condition.handled = Place(pc: arrival.address, icount: machine.instructionCount)
    var halt: Halt?
    for action in arrival.actions {
      switch action {
      case .park: if condition.pending?.isCounting != true { halt = .parked }
      case .panic: return panic(goal)
      case .taskFault: noteTaskFault()
      case .restart: noteRestart()
      case .idle:
        condition.pending?.beginIdle(at: machine.instructionCount)
        machine.suspendProfileUntilTrap()
        // While a device works on something, the guest waits for that and not for its user.
        if goal.stopsAtIdle, machine.board.nextEvent == .max { halt = .idle }
      case .entry(let component, let symbol): noteEntry(component, symbol, program: arrival.program)
      case .message(let point): noteMessage(point)
      case .fastpathMiss(let reason): condition.pending?.countFastpathMiss(reason)
      case .copy(let register): condition.pending?.countCopy(bytes: machine[register: register])
      case .libraryEntry:
        enterCall()
        plansAreStale = true
      case .libraryReturn:
        leaveCall()
        plansAreStale = true
      case .fault(let id): halt = fire(id, goal) ?? halt
      case .breakpoint: break
      }
    }
    return halt
  }
}

extension PanicReport {
  /// The panic in one sentence, naming cause, address, component and source line.
  var sentence: String { location.source.map { "\(headline), \($0)" } ?? headline }

  /// The same without the source line.
  var headline: String {
    var text = cause
    if let address { text += " at 0x" + String(address, radix: 16) }
    text += " in \(location.name) (\(privilege)-mode"
    if let component = location.component { text += ", component \(component)" }
    return text + ")"
  }
}

extension UInt64 {
  /// The number with a comma between groups of three digits.
  var grouped: String {
    let digits = Array(String(self))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }
}
