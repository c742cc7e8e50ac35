// Operations for the F and D extensions (unprivileged specification 20191213, chapters 11 and 12). Only encodings that
// the run loop can execute get one; reserved ones, and roundings other than the host's, are left to the reference path.

extension Decoder {
  /// The place of a floating-point register among those of an operation.
  private static func place(_ number: Int) -> UInt8 { UInt8(Machine.floatingPointBase + number) }

  static func floatingPointLoad(_ word: UInt32, _ fields: Fields) -> Operation {
    guard word.funct3 == 2 || word.funct3 == 3 else { return fields.slow }
    var operation = fields.operation(
      word.funct3 == 2 ? .loadFloatingPointSingle : .loadFloatingPointDouble, immediate: word.immediateI)
    operation.a = place(word.rd)
    return operation
  }

  static func floatingPointStore(_ word: UInt32, _ fields: Fields) -> Operation {
    guard word.funct3 == 2 || word.funct3 == 3 else { return fields.slow }
    var operation = fields.operation(
      word.funct3 == 2 ? .storeFloatingPointSingle : .storeFloatingPointDouble, immediate: word.immediateS)
    operation.a = place(word.rs2)
    return operation
  }

  static func fusedMultiplyAdd(_ word: UInt32, _ fields: Fields) -> Operation {
    guard roundsToNearest(word), word >> 25 & 3 < 2 else { return fields.slow }
    var operation = fields.operation(word >> 25 & 3 == 0 ? .fusedSingle : .fusedDouble, immediate: 0)
    operation.a = place(word.rd)
    return operation
  }

  static func floatingPoint(_ word: UInt32, _ fields: Fields) -> Operation {
    if let code = moveOrCompare(word) {
      var operation = fields.operation(code, immediate: 0)
      if code != .moveToIntegerDouble && word.funct7 != 0x51 { operation.a = place(word.rd) }
      if code != .moveFromIntegerDouble { operation.b = place(word.rs1) }
      operation.c = place(word.rs2)
      return operation
    }
    if let code = arithmetic(word) {
      var operation = fields.operation(code, immediate: 0)
      operation.a = place(word.rd)
      operation.b = place(word.rs1)
      operation.c = place(word.rs2)
      return operation
    }
    guard let givesInteger = otherGivesInteger(word) else { return fields.slow }
    var operation = fields.operation(.otherFloatingPoint, immediate: 0)
    if !givesInteger { operation.a = place(word.rd) }
    return operation
  }

  /// Statically, or as `frm` says, which the run loop looks at.
  private static func roundsToNearest(_ word: UInt32) -> Bool { word.funct3 == 0 || word.funct3 == 7 }

  private static func moveOrCompare(_ word: UInt32) -> OperationCode? {
    switch (word.funct7, word.funct3) {
    case (0x11, 0): .signOfDouble
    case (0x11, 1): .negatedSignOfDouble
    case (0x11, 2): .combinedSignOfDouble
    case (0x51, 0): .isLessOrEqualDouble
    case (0x51, 1): .isLessDouble
    case (0x51, 2): .isEqualDouble
    case (0x71, 0) where word.rs2 == 0: .moveToIntegerDouble
    case (0x79, 0) where word.rs2 == 0: .moveFromIntegerDouble
    default: nil
    }
  }

  private static func arithmetic(_ word: UInt32) -> OperationCode? {
    guard roundsToNearest(word) else { return nil }
    switch word.funct7 {
    case 0x00: return .addSingle
    case 0x01: return .addDouble
    case 0x04: return .subtractSingle
    case 0x05: return .subtractDouble
    case 0x08: return .multiplySingle
    case 0x09: return .multiplyDouble
    case 0x0d: return .divideDouble
    default: return nil
    }
  }

  /// Whether the result of one of the other operations goes to an integer register; nil if it is not one of them.
  private static func otherGivesInteger(_ word: UInt32) -> Bool? {
    switch word.funct7 {
    case 0x0c: roundsToNearest(word) ? false : nil
    case 0x2c, 0x2d: roundsToNearest(word) && word.rs2 == 0 ? false : nil
    case 0x10: word.funct3 <= 2 ? false : nil
    case 0x14, 0x15: word.funct3 <= 1 ? false : nil
    case 0x20: roundsToNearest(word) && word.rs2 == 1 ? false : nil
    case 0x21: roundsToNearest(word) && word.rs2 == 0 ? false : nil
    case 0x50: word.funct3 <= 2 ? true : nil
    case 0x60, 0x61: word.funct3 == RoundingMode.towardZero.rawValue && word.rs2 <= 3 ? true : nil
    case 0x68, 0x69: roundsToNearest(word) && word.rs2 <= 3 ? false : nil
    default: nil
    }
  }
}
