// What the values of control registers mean, field by field (privileged specification 1.12, chapters 3 and 4).

import RISCV

/// A control register's value taken apart.
struct CSRMeaning {
  private(set) var fields: [CSRField] = []
  private(set) var text: String?
  /// Whether the value is the address of an instruction.
  private(set) var isAddress = false

  private struct Field {
    let name: String
    let shift: Int
    let width: Int
    init(_ name: String, _ shift: Int, _ width: Int = 1) {
      self.name = name
      self.shift = shift
      self.width = width
    }
  }

  private static let supervisorStatus = [
    Field("SIE", 1), Field("SPIE", 5), Field("SPP", 8), Field("FS", 13, 2), Field("SUM", 18), Field("MXR", 19),
    Field("UXL", 32, 2),
  ]
  private static let machineStatus = [
    Field("SIE", 1), Field("MIE", 3), Field("SPIE", 5), Field("MPIE", 7), Field("SPP", 8), Field("MPP", 11, 2),
    Field("FS", 13, 2), Field("MPRV", 17), Field("SUM", 18), Field("MXR", 19), Field("TVM", 20), Field("TW", 21),
    Field("TSR", 22), Field("UXL", 32, 2), Field("SXL", 34, 2),
  ]
  private static let addressSpace = [Field("MODE", 60, 4), Field("ASID", 44, 16), Field("PPN", 0, 44)]
  private static let vector = [Field("MODE", 0, 2), Field("BASE", 2, 62)]

  init(_ register: CSR, value: UInt64) {
    switch register {
    case .sstatus: decode(Self.supervisorStatus, value)
    case .mstatus: decode(Self.machineStatus, value)
    case .satp: decode(Self.addressSpace, value)
    case .stvec, .mtvec: decode(Self.vector, value)
    case .sip, .sie, .mip, .mie, .mideleg:
      decode(InterruptCause.allCases.map { Field($0.short, Int($0.rawValue)) }, value)
    case .scause, .mcause: text = TrapCause(rawValue: value).name
    case .medeleg:
      let names = ExceptionCause.allCases.filter { value >> $0.rawValue & 1 == 1 }.map(\.name)
      text = names.isEmpty ? nil : names.joined(separator: ", ")
    case .misa:
      let letters = (0..<26).filter { value >> UInt64($0) & 1 == 1 }
        .map { String(UnicodeScalar(UInt8(ascii: "A") + UInt8($0))) }
      text = "RV64 with " + letters.joined(separator: " ")
    case .sepc, .mepc: isAddress = true
    default: break
    }
  }

  private mutating func decode(_ layout: [Field], _ value: UInt64) {
    fields = layout.map { field in
      let mask: UInt64 = field.width == 64 ? .max : 1 << UInt64(field.width) - 1
      let part = value >> UInt64(field.shift) & mask
      return CSRField(name: field.name, value: part, meaning: Self.meaning(field.name, part))
    }
  }

  private static func meaning(_ field: String, _ value: UInt64) -> String? {
    switch (field, value) {
    case ("SPP", 0), ("MPP", 0): "from U-mode"
    case ("SPP", 1), ("MPP", 1): "from S-mode"
    case ("MPP", 3): "from M-mode"
    case ("SIE", 0), ("MIE", 0): "interrupts off"
    case ("SIE", 1), ("MIE", 1): "interrupts on"
    case ("SUM", 1): "S-mode may use user pages"
    case ("MXR", 1): "loads may read executable pages"
    case ("UXL", 2), ("SXL", 2): "64 bits"
    case ("PPN", _): "root page table at 0x" + String(value << 12, radix: 16)
    default: nil
    }
  }
}

extension InterruptCause {
  /// The name of the bit in `mip` and `mie`, without the last letter that tells them apart.
  fileprivate var short: String {
    switch self {
    case .supervisorSoftware: "SSI"
    case .machineSoftware: "MSI"
    case .supervisorTimer: "STI"
    case .machineTimer: "MTI"
    case .supervisorExternal: "SEI"
    case .machineExternal: "MEI"
    }
  }
}
