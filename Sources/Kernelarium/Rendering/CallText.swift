// The text of a system call: its result, the way it took, what it cost.

import Lab

extension CallReport: CommandValue {
  func describe(in text: inout StyledText) {
    describeResult(in: &text)
    text.events(events)
    for line in CallPath.summary(path) { text.paragraph(line, indent: 2, hanging: 4) }
    stopped?.describe(in: &text)
    describeCost(in: &text)
  }

  /// The result as strace prints it.
  func describeResult(in text: inout StyledText) {
    text.console(console)
    guard let returned else { return }
    var head: StyledLine = "= \("\(returned)", errno == nil ? .strong : .bad)"
    if let errno { head.append(" \(errno)\(errorText.map { " (\($0))" } ?? "")", .bad) }
    if let data { head.append("   " + Quoting.quoted(data)) }
    if let dataBase64 { head.append("   base64 " + dataBase64) }
    if let status { head.append("   \(status.kind), \(NumberStyle.bytes(status.size)), inode \(status.inode)") }
    text.paragraph(head, hanging: 4)
    if let entries {
      var table = Table([.number("INODE"), .fixed("KIND"), .text("NAME")], indent: 2)
      for entry in entries { table.row(["\(entry.inode)", StyledLine(entry.kind), StyledLine(GuestText.oneLine(entry.name))]) }
      text.append(table.text())
    }
  }

  /// What the call cost.
  func describeCost(in text: inout StyledText) {
    text.paragraph(counters.sentence, indent: 2, hanging: 2)
    if idleInstructions > 0 {
      text.paragraph(
        StyledLine("\(NumberStyle.count(idleInstructions, "instruction")) of the idle loop besides", .dim), indent: 2)
    }
  }
}

/// A call with its whole way.
struct TraceValue: CommandValue {
  let report: CallReport

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    var table = Table([.number("INSTR"), .fixed("P"), .text("TASK"), .fixed("STEP"), .text("WHAT")])
    for step in report.path {
      var what = StyledLine(step.name, step.kind.role)
      if let component = step.component, !step.name.contains(component) { what.append("  (\(component))", .dim) }
      if let detail = step.detail { what.append("  \(detail)", .dim) }
      table.row([
        "\(step.icount)", StyledLine(step.privilege), StyledLine(step.task ?? "", .name),
        StyledLine(step.kind.label, .dim), what,
      ])
    }
    text.append(table.text())
    if report.pathOmitted > 0 {
      text.line(StyledLine("… \(NumberStyle.count(report.pathOmitted, "further step"))", .dim))
    }
    report.describeResult(in: &text)
    text.events(report.events)
    report.stopped?.describe(in: &text)
    report.describeCost(in: &text)
  }
}

extension PathStep.Kind {
  /// The step in a word or two.
  var label: String {
    switch self {
    case .libraryCall: "library"
    case .trap: "trap"
    case .interrupt: "interrupt"
    case .call: "call"
    case .message: "message"
    case .addressSpaceSwitch: "satp"
    case .return: "return"
    }
  }

  fileprivate var role: TextRole {
    switch self {
    case .trap, .interrupt: .warning
    case .message, .call: .strong
    case .libraryCall, .return: .plain
    case .addressSpaceSwitch: .dim
    }
  }
}

/// The way of a call in few lines.
enum CallPath {
  /// The components and tasks in the order in which the call reached them: messages if it was carried by messages, calls
  /// between components otherwise.
  static func summary(_ path: [PathStep]) -> [StyledLine] {
    let messages = path.filter { $0.kind == .message }
    if !messages.isEmpty {
      var line = StyledLine()
      for (index, step) in messages.prefix(12).enumerated() {
        if index > 0 { line.append(" · ", .dim) }
        line.append(step.name)
        if let detail = step.detail, detail != "fast", detail != "slow" { line.append(" (\(detail))", .dim) }
      }
      if messages.count > 12 { line.append(" · … \(NumberStyle.decimal(messages.count - 12)) more", .dim) }
      return [line]
    }
    var line = StyledLine()
    var last: String?
    for step in path {
      let name: String
      switch step.kind {
      case .trap: name = step.name
      case .call: name = step.name
      case .interrupt: name = "\(step.name)"
      case .libraryCall, .message, .addressSpaceSwitch, .return: continue
      }
      if name == last { continue }
      if last != nil { line.append(" ▶ ", .dim) }
      line.append(name, step.kind == .call ? .plain : .warning)
      last = name
    }
    return line.width == 0 ? [] : [line]
  }
}
