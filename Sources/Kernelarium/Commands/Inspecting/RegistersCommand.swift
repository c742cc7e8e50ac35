// `info registers`, `info csr` and `print`: the hart's registers.

import Lab

/// Shows the integer registers.
struct InfoRegistersCommand: Command {
  let name = "info registers"
  let aliases = ["info r", "regs"]
  let group = CommandGroup.inspecting
  let summary = "the integer registers and pc"
  let help = CommandHelp(
    "By their names in the calling convention. `set $a0 = 1` changes one.", examples: ["info registers"],
    next: ["info csr", "disassemble"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(try session.system().registers())
  }
}

/// Shows control and status registers.
struct InfoCSRCommand: Command {
  let name = "info csr"
  let aliases = ["info csrs", "info control"]
  let group = CommandGroup.inspecting
  let summary = "control and status registers, decoded"
  let help = CommandHelp(
    "With names, only those, with all their fields.", examples: ["info csr", "info csr scause sepc satp"],
    next: ["info registers", "translate"])
  var parameters: [any CommandParameter] { [Self.names] }

  private static let names = Remaining("NAME", ArgumentKind.controlRegister, "which registers; all if none is given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let names = arguments[Self.names]
    return CommandResult(
      try attempt(at: arguments.span(of: Self.names)) { () throws(LabError) in try system.controlRegisters(names) })
  }
}

/// Shows the value of an expression.
struct PrintCommand: Command {
  let name = "print"
  let aliases = ["p", "inspect"]
  let group = CommandGroup.inspecting
  let summary = "the value of a register, symbol or sum of them"
  let help = CommandHelp(
    "In hexadecimal and decimal, signed where it differs.", examples: ["print $sp", "print blk_submit+8"],
    next: ["x/4gx $sp"])
  var parameters: [any CommandParameter] { [Self.expression] }

  private static let expression = Required("VALUE", ArgumentKind<UInt64>.address, "for example $a0 or $sp+16")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(NumberValue(value: arguments[Self.expression]))
  }
}

/// A number.
struct NumberValue: CommandValue {
  let value: UInt64

  func describe(in text: inout StyledText) {
    var line: StyledLine = "= \(NumberStyle.hexadecimal(value), .strong)  \(value)"
    let signed = Int64(bitPattern: value)
    if signed < 0 { line.append("  \(NumberStyle.decimal(signed))") }
    text.line(line)
  }
}

extension RegisterReport: CommandValue {
  func describe(in text: inout StyledText) {
    var head: StyledLine = "\("pc", .name)   \(NumberStyle.address(pc))  \(location.styled)   \(privilege)-mode"
    if let task { head.append(", \(task)") }
    text.paragraph(head, hanging: 5)
    // Down the columns, as the registers are numbered.
    let order = Self.order.filter { registers[$0] != nil }
    let rows = (order.count + 2) / 3
    for row in 0..<rows {
      var line = StyledLine()
      for column in 0..<3 where column * rows + row < order.count {
        let name = order[column * rows + row]
        if column > 0 { line.append("  ") }
        line.append(name, .name)
        line.append(String(repeating: " ", count: 5 - name.count))
        line.append(NumberStyle.address(registers[name] ?? 0), registers[name] == 0 ? .dim : .plain)
      }
      text.line(line)
    }
  }

  private static let order =
    ["zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"]
    + (0...7).map { "a\($0)" } + (2...11).map { "s\($0)" } + (3...6).map { "t\($0)" }
}

extension CSRReport: CommandValue {
  func describe(in text: inout StyledText) {
    var table = Table([.fixed("CSR"), .fixed("VALUE"), .text("MEANING")])
    for csr in csrs {
      let meaning = csr.meaning ?? (csrs.count > 4 ? Self.brief(csr.fields) : "")
      table.row([
        StyledLine(csr.name, .name), StyledLine(NumberStyle.address(csr.value), csr.value == 0 ? .dim : .plain),
        StyledLine(meaning),
      ])
    }
    text.append(table.text())
    // A few registers asked for by name are worth their fields.
    guard csrs.count <= 4 else { return }
    for csr in csrs where !csr.fields.isEmpty {
      text.line(StyledLine(csr.name, .strong))
      var fields = Table([.fixed(""), .fixed(""), .text("")], indent: 2)
      for field in csr.fields {
        fields.row([
          StyledLine(field.name, .name), StyledLine(NumberStyle.hexadecimal(field.value)),
          StyledLine(field.meaning ?? ""),
        ])
      }
      text.append(fields.text())
    }
  }

  private static func brief(_ fields: [CSRField]) -> String {
    fields.filter { $0.value != 0 }
      .map { "\($0.name)=\($0.meaning ?? ($0.value < 10 ? String($0.value) : NumberStyle.hexadecimal($0.value)))" }
      .joined(separator: " ")
  }
}
