// Expansion of the C extension: every 16-bit instruction stands for one 32-bit instruction (unprivileged specification
// 20191213, chapter 16). Used by both execution paths; it knows encodings only and executes nothing.

enum CompressedInstruction {
  /// The 32-bit instruction that a 16-bit one stands for, or nil if it is reserved or not implemented here.
  static func expand(_ parcel: UInt16) -> UInt32? {
    let bits = UInt32(parcel)
    switch (bits & 3, bits >> 13) {
    case (0, 0): return addImmediateToStackPointerWide(bits)
    case (0, 1): return load(bits, offset: doubleOffset(bits), funct3: 3, opcode: 0x07)
    case (0, 2): return load(bits, offset: wordOffset(bits), funct3: 2, opcode: 0x03)
    case (0, 3): return load(bits, offset: doubleOffset(bits), funct3: 3, opcode: 0x03)
    case (0, 5): return store(bits, offset: doubleOffset(bits), funct3: 3, opcode: 0x27)
    case (0, 6): return store(bits, offset: wordOffset(bits), funct3: 2, opcode: 0x23)
    case (0, 7): return store(bits, offset: doubleOffset(bits), funct3: 3, opcode: 0x23)
    case (1, 0): return immediate(signed6(bits), rs1: field(bits, 7), funct3: 0, rd: field(bits, 7), opcode: 0x13)
    case (1, 1):
      let rd = field(bits, 7)
      return rd == 0 ? nil : immediate(signed6(bits), rs1: rd, funct3: 0, rd: rd, opcode: 0x1b)
    case (1, 2): return immediate(signed6(bits), rs1: 0, funct3: 0, rd: field(bits, 7), opcode: 0x13)
    case (1, 3): return loadUpperOrAdjustStack(bits)
    case (1, 4): return arithmetic(bits)
    case (1, 5): return jump(bits)
    case (1, 6): return branch(bits, funct3: 0)
    case (1, 7): return branch(bits, funct3: 1)
    case (2, 0):
      return immediate(shiftAmount(bits), rs1: field(bits, 7), funct3: 1, rd: field(bits, 7), opcode: 0x13)
    case (2, 1):
      return immediate(stackDoubleOffset(bits), rs1: 2, funct3: 3, rd: field(bits, 7), opcode: 0x07)
    case (2, 2):
      let offset = (bits >> 2 & 0x1c) | (bits >> 7 & 0x20) | (bits << 4 & 0xc0)
      return stackLoad(bits, offset: offset, funct3: 2)
    case (2, 3): return stackLoad(bits, offset: stackDoubleOffset(bits), funct3: 3)
    case (2, 4): return moveAddOrJump(bits)
    case (2, 5): return stackDoubleStore(bits, opcode: 0x27)
    case (2, 6):
      let offset = (bits >> 7 & 0x3c) | (bits >> 1 & 0xc0)
      return storeEncoding(offset, rs2: field(bits, 2), rs1: 2, funct3: 2, opcode: 0x23)
    case (2, 7): return stackDoubleStore(bits, opcode: 0x23)
    default: return nil
    }
  }

  // MARK: Fields

  private static func field(_ bits: UInt32, _ shift: UInt32) -> UInt32 { bits >> shift & 31 }

  /// One of the registers x8 to x15.
  private static func shortField(_ bits: UInt32, _ shift: UInt32) -> UInt32 { (bits >> shift & 7) + 8 }

  private static func shiftAmount(_ bits: UInt32) -> UInt32 { (bits >> 7 & 0x20) | (bits >> 2 & 0x1f) }

  private static func signed6(_ bits: UInt32) -> UInt32 { signExtend(shiftAmount(bits), width: 6) }

  private static func wordOffset(_ bits: UInt32) -> UInt32 {
    (bits >> 4 & 4) | (bits >> 7 & 0x38) | (bits << 1 & 0x40)
  }

  private static func stackDoubleOffset(_ bits: UInt32) -> UInt32 {
    (bits >> 2 & 0x18) | (bits >> 7 & 0x20) | (bits << 4 & 0x1c0)
  }

  private static func doubleOffset(_ bits: UInt32) -> UInt32 { (bits >> 7 & 0x38) | (bits << 1 & 0xc0) }

  private static func signExtend(_ value: UInt32, width: UInt32) -> UInt32 {
    UInt32(bitPattern: Int32(bitPattern: value << (32 - width)) >> Int32(32 - width))
  }

  // MARK: 32-bit formats

  private static func immediate(
    _ value: UInt32, rs1: UInt32, funct3: UInt32, rd: UInt32, opcode: UInt32
  ) -> UInt32 {
    value << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
  }

  private static func register(
    funct7: UInt32, rs2: UInt32, rs1: UInt32, funct3: UInt32, rd: UInt32, opcode: UInt32
  ) -> UInt32 {
    funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
  }

  private static func storeEncoding(
    _ offset: UInt32, rs2: UInt32, rs1: UInt32, funct3: UInt32, opcode: UInt32
  ) -> UInt32 {
    (offset >> 5) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (offset & 31) << 7 | opcode
  }

  private static func load(_ bits: UInt32, offset: UInt32, funct3: UInt32, opcode: UInt32) -> UInt32 {
    immediate(offset, rs1: shortField(bits, 7), funct3: funct3, rd: shortField(bits, 2), opcode: opcode)
  }

