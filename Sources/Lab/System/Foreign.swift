// Systems that somebody else made: firmware and kernels that know nothing of agents, mailboxes and task records. What the
// machine alone can tell works as for any system; what needs an agreement with the guest is refused here.

import Machine

extension System {
  /// Whether the image is none of ours: there is no agent in it, and its tasks are not known.
  public var isForeign: Bool { image.isForeign }

  /// Refuses what only a guest that keeps the agreement with the host can do.
  ///
  /// - Parameter purpose: What was asked for, after "it cannot".
  /// - Throws: `LabError` in a foreign system.
  public func requireOurs(_ purpose: String) throws(LabError) {
    guard image.isForeign else { return }
    throw LabError(
      .notAvailable, "\(name) is a foreign image without our agent and task records, so it cannot \(purpose)",
      hint: "`console` talks to it, `continue` lets it run, `break`, `x` and `why` look inside")
  }

  /// The command that boots such a system.
  var bootCommand: String { image.isForeign ? "boot --image FILE" : "boot \(kernel)" }

  // MARK: Running

  /// Ticks of the board's clock in a millisecond.
  private static let ticksPerMillisecond: UInt64 = 10_000

  /// Runs for some simulated time, or for the budget.
  func runForeign(milliseconds: UInt64?) -> StopReport {
    let start = machine.instructionCount
    var goal = DriveGoal(budget: limit, budgetIsGoal: true)
    if let milliseconds {
      let (ticks, overflows) = milliseconds.multipliedReportingOverflow(by: Self.ticksPerMillisecond)
      if !overflows { goal.endTick = machine.time &+ ticks }
    }
    let halt = drive(goal)
    let isUsedUp = halt == .stepped && machine.instructionCount - start >= limit
    return stopReport(isUsedUp ? .budgetUsedUp : halt, since: start)
  }

  // MARK: Console

  /// Ticks that pass before the console is looked at again: 20 ms.
  private static let consoleSlice: UInt64 = 200_000
  /// A guest that touches devices this often, in instructions, does nothing but look for input.
  private static let pollingInstructions: UInt64 = 2000

  /// Lets the guest run for a moment; it waits for input when it sleeps most of the time or polls its devices, and is silent.
  func foreignConsole(budget: UInt64) -> ConsoleSlice {
    let before = (count: machine.instructionCount, time: machine.time, accesses: machine.counters.mmioAccesses)
    let goal = DriveGoal(budget: budget, budgetIsGoal: true, endTick: machine.time &+ Self.consoleSlice)
    let halt = drive(goal)
    let output = takeOutput()
    switch halt {
    case .idle, .stepped:
      let instructions = machine.instructionCount - before.count
      let busy = instructions / machine.configuration.instructionsPerTick
      let sleeps = halt == .idle || busy < (machine.time - before.time) / 2
      let polls = (machine.counters.mmioAccesses - before.accesses) * Self.pollingInstructions > instructions
      let waits = output.isEmpty && !machine.board.uart.hasUnreadInput && (sleeps || polls)
      return ConsoleSlice(output: output, waitsForInput: waits, ended: nil)
    default: return ConsoleSlice(output: output, waitsForInput: false, ended: interruption(halt))
    }
  }
}
