// Operations for Zba, Zbb and Zbs (RISC-V bit-manipulation extensions 1.0.0, chapter 2, RV64). Each function answers for
// the encodings that the base instruction set leaves free in one major opcode, and gives nil for the rest.

extension Decoder {
  /// The operation of an instruction of major opcode OP-IMM, by its six highest bits.
  static func bitManipulationImmediate(_ word: UInt32) -> OperationCode? {
    switch (word >> 26, word.funct3) {
    case (0x0a, 1): .setBitImmediate
    case (0x12, 1): .clearBitImmediate
    case (0x1a, 1): .invertBitImmediate
    case (0x12, 5): .extractBitImmediate
    case (0x18, 5): .rotateRightImmediate
    case (0x0a, 5) where word >> 20 == 0x287: .orCombineBytes
    case (0x1a, 5) where word >> 20 == 0x6b8: .reverseBytes
    case (0x18, 1) where word.funct7 == 0x30:
      switch word.rs2 {
      case 0: .countLeadingZeros
      case 1: .countTrailingZeros
      case 2: .countOnes
      case 4: .signExtendByte
      case 5: .signExtendHalf
      default: nil
      }
    default: nil
    }
  }

  /// The operation of an instruction of major opcode OP-IMM-32.
  static func bitManipulationImmediateWord(_ word: UInt32) -> OperationCode? {
    switch (word.funct7, word.funct3, word.rs2) {
    case (0x30, 5, _): .rotateRightImmediateWord
    case (0x30, 1, 0): .countLeadingZerosWord
    case (0x30, 1, 1): .countTrailingZerosWord
    case (0x30, 1, 2): .countOnesWord
    default: nil
    }
  }

  /// The operation of an instruction of major opcode OP.
  static func bitManipulationRegister(_ word: UInt32) -> OperationCode? {
    switch (word.funct7, word.funct3) {
    case (0x10, 2): .shiftAdd1
    case (0x10, 4): .shiftAdd2
    case (0x10, 6): .shiftAdd3
    case (0x20, 4): .exclusiveNor
    case (0x20, 6): .orNot
    case (0x20, 7): .andNot
    case (0x05, 4): .minimum
    case (0x05, 5): .minimumUnsigned
    case (0x05, 6): .maximum
    case (0x05, 7): .maximumUnsigned
    case (0x30, 1): .rotateLeft
    case (0x30, 5): .rotateRight
    case (0x14, 1): .setBit
    case (0x24, 1): .clearBit
    case (0x34, 1): .invertBit
    case (0x24, 5): .extractBit
    default: nil
    }
  }

  /// The operation of an instruction of major opcode OP-32.
  static func bitManipulationRegisterWord(_ word: UInt32) -> OperationCode? {
    switch (word.funct7, word.funct3) {
    case (0x04, 0): .addUnsignedWord
    case (0x04, 4) where word.rs2 == 0: .zeroExtendHalf
    case (0x10, 2): .shiftAddUnsignedWord1
    case (0x10, 4): .shiftAddUnsignedWord2
    case (0x10, 6): .shiftAddUnsignedWord3
    case (0x30, 1): .rotateLeftWord
    case (0x30, 5): .rotateRightWord
    default: nil
    }
  }
}