  private static func store(_ bits: UInt32, offset: UInt32, funct3: UInt32, opcode: UInt32) -> UInt32 {
    storeEncoding(offset, rs2: shortField(bits, 2), rs1: shortField(bits, 7), funct3: funct3, opcode: opcode)
  }

  private static func stackDoubleStore(_ bits: UInt32, opcode: UInt32) -> UInt32 {
    let offset = (bits >> 7 & 0x38) | (bits >> 1 & 0x1c0)
    return storeEncoding(offset, rs2: field(bits, 2), rs1: 2, funct3: 3, opcode: opcode)
  }

  private static func stackLoad(_ bits: UInt32, offset: UInt32, funct3: UInt32) -> UInt32? {
    let rd = field(bits, 7)
    return rd == 0 ? nil : immediate(offset, rs1: 2, funct3: funct3, rd: rd, opcode: 0x03)
  }

  // MARK: Instructions with conditions of their own

  private static func addImmediateToStackPointerWide(_ bits: UInt32) -> UInt32? {
    let value =
      (bits >> 7 & 0x30) | (bits >> 1 & 0x3c0) | (bits >> 4 & 4) | (bits >> 2 & 8)
    return value == 0 ? nil : immediate(value, rs1: 2, funct3: 0, rd: shortField(bits, 2), opcode: 0x13)
  }

  private static func loadUpperOrAdjustStack(_ bits: UInt32) -> UInt32? {
    let rd = field(bits, 7)
    if rd == 2 {
      let scattered =
        (bits >> 3 & 0x200) | (bits >> 2 & 0x10) | (bits << 1 & 0x40) | (bits << 4 & 0x180) | (bits << 3 & 0x20)
      return scattered == 0
        ? nil : immediate(signExtend(scattered, width: 10), rs1: 2, funct3: 0, rd: 2, opcode: 0x13)
    }
    let value = signed6(bits)
    return value == 0 ? nil : value << 12 | rd << 7 | 0x37
  }

  private static func arithmetic(_ bits: UInt32) -> UInt32? {
    let rd = shortField(bits, 7)
    switch bits >> 10 & 3 {
    case 0: return immediate(shiftAmount(bits), rs1: rd, funct3: 5, rd: rd, opcode: 0x13)
    case 1: return immediate(shiftAmount(bits) | 0x400, rs1: rd, funct3: 5, rd: rd, opcode: 0x13)
    case 2: return immediate(signed6(bits), rs1: rd, funct3: 7, rd: rd, opcode: 0x13)
    default:
      let rs2 = shortField(bits, 2)
      func operation(_ funct7: UInt32, _ funct3: UInt32, _ opcode: UInt32) -> UInt32 {
        register(funct7: funct7, rs2: rs2, rs1: rd, funct3: funct3, rd: rd, opcode: opcode)
      }
      switch (bits >> 12 & 1, bits >> 5 & 3) {
      case (0, 0): return operation(0x20, 0, 0x33)
      case (0, 1): return operation(0, 4, 0x33)
      case (0, 2): return operation(0, 6, 0x33)
      case (0, 3): return operation(0, 7, 0x33)
      case (1, 0): return operation(0x20, 0, 0x3b)
      case (1, 1): return operation(0, 0, 0x3b)
      default: return nil
      }
    }
  }

  private static func jump(_ bits: UInt32) -> UInt32 {
    let scattered =
      (bits >> 1 & 0x800) | (bits >> 7 & 0x10) | (bits >> 1 & 0x300) | (bits << 2 & 0x400) | (bits >> 1 & 0x40)
      | (bits << 1 & 0x80) | (bits >> 2 & 0xe) | (bits << 3 & 0x20)
    let offset = signExtend(scattered, width: 12)
    return (offset & 0x10_0000) << 11 | (offset & 0x7fe) << 20 | (offset & 0x800) << 9 | (offset & 0xf_f000) | 0x6f
  }

  private static func branch(_ bits: UInt32, funct3: UInt32) -> UInt32 {
    let scattered =
      (bits >> 4 & 0x100) | (bits >> 7 & 0x18) | (bits << 1 & 0xc0) | (bits >> 2 & 6) | (bits << 3 & 0x20)
    let offset = signExtend(scattered, width: 9)
    return (offset & 0x1000) << 19 | (offset & 0x7e0) << 20 | shortField(bits, 7) << 15 | funct3 << 12
      | (offset & 0x1e) << 7 | (offset & 0x800) >> 4 | 0x63
  }

  private static func moveAddOrJump(_ bits: UInt32) -> UInt32? {
    let rd = field(bits, 7)
    let rs2 = field(bits, 2)
    switch (bits >> 12 & 1, rd, rs2) {
    case (0, 0, 0): return nil
    case (0, _, 0): return immediate(0, rs1: rd, funct3: 0, rd: 0, opcode: 0x67)
    case (0, _, _): return register(funct7: 0, rs2: rs2, rs1: 0, funct3: 0, rd: rd, opcode: 0x33)
    case (1, 0, 0): return 0x0010_0073
    case (1, _, 0): return immediate(0, rs1: rd, funct3: 0, rd: 1, opcode: 0x67)
    default: return register(funct7: 0, rs2: rs2, rs1: rd, funct3: 0, rd: rd, opcode: 0x33)
    }
  }
}
