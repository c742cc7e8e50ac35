// The reference path: one instruction at a time, fetched and decoded from memory each time, written to be obviously what
// the specification says (unprivileged specification 20191213, chapters 2 to 7). The run loop must agree with it to the
// last bit and leaves to it whatever is rare.

extension Machine {
  /// Fetches and executes the instruction at `pc`, or throws the exception that it raises; counts nothing.
  mutating func executeFromMemory() throws(Trap) {
    let parcel = try fetchParcel(hart.pc)
    if parcel & 3 == 3 {
      let high = try fetchParcel(hart.pc &+ 2)
      return try execute(UInt32(high) << 16 | UInt32(parcel), length: 4)
    }
    guard let word = CompressedInstruction.expand(parcel) else {
      throw Trap(cause: .illegalInstruction, value: UInt64(parcel))
    }
    try execute(word, length: 2)
  }

  /// Executes an instruction given in its 32-bit form and moves `pc` on.
  ///
  /// - Parameters:
  ///   - word: the instruction, expanded if it was compressed.
  ///   - length: the bytes it takes in memory.
  mutating func execute(_ word: UInt32, length: UInt64) throws(Trap) {
    var next = hart.pc &+ length
    switch word.majorOpcode {
    case 0x37: setRegister(word.rd, UInt64(bitPattern: word.immediateU))
    case 0x17: setRegister(word.rd, hart.pc &+ UInt64(bitPattern: word.immediateU))
    case 0x6f:
      setRegister(word.rd, next)
      next = hart.pc &+ UInt64(bitPattern: word.immediateJ)
    case 0x67:
      guard word.funct3 == 0 else { throw illegal(word) }
      let target = (registers[word.rs1] &+ UInt64(bitPattern: word.immediateI)) & ~1
      setRegister(word.rd, next)
      next = target
    case 0x63:
      if try branchIsTaken(word) { next = hart.pc &+ UInt64(bitPattern: word.immediateB) }
    case 0x03: try executeLoad(word)
    case 0x23: try executeStore(word)
    case 0x13: try executeImmediate(word)
    case 0x1b: try executeImmediateWord(word)
    case 0x33: try executeRegister(word)
    case 0x3b: try executeRegisterWord(word)
    case 0x0f:
      // Memory is coherent and in order, and decoded code follows every store: fences have nothing to do.
      guard word.funct3 <= 1 else { throw illegal(word) }
    case 0x07: try executeFloatingPointLoad(word, length: length)
    case 0x27: try executeFloatingPointStore(word, length: length)
    case 0x43, 0x47, 0x4b, 0x4f: try executeFusedMultiplyAdd(word)
    case 0x53: try executeFloatingPoint(word)
    case 0x2f: try executeAtomic(word)
    case 0x73: return try executeSystem(word)
    default: throw illegal(word)
    }
    hart.pc = next
  }

  func illegal(_ word: UInt32) -> Trap { Trap(cause: .illegalInstruction, value: UInt64(word)) }

  private func legal(_ result: UInt64?, _ word: UInt32) throws(Trap) -> UInt64 {
    guard let result else { throw illegal(word) }
    return result
  }

  func setRegister(_ index: Int, _ value: UInt64) {
    if index != 0 { registers[index] = value }
    registers[Self.writtenMask] |= 1 &<< UInt64(index)
  }

  private func branchIsTaken(_ word: UInt32) throws(Trap) -> Bool {
    let left = registers[word.rs1]
    let right = registers[word.rs2]
    switch word.funct3 {
    case 0: return left == right
    case 1: return left != right
    case 4: return Int64(bitPattern: left) < Int64(bitPattern: right)
    case 5: return Int64(bitPattern: left) >= Int64(bitPattern: right)
    case 6: return left < right
    case 7: return left >= right
    default: throw illegal(word)
    }
  }

