// Running: time, interrupts, stops, and how far the run loop may go at once. Both paths meet here, between two
// instructions; nothing here may depend on which of them executed the last one.

extension Machine {
  /// The most instructions between two looks at the stop flag.
  private static let longestStretch: UInt64 = 1 << 20
  /// Exceptions in a row after which the state repeats: nested traps reach a fixed point after three.
  private static let trapLoopLength = 16
  /// Exceptions without a single return in between after which no handler will ever come to its end: far more than the
  /// stack of any guest has room for, and passed in a fraction of a second.
  private static let endlessNesting = 100_000

  // MARK: Running

  /// Runs until `limit` instructions have retired or there is a reason to stop before.
  ///
  /// Stops are exact to the instruction, and many short runs do the same as one long run.
  /// - Parameters:
  ///   - limit: the most instructions to retire.
  ///   - tick: the time at which to stop in any case; a hart that nothing wakes waits until then.
  public mutating func run(limit: UInt64, untilTick tick: UInt64 = .max) -> StopReason {
    let (sum, overflows) = hart.instructionCount.addingReportingOverflow(limit)
    let target = overflows ? .max : sum
    pauseTick = tick
    defer { pauseTick = .max }
    beginRunning()
    while true {
      if let reason = reasonToStop() { return reason }
      if hart.instructionCount >= target || time >= pauseTick { return .limit }
      if hart.isWaiting {
        if !waitForInterrupt() { return .idle }
        continue
      }
      prepareInstruction()
      // A device may have written to watched memory.
      if stoppingEvent != nil { continue }
      if let cause = interruptToTake() {
        takeInterrupt(cause)
        continue
      }
      let stretch = hart.instructionCount &+ Self.longestStretch
      let deadline = max(min(target, nextEventCount, stretch), hart.instructionCount &+ 1)
      switch profile == nil ? runDecoded(until: deadline) : runProfiled(until: deadline) {
      case .boundary: break
      case .nearDeadline:
        if let reason = runOneByOne(until: deadline) { return reason }
      case .probe: return probeReason
      }
    }
  }

  /// Executes one instruction, or takes one interrupt or exception, on the reference path.
  ///
  /// Breakpoints and tracepoints are not looked at.
  /// - Returns: `.limit` when the step is done, or why there was none or another one makes no sense.
  public mutating func step() -> StopReason {
    beginRunning()
    if let reason = reasonToStop() { return reason }
    if hart.isWaiting && !waitForInterrupt() { return .idle }
    prepareInstruction()
    if let cause = interruptToTake() {
      takeInterrupt(cause)
    } else if profile == nil {
      performFromMemory()
    } else {
      performProfiled()
    }
    prepareInstruction()
    return reasonToStop() ?? .limit
  }

  /// Runs as `run` does, on the reference path alone: for comparing the two.
  mutating func runReference(limit: UInt64) -> StopReason {
    let target = hart.instructionCount &+ limit
    beginRunning()
    while true {
      if let reason = reasonToStop() { return reason }
      if hart.instructionCount >= target { return .limit }
      if hart.isWaiting {
        if !waitForInterrupt() { return .idle }
        continue
      }
      prepareInstruction()
      if let cause = interruptToTake() {
        takeInterrupt(cause)
      } else {
        performFromMemory()
      }
    }
  }

  /// Takes notice of what the host changed since the last run.
  private mutating func beginRunning() {
    memoryChanged(by: .host)
    updateTimedEvents()
    if watchedRegister != nil { beginWatchedRun() }
  }

  private mutating func reasonToStop() -> StopReason? {
    needsBoundary = false
    if let status = board.finished { return .finished(status) }
    if let event = stoppingEvent {
      stoppingEvent = nil
      return .event(event)
    }
    if trapStreak >= Self.trapLoopLength || hart.openTraps >= Self.endlessNesting {
      trapStreak = 0
      hart.openTraps = 0
      return .trapLoop(pc: hart.pc)
    }
    if stopFlag.isRequested && stopFlag.consume() { return .hostInterrupt }
    return nil
  }

  /// Brings time-dependent state up to the next instruction.
  private mutating func prepareInstruction() {
    if hart.instructionCount >= nextEventCount { performTimedEvents() }
  }

  /// Executes the last instructions before a deadline, of which there are fewer than a run of operations.
  private mutating func runOneByOne(until deadline: UInt64) -> StopReason? {
    while hart.instructionCount < deadline && !needsBoundary {
      if hasProbes && canFetch() && stopsAtProbe(pc: hart.pc, instructionCount: hart.instructionCount) {
        return probeReason
      }
      performFromMemory()
    }
    return nil
  }

  // MARK: Time

  /// The time in ticks of the board's clock: it passes with retired instructions, and while the hart waits.
  public var time: UInt64 { hart.instructionCount / configuration.instructionsPerTick &+ hart.idleTicks }

  /// What the guest reads as `time`.
  var guestTime: UInt64 { time &+ board.timeOffset }

