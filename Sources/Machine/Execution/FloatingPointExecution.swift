// The F and D extensions on the reference path (unprivileged specification 20191213, chapters 11 and 12; `mstatus`.FS:
// privileged specification 1.12, section 3.1.6.6). All arithmetic is `SoftFloat`'s; this file knows encodings, boxing
// and state.

extension Machine {
  /// Where the floating-point registers begin in `registers`.
  static let floatingPointBase = 33

  /// The place of a floating-point register in `registers`.
  private func place(_ number: Int) -> Int { Self.floatingPointBase + number }

  /// Notes that floating-point state differs from what was saved.
  mutating func markFloatingPointDirty() { hart.mstatus |= HartStatus.floatingPoint }

  private mutating func setFloatingPoint(_ number: Int, _ value: UInt64) {
    registers[place(number)] = value
    markFloatingPointDirty()
  }

  private mutating func raise(_ flags: FloatingPointFlags) {
    guard !flags.isEmpty else { return }
    hart.fcsr |= flags.rawValue
    markFloatingPointDirty()
  }

  // MARK: Loads and stores

  mutating func executeFloatingPointLoad(_ word: UInt32, length: UInt64) throws(Trap) {
    guard hart.hasFloatingPoint else { throw try illegalAccess(word, length: length) }
    let address = registers[word.rs1] &+ UInt64(bitPattern: word.immediateI)
    switch word.funct3 {
    case 2: setFloatingPoint(word.rd, FloatingPointFormat.single.boxed(try load(address, size: 4)))
    case 3: setFloatingPoint(word.rd, try load(address, size: 8))
    default: throw illegal(word)
    }
  }

  mutating func executeFloatingPointStore(_ word: UInt32, length: UInt64) throws(Trap) {
    guard hart.hasFloatingPoint else { throw try illegalAccess(word, length: length) }
    guard word.funct3 == 2 || word.funct3 == 3 else { throw illegal(word) }
    let address = registers[word.rs1] &+ UInt64(bitPattern: word.immediateS)
    try store(address, size: 1 << Int(word.funct3), value: registers[place(word.rs2)])
  }

  /// The exception of a load or store that may have been compressed: it reports the bits that are in memory.
  private mutating func illegalAccess(_ word: UInt32, length: UInt64) throws(Trap) -> Trap {
    length == 2 ? Trap(cause: .illegalInstruction, value: UInt64(try fetchParcel(hart.pc))) : illegal(word)
  }

  // MARK: Operations

  private func format(_ word: UInt32) throws(Trap) -> FloatingPointFormat {
    switch word >> 25 & 3 {
    case 0: return .single
    case 1: return .double
    default: throw illegal(word)
    }
  }

  /// The rounding mode of an instruction: its own or that in `fcsr`; both may be reserved ones.
  private func rounding(_ word: UInt32) throws(Trap) -> RoundingMode {
    let number = word.funct3 == 7 ? hart.fcsr >> 5 : UInt64(word.funct3)
    guard let mode = RoundingMode(rawValue: number) else { throw illegal(word) }
    return mode
  }

  private func operand(_ number: Int, _ format: FloatingPointFormat) -> UInt64 {
    format.unboxed(registers[place(number)])
  }

  /// Puts the result into the destination, and what the unit raised into `fcsr`.
  ///
  /// The unit must have computed the result before it is passed here, since it is passed as a copy.
  private mutating func finish(_ word: UInt32, _ unit: SoftFloat, _ result: UInt64) {
    setFloatingPoint(word.rd, unit.format.boxed(result))
    raise(unit.flags)
  }

  mutating func executeFusedMultiplyAdd(_ word: UInt32) throws(Trap) {
    guard hart.hasFloatingPoint else { throw illegal(word) }
    let format = try format(word)
    var unit = SoftFloat(format, try rounding(word))
    // fnmsub and fnmadd negate the product, fmsub and fnmadd the addend.
    let negatesProduct = word >> 3 & 1 == 1
    let negatesAddend = word >> 2 & 1 == 1
    let left = operand(word.rs1, format) ^ (negatesProduct ? format.signBit : 0)
    let addend = operand(Int(word >> 27), format) ^ (negatesAddend ? format.signBit : 0)
    let result = unit.multiplyAdd(left, operand(word.rs2, format), addend)
    finish(word, unit, result)
  }