  private mutating func executeLoad(_ word: UInt32) throws(Trap) {
    let address = registers[word.rs1] &+ UInt64(bitPattern: word.immediateI)
    switch word.funct3 {
    case 0: setRegister(word.rd, UInt64(bitPattern: Int64(Int8(truncatingIfNeeded: try load(address, size: 1)))))
    case 1: setRegister(word.rd, UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: try load(address, size: 2)))))
    case 2: setRegister(word.rd, signExtendedWord(try load(address, size: 4)))
    case 3: setRegister(word.rd, try load(address, size: 8))
    case 4: setRegister(word.rd, try load(address, size: 1))
    case 5: setRegister(word.rd, try load(address, size: 2))
    case 6: setRegister(word.rd, try load(address, size: 4))
    default: throw illegal(word)
    }
  }

  private mutating func executeStore(_ word: UInt32) throws(Trap) {
    guard word.funct3 <= 3 else { throw illegal(word) }
    let address = registers[word.rs1] &+ UInt64(bitPattern: word.immediateS)
    try store(address, size: 1 << Int(word.funct3), value: registers[word.rs2])
  }

  private func executeImmediate(_ word: UInt32) throws(Trap) {
    let left = registers[word.rs1]
    let right = UInt64(bitPattern: word.immediateI)
    let shift = UInt64(word >> 20 & 63)
    let result: UInt64
    switch word.funct3 {
    case 0: result = left &+ right
    case 1: result = word >> 26 == 0 ? left << shift : try legal(bitManipulationImmediate(word), word)
    case 2: result = Int64(bitPattern: left) < word.immediateI ? 1 : 0
    case 3: result = left < right ? 1 : 0
    case 4: result = left ^ right
    case 5:
      switch word >> 26 {
      case 0: result = left >> shift
      case 0x10: result = UInt64(bitPattern: Int64(bitPattern: left) >> Int64(shift))
      default: result = try legal(bitManipulationImmediate(word), word)
      }
    case 6: result = left | right
    default: result = left & right
    }
    setRegister(word.rd, result)
  }

  private func executeImmediateWord(_ word: UInt32) throws(Trap) {
    let left = registers[word.rs1]
    let shift = UInt64(word >> 20 & 31)
    switch (word.funct3, word.funct7) {
    case (0, _): setRegister(word.rd, signExtendedWord(left &+ UInt64(bitPattern: word.immediateI)))
    case (1, 0): setRegister(word.rd, signExtendedWord(left << shift))
    case (5, 0): setRegister(word.rd, signExtendedWord((left & 0xffff_ffff) >> shift))
    case (5, 0x20):
      setRegister(word.rd, UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: left)) >> Int64(shift)))
    default: setRegister(word.rd, try legal(bitManipulationImmediateWord(word), word))
    }
  }

  private func executeRegister(_ word: UInt32) throws(Trap) {
    let left = registers[word.rs1]
    let right = registers[word.rs2]
    let shift = right & 63
    let result: UInt64
    switch (word.funct7, word.funct3) {
    case (0, 0): result = left &+ right
    case (0x20, 0): result = left &- right
    case (0, 1): result = left << shift
    case (0, 2): result = Int64(bitPattern: left) < Int64(bitPattern: right) ? 1 : 0
    case (0, 3): result = left < right ? 1 : 0
    case (0, 4): result = left ^ right
    case (0, 5): result = left >> shift
    case (0x20, 5): result = UInt64(bitPattern: Int64(bitPattern: left) >> Int64(shift))
    case (0, 6): result = left | right
    case (0, 7): result = left & right
    case (1, 0): result = left &* right
    case (1, 1): result = Arithmetic.multiplyHigh(left, right)
    case (1, 2): result = Arithmetic.multiplyHighSignedUnsigned(left, right)
    case (1, 3): result = Arithmetic.multiplyHighUnsigned(left, right)
    case (1, 4): result = Arithmetic.divide(left, right)
    case (1, 5): result = Arithmetic.divideUnsigned(left, right)
    case (1, 6): result = Arithmetic.remainder(left, right)
    case (1, 7): result = Arithmetic.remainderUnsigned(left, right)
    default: result = try legal(bitManipulationRegister(word), word)
    }
    setRegister(word.rd, result)
  }

  private func executeRegisterWord(_ word: UInt32) throws(Trap) {
    let left = registers[word.rs1]
    let right = registers[word.rs2]
    let shift = right & 31
    let result: UInt64
    switch (word.funct7, word.funct3) {
    case (0, 0): result = signExtendedWord(left &+ right)
    case (0x20, 0): result = signExtendedWord(left &- right)
    case (0, 1): result = signExtendedWord(left << shift)
    case (0, 5): result = signExtendedWord((left & 0xffff_ffff) >> shift)
    case (0x20, 5): result = UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: left)) >> Int64(shift))
    case (1, 0): result = signExtendedWord(left &* right)
    case (1, 4): result = Arithmetic.divideWord(left, right)
    case (1, 5): result = Arithmetic.divideWordUnsigned(left, right)
    case (1, 6): result = Arithmetic.remainderWord(left, right)
    case (1, 7): result = Arithmetic.remainderWordUnsigned(left, right)
    default: result = try legal(bitManipulationRegisterWord(word), word)
    }
    setRegister(word.rd, result)
  }
}