  /// The bits of `mip`.
  var pendingInterrupts: UInt64 {
    let pending = board.pendingInterrupts | hart.softwarePending
    guard hart.usesSupervisorTimerCompare else { return pending }
    return pending & ~InterruptBits.supervisorTimer | (timerComparePending ? InterruptBits.supervisorTimer : 0)
  }

  private mutating func performTimedEvents() {
    board.advance(to: time, memory: &ram)
    memoryChanged(by: .device)
    updateTimedEvents()
  }

  /// The tick of the next thing that happens by itself, or nil.
  private var nextEventTick: UInt64? {
    var tick = min(board.nextEvent, pauseTick)
    if hart.usesSupervisorTimerCompare {
      let now = guestTime
      if now < hart.stimecmp {
        let (due, overflows) = time.addingReportingOverflow(hart.stimecmp - now)
        if !overflows { tick = min(tick, due) }
      }
    }
    return tick == .max ? nil : tick
  }

  /// Works out STIP and when to look at the clock again; to be called whenever either may have changed.
  mutating func updateTimedEvents() {
    timerComparePending = hart.usesSupervisorTimerCompare && guestTime >= hart.stimecmp
    nextEventCount = .max
    guard let tick = nextEventTick else { return }
    guard tick > hart.idleTicks else {
      nextEventCount = 0
      return
    }
    let (count, overflows) = (tick - hart.idleTicks).multipliedReportingOverflow(
      by: configuration.instructionsPerTick)
    if !overflows { nextEventCount = count }
  }

  /// Takes notice of what an access to a device may have changed.
  mutating func deviceTouched() {
    needsBoundary = true
    memoryChanged(by: .device)
    updateTimedEvents()
  }

  /// The tick before which nothing happens by itself because the hart waits, `.max` if nothing ever will; nil while it has
  /// something to do.
  public var sleepsUntil: UInt64? {
    guard hart.isWaiting, pendingInterrupts & hart.mie == 0 else { return nil }
    return nextEventTick ?? .max
  }

  /// Lets time pass until an enabled interrupt is pending.
  ///
  /// - Returns: false if that will never happen by itself; then the hart goes on waiting.
  private mutating func waitForInterrupt() -> Bool {
    let start = hart.idleTicks
    prepareInstruction()
    while pendingInterrupts & hart.mie == 0 {
      guard let tick = nextEventTick, tick > time else { return false }
      hart.idleTicks &+= tick - time
      performTimedEvents()
      if board.finished != nil || time >= pauseTick { return true }
    }
    hart.isWaiting = false
    if observed.contains(.waits) { record(.wait(ticks: hart.idleTicks &- start)) }
    return true
  }

  // MARK: Breakpoints and tracepoints

  var hasProbes: Bool { !breakpoints.isEmpty || !tracepoints.isEmpty }

  /// Whether to stop before the instruction at `pc`; notes the place so that the next run goes on from it.
  mutating func stopsAtProbe(pc: UInt64, instructionCount: UInt64) -> Bool {
    guard breakpoints.contains(pc) || tracepoints.contains(pc) else { return false }
    if let stop = probeStop, stop.pc == pc, stop.instructionCount == instructionCount { return false }
    probeStop = (pc, instructionCount)
    return true
  }

  /// Whether the instruction at a probe can be fetched: if not, its exception comes before the stop.
  func canFetch() -> Bool {
    guard breakpoints.contains(hart.pc) || tracepoints.contains(hart.pc) else { return true }
    return translate(hart.pc, access: .execute).verdict == .permitted
  }

  private var probeReason: StopReason {
    breakpoints.contains(hart.pc) ? .breakpoint(pc: hart.pc) : .tracepoint(pc: hart.pc)
  }

  mutating func probesChanged() {
    decodedCode.setProbes(breakpoints.union(tracepoints))
    dropDecodedCode()
  }

  // MARK: Events

  /// The kinds of events that anyone wants to know of.
  var observed: EventMask { recording.union(stoppingEvents) }

  /// Notes an event of a kind in `observed`.
  mutating func record(_ kind: MachineEvent.Kind) {
    let event = MachineEvent(instructionCount: hart.instructionCount, kind: kind)
    if recording.contains(kind.mask) { events.append(event) }
    if stoppingEvents.contains(kind.mask) && stoppingEvent == nil {
      stoppingEvent = event
      needsBoundary = true
    }
  }

  /// The events recorded since the last call, oldest first.
  public mutating func takeEvents() -> [MachineEvent] {
    defer { events = [] }
    return events
  }

  /// Counts an exception without a retired instruction in between, and one without a return.
  mutating func noteTrap() {
    hart.openTraps += 1
    if hart.openTraps >= Self.endlessNesting { needsBoundary = true }
    if trapStreakCount == hart.instructionCount {
      trapStreak += 1
      if trapStreak >= Self.trapLoopLength { needsBoundary = true }
    } else {
      trapStreakCount = hart.instructionCount
      trapStreak = 1
    }
  }
}
