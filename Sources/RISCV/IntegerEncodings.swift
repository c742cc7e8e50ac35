// Encodings of RV64I, M, A, Zicsr, Zifencei and the privileged instructions.

extension Encoding {
  static let base: [Encoding] =
    [
      Encoding("lui", .upperImmediate, opcode: MajorOpcode.lui),
      Encoding("auipc", .upperImmediate, opcode: MajorOpcode.auipc),
      Encoding("jal", .jump, opcode: MajorOpcode.jal),
      Encoding("jalr", .jumpRegister, opcode: MajorOpcode.jalr, function3: 0),
      Encoding("addiw", .immediate, opcode: MajorOpcode.immediateWord, function3: 0),
      Encoding("slli", shift: MajorOpcode.immediate, function3: 1, function6: 0x00),
      Encoding("srli", shift: MajorOpcode.immediate, function3: 5, function6: 0x00),
      Encoding("srai", shift: MajorOpcode.immediate, function3: 5, function6: 0x10),
      Encoding("slliw", .shift, opcode: MajorOpcode.immediateWord, function3: 1, function7: 0x00),
      Encoding("srliw", .shift, opcode: MajorOpcode.immediateWord, function3: 5, function7: 0x00),
      Encoding("sraiw", .shift, opcode: MajorOpcode.immediateWord, function3: 5, function7: 0x20),
    ]
    + numbered(["beq": 0, "bne": 1, "blt": 4, "bge": 5, "bltu": 6, "bgeu": 7], .branch, opcode: MajorOpcode.branch)
    + numbered(
      ["lb": 0, "lh": 1, "lw": 2, "ld": 3, "lbu": 4, "lhu": 5, "lwu": 6], .load, opcode: MajorOpcode.load)
    + numbered(["sb": 0, "sh": 1, "sw": 2, "sd": 3], .store, opcode: MajorOpcode.store)
    + numbered(
      ["addi": 0, "slti": 2, "sltiu": 3, "xori": 4, "ori": 6, "andi": 7], .immediate, opcode: MajorOpcode.immediate)
    + registerOperations(
      ["add": 0, "sll": 1, "slt": 2, "sltu": 3, "xor": 4, "srl": 5, "or": 6, "and": 7], function7: 0x00)
    + registerOperations(["sub": 0, "sra": 5], function7: 0x20)
    + registerOperations(["addw": 0, "sllw": 1, "srlw": 5], MajorOpcode.registersWord, function7: 0x00)
    + registerOperations(["subw": 0, "sraw": 5], MajorOpcode.registersWord, function7: 0x20)

  static let multiplication: [Encoding] =
    registerOperations(
      ["mul": 0, "mulh": 1, "mulhsu": 2, "mulhu": 3, "div": 4, "divu": 5, "rem": 6, "remu": 7], function7: 0x01)
    + registerOperations(
      ["mulw": 0, "divw": 4, "divuw": 5, "remw": 6, "remuw": 7], MajorOpcode.registersWord, function7: 0x01)

  static let atomics: [Encoding] = [("w", UInt32(2)), ("d", 3)].flatMap { size, function3 in
    let operations: KeyValuePairs<String, UInt32> = [
      "amoadd": 0x00, "amoswap": 0x01, "sc": 0x03, "amoxor": 0x04, "amoor": 0x08, "amoand": 0x0c, "amomin": 0x10,
      "amomax": 0x14, "amominu": 0x18, "amomaxu": 0x1c,
    ]
    let loadReserved = Encoding(
      mnemonic: "lr.\(size)", format: .loadReserved, mask: 0xf9f0_707f,
      match: 0x02 << 27 | function3 << 12 | MajorOpcode.atomic)
    return operations.map { name, function5 in
      Encoding(
        mnemonic: "\(name).\(size)", format: .atomic, mask: 0xf800_707f,
        match: function5 << 27 | function3 << 12 | MajorOpcode.atomic)
    } + [loadReserved]
  }

  static let system: [Encoding] =
    [
      Encoding("ecall", exactly: 0x0000_0073),
      Encoding("ebreak", exactly: 0x0010_0073),
      Encoding("sret", exactly: 0x1020_0073),
      Encoding("mret", exactly: 0x3020_0073),
      Encoding("dret", exactly: 0x7b20_0073),
      Encoding("wfi", exactly: 0x1050_0073),
      // What assemblers emit for an instruction that is sure to trap: a write to the read-only `cycle`.
      Encoding("unimp", exactly: 0xc000_1073),
      Encoding("fence.i", exactly: 0x0000_100f),
      Encoding("fence.tso", exactly: 0x8330_000f),
      Encoding(mnemonic: "fence", format: .fence, mask: 0xf00f_ffff, match: MajorOpcode.fence),
      Encoding(mnemonic: "sfence.vma", format: .translationFence, mask: 0xfe00_7fff, match: 0x1200_0073),
    ]
    + numbered(["csrrw": 1, "csrrs": 2, "csrrc": 3], .csr, opcode: MajorOpcode.system)
    + numbered(["csrrwi": 5, "csrrsi": 6, "csrrci": 7], .csrImmediate, opcode: MajorOpcode.system)

  /// Instructions that differ in `funct3` only.
  static func numbered(
    _ names: KeyValuePairs<String, UInt32>, _ format: Instruction.Format, opcode: UInt32
  ) -> [Encoding] {
    names.map { Encoding($0.key, format, opcode: opcode, function3: $0.value) }
  }

  /// Operations on two registers that differ in `funct3` only.
  static func registerOperations(
    _ names: KeyValuePairs<String, UInt32>, _ opcode: UInt32 = MajorOpcode.registers, function7: UInt32
  ) -> [Encoding] {
    names.map { Encoding($0.key, .registers, opcode: opcode, function3: $0.value, function7: function7) }
  }
}
