// Decoded instructions: what the run loop executes. An operation is only valid together with the page it was decoded
// from; nothing outside the run loop and `DecodedCode` may interpret one.

/// What an operation does.
///
/// Operations from `slow` on end the loop's own work and go to the reference path.
enum OperationCode: UInt8 {
  // Registers and immediates.
  case loadImmediate, addUpperToPC
  case addImmediate, setLessImmediate, setLessImmediateUnsigned, xorImmediate, orImmediate, andImmediate
  case shiftLeftImmediate, shiftRightImmediate, shiftRightArithmeticImmediate
  case addImmediateWord, shiftLeftImmediateWord, shiftRightImmediateWord, shiftRightArithmeticImmediateWord
  // Registers.
  case add, subtract, shiftLeft, setLess, setLessUnsigned, xor, shiftRight, shiftRightArithmetic, or, and
  case addWord, subtractWord, shiftLeftWord, shiftRightWord, shiftRightArithmeticWord
  case multiply, multiplyHigh, multiplyHighSignedUnsigned, multiplyHighUnsigned
  case divide, divideUnsigned, remainder, remainderUnsigned
  case multiplyWord, divideWord, divideWordUnsigned, remainderWord, remainderWordUnsigned
  // Memory.
  case loadByte, loadHalf, loadWord, loadDouble, loadByteUnsigned, loadHalfUnsigned, loadWordUnsigned
  case storeByte, storeHalf, storeWord, storeDouble
  case nothing
  // Bit manipulation.
  case shiftAdd1, shiftAdd2, shiftAdd3, shiftAddUnsignedWord1, shiftAddUnsignedWord2, shiftAddUnsignedWord3
  case addUnsignedWord, shiftLeftUnsignedWordImmediate
  case andNot, orNot, exclusiveNor, minimum, minimumUnsigned, maximum, maximumUnsigned
  case rotateLeft, rotateRight, rotateRightImmediate, rotateLeftWord, rotateRightWord, rotateRightImmediateWord
  case countLeadingZeros, countTrailingZeros, countOnes
  case countLeadingZerosWord, countTrailingZerosWord, countOnesWord
  case signExtendByte, signExtendHalf, zeroExtendHalf, orCombineBytes, reverseBytes
  case setBit, clearBit, invertBit, extractBit
  case setBitImmediate, clearBitImmediate, invertBitImmediate, extractBitImmediate
  // Floating point.
  case loadFloatingPointSingle, loadFloatingPointDouble, storeFloatingPointSingle, storeFloatingPointDouble
  case addSingle, addDouble, subtractSingle, subtractDouble, multiplySingle, multiplyDouble, divideDouble
  case fusedSingle, fusedDouble
  case signOfDouble, negatedSignOfDouble, combinedSignOfDouble
  case isEqualDouble, isLessDouble, isLessOrEqualDouble
  case moveToIntegerDouble, moveFromIntegerDouble
  /// What `HostArithmetic.other` does; the instruction is given in `word`.
  case otherFloatingPoint
  // Control flow.
  case branchEqual, branchNotEqual, branchLess, branchGreaterEqual, branchLessUnsigned, branchGreaterEqualUnsigned
  case jump, jumpRegister
  /// Goes on at another operation or page without being an instruction.
  case proceed
  /// Looks for a breakpoint or tracepoint without being an instruction.
  case probe
  /// An instruction for the reference path, given in `word`.
  case slow
  /// An instruction that the reference path must fetch itself: illegal, or across a page boundary.
  case fetch

  /// Whether it is a store of the run loop's own.
  @inline(__always)
  var isStore: Bool {
    switch self {
    case .storeByte, .storeHalf, .storeWord, .storeDouble, .storeFloatingPointSingle, .storeFloatingPointDouble: true
    default: false
    }
  }
}

/// One decoded instruction, 16 bytes.
struct Operation {
  var code: OperationCode
  /// The destination register, `Operation.discard` for x0; the second source of stores and branches.
  ///
  /// Floating-point registers are numbered from `Machine.floatingPointBase` on, here and below.
  var a: UInt8
  /// The first source register.
  var b: UInt8
  /// The second source register.
  var c: UInt8
  var immediate: Int32
  /// The offset of the instruction in its page, in bytes; 4096 after the last.
  var offset: UInt16
  /// The instructions from this one on to the end of its run, which all execute unless one leaves the run.
  var remaining: UInt8
  /// The bytes of the instruction, 2 or 4.
  var length: UInt8
  /// The 32-bit instruction.
  ///
  /// For direct jumps and branches instead: the index of the target's operation if it is in the same page, or -1.
  var link: Int32

  /// The register that takes results meant for x0.
  static let discard: UInt8 = 32

  var word: UInt32 { UInt32(bitPattern: link) }
}
