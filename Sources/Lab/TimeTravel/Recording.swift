// How a running system writes its history. Called from `drive`; a copy that replays writes nothing.

import Machine

extension System {
  /// Notes that the guest is about to run; in the past, that is where another future begins.
  func beginRecording(_ goal: DriveGoal) {
    guard history.isRecording else { return }
    forgetFuture()
    let frame = frame(goal)
    // Going back in a foreign system needs no more than its machine and the inputs.
    if !image.isForeign { history.add(frame) }
    if history.isDue(at: machine.instructionCount, after: History.shortestInterval) {
      history.add(frame, machine.checkpoint())
    }
  }

  /// Keeps the state before anything has run, so that it can be gone back to.
  func keepFirstMoment() { history.add(frame(DriveGoal(budget: 0)), machine.checkpoint()) }

  /// Keeps a checkpoint when it is time.
  func recordIfDue(_ goal: DriveGoal) {
    guard history.isRecording, history.isDue(at: machine.instructionCount, after: history.interval) else { return }
    history.add(frame(goal), machine.checkpoint())
  }

  /// Runs the machine no further than the next checkpoint or, in a replay, than the step at which it ends.
  func advance(limit: UInt64, _ goal: DriveGoal) -> StopReason {
    if let end = goal.endStep { return machine.run(limit: min(limit, end - min(end, machine.stepCount))) }
    return machine.run(
      limit: history.isRecording ? min(limit, history.interval) : limit, untilTick: goal.endTick ?? .max)
  }

  /// Whether a replay has come to its end.
  func hasReached(_ goal: DriveGoal) -> Bool { goal.endStep.map { machine.stepCount >= $0 } ?? false }

  private func frame(_ goal: DriveGoal) -> History.Frame {
    History.Frame(moment: moment, condition: condition, spaces: spaces, goal: goal)
  }

  /// A checkpoint of the system as it stands.
  func presentEntry() -> History.Entry { History.entry(frame(DriveGoal(budget: 0)), machine.checkpoint()) }

  /// Whether the system stands in its past, with a recorded future.
  var isInThePast: Bool { history.present != nil }

  /// How many instructions of recorded future there are; nil in the present.
  public var instructionsBeforePresent: UInt64? {
    history.present.map { $0.machine.instructionCount &- machine.instructionCount }
  }

  /// Drops the recorded future, because something else happens now.
  func forgetFuture() {
    guard let present = history.present else { return }
    history.forgottenInstructions = present.machine.instructionCount &- machine.instructionCount
    history.forget(after: moment)
  }

  /// The instructions of recorded future that a command has replaced by another one, once; nil if none.
  public func takeForgottenFuture() -> UInt64? {
    defer { history.forgottenInstructions = nil }
    return history.forgottenInstructions
  }

  /// The extent and size of the history.
  public func historyReport() -> HistoryReport {
    HistoryReport(
      system: name, first: history.entries.first?.machine.instructionCount ?? machine.instructionCount,
      now: machine.instructionCount,
      last: history.present?.machine.instructionCount ?? machine.instructionCount, isInThePast: isInThePast,
      checkpoints: history.entries.count, interval: history.interval, widestInterval: history.widestInterval,
      inputs: history.inputCount,
      bytes: history.bytes, limitBytes: history.limit,
      stateHash: "0x" + String(machine.stateHash(), radix: 16))
  }
}
