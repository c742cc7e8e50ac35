// Encodings of Zba, Zbb and Zbs (RISC-V Bit-manipulation ISA extensions 1.0).

extension Encoding {
  static let bitManipulation: [Encoding] =
    registerOperations(["sh1add": 2, "sh2add": 4, "sh3add": 6], function7: 0x10)
    + registerOperations(
      ["sh1add.uw": 2, "sh2add.uw": 4, "sh3add.uw": 6], MajorOpcode.registersWord, function7: 0x10)
    + registerOperations(["add.uw": 0], MajorOpcode.registersWord, function7: 0x04)
    + registerOperations(["xnor": 4, "orn": 6, "andn": 7], function7: 0x20)
    + registerOperations(["min": 4, "minu": 5, "max": 6, "maxu": 7], function7: 0x05)
    + registerOperations(["rol": 1, "ror": 5], function7: 0x30)
    + registerOperations(["rolw": 1, "rorw": 5], MajorOpcode.registersWord, function7: 0x30)
    + registerOperations(["bclr": 1, "bext": 5], function7: 0x24)
    + registerOperations(["binv": 1], function7: 0x34)
    + registerOperations(["bset": 1], function7: 0x14)
    + [
      Encoding("slli.uw", shift: MajorOpcode.immediateWord, function3: 1, function6: 0x02),
      Encoding("rori", shift: MajorOpcode.immediate, function3: 5, function6: 0x18),
      Encoding("roriw", .shift, opcode: MajorOpcode.immediateWord, function3: 5, function7: 0x30),
      Encoding("bclri", shift: MajorOpcode.immediate, function3: 1, function6: 0x12),
      Encoding("bexti", shift: MajorOpcode.immediate, function3: 5, function6: 0x12),
      Encoding("binvi", shift: MajorOpcode.immediate, function3: 1, function6: 0x1a),
      Encoding("bseti", shift: MajorOpcode.immediate, function3: 1, function6: 0x0a),
      oneRegister("clz", MajorOpcode.immediate, 1, 0x600),
      oneRegister("ctz", MajorOpcode.immediate, 1, 0x601),
      oneRegister("cpop", MajorOpcode.immediate, 1, 0x602),
      oneRegister("sext.b", MajorOpcode.immediate, 1, 0x604),
      oneRegister("sext.h", MajorOpcode.immediate, 1, 0x605),
      oneRegister("orc.b", MajorOpcode.immediate, 5, 0x287),
      oneRegister("rev8", MajorOpcode.immediate, 5, 0x6b8),
      oneRegister("clzw", MajorOpcode.immediateWord, 1, 0x600),
      oneRegister("ctzw", MajorOpcode.immediateWord, 1, 0x601),
      oneRegister("cpopw", MajorOpcode.immediateWord, 1, 0x602),
      oneRegister("zext.h", MajorOpcode.registersWord, 4, 0x080),
    ]

  private static func oneRegister(
    _ mnemonic: String, _ opcode: UInt32, _ function3: UInt32, _ immediate: UInt32
  ) -> Encoding {
    Encoding(mnemonic, .oneRegister, opcode: opcode, function3: function3, immediate: immediate)
  }
}
