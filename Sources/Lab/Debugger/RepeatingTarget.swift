// Going back on a bare machine: states are kept while it runs, and what happened since one of them is repeated. A booted
// system has a history of its own.

import Machine

/// A debug target that goes back by repeating.
protocol RepeatingTarget: HartTarget {
  associatedtype SavedState

  /// Where going back starts from.
  var history: DebugHistory<SavedState> { get set }
  /// Whether what happened is being repeated, so that nothing may be given to the guest or taken from it.
  var isRepeating: Bool { get set }

  /// Forgets what the guest wrote while that was repeated.
  func dropConsole()
  func save() -> SavedState
  func restore(_ state: SavedState)
}

extension RepeatingTarget {
  /// Steps that the hart has done since reset.
  private var step: UInt64 { withMachine { $0.stepCount } }

  /// Keeps the present state as one that going back starts from, because it does not follow from the one before.
  func noteChange() { history.change(to: save(), at: step) }

  func noteProgress() {
    let step = step
    if history.isDue(at: step) { history.keep(save(), at: step) }
  }

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
