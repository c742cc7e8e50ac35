// Going back and forth in a system's history. In the past, everything replays as it was; only new input, or a command that
// makes the guest do something else, begins another future.

import Machine

extension System {
  // MARK: Backwards

  /// Goes back by single steps: instructions, traps or interrupts.
  ///
  /// - Parameter count: How many, from 1; the beginning of the history ends it.
  /// - Throws: `LabError` when there is no history.
  public func reverseStep(_ count: UInt64 = 1) throws(LabError) -> StopReport {
    let start = try historyStart()
    let now = machine.stepCount
    beginCommand()
    guard now - start.step >= count else {
      return travel(to: start.step, stop: .history, reason: "the beginning of the history")
    }
    return travel(to: now - count, stop: .step, reason: nil)
  }

  /// Goes back to just before the last breakpoint, watched write or caught event.
  ///
  /// - Parameter events: What to stop at; when nil, whatever is set, and when nothing is: traps and address-space switches.
  /// - Throws: `LabError` when there is no history.
  public func reverseContinue(to events: Set<CatchEvent>? = nil) throws(LabError) -> StopReport {
    try reverseContinue(searchGoal(events))
  }

  /// Goes back to just before what is looked for happened last.
  func reverseContinue(_ goal: SearchGoal) throws(LabError) -> StopReport {
    let start = try historyStart()
    beginCommand()
    switch lastSighting(of: goal, before: moment, isWanted: { goal.mayHappen(between: $0.first, and: $0.last) }) {
    case .interrupted: return standStill()
    case .none: return travel(to: start.step, stop: .history, reason: "the beginning of the history")
    case .found(let sighting): return travel(to: sighting)
    }
  }

  /// Goes back to the last step that a closure finds.
  ///
  /// - Parameter find: Replays the copy it is given up to the moment, and gives the last step of interest, nil if there was
  ///   none; or nothing at all when the user interrupted.
  func reverse(_ find: (System, Moment) -> UInt64??) throws(LabError) -> StopReport {
    let start = try historyStart()
    beginCommand()
    guard var index = history.entryIndex(atOrBefore: moment) else { return standStill() }
    var bound = moment
    defer { stopSignal.noteSearch(at: nil) }
    while true {
      let entry = history.entries[index]
      stopSignal.noteSearch(at: entry.machine.instructionCount)
      guard let found = find(replica(at: entry), bound) else { return standStill() }
      if let found { return travel(to: found, stop: .step, reason: nil) }
      guard index > 0 else { break }
      bound = entry.moment
      index -= 1
    }
    return travel(to: start.step, stop: .history, reason: "the beginning of the history")
  }

  private func searchGoal(_ events: Set<CatchEvent>?) -> SearchGoal {
    if let events { return SearchGoal(events: events) }
    return userGoal.isEmpty ? SearchGoal(events: [.trap, .switch]) : userGoal
  }

  /// What the user wants the guest to stop at.
  private var userGoal: SearchGoal {
    SearchGoal(
      breakpoints: condition.breakpoints, watchpoints: condition.watchpoints,
      events: Set(condition.catchpoints.map(\.event)))
  }

  private func historyStart() throws(LabError) -> Moment {
    guard let start = history.start else {
      throw LabError(.wrongState, "\(name) has no history yet", hint: "`continue` or `sys null` makes some")
    }
    return start
  }

  // MARK: To a place

  /// Goes to where a number of instructions had retired.
  ///
  /// - Throws: `LabError` when the history does not reach there.
  public func goto(_ instructionCount: UInt64) throws(LabError) -> StopReport {
    _ = try historyStart()
    let report = historyReport()
    guard (report.first...report.last).contains(instructionCount) else {
      throw LabError(
        .badArgument,
        "instruction \(instructionCount.grouped) is not in the history, which reaches from \(report.first.grouped) to "
          + report.last.grouped,
        hint: instructionCount > report.last
          ? "`stepi` and `continue` run on from there" : "`info history` has its extent"
      )
    }
    beginCommand()
    guard instructionCount != report.last else { return arriveInPresent(from: machine.travelPosition) }
    guard let step = step(of: instructionCount) else { return standStill() }
    return travel(to: step, stop: .step, reason: nil)
  }

