// The agent: the guest's program that calls library functions for the host.
//
// The mailbox may be written only while the agent is parked; `post` makes sure of it.

import GuestABI
import Machine

extension System {
  /// The program's name in the boot archive.
  static let agentName = "agent"

  var agentImage: ProgramImage { image.agent }

  /// The row of the agent in the task table, or of the application that is there in its place.
  var agentRow: TaskRow? { taskTable.row(named: image.application ?? Self.agentName) }

  /// Whether the agent stands where it waits for the host, and is what runs next.
  var isParked: Bool {
    guard machine.privilege == (image.isFlat ? .supervisor : .user),
      let park = agentImage.address(of: Observation.park), machine.pc == park
    else {
      return false
    }
    return programImage(covering: park, satp: currentSatp) === agentImage
  }

  /// Whether the agent has ended; its record may be corrupt while it lives.
  var agentIsGone: Bool {
    guard image.hasAgent else { return false }
    if let row = agentRow { return row.record.state == TaskState.zombie.rawValue }
    return !taskTable.rows.contains { $0.name == Self.agentName }
  }

  /// The programs that run beside the agent, servers apart.
  private var survivors: [String] {
    taskTable.rows.filter { row in
      guard row.corruption == nil, let state = TaskState(rawValue: row.record.state), state != .zombie,
        state != .embryo, row.name != Self.agentName,
        let program = image.program(at: row.record.program)
      else { return false }
      return image.role(of: program.name) == .program
    }.map(\.name)
  }

  /// Says that the agent was ended and others were not; nil when it was not, or there are none.
  func outlive() -> Halt? {
    let survivors = survivors
    guard agentIsGone, !survivors.isEmpty else { return nil }
    condition.reason =
      "the agent was ended; \(survivors.joined(separator: " and ")) \(survivors.count == 1 ? "lives" : "live")"
    return .outlived
  }

  /// Refuses when nobody is there to make calls for the host.
  func requireLivingAgent() throws(LabError) {
    guard agentIsGone else { return }
    throw LabError(
      .wrongState, "the agent of \(name) was ended, so nobody makes calls for the host",
      hint: "`info tasks` shows who lives, `continue` lets them run; `reverse-continue` goes back")
  }

  /// Refuses when the system cannot run, saying why.
  func requireRunning(_ purpose: String) throws(LabError) {
    switch condition.state {
    case .running: return
    case .panicked:
      throw LabError(
        .wrongState, "\(name) has panicked and cannot \(purpose)",
        hint: "`info system` says why; `restore` a checkpoint or `\(bootCommand)` again")
    case .halted:
      throw LabError(.wrongState, "\(name) is switched off and cannot \(purpose)", hint: "`\(bootCommand)` again")
    case .hung:
      throw LabError(
        .wrongState, "\(name) hangs and cannot \(purpose)",
        hint: "`continue` gives it another \(limit.grouped) instructions; `info system` says where it stands")
    }
  }

  /// Refuses when nobody is there to make calls for the host.
  func requireAgent(_ purpose: String) throws(LabError) {
    guard !image.hasAgent else { return }
    try requireOurs(purpose)
    throw LabError(
      .notAvailable,
      "\(name) runs \(image.application ?? "one program") and nothing else: there is no agent to \(purpose)",
      hint: "`continue` lets it run; `boot \(kernel)` starts one with the agent")
  }

  /// Lets the system run, uncounted, until the agent waits for the host; nil when it does, else why not.
  func park(_ goal: DriveGoal) -> Halt? {
    guard !isParked else { return nil }
    condition.pending = nil
    let halt = drive(goal)
    return halt == .parked ? nil : halt
  }

  /// Writes a request into the mailbox of the parked agent.
  func post(_ call: LibraryCall, _ request: MarshalledCall) throws(LabError) {
    guard isParked, let mailbox = agentImage.address(of: Observation.mailbox) else {
      throw LabError(.guestContract, "the agent of \(name) is not waiting for a request", hint: "try `continue`")
    }
    var page = [UInt8](repeating: 0, count: Mailbox.data)
    page.setWord(call.rawValue + 1, at: Mailbox.call)
    for (index, argument) in request.arguments.enumerated() {
      page.setWord(argument, at: Mailbox.arguments + index * 8)
    }
    guard write(page + request.data, at: mailbox, satp: currentSatp) else {
      throw LabError(
        .guestContract, "the agent's mailbox at 0x\(String(mailbox, radix: 16)) is not mapped",
        hint: "`pmap agent` shows what is")
    }
  }
}

extension [UInt8] {
  /// Stores a little-endian word.
  mutating func setWord(_ word: UInt64, at offset: Int) {
    for index in 0..<8 { self[offset + index] = UInt8(truncatingIfNeeded: word >> (index * 8)) }
  }

  /// Loads a little-endian word; nil beyond the end.
  func word(at offset: Int) -> UInt64? {
    guard offset >= 0, offset + 8 <= count else { return nil }
    return (0..<8).reduce(0) { $0 | UInt64(self[offset + $1]) << ($1 * 8) }
  }
}
