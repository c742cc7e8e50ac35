// What the built-in host does with a guest at its user's request: fetching a page, sending an echo.
//
// A parked agent takes no time, so it sleeps while the guest serves the host.

import FoundationEssentials
import GuestABI
import Machine

extension System {
  /// How long the agent sleeps at first, and at most, in simulated milliseconds: each nap is twice the last.
  private static let shortestNap: Int64 = 5
  private static let longestNap: Int64 = 320

  /// Fetches a page from the guest by HTTP, as a browser on the built-in host would; this runs the guest.
  ///
  /// - Parameters:
  ///   - path: The page's path, with a slash in front.
  ///   - port: The TCP port.
  /// - Throws: `LabError` when the path cannot be one, or the system has no network or cannot run.
  public func fetchFromHost(path: String, port: UInt16 = 80) throws(LabError) -> HostReport {
    guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw LabError(.badArgument, "`\(path)` is not a page's path", hint: "write it as in /index.html")
    }
    var report = try run(.fetch(path: path, port: port), named: "fetch")
    report.path = path
    return report
  }

  /// Sends an echo from the built-in host to the guest and waits for it; this runs the guest.
  ///
  /// - Throws: `LabError` when the system has no network or cannot run.
  public func pingFromHost() throws(LabError) -> HostReport { try run(.echo, named: "ping") }

  private func run(_ errand: HostErrand, named name: String) throws(LabError) -> HostReport {
    try requireRunning("serve the built-in host")
    guard machine.board.network != nil else {
      guard machine.board.networkSlots.isEmpty else {
        throw LabError(
          .notAvailable, "\(self.name) is on the monitor's switch, where the built-in host is not",
          hint: "another machine can ask it: `link fetch`, `vm start fetch`, `vm run`")
      }
      throw LabError(
        .notAvailable, "the machine of \(self.name) is not on the built-in host's network",
        hint: "`boot \(kernel)` without `--no-network`")
    }
    beginCommand()
    let start = machine.time
    apply(.errand(errand))
    var report = HostReport(
      errand: name, microseconds: 0, counters: CallCounters(), idleInstructions: 0, steps: [], console: "",
      state: .running, events: [])
    let halt = try serve(&report)
    report.microseconds = Self.microseconds((machine.board.errandEnd ?? machine.time) &- start)
    take(machine.board.errandResult, into: &report)
    report.console = String(decoding: condition.console.takeFresh(), as: UTF8.self)
    report.state = condition.state
    report.stopped = halt.map { interruption($0) }
    report.events = condition.events
    report.counters = report.counters.priced(by: costModel)
    return report
  }

  /// Lets the agent sleep until the errand has ended; nil when it has, else what stopped the guest.
  private func serve(_ report: inout HostReport) throws(LabError) -> Halt? {
    if !image.hasAgent { return serveByItself(&report) }
    let mailbox = agentImage.address(of: Observation.mailbox) ?? 0
    var nap = Self.shortestNap
    var goal = DriveGoal(budget: limit)
    while machine.board.errandResult == nil {
      let sleep = try MarshalledCall(.sleep, [.number(nap)], mailbox: mailbox)
      nap = min(nap * 2, Self.longestNap)
      let halt = try perform(.sleep, sleep, isReported: true, goal: &goal)
      if let recorder = condition.pending {
        report.counters = report.counters + counters(of: recorder)
        report.idleInstructions += recorder.idleInstructions
        report.steps += recorder.path.filter { $0.task != Self.agentName }
        if halt == nil || condition.state != .running { condition.pending = nil }
      }
      if let halt { return halt }
    }
    return nil
  }

  /// Lets a system without an agent run until the errand has ended; nil when it has, else what stopped the guest.
  private func serveByItself(_ report: inout HostReport) -> Halt? {
    let before = machine.counters
    var ticks: UInt64 = 10_000
    var goal = DriveGoal(budget: limit)
    defer { report.counters.take(machine.counters - before) }
    while machine.board.errandResult == nil {
      let start = machine.instructionCount
      goal.endTick = machine.time &+ ticks
      ticks = min(ticks * 2, 1 << 22)
      let halt = drive(goal)
      goal.budget -= min(goal.budget, machine.instructionCount - start)
      if halt != .stepped { return halt }
    }
    return nil
  }

  private func take(_ result: HostErrandResult?, into report: inout HostReport) {
    switch result {
    case .page(let status, let body):
      report.status = status
      if let text = String(validating: body, as: UTF8.self) {
        report.body = text
      } else {
        report.bodyBase64 = Data(body).base64EncodedString()
      }
    case .echo(let ticks): report.microseconds = Self.microseconds(ticks)
    case .failed(let why): report.failure = why
    case nil: report.failure = "the guest stopped before the end"
    }
  }

  /// The machine's clock has 10 ticks a microsecond.
  private static func microseconds(_ ticks: UInt64) -> Double { Double(ticks) / 10 }
}