  mutating func executeFloatingPoint(_ word: UInt32) throws(Trap) {
    guard hart.hasFloatingPoint else { throw illegal(word) }
    let format = try format(word)
    switch word >> 27 {
    case 0x00...0x03, 0x0b: try executeArithmetic(word, format)
    case 0x04:
      let (left, right) = (operand(word.rs1, format), operand(word.rs2, format))
      guard let result = format.injectSign(left, right, function: word.funct3) else { throw illegal(word) }
      setFloatingPoint(word.rd, format.boxed(result))
    case 0x05: try executeMinimumMaximum(word, format)
    case 0x08: try executeFormatConversion(word, format)
    case 0x14: try executeComparison(word, format)
    case 0x18, 0x1a: try executeIntegerConversion(word, format)
    case 0x1c, 0x1e: try executeMove(word, format)
    default: throw illegal(word)
    }
  }

  private mutating func executeArithmetic(_ word: UInt32, _ format: FloatingPointFormat) throws(Trap) {
    var unit = SoftFloat(format, try rounding(word))
    let (left, right) = (operand(word.rs1, format), operand(word.rs2, format))
    let result: UInt64
    switch word >> 27 {
    case 0x00: result = unit.add(left, right)
    case 0x01: result = unit.subtract(left, right)
    case 0x02: result = unit.multiply(left, right)
    case 0x03: result = unit.divide(left, right)
    default:
      guard word.rs2 == 0 else { throw illegal(word) }
      result = unit.squareRoot(left)
    }
    finish(word, unit, result)
  }

  private mutating func executeMinimumMaximum(_ word: UInt32, _ format: FloatingPointFormat) throws(Trap) {
    var unit = SoftFloat(format)
    let (left, right) = (operand(word.rs1, format), operand(word.rs2, format))
    let result: UInt64
    switch word.funct3 {
    case 0: result = unit.minimum(left, right)
    case 1: result = unit.maximum(left, right)
    default: throw illegal(word)
    }
    finish(word, unit, result)
  }

  private mutating func executeFormatConversion(_ word: UInt32, _ format: FloatingPointFormat) throws(Trap) {
    var unit = SoftFloat(format, try rounding(word))
    let source: FloatingPointFormat
    switch (format, word.rs2) {
    case (.single, 1): source = .double
    case (.double, 0): source = .single
    default: throw illegal(word)
    }
    let result = unit.convert(operand(word.rs1, source), from: source)
    finish(word, unit, result)
  }

  private mutating func executeComparison(_ word: UInt32, _ format: FloatingPointFormat) throws(Trap) {
    var unit = SoftFloat(format)
    let (left, right) = (operand(word.rs1, format), operand(word.rs2, format))
    let isTrue: Bool
    switch word.funct3 {
    case 0: isTrue = unit.isLessOrEqual(left, right)
    case 1: isTrue = unit.isLess(left, right)
    case 2: isTrue = unit.isEqual(left, right)
    default: throw illegal(word)
    }
    setRegister(word.rd, isTrue ? 1 : 0)
    raise(unit.flags)
  }

  private mutating func executeIntegerConversion(_ word: UInt32, _ format: FloatingPointFormat) throws(Trap) {
    guard let type = IntegerOperand(rawValue: UInt32(word.rs2)) else { throw illegal(word) }
    var unit = SoftFloat(format, try rounding(word))
    if word >> 27 == 0x18 {
      setRegister(word.rd, unit.convert(operand(word.rs1, format), to: type))
      raise(unit.flags)
    } else {
      let result = unit.convert(registers[word.rs1], from: type)
      finish(word, unit, result)
    }
  }

  /// Moves of bit patterns, which do not look at boxing, and `fclass`, which does.
  private mutating func executeMove(_ word: UInt32, _ format: FloatingPointFormat) throws(Trap) {
    guard word.rs2 == 0 else { throw illegal(word) }
    switch (word >> 27, word.funct3) {
    case (0x1c, 0):
      let bits = registers[place(word.rs1)]
      setRegister(word.rd, format == .single ? signExtendedWord(bits) : bits)
    case (0x1c, 1): setRegister(word.rd, format.classMask(operand(word.rs1, format)))
    case (0x1e, 0):
      let bits = registers[word.rs1]
      setFloatingPoint(word.rd, format == .single ? format.boxed(bits & 0xffff_ffff) : bits)
    default: throw illegal(word)
    }
  }
}
