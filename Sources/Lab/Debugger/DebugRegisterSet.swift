// The registers that a debugger is told of, with the numbers it uses for them, and the document that says so.
//
// Source: Debugging with GDB, appendix "Target Descriptions", section "RISC-V Features".

import Machine
import RISCV

/// Which registers a debugger sees.
public struct DebugRegisterSet: Equatable, Sendable {
  /// Numbers in the protocol.
  enum Number {
    static let integer: Range<UInt64> = 0..<32
    static let pc: UInt64 = 32
    static let firstFloatingPoint: UInt64 = 33
    static let floatingPoint: Range<UInt64> = firstFloatingPoint..<firstFloatingPoint + 32
    static let privilege: UInt64 = 65
    static let firstControl: UInt64 = 128
    static let control: Range<UInt64> = firstControl..<firstControl + 4096
  }

  /// The control registers that exist, in the order of their numbers.
  let control: [CSR]

  /// The registers that a machine has.
  init(of machine: borrowing Machine) {
    var control: [CSR] = []
    for register in CSR.allNamed where machine.csr(Int(register.rawValue)) != nil { control.append(register) }
    self.control = control
  }

  /// The document `target.xml`.
  var targetDescription: String {
    var lines = [
      "<?xml version=\"1.0\"?>",
      "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">",
      "<target version=\"1.0\">",
      "<architecture>riscv:rv64</architecture>",
      "<feature name=\"org.gnu.gdb.riscv.cpu\">",
    ]
    for (number, name) in RegisterName.integer.enumerated() {
      let type = ["ra": "code_ptr", "sp": "data_ptr", "gp": "data_ptr", "tp": "data_ptr", "s0": "data_ptr"][name]
      // gdb's own name of the frame pointer.
      lines.append(Self.line(name == "s0" ? "fp" : name, UInt64(number), type: type ?? "int"))
    }
    lines.append(Self.line("pc", Number.pc, type: "code_ptr"))
    lines.append("</feature>")
    lines.append("<feature name=\"org.gnu.gdb.riscv.fpu\">")
    for (number, name) in RegisterName.floatingPoint.enumerated() {
      lines.append(Self.line(name, Number.firstFloatingPoint + UInt64(number), type: "ieee_double"))
    }
    for register in control where Self.isFloatingPointControl(register) {
      lines.append(Self.line(register.name ?? "", Number.firstControl + UInt64(register.rawValue), type: "int"))
    }
    lines.append("</feature>")
    lines.append("<feature name=\"org.gnu.gdb.riscv.virtual\">")
    lines.append(Self.line("priv", Number.privilege, type: "int"))
    lines.append("</feature>")
    lines.append("<feature name=\"org.gnu.gdb.riscv.csr\">")
    for register in control where !Self.isFloatingPointControl(register) {
      guard let name = register.name else { continue }
      lines.append(Self.line(name, Number.firstControl + UInt64(register.rawValue), type: "int"))
    }
    lines.append("</feature>")
    lines.append("</target>")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Whether gdb expects a register among the floating-point registers.
  private static func isFloatingPointControl(_ register: CSR) -> Bool {
    [CSR.fflags, .frm, .fcsr].contains(register)
  }

  private static func line(_ name: String, _ number: UInt64, type: String) -> String {
    // A group keeps `info registers` short: control registers are shown by name, or all by `info registers csr`.
    let group = number >= Number.firstControl ? " group=\"csr\" save-restore=\"no\"" : ""
    return "<reg name=\"\(name)\" bitsize=\"64\" regnum=\"\(number)\" type=\"\(type)\"\(group)/>"
  }
}
