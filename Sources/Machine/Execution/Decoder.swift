// From instructions to operations (unprivileged specification 20191213, chapters 2 to 7; other extensions have files of their own). Whatever is not worth a fast
// operation, or not legal, becomes one that the reference path executes; so the decoder never has to judge legality.

enum Decoder {
  /// The operation for an instruction given in its 32-bit form.
  static func decode(_ word: UInt32, offset: UInt16, length: UInt8) -> Operation {
    let fields = Fields(word: word, offset: offset, length: length)
    switch word.majorOpcode {
    case 0x37: return fields.operation(.loadImmediate, immediate: word.immediateU)
    case 0x17: return fields.operation(.addUpperToPC, immediate: word.immediateU)
    case 0x6f: return fields.transfer(.jump, a: fields.destination, b: 0, immediate: word.immediateJ)
    case 0x67 where word.funct3 == 0:
      return fields.transfer(
        .jumpRegister, a: fields.destination, b: UInt8(word.rs1), immediate: word.immediateI)
    case 0x63:
      guard let code = branches[Int(word.funct3)] else { return fields.slow }
      return fields.transfer(code, a: UInt8(word.rs2), b: UInt8(word.rs1), immediate: word.immediateB)
    case 0x03:
      guard let code = loads[Int(word.funct3)] else { return fields.slow }
      return fields.operation(code, immediate: word.immediateI)
    case 0x23:
      guard let code = stores[Int(word.funct3)] else { return fields.slow }
      var operation = fields.operation(code, immediate: word.immediateS)
      operation.a = UInt8(word.rs2)
      return operation
    case 0x13: return fields.optional(immediate(word), immediate: immediateOperand(word, shiftMask: 63))
    case 0x1b where word.funct3 == 1 && word >> 26 == 2:
      return fields.operation(.shiftLeftUnsignedWordImmediate, immediate: immediateOperand(word, shiftMask: 63))
    case 0x1b: return fields.optional(immediateWord(word), immediate: immediateOperand(word, shiftMask: 31))
    case 0x33: return fields.optional(register(word), immediate: 0)
    case 0x3b: return fields.optional(registerWord(word), immediate: 0)
    case 0x07: return floatingPointLoad(word, fields)
    case 0x27: return floatingPointStore(word, fields)
    case 0x43, 0x47, 0x4b, 0x4f: return fusedMultiplyAdd(word, fields)
    case 0x53: return floatingPoint(word, fields)
    case 0x0f where word.funct3 <= 1: return fields.operation(.nothing, immediate: 0)
    default: return fields.slow
    }
  }

  /// Whether an instruction given in its 32-bit form never goes on to the next one, so that a run may end with it.
  static func endsRun(_ word: UInt32) -> Bool {
    switch word.majorOpcode {
    case 0x6f, 0x67: return true
    case 0x73: return word.funct3 == 0 && word.funct7 != 0x09
    default: return false
    }
  }

  /// What the functions that choose operations have in common.
  struct Fields {
    let word: UInt32
    let offset: UInt16
    let length: UInt8

    var destination: UInt8 { word.rd == 0 ? Operation.discard : UInt8(word.rd) }

    func operation(_ code: OperationCode, immediate: Int64) -> Operation {
      Operation(
        code: code, a: destination, b: UInt8(word.rs1), c: UInt8(word.rs2), immediate: Int32(immediate),
        offset: offset, remaining: 0, length: length, link: Int32(bitPattern: word))
    }

    func transfer(_ code: OperationCode, a: UInt8, b: UInt8, immediate: Int64) -> Operation {
      Operation(
        code: code, a: a, b: b, c: 0, immediate: Int32(immediate), offset: offset, remaining: 0, length: length,
        link: -1)
    }

    func optional(_ code: OperationCode?, immediate: Int64) -> Operation {
      guard let code else { return slow }
      return operation(code, immediate: immediate)
    }

    var slow: Operation { operation(.slow, immediate: 0) }
  }

  private static let branches: [OperationCode?] = [
    .branchEqual, .branchNotEqual, nil, nil, .branchLess, .branchGreaterEqual, .branchLessUnsigned,
    .branchGreaterEqualUnsigned,
  ]
  private static let loads: [OperationCode?] = [
    .loadByte, .loadHalf, .loadWord, .loadDouble, .loadByteUnsigned, .loadHalfUnsigned, .loadWordUnsigned, nil,
  ]
  private static let stores: [OperationCode?] = [
    .storeByte, .storeHalf, .storeWord, .storeDouble, nil, nil, nil, nil,
  ]

  private static func immediateOperand(_ word: UInt32, shiftMask: UInt32) -> Int64 {
    word.funct3 == 1 || word.funct3 == 5 ? Int64(word >> 20 & shiftMask) : word.immediateI
  }

  private static func immediate(_ word: UInt32) -> OperationCode? {
    switch word.funct3 {
    case 0: return .addImmediate
    case 1: return word >> 26 == 0 ? .shiftLeftImmediate : bitManipulationImmediate(word)
    case 2: return .setLessImmediate
    case 3: return .setLessImmediateUnsigned
    case 4: return .xorImmediate
    case 5:
      switch word >> 26 {
      case 0: return .shiftRightImmediate
      case 0x10: return .shiftRightArithmeticImmediate
      default: return bitManipulationImmediate(word)
      }
    case 6: return .orImmediate
    default: return .andImmediate
    }
  }

  private static func immediateWord(_ word: UInt32) -> OperationCode? {
    switch (word.funct3, word.funct7) {
    case (0, _): .addImmediateWord
    case (1, 0): .shiftLeftImmediateWord
    case (5, 0): .shiftRightImmediateWord
    case (5, 0x20): .shiftRightArithmeticImmediateWord
    default: bitManipulationImmediateWord(word)
    }
  }

  private static func register(_ word: UInt32) -> OperationCode? {
    switch (word.funct7, word.funct3) {
    case (0, 0): .add
    case (0x20, 0): .subtract
    case (0, 1): .shiftLeft
    case (0, 2): .setLess
    case (0, 3): .setLessUnsigned
    case (0, 4): .xor
    case (0, 5): .shiftRight
    case (0x20, 5): .shiftRightArithmetic
    case (0, 6): .or
    case (0, 7): .and
    case (1, 0): .multiply
    case (1, 1): .multiplyHigh
    case (1, 2): .multiplyHighSignedUnsigned
    case (1, 3): .multiplyHighUnsigned
    case (1, 4): .divide
    case (1, 5): .divideUnsigned
    case (1, 6): .remainder
    case (1, 7): .remainderUnsigned
    default: bitManipulationRegister(word)
    }
  }

  private static func registerWord(_ word: UInt32) -> OperationCode? {
    switch (word.funct7, word.funct3) {
    case (0, 0): .addWord
    case (0x20, 0): .subtractWord
    case (0, 1): .shiftLeftWord
    case (0, 5): .shiftRightWord
    case (0x20, 5): .shiftRightArithmeticWord
    case (1, 0): .multiplyWord
    case (1, 4): .divideWord
    case (1, 5): .divideWordUnsigned
    case (1, 6): .remainderWord
    case (1, 7): .remainderWordUnsigned
    default: bitManipulationRegisterWord(word)
    }
  }
}