  /// The number of the first step with so many instructions retired; nil when the user interrupted.
  private func step(of instructionCount: UInt64) -> UInt64? {
    guard let entry = history.entries.last(where: { $0.machine.instructionCount <= instructionCount }) else {
      return nil
    }
    // An exception may have been taken at the checkpoint's own instruction count.
    let isExact = entry.machine.instructionCount == instructionCount
    let earlier = isExact ? history.entries.last { $0.machine.instructionCount < instructionCount } : nil
    let copy = replica(at: earlier ?? entry)
    while copy.machine.instructionCount < instructionCount {
      let next = copy.history.input(copy.history.appliedInputs)
      // Each instruction is a step, so this never goes too far.
      let step = copy.machine.stepCount + (instructionCount - copy.machine.instructionCount)
      let stop = min(step, next?.step ?? step)
      let inputs = copy.history.appliedInputs + (next?.step == stop ? 1 : 0)
      guard copy.replay(to: Moment(step: stop, inputs: inputs)) else { return nil }
    }
    return copy.machine.stepCount
  }

  // MARK: Forwards

  /// Goes on in the recorded future: to the next stop or its end.
  func replayForwards() -> StopReport { replayForwards(userGoal) }

  /// The same, with stops of somebody else's choice.
  func replayForwards(_ goal: SearchGoal) -> StopReport {
    guard let present = history.present else { return standStill() }
    let from = machine.stepCount
    guard !goal.isEmpty else { return arriveInPresent(from: machine.travelPosition) }
    guard let index = history.entryIndex(atOrBefore: moment) else { return standStill() }
    let copy = replica(at: history.entries[index])
    var next: Sighting?
    let isComplete = copy.search(goal, to: present.moment) { sighting in
      if case .breakpoint = sighting.kind {
        guard sighting.step > from else { return true }
      } else {
        guard sighting.step >= from else { return true }
      }
      next = sighting
      return false
    }
    guard isComplete else { return standStill() }
    guard let next else { return arriveInPresent(from: machine.travelPosition) }
    return travel(to: next, isForwards: true)
  }

  /// Goes on by single steps in the recorded future.
  func replayForwards(steps: UInt64) -> StopReport {
    guard let present = history.present, present.moment.step - machine.stepCount > steps else {
      return arriveInPresent(from: machine.travelPosition)
    }
    let target = machine.stepCount + steps
    guard steps <= Self.shortReplay, history.isUndisturbed(from: moment, to: target) else {
      return travel(to: target, stop: .step, reason: nil)
    }
    let from = machine.travelPosition
    goOn(to: target)
    return report(.step, from: from, reason: nil, breakpoint: nil)
  }

  /// The most steps that a replay may take without looking at the stop signal.
  private static let shortReplay: UInt64 = 1 << 20

  /// Lets the system itself replay some steps during which nothing comes from outside: no checkpoint is needed for that.
  private func goOn(to step: UInt64) {
    let user = condition
    (condition.breakpoints, condition.watchpoints, condition.catchpoints) = ([], [], [])
    history.isRecording = false
    if image.isForeign {
      _ = replay(to: Moment(step: step, inputs: history.appliedInputs))
    } else {
      var goal = history.frame(atOrBefore: moment)?.goal ?? DriveGoal(budget: .max)
      (goal.budget, goal.endStep) = (.max, step)
      _ = drive(goal)
    }
    machine.stoppingEvents = []
    history.isRecording = true
    keepStops(of: user)
  }

  /// Takes the user's breakpoints and the like over from another condition, and leaves nothing for a report.
  private func keepStops(of other: Condition) {
    condition.breakpoints = other.breakpoints
    condition.watchpoints = other.watchpoints
    condition.catchpoints = other.catchpoints
    condition.breakpointCount = other.breakpointCount
    _ = condition.console.takeFresh()
    condition.events = []
  }

