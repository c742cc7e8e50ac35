// Compressed instructions (C and, for loads and stores of doubles, Zcd; RISC-V Unprivileged ISA, "C Extension"). Each stands for
// one 32-bit instruction, to which it is expanded here; reserved encodings stand for none.

/// Turns 16-bit encodings into the 32-bit ones they stand for.
enum CompressedEncoding {
  /// The 32-bit encoding, or nil if the 16 bits are reserved, illegal or a hint.
  static func expand(_ half: UInt16) -> UInt32? {
    let fields = Fields(word: UInt32(half))
    switch half & 3 {
    case 0: return expandQuadrant0(fields)
    case 1: return expandQuadrant1(fields)
    case 2: return expandQuadrant2(fields)
    default: return nil
    }
  }

  /// What a hint is called: an instruction that changes nothing, kept apart because tools print it by its compressed name.
  static func hint(_ half: UInt16) -> (mnemonic: String, register: Int?, source: Int?, immediate: Int32?)? {
    let fields = Fields(word: UInt32(half))
    let rd = Int(fields.rd)
    switch (half & 3, fields.function3) {
    case (1, 0) where rd == 0 && fields.immediate != 0: return ("c.nop", nil, nil, fields.immediate)
    case (1, 0) where rd != 0 && fields.immediate == 0: return ("c.addi", rd, nil, 0)
    case (1, 2) where rd == 0: return ("c.li", 0, nil, fields.immediate)
    case (1, 3) where rd == 0 && fields.immediate != 0: return ("c.lui", 0, nil, fields.immediate & 0xfffff)
    case (1, 4) where fields.shiftAmount == 0 && fields.rs1Short >> 3 == 1 && fields.function2 < 2:
      return (fields.function2 == 0 ? "c.srli64" : "c.srai64", Int(fields.rs1Short), nil, nil)
    case (2, 0) where fields.shiftAmount == 0: return ("c.slli64", rd, nil, nil)
    case (2, 0) where rd == 0: return ("c.slli", 0, nil, Int32(fields.shiftAmount))
    case (2, 4) where rd == 0 && fields.rs2 != 0:
      return (half >> 12 & 1 == 0 ? "c.mv" : "c.add", 0, Int(fields.rs2), nil)
    default: return nil
    }
  }

  /// The fields of the compressed formats; the short registers are `x8` to `x15`.
  private struct Fields {
    let word: UInt32

    var function3: UInt32 { word >> 13 & 7 }
    var function2: UInt32 { word >> 10 & 3 }
    var rd: UInt32 { word >> 7 & 31 }
    var rs2: UInt32 { word >> 2 & 31 }
    var rs1Short: UInt32 { 8 + (word >> 7 & 7) }
    var rs2Short: UInt32 { 8 + (word >> 2 & 7) }
    var shiftAmount: UInt32 { bits([(12, 5), (6, 4), (5, 3), (4, 2), (3, 1), (2, 0)]) }
    /// The six-bit signed immediate.
    var immediate: Int32 { Int32(bitPattern: shiftAmount << 26) >> 26 }

    /// Gathers single bits of the encoding, each given as its place here and its place in the value.
    func bits(_ places: [(from: UInt32, to: UInt32)]) -> UInt32 {
      places.reduce(0) { $0 | (word >> $1.from & 1) << $1.to }
    }
  }

