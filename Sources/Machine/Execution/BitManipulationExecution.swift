// Zba, Zbb and Zbs on the reference path (RISC-V bit-manipulation extensions 1.0.0, chapter 2, RV64). Each function
// answers for the encodings that the base instruction set leaves free in one major opcode, and gives nil for the rest.

extension Machine {
  /// The result of an instruction of major opcode OP-IMM.
  func bitManipulationImmediate(_ word: UInt32) -> UInt64? {
    let source = registers[word.rs1]
    let bit = UInt64(1) << UInt64(word >> 20 & 63)
    switch (word >> 26, word.funct3) {
    case (0x18, 1): return countOrExtend(source, selector: word.rs2, isWide: word >> 25 & 1 == 0)
    case (0x0a, 1): return source | bit
    case (0x12, 1): return source & ~bit
    case (0x1a, 1): return source ^ bit
    case (0x12, 5): return source & bit != 0 ? 1 : 0
    case (0x18, 5): return BitManipulation.rotateRight(source, by: UInt64(word >> 20 & 63))
    case (0x0a, 5) where word >> 20 == 0x287: return BitManipulation.orCombineBytes(source)
    case (0x1a, 5) where word >> 20 == 0x6b8: return source.byteSwapped
    default: return nil
    }
  }

  private func countOrExtend(_ source: UInt64, selector: Int, isWide: Bool) -> UInt64? {
    guard isWide else { return nil }
    switch selector {
    case 0: return UInt64(source.leadingZeroBitCount)
    case 1: return UInt64(source.trailingZeroBitCount)
    case 2: return UInt64(source.nonzeroBitCount)
    case 4: return UInt64(bitPattern: Int64(Int8(truncatingIfNeeded: source)))
    case 5: return UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: source)))
    default: return nil
    }
  }

  /// The result of an instruction of major opcode OP-IMM-32.
  func bitManipulationImmediateWord(_ word: UInt32) -> UInt64? {
    let source = registers[word.rs1]
    switch (word.funct7, word.funct3) {
    case (0x04, 1), (0x05, 1): return (source & 0xffff_ffff) << UInt64(word >> 20 & 63)
    case (0x30, 5): return BitManipulation.rotateWordRight(source, by: UInt64(word.rs2))
    case (0x30, 1):
      switch word.rs2 {
      case 0: return BitManipulation.leadingZerosOfWord(source)
      case 1: return BitManipulation.trailingZerosOfWord(source)
      case 2: return UInt64((source & 0xffff_ffff).nonzeroBitCount)
      default: return nil
      }
    default: return nil
    }
  }

  /// The result of an instruction of major opcode OP.
  func bitManipulationRegister(_ word: UInt32) -> UInt64? {
    let left = registers[word.rs1]
    let right = registers[word.rs2]
    let bit = UInt64(1) << (right & 63)
    switch (word.funct7, word.funct3) {
    case (0x10, 2): return BitManipulation.shiftAdd(left, by: 1, right)
    case (0x10, 4): return BitManipulation.shiftAdd(left, by: 2, right)
    case (0x10, 6): return BitManipulation.shiftAdd(left, by: 3, right)
    case (0x20, 4): return ~(left ^ right)
    case (0x20, 6): return left | ~right
    case (0x20, 7): return left & ~right
    case (0x05, 4): return BitManipulation.signedMinimum(left, right)
    case (0x05, 5): return min(left, right)
    case (0x05, 6): return BitManipulation.signedMaximum(left, right)
    case (0x05, 7): return max(left, right)
    case (0x30, 1): return BitManipulation.rotateRight(left, by: 0 &- right)
    case (0x30, 5): return BitManipulation.rotateRight(left, by: right)
    case (0x14, 1): return left | bit
    case (0x24, 1): return left & ~bit
    case (0x34, 1): return left ^ bit
    case (0x24, 5): return left & bit != 0 ? 1 : 0
    default: return nil
    }
  }

  /// The result of an instruction of major opcode OP-32.
  func bitManipulationRegisterWord(_ word: UInt32) -> UInt64? {
    let left = registers[word.rs1]
    let right = registers[word.rs2]
    let unsignedWord = left & 0xffff_ffff
    switch (word.funct7, word.funct3) {
    case (0x04, 0): return unsignedWord &+ right
    case (0x04, 4) where word.rs2 == 0: return left & 0xffff
    case (0x10, 2): return BitManipulation.shiftAdd(unsignedWord, by: 1, right)
    case (0x10, 4): return BitManipulation.shiftAdd(unsignedWord, by: 2, right)
    case (0x10, 6): return BitManipulation.shiftAdd(unsignedWord, by: 3, right)
    case (0x30, 1): return BitManipulation.rotateWordRight(left, by: 0 &- right)
    case (0x30, 5): return BitManipulation.rotateWordRight(left, by: right)
    default: return nil
    }
  }
}
