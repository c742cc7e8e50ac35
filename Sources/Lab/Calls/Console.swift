// Talking to the guest's own shell: input goes to the machine's serial port, the system runs in slices.
//
// While the shell runs, the agent sleeps again and again, so that the host can leave the console at any time and find
// the agent willing; the shell then simply waits for input.

import GuestABI
import Machine

extension System {
  /// How long the agent sleeps at a time, in simulated milliseconds.
  private static let nap: Int64 = 20

  /// Starts the guest's shell on its console, or goes back to the one that runs; this runs the guest.
  ///
  /// - Throws: `LabError` when the system cannot run or has no shell.
  public func openConsole() throws(LabError) {
    try requireRunning("open its console")
    if !image.isForeign { try requireAgent("start a shell") }
    beginCommand()
    guard !image.isForeign, !shellIsAlive else { return }
    let spawn = try MarshalledCall(.spawn, [.text("sh")], mailbox: agentImage.address(of: Observation.mailbox) ?? 0)
    var goal = DriveGoal(budget: limit)
    let halt = try perform(.spawn, spawn, isReported: false, goal: &goal)
    let result = condition.pending?.result
    condition.pending = nil
    if let halt {
      throw LabError(
        .wrongState, "the shell did not start: \(interruption(halt).stop.rawValue)", hint: condition.reason)
    }
    guard let result, result > 0 else {
      let error = result.flatMap { ErrorCode(result: $0) }
      throw LabError(
        .notAvailable, "the shell did not start: \(error?.explanation.description ?? "the call did not return")",
        hint: "`run ls /` starts a program without a shell")
    }
    condition.shell = UInt64(result)
  }

  /// Gives input to the guest's console and lets it run until it waits for more; this runs the guest.
  ///
  /// - Parameters:
  ///   - input: Bytes as a terminal sends them.
  ///   - budget: The most instructions to run; a shell that is busy longer goes on with the next call.
  /// - Throws: `LabError` when the system cannot run.
  public func console(input: [UInt8], budget: UInt64) throws(LabError) -> ConsoleSlice {
    try requireRunning("talk on its console")
    if !input.isEmpty { apply(.board(.serial(input))) }
    if image.isForeign { return foreignConsole(budget: budget) }
    var rest = budget
    while true {
      if isParked { try nap() }
      let start = machine.instructionCount
      let halt = drive(DriveGoal(budget: rest, budgetIsGoal: true, stopsAtIdle: true))
      rest -= min(rest, machine.instructionCount - start)
      if !shellIsAlive, condition.state == .running { return try closeConsole() }
      switch halt {
      case .parked where rest > 0: continue
      case .parked, .stepped: return ConsoleSlice(output: takeOutput(), waitsForInput: false, ended: nil)
      case .idle: return ConsoleSlice(output: takeOutput(), waitsForInput: true, ended: nil)
      default: return ConsoleSlice(output: takeOutput(), waitsForInput: false, ended: interruption(halt))
      }
    }
  }

  private func nap() throws(LabError) {
    let mailbox = agentImage.address(of: Observation.mailbox) ?? 0
    try post(.sleep, MarshalledCall(.sleep, [.number(Self.nap)], mailbox: mailbox))
    condition.pending = nil
  }

  private var shellIsAlive: Bool {
    guard let shell = condition.shell, let row = taskTable.row(id: shell) else { return false }
    return row.record.state != TaskState.zombie.rawValue
  }

  /// Collects the shell's exit status, so that no zombie stays.
  private func closeConsole() throws(LabError) -> ConsoleSlice {
    var output = takeOutput()
    if let shell = condition.shell {
      let mailbox = agentImage.address(of: Observation.mailbox) ?? 0
      let wait = try MarshalledCall(.wait, [.number(Int64(clamping: shell))], mailbox: mailbox)
      var goal = DriveGoal(budget: limit)
      _ = try perform(.wait, wait, isReported: false, goal: &goal)
      condition.pending = nil
    }
    condition.shell = nil
    output += takeOutput()
    var ended = interruption(.parked)
    ended.reason = "the shell has ended"
    return ConsoleSlice(output: output, waitsForInput: false, ended: ended)
  }

  func takeOutput() -> [UInt8] { condition.console.takeFresh() }
}
