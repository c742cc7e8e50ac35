// Just enough of an assembler to write small guests in tests as Swift: one function an instruction, words out. Test
// programs that need more are assembled by the toolchain.

@testable import Machine

enum Register: UInt32 {
  case zero, ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7, s2, s3, s4, s5, s6, s7, s8, s9, s10
  case s11, t3, t4, t5, t6
}

enum Assembler {
  static func immediate(
    _ opcode: UInt32, _ funct3: UInt32, _ rd: Register, _ rs1: Register, _ value: Int32
  ) -> UInt32 {
    let low = opcode | rd.rawValue << 7 | funct3 << 12
    return low | rs1.rawValue << 15 | UInt32(bitPattern: value) << 20
  }

  static func addi(_ rd: Register, _ rs1: Register, _ value: Int32) -> UInt32 { immediate(0x13, 0, rd, rs1, value) }
  static func lui(_ rd: Register, _ value: UInt32) -> UInt32 { 0x37 | rd.rawValue << 7 | value << 12 }
  static func ld(_ rd: Register, _ offset: Int32, _ rs1: Register) -> UInt32 { immediate(0x03, 3, rd, rs1, offset) }
  static func lw(_ rd: Register, _ offset: Int32, _ rs1: Register) -> UInt32 { immediate(0x03, 2, rd, rs1, offset) }

  static func store(_ funct3: UInt32, _ rs2: Register, _ offset: Int32, _ rs1: Register) -> UInt32 {
    let bits = UInt32(bitPattern: offset)
    let low = 0x23 | (bits & 31) << 7 | funct3 << 12
    return low | rs1.rawValue << 15 | rs2.rawValue << 20 | (bits >> 5 & 0x7f) << 25
  }

  static func sd(_ rs2: Register, _ offset: Int32, _ rs1: Register) -> UInt32 { store(3, rs2, offset, rs1) }
  static func sw(_ rs2: Register, _ offset: Int32, _ rs1: Register) -> UInt32 { store(2, rs2, offset, rs1) }

  static func csrrw(_ rd: Register, _ number: Int32, _ rs1: Register) -> UInt32 { immediate(0x73, 1, rd, rs1, number) }
  static func csrrs(_ rd: Register, _ number: Int32, _ rs1: Register) -> UInt32 { immediate(0x73, 2, rd, rs1, number) }

  static func bne(_ rs1: Register, _ rs2: Register, _ offset: Int32) -> UInt32 {
    let bits = UInt32(bitPattern: offset)
    let low = 0x63 | (bits >> 11 & 1) << 7 | (bits >> 1 & 15) << 8 | 1 << 12
    return low | rs1.rawValue << 15 | rs2.rawValue << 20 | (bits >> 5 & 63) << 25 | (bits >> 12 & 1) << 31
  }

  static func jal(_ rd: Register, _ offset: Int32) -> UInt32 {
    let bits = UInt32(bitPattern: offset)
    let low = 0x6f | rd.rawValue << 7 | (bits >> 12 & 0xff) << 12
    return low | (bits >> 11 & 1) << 20 | (bits >> 1 & 0x3ff) << 21 | (bits >> 20 & 1) << 31
  }

  static let ecall: UInt32 = 0x73
  static let ebreak: UInt32 = 0x10_0073
  static let mret: UInt32 = 0x3020_0073
  static let sret: UInt32 = 0x1020_0073
  static let wfi: UInt32 = 0x1050_0073
  static let fenceInstructions: UInt32 = 0x100f
  static let fenceAllTranslations: UInt32 = 0x1200_0073
  static let illegal: UInt32 = 0
  static let loopForever: UInt32 = 0x6f
}

extension Machine {
  /// A small machine that is about to execute the given words in M-mode.
  static func executing(
    _ words: [UInt32], configuration: MachineConfiguration = MachineConfiguration(memoryBytes: 1 << 20)
  ) throws -> Machine {
    var machine = try Machine(configuration)
    machine.place(words, at: MemoryMap.ram)
    return machine
  }

  mutating func place(_ words: [UInt32], at address: UInt64) {
    for (index, word) in words.enumerated() {
      precondition(memory.store(word, at: address + UInt64(index) * 4), "the test's program lies outside memory")
    }
  }

  /// Opens all of memory to S- and U-mode and makes `mode` the present one.
  mutating func enter(_ mode: Privilege) {
    _ = setCSR(0x3b0, to: .max)
    _ = setCSR(0x3a0, to: 0x1f)
    hart.privilege = mode
    translationChanged()
  }

  /// The register's value, by its name.
  subscript(name: Register) -> UInt64 {
    get { self[register: Int(name.rawValue)] }
    set { self[register: Int(name.rawValue)] = newValue }
  }
}
