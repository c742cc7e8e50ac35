// The text of a system call: its result, the way it took, what it cost.

import Foundation
import Lab

/// A call's report, with what its text view needs to know of the system.
struct CallValue: CommandValue {
  let report: CallReport
  /// The components that are services or drivers.
  let services: Set<String>
  /// The panic that the call ended in.
  let panic: PanicReport?

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  func describe(in text: inout StyledText) {
    report.describeResult(in: &text)
    text.events(report.events, includingPanic: panic == nil)
    let way = CallPath.summary(report.path, services: services)
    if way.width > 0 { text.paragraph(way, indent: 2, hanging: 2) }
    report.stopped?.describe(panic: panic, in: &text)
    report.describeCost(in: &text)
  }
}

extension CallReport {
  /// The result as strace prints it.
  func describeResult(in text: inout StyledText) {
    text.console(console)
    guard let returned else { return }
    var head: StyledLine = "= \("\(returned)", errno == nil ? .strong : .bad)"
    if let errno { head.append(" \(errno)\(errorText.map { " (\($0))" } ?? "")", .bad) }
    if let data { head.append("   " + Quoting.quoted(data)) }
    if let dataBase64 { head.append("   base64 " + dataBase64) }
    if let descriptors, descriptors.count == 2 {
      head.append("   reads from \(descriptors[0]), writes to \(descriptors[1])")
    }
    if let status { head.append("   \(status.kind), \(NumberStyle.bytes(status.size)), inode \(status.inode)") }
    text.paragraph(head, hanging: 4)
    if let entries {
      var table = Table([.number("INODE"), .fixed("KIND"), .text("NAME")], indent: 2)
      for entry in entries {
        table.row(["\(entry.inode)", StyledLine(entry.kind), StyledLine(GuestText.oneLine(entry.name))])
      }
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
  /// The panic that the call ended in.
  let panic: PanicReport?

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
    if let misses = report.fastpathMisses {
      let reasons = misses.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      text.line(StyledLine("fastpath not taken: \(reasons)", .dim))
    }
    if report.pathOmitted > 0 {
      text.line(StyledLine("… \(NumberStyle.count(report.pathOmitted, "further step"))", .dim))
    }
    report.describeResult(in: &text)
    text.events(report.events, includingPanic: panic == nil)
    report.stopped?.describe(panic: panic, in: &text)
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
  private static let longest = 14

  /// The way as tasks and services see it.
  ///
  /// Messages are joined into chains if the call was carried by messages; otherwise these are the services called.
  ///
  /// - Parameters:
  ///   - path: Every step.
  ///   - services: The components that are services or drivers, rather than parts of a kernel.
  static func summary(_ path: [PathStep], services: Set<String>) -> StyledLine {
    let messages = path.filter { $0.kind == .message }
    return messages.isEmpty ? calls(path, services: services) : chains(messages)
  }

  /// Messages with each receiver that sends the next one named once: `agent → fs → blk`.
  private static func chains(_ messages: [PathStep]) -> StyledLine {
    var line = StyledLine()
    var last: String?
    for step in messages.prefix(longest) {
      let ends = step.name.components(separatedBy: " → ")
      guard ends.count == 2 else {
        line.append((line.width == 0 ? "" : " · ") + step.name)
        last = nil
        continue
      }
      if ends[0] != last {
        if line.width > 0 { line.append(" · ", .dim) }
        line.append(ends[0])
      }
      line.append(" ─▶ ", .dim)
      line.append(ends[1])
      last = ends[1]
    }
    if messages.count > longest { line.append(" · … \(NumberStyle.decimal(messages.count - longest)) more", .dim) }
    return line
  }

  /// The services called, with the traps and interrupts between them.
  private static func calls(_ path: [PathStep], services: Set<String>) -> StyledLine {
    var line = StyledLine(path.first?.task ?? "")
    var last: String?
    var count = 0
    for step in path {
      let name: String
      switch step.kind {
      case .trap: name = "trap"
      case .interrupt: name = "interrupt"
      case .call:
        guard let component = step.component, services.contains(component) else { continue }
        name = component
      case .libraryCall, .message, .addressSpaceSwitch, .return: continue
      }
      if name == last { continue }
      if count == longest {
        line.append(" ─▶ …", .dim)
        break
      }
      // An interrupt comes from outside: nobody called it.
      line.append(name == "interrupt" ? " · " : " ─▶ ", .dim)
      line.append(name, step.kind == .call ? .plain : .warning)
      last = name
      count += 1
    }
    return count == 0 ? StyledLine() : line
  }
}
