// `host fetch` and `host ping`: what the built-in host on the machine's network does with the guest.

import Lab

/// Fetches a page from the guest.
struct HostFetchCommand: Command {
  let name = "host fetch"
  let aliases = ["host get", "curl"]
  let group = CommandGroup.running
  let summary = "let the built-in host fetch a page from the guest"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    The built-in host, 10.0.2.2 on the machine's own network, opens a TCP connection to the guest and asks for the \
    page. In the guest a server must listen: `sys spawn "httpd" "80 1"` starts one that answers one request. The agent \
    sleeps meanwhile; the counters cover all that the guest executes.
    """,
    examples: ["host fetch /", "host fetch /status --port 8080"],
    next: ["run fetch http://10.0.2.2/hello", "host ping"])
  var parameters: [any CommandParameter] { [Self.path, Self.port] }

  private static let path = Optionally("PATH", ArgumentKind<String>.text, "the page's path; / if not given")
  private static let port = ValueOption(
    "--port", "N", ArgumentKind<UInt64>.number("a port", in: 1...65535), "the TCP port; 80 if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let path = arguments[Self.path] ?? "/"
    let port = UInt16(arguments[Self.port] ?? 80)
    let report = try attempt(at: arguments.span(of: Self.path)) { () throws(LabError) in
      try system.fetchFromHost(path: path, port: port)
    }
    return try HostValue.result(report, in: session)
  }
}

/// Sends an echo to the guest.
struct HostPingCommand: Command {
  let name = "host ping"
  let group = CommandGroup.running
  let summary = "let the built-in host send an echo to the guest"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    The guest's network service answers without any program's help, once the guest has an address: it asks for one \
    with its first use of the network, for example `sys address`.
    """,
    examples: ["host ping"], next: ["sys address", "run ping 10.0.2.2"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    return try HostValue.result(try attempt { () throws(LabError) in try system.pingFromHost() }, in: session)
  }
}

/// The report of an errand, with what its text view needs to know of the system.
private struct HostValue: CommandValue {
  let report: HostReport
  let services: Set<String>
  let panic: PanicReport?

  static func result(_ report: HostReport, in session: Session) throws(CommandError) -> CommandResult {
    let components = try session.system().components().components
    let services = Set(components.filter { ["service", "driver"].contains($0.kind) }.map(\.name))
    return CommandResult(
      HostValue(report: report, services: services, panic: session.currentPanic),
      next: next(after: report), outcome: report.stopped?.stop.outcome ?? report.state.outcome)
  }

  private static func next(after report: HostReport) -> String? {
    if report.state == .panicked { return StopText.afterPanic }
    guard report.failure != nil else { return nil }
    return report.errand == "fetch"
      ? "`sys spawn \"httpd\" \"80 1\"` starts a server for one request." : "`sys address` gives the guest an address."
  }

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    text.console(report.console)
    if let failure = report.failure {
      text.paragraph("\("failed", .bad): \(failure)", hanging: 2)
    } else if let status = report.status {
      text.paragraph(
        "\("\(status)", status == 200 ? .good : .warning) after \(NumberStyle.decimal(UInt64(report.microseconds))) µs of simulated time"
      )
      text.console(report.body ?? report.bodyBase64 ?? "")
    } else {
      text.paragraph("echo after \("\(report.microseconds)", .good) µs of simulated time")
    }
    text.events(report.events, includingPanic: panic == nil)
    let way = CallPath.summary(report.steps, services: services)
    if way.width > 0 { text.paragraph(way, indent: 2, hanging: 2) }
    report.stopped?.describe(panic: panic, in: &text)
    text.paragraph(report.counters.sentence, indent: 2, hanging: 2)
  }
}