  private static func expandQuadrant0(_ fields: Fields) -> UInt32? {
    let word = fields.bits([(12, 5), (11, 4), (10, 3), (6, 2), (5, 6)])
    let doubleword = fields.bits([(12, 5), (11, 4), (10, 3), (6, 7), (5, 6)])
    let base = fields.rs1Short
    let register = fields.rs2Short
    switch fields.function3 {
    case 0:
      let offset = fields.bits([(12, 5), (11, 4), (10, 9), (9, 8), (8, 7), (7, 6), (6, 2), (5, 3)])
      // All zeros is defined to be illegal, and assemblers call it `unimp` too.
      if fields.word & 0xffff == 0 { return 0xc000_1073 }
      return offset == 0 ? nil : immediateType(MajorOpcode.immediate, 0, rd: register, rs1: 2, offset)
    case 1: return immediateType(MajorOpcode.floatLoad, 3, rd: register, rs1: base, doubleword)
    case 2: return immediateType(MajorOpcode.load, 2, rd: register, rs1: base, word)
    case 3: return immediateType(MajorOpcode.load, 3, rd: register, rs1: base, doubleword)
    case 5: return storeType(MajorOpcode.floatStore, 3, rs1: base, rs2: register, doubleword)
    case 6: return storeType(MajorOpcode.store, 2, rs1: base, rs2: register, word)
    case 7: return storeType(MajorOpcode.store, 3, rs1: base, rs2: register, doubleword)
    default: return nil
    }
  }

  private static func expandQuadrant1(_ fields: Fields) -> UInt32? {
    let rd = fields.rd
    let immediate = UInt32(bitPattern: fields.immediate)
    switch fields.function3 {
    case 0:
      // Equal only for `c.nop`; the others with a zero on one side are hints.
      guard (rd == 0) == (immediate == 0) else { return nil }
      return immediateType(MajorOpcode.immediate, 0, rd: rd, rs1: rd, immediate)
    case 1: return rd == 0 ? nil : immediateType(MajorOpcode.immediateWord, 0, rd: rd, rs1: rd, immediate)
    case 2: return rd == 0 ? nil : immediateType(MajorOpcode.immediate, 0, rd: rd, rs1: 0, immediate)
    case 3 where rd == 2:
      let offset = fields.bits([(6, 4), (5, 6), (4, 8), (3, 7), (2, 5)]) | (fields.word >> 12 & 1 == 0 ? 0 : ~0 << 9)
      return offset == 0 ? nil : immediateType(MajorOpcode.immediate, 0, rd: 2, rs1: 2, offset)
    case 3: return rd == 0 || immediate == 0 ? nil : immediate << 12 | rd << 7 | MajorOpcode.lui
    case 4: return expandArithmetic(fields)
    case 5: return jumpType(fields)
    default:
      let offset = fields.bits([(11, 4), (10, 3), (6, 7), (5, 6), (4, 2), (3, 1), (2, 5)])
      let sign = fields.word >> 12 & 1
      let high = sign << 31 | (sign == 0 ? 0 : 7 << 28) | (offset >> 5 & 7) << 25
      let low = (offset >> 1 & 15) << 8 | sign << 7
      return high | fields.rs1Short << 15 | (fields.function3 & 1) << 12 | low | MajorOpcode.branch
    }
  }

  private static func expandArithmetic(_ fields: Fields) -> UInt32? {
    let rd = fields.rs1Short
    switch fields.function2 {
    case 0, 1:
      guard fields.shiftAmount != 0 else { return nil }
      let arithmetic: UInt32 = fields.function2 == 0 ? 0 : 0x400
      return immediateType(MajorOpcode.immediate, 5, rd: rd, rs1: rd, fields.shiftAmount | arithmetic)
    case 2: return immediateType(MajorOpcode.immediate, 7, rd: rd, rs1: rd, UInt32(bitPattern: fields.immediate))
    default:
      let word = fields.word >> 12 & 1 == 1
      let opcode = word ? MajorOpcode.registersWord : MajorOpcode.registers
      let rows: [(function3: UInt32, function7: UInt32)?] =
        word ? [(0, 0x20), (0, 0), nil, nil] : [(0, 0x20), (4, 0), (6, 0), (7, 0)]
      guard let row = rows[Int(fields.word >> 5 & 3)] else { return nil }
      return registerType(opcode, row.function3, row.function7, rd: rd, rs1: rd, rs2: fields.rs2Short)
    }
  }

