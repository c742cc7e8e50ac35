// Integer and control registers, read and set from outside.

import GuestABI
import Machine
import RISCV

extension System {
  /// A control register's value; 0 for one that the hart does not have.
  func controlRegister(_ register: CSR) -> UInt64 { machine.csr(Int(register.rawValue)) ?? 0 }

  /// The integer registers.
  public func registers() -> RegisterReport {
    var values: [String: UInt64] = [:]
    for (number, name) in RegisterName.integer.enumerated() { values[name] = machine[register: number] }
    return RegisterReport(
      pc: machine.pc, location: location(of: machine.pc), privilege: machine.privilege.letter, task: currentTaskName,
      registers: values)
  }

  /// Changes an integer register, a control register or `pc`.
  ///
  /// - Returns: The integer registers afterwards.
  /// - Throws: `LabError` when there is no writable register of that name.
  public func setRegister(_ name: String, to value: UInt64) throws(LabError) -> RegisterReport {
    if name == "pc" {
      apply(.programCounter(value))
      // Whatever was under way at the old place is not what happens now.
      condition.handled = nil
    } else if let number = RegisterName.integerNumber(name) {
      guard number != 0 else {
        throw LabError(.badArgument, "`\(name)` is always 0", hint: "`set $t0 = \(value)` sets another register")
      }
      apply(.register(number, value: value))
    } else if let register = CSR(named: name), machine.csr(Int(register.rawValue)) != nil {
      guard apply(.controlRegister(Int(register.rawValue), value: value)) else {
        throw LabError(.badArgument, "control register `\(name)` cannot be written", hint: "`info csr` lists them")
      }
    } else {
      throw unknownRegister(name)
    }
    return registers()
  }

  /// A register's value by name: `pc`, an integer register or a control register.
  ///
  /// - Throws: `LabError` when there is no register of that name.
  public func value(ofRegister name: String) throws(LabError) -> UInt64 {
    if name == "pc" { return machine.pc }
    if let number = RegisterName.integerNumber(name) { return machine[register: number] }
    if let register = CSR(named: name), let value = machine.csr(Int(register.rawValue)) { return value }
    throw unknownRegister(name)
  }

  private func unknownRegister(_ name: String) -> LabError {
    let names = ["pc"] + RegisterName.integer + implementedRegisters.compactMap(\.name)
    return LabError(
      .unknownName, "there is no register `\(name)`\(Nearest.suggestion(for: name, among: names))",
      hint: "`info registers` and `info csr` list them")
  }

  private var implementedRegisters: [CSR] { CSR.allNamed.filter { machine.csr(Int($0.rawValue)) != nil } }

  /// The control registers, or the named ones.
  ///
  /// - Parameter names: Empty for all but the event counters and unused protection registers, which are nothing but zeros.
  /// - Throws: `LabError` when there is no register of a name.
  public func controlRegisters(_ names: [String] = []) throws(LabError) -> CSRReport {
    if names.isEmpty {
      return CSRReport(
        csrs: implementedRegisters.filter { !isUninteresting($0) }.map { report(of: $0) })
    }
    var rows: [CSRValue] = []
    for name in names {
      guard let register = CSR(named: name), machine.csr(Int(register.rawValue)) != nil else {
        throw unknownRegister(name)
      }
      rows.append(report(of: register))
    }
    return CSRReport(csrs: rows)
  }

  private func isUninteresting(_ register: CSR) -> Bool {
    guard controlRegister(register) == 0, let name = register.name else { return false }
    return ["hpmcounter", "mhpm", "pmp"].contains { name.hasPrefix($0) }
  }

  private func report(of register: CSR) -> CSRValue {
    let value = controlRegister(register)
    let meaning = CSRMeaning(register, value: value)
    return CSRValue(
      name: register.name ?? "0x" + String(register.rawValue, radix: 16), number: register.rawValue, value: value,
      meaning: meaning.text ?? (meaning.isAddress && value != 0 ? location(of: value).name : nil),
      fields: meaning.fields)
  }
}
