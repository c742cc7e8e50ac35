// `fault inject`, `fault remove` and `info faults`: breaking drivers on purpose.

import Lab

/// Injects a fault.
struct FaultInjectCommand: Command {
  let name = "fault inject"
  let aliases = ["fault add", "fault arm"]
  let group = CommandGroup.faults
  let summary = "break a driver on purpose"
  let effect = CommandEffect.changesSystem
  var help: CommandHelp {
    var kinds: [String] = []
    for target in System.faultTargets {
      for kind in target.kinds {
        kinds.append("`\(target.driver) \(kind.kind)` (\(kind.level.rawValue)): \(kind.summary)")
      }
    }
    return CommandHelp(
      """
      The same fault at the same function and offset in every structure. A code fault changes instructions of the \
      driver's text and fires once; a device fault makes the device misbehave. The driver is found wherever the \
      structure has it: in the kernel, in a task of its own, or in each application (`--task` says in which; a program \
      that does not run yet gets the fault when it is started).

      \(kinds.joined(separator: "; ")).
      """,
      examples: ["fault inject blk null-read", "fault inject con loop"], next: ["sys read 3 64", "info faults"])
  }
  var parameters: [any CommandParameter] { [Self.driver, Self.kind, Self.task] }

  private static let driver = Required("DRIVER", ArgumentKind.driver, "the driver's component")
  private static let kind = Required("KIND", ArgumentKind.faultKind, "what shall go wrong")
  private static let task = ValueOption(
    "--task", "TASK",
    ArgumentKind<String>(
      parse: { token, _ throws(CommandError) in token.text },
      candidates: { _, session in
        let system = try? session.laboratory.current()
        return (system?.taskNames ?? []) + (system?.programs ?? [])
      }), "whose driver, where each application has its own")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let (driver, kind) = (arguments[Self.driver], arguments[Self.kind])
    let report = try attempt(at: arguments.span(of: Self.kind)) { () throws(LabError) in
      try system.inject(kind, into: driver, task: arguments[Self.task])
    }
    // A driver of the agent's own serves nobody else.
    let isOwn = report.location?.image == "agent"
    let request = driver == "con" ? "run hello" : isOwn ? "sys stat \"/data/scan\"" : "run cat /etc/motd"
    return CommandResult(
      FaultValue(report, verb: "armed"), next: "It waits for the driver's next request, for example `\(request)`.")
  }
}

/// Takes a fault away.
struct FaultRemoveCommand: Command {
  let name = "fault remove"
  let aliases = ["fault delete", "fault clear"]
  let group = CommandGroup.faults
  let summary = "take a fault away"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    "What the fault changed is put back; what it has done already is not (`undo` does that).",
    examples: ["fault remove 1"], next: ["info faults"])
  var parameters: [any CommandParameter] { [Self.number] }

  private static let number = Required(
    "NUMBER",
    ArgumentKind<UInt64>(
      parse: { token, session throws(CommandError) in
        try ArgumentKind.number("a fault's number", in: 1...UInt64(Int32.max)).parse(token, session)
      },
      candidates: { _, session in
        ((try? session.laboratory.current())?.faults().faults ?? []).map { String($0.id) }
      }), "the fault's number")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let id = Int(arguments[Self.number])
    let report = try attempt(at: arguments.span(of: Self.number)) { () throws(LabError) in try system.removeFault(id) }
    return CommandResult(FaultValue(report, verb: "removed"))
  }
}

/// Lists the faults.
struct InfoFaultsCommand: Command {
  let name = "info faults"
  let aliases = ["fault list", "info fault"]
  let group = CommandGroup.faults
  let summary = "the injected faults and what came of them"
  let help = CommandHelp(
    "Outcome and detector are judged from outside the guest.", examples: ["info faults"],
    next: ["fault inject blk loop", "info system"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(try session.system().faults())
  }
}

private struct FaultValue: CommandValue {
  let report: FaultReport
  let verb: String

  init(_ report: FaultReport, verb: String) { (self.report, self.verb) = (report, verb) }

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    if verb == "armed" {
      report.describeArmed(in: &text)
    } else {
      text.paragraph("fault \(report.id) \(verb): \(report.driver, .name) \(report.kind)")
    }
  }
}

extension FaultReport {
  /// Adds the sentence of a fault that waits to fire.
  func describeArmed(in text: inout StyledText) {
    var line: StyledLine = "fault \(id) \("armed", .warning): \(driver, .name), \(description)"
    if let location {
      line.append(" (\(location.name)\(location.source.map { ", " + $0 } ?? ""))")
    }
    text.paragraph(line, hanging: 2)
  }
}

extension FaultList: CommandValue {
  func describe(in text: inout StyledText) {
    if faults.isEmpty {
      text.paragraph(StyledLine(markup: "There is no fault; `fault inject DRIVER KIND` arms one."))
      return
    }
    var table = Table([
      .number("NR"), .fixed("DRIVER"), .fixed("KIND"), .fixed("STATE"), .text("WHERE"),
      .text("OUTCOME"),
    ])
    for fault in faults {
      let state: StyledLine =
        fault.armed ? StyledLine("armed", .warning) : fault.fired ? StyledLine("fired", .bad) : "removed"
      table.row([
        "\(fault.id)", StyledLine(fault.driver, .name), StyledLine(fault.kind), state,
        StyledLine(fault.location?.name ?? ""), StyledLine(fault.outcome ?? ""),
      ])
    }
    text.append(table.text())
    for fault in faults {
      if let detector = fault.detector { text.paragraph("fault \(fault.id) was detected by \(detector)", indent: 2) }
    }
  }
}
