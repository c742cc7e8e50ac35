// `sys` and `trace`: one library call through the agent, counted from outside.

import FoundationEssentials
import GuestABI
import Machine

extension System {
  /// Calls a library function through the agent; this runs the guest.
  ///
  /// - Parameters:
  ///   - call: The library function.
  ///   - arguments: As typed; pointers and lengths are made from them.
  /// - Returns: What the call returned, cost and passed. When a breakpoint, a panic or the budget stopped it, `stopped` says
  ///   so and `continueRunning` goes on.
  /// - Throws: `LabError` when the arguments do not fit the call or the system cannot run.
  public func call(_ call: LibraryCall, _ arguments: [CallArgument] = []) throws(LabError) -> CallReport {
    try requireRunning("call `\(call.name)`")
    try requireAgent("call `\(call.name)`")
    guard call != .exit, call != .exec else {
      throw LabError(
        .badArgument, "`\(call.name)` would end the agent, which makes the calls",
        hint: call == .exit
          ? "`run hello` starts a program that exits by itself" : "`run forktest` uses exec in a child")
    }
    let mailbox = agentImage.address(of: Observation.mailbox) ?? 0
    let request = try MarshalledCall(call, arguments, mailbox: mailbox)
    if call == .kill, let row = agentRow, request.arguments.first == UInt64(row.record.id) {
      throw LabError(
        .badArgument, "task \(row.record.id) is the agent, which makes the calls", hint: "`info tasks` lists the others"
      )
    }
    beginCommand()
    var goal = DriveGoal(budget: limit)
    let halt = try perform(call, request, isReported: true, goal: &goal)
    return takeCallReport(call, halt: halt)
  }

  /// Forgets what earlier commands left unreported.
  func beginCommand() {
    condition.events = []
    _ = condition.console.takeFresh()
    trapNames = []
  }

  /// Has the agent make a call and runs until it is parked again; nil when it is, else what stopped it.
  func perform(
    _ call: LibraryCall, _ request: MarshalledCall, isReported: Bool, goal: inout DriveGoal
  ) throws(LabError) -> Halt? {
    try requireLivingAgent()
    let start = machine.instructionCount
    defer { goal.budget -= min(goal.budget, machine.instructionCount - start) }
    if let halt = park(goal) { return halt }
    goal.budget -= min(goal.budget, machine.instructionCount - start)
    try post(call, request)
    condition.pending = CallRecorder(call: call, isReported: isReported, output: request.output)
    let halt = drive(goal)
    return halt == .parked ? nil : halt
  }

  /// What a call has cost so far, or in all; only of a virtual machine is an access to a device an exit.
  func counters(of recorder: CallRecorder) -> CallCounters {
    var counters = recorder.counters(now: machine.counters, icount: machine.instructionCount)
    if !image.isFlat && !isVirtualMachine { counters.vmExits = 0 }
    return counters
  }

  /// The report of the call under way; a finished or hopeless one is forgotten afterwards.
  func takeCallReport(_ call: LibraryCall, halt: Halt?) -> CallReport {
    let recorder = condition.pending ?? CallRecorder(call: call, isReported: true, output: nil)
    if halt == nil || condition.state != .running { condition.pending = nil }
    return report(of: recorder, halt: halt)
  }

  private func report(of recorder: CallRecorder, halt: Halt?) -> CallReport {
    let result = recorder.result
    let error = result.flatMap { ErrorCode(result: $0) }
    var report = CallReport(
      call: recorder.call.name, returned: result, errno: error?.name, errorText: error?.explanation.description,
      counters: counters(of: recorder).priced(by: costModel),
      idleInstructions: recorder.idleInstructions, path: recorder.path, pathOmitted: recorder.pathOmitted,
      fastpathMisses: recorder.messages.fastpathMisses.isEmpty ? nil : recorder.messages.fastpathMisses,
      state: condition.state, stopped: halt.map { interruption($0) },
      console: String(decoding: condition.console.takeFresh(), as: UTF8.self), events: condition.events)
    if let result, result >= 0, recorder.call == .pipe {
      report.descriptors = [UInt64(result & 0xFF), UInt64(result >> 8)]
    }
    if let result, result >= 0, let output = recorder.output {
      attachOutput(of: recorder, output, count: result, to: &report)
    }
    return report
  }

  private func attachOutput(
    of recorder: CallRecorder, _ output: Range<UInt64>, count: Int64, to report: inout CallReport
  ) {
    guard let satp = recorder.space else { return }
    switch report.call {
    case LibraryCall.stat.name:
      guard let bytes = read(output.lowerBound, count: output.count, satp: satp), let kind = bytes.word(at: 0),
        let size = bytes.word(at: 8), let inode = bytes.word(at: 16)
      else { return }
      report.status = FileInformation(kind: Self.fileKind(kind), size: size, inode: inode)
    default:
      // The guest's word for how much it read is checked against what it was asked for.
      let length = min(Int(count), output.count)
      guard let bytes = read(output.lowerBound, count: length, satp: satp) else { return }
      if report.call == LibraryCall.readdir.name {
        report.entries = Self.directoryEntries(bytes)
      } else if let text = String(validating: bytes, as: UTF8.self) {
        report.data = text
      } else {
        report.dataBase64 = Data(bytes).base64EncodedString()
      }
    }
  }

  private static func directoryEntries(_ bytes: [UInt8]) -> [DirectoryEntry] {
    stride(from: 0, to: bytes.count - DirectoryEntryLayout.size + 1, by: DirectoryEntryLayout.size).compactMap {
      start in
      let inode = (0..<4).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << ($1 * 8) }
      let length = min(Int(bytes[start + 5]), DirectoryEntryLayout.maximumName)
      guard inode != 0 else { return nil }
      let name = start + DirectoryEntryLayout.nameOffset
      return DirectoryEntry(
        name: String(decoding: bytes[name..<name + length], as: UTF8.self), kind: fileKind(UInt64(bytes[start + 4])),
        inode: inode)
    }
  }

  private static func fileKind(_ kind: UInt64) -> String {
    switch kind {
    case 1: "file"
    case 2: "directory"
    default: "kind \(kind)"
    }
  }
}