  // MARK: Arriving

  private func travel(to sighting: Sighting, isForwards: Bool = false) -> StopReport {
    var breakpoint: Int?
    let stop: StopKind
    var step = sighting.step
    switch sighting.kind {
    case .breakpoint(let id): (stop, breakpoint) = (.breakpoint, id)
    case .watchpoint(let id, let writer):
      (stop, breakpoint) = (.watchpoint, id)
      // What a device does takes no step of its own.
      if isForwards, writer != .device { step += 1 }
    case .caught:
      stop = .catchpoint
      if isForwards { step += 1 }
    }
    return travel(
      to: step, stop: stop, reason: isForwards ? sighting.text : "before " + sighting.text, breakpoint: breakpoint)
  }

  /// Moves the system to a step of its history.
  private func travel(to step: UInt64, stop: StopKind, reason: String?, breakpoint: Int? = nil) -> StopReport {
    let from = machine.travelPosition
    if let present = history.present, step >= present.moment.step {
      return arriveInPresent(from: from, stop: stop == .step ? .history : stop, reason: reason, breakpoint: breakpoint)
    }
    guard let copy = replica(at: history.moment(at: step)) else { return standStill() }
    if history.present == nil { history.present = presentEntry() }
    become(copy.machine.checkpoint(), copy.condition, spaces: copy.spaces, inputs: copy.history.appliedInputs)
    return report(stop, from: from, reason: reason, breakpoint: breakpoint)
  }

  private func arriveInPresent(
    from: TravelPosition, stop: StopKind = .history, reason: String? = nil, breakpoint: Int? = nil
  ) -> StopReport {
    if let present = history.present {
      become(present.machine, present.frame.condition, spaces: present.frame.spaces, inputs: present.moment.inputs)
      history.present = nil
    }
    return report(stop, from: from, reason: reason ?? "the end of the history: the present", breakpoint: breakpoint)
  }

  /// Takes over a state; breakpoints and the like are the user's and stay.
  private func become(
    _ checkpoint: Checkpoint, _ past: Condition, spaces: [UInt64: KnownSpace], inputs: Int
  ) {
    do {
      try machine.restore(checkpoint)
    } catch {
      machine = Machine(forking: checkpoint)
    }
    let user = condition
    condition = past
    keepStops(of: user)
    self.spaces = spaces
    history.appliedInputs = inputs
  }

  private func standStill() -> StopReport {
    report(.interrupted, from: machine.travelPosition, reason: "interrupted; nothing has moved", breakpoint: nil)
  }

  private func report(_ stop: StopKind, from: TravelPosition, reason: String?, breakpoint: Int?) -> StopReport {
    let now = machine.travelPosition
    return StopReport(
      stop: stop, state: condition.state, reason: reason, breakpoint: breakpoint, location: location(of: machine.pc),
      instruction: instructionText(at: machine.pc), privilege: machine.privilege.letter, task: currentTaskName,
      instructions: now.distance(to: from, \.instructions), traps: [], console: "", events: [],
      travel: Travel(
        isBackwards: now.steps < from.steps, steps: now.distance(to: from, \.steps), from: from.instructions,
        to: now.instructions, last: history.present?.machine.instructionCount ?? now.instructions,
        isInThePast: isInThePast))
  }
}

/// A place in a run, in both measures.
private struct TravelPosition {
  let instructions: UInt64
  let steps: UInt64

  func distance(to other: TravelPosition, _ measure: KeyPath<TravelPosition, UInt64>) -> UInt64 {
    let (mine, others) = (self[keyPath: measure], other[keyPath: measure])
    return max(mine, others) - min(mine, others)
  }
}

extension Machine {
  fileprivate var travelPosition: TravelPosition { TravelPosition(instructions: instructionCount, steps: stepCount) }
}