  private static func expandQuadrant2(_ fields: Fields) -> UInt32? {
    let rd = fields.rd
    let word = fields.bits([(12, 5), (6, 4), (5, 3), (4, 2), (3, 7), (2, 6)])
    let doubleword = fields.bits([(12, 5), (6, 4), (5, 3), (4, 8), (3, 7), (2, 6)])
    let storedWord = fields.bits([(12, 5), (11, 4), (10, 3), (9, 2), (8, 7), (7, 6)])
    let storedDoubleword = fields.bits([(12, 5), (11, 4), (10, 3), (9, 8), (8, 7), (7, 6)])
    switch fields.function3 {
    case 0:
      guard rd != 0, fields.shiftAmount != 0 else { return nil }
      return immediateType(MajorOpcode.immediate, 1, rd: rd, rs1: rd, fields.shiftAmount)
    case 1: return immediateType(MajorOpcode.floatLoad, 3, rd: rd, rs1: 2, doubleword)
    case 2: return rd == 0 ? nil : immediateType(MajorOpcode.load, 2, rd: rd, rs1: 2, word)
    case 3: return rd == 0 ? nil : immediateType(MajorOpcode.load, 3, rd: rd, rs1: 2, doubleword)
    case 4: return expandJumpOrMove(fields)
    case 5: return storeType(MajorOpcode.floatStore, 3, rs1: 2, rs2: fields.rs2, storedDoubleword)
    case 6: return storeType(MajorOpcode.store, 2, rs1: 2, rs2: fields.rs2, storedWord)
    default: return storeType(MajorOpcode.store, 3, rs1: 2, rs2: fields.rs2, storedDoubleword)
    }
  }

  private static func expandJumpOrMove(_ fields: Fields) -> UInt32? {
    let rd = fields.rd
    let links = fields.word >> 12 & 1
    if fields.rs2 == 0 {
      if rd == 0 { return links == 1 ? 0x0010_0073 : nil }
      return immediateType(MajorOpcode.jalr, 0, rd: links, rs1: rd, 0)
    }
    guard rd != 0 else { return nil }
    // A move is printed as `addi rd, rs, 0`, which tools call `mv`.
    if links == 0 { return immediateType(MajorOpcode.immediate, 0, rd: rd, rs1: fields.rs2, 0) }
    return registerType(MajorOpcode.registers, 0, 0, rd: rd, rs1: rd, rs2: fields.rs2)
  }

  private static func immediateType(
    _ opcode: UInt32, _ function3: UInt32, rd: UInt32, rs1: UInt32, _ immediate: UInt32
  ) -> UInt32 {
    immediate << 20 | rs1 << 15 | function3 << 12 | rd << 7 | opcode
  }

  private static func storeType(
    _ opcode: UInt32, _ function3: UInt32, rs1: UInt32, rs2: UInt32, _ offset: UInt32
  ) -> UInt32 {
    (offset >> 5) << 25 | rs2 << 20 | rs1 << 15 | function3 << 12 | (offset & 31) << 7 | opcode
  }

  private static func registerType(
    _ opcode: UInt32, _ function3: UInt32, _ function7: UInt32, rd: UInt32, rs1: UInt32, rs2: UInt32
  ) -> UInt32 {
    function7 << 25 | rs2 << 20 | rs1 << 15 | function3 << 12 | rd << 7 | opcode
  }

  private static func jumpType(_ fields: Fields) -> UInt32 {
    let offset = fields.bits([(11, 4), (10, 9), (9, 8), (8, 10), (7, 6), (6, 7), (5, 3), (4, 2), (3, 1), (2, 5)])
    let sign = fields.word >> 12 & 1
    let low = (offset >> 1 & 0x3ff) << 21 | sign << 20
    return sign << 31 | low | (sign == 0 ? 0 : 0xff000) | MajorOpcode.jal
  }
}
