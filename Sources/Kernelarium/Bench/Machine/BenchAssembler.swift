// Just enough of an assembler to write the benchmarks' guests as Swift: one case an instruction, words out (RISC-V
// Unprivileged Architecture, "RV32/64G Instruction Set Listings"). Programs are part of this package, so an operand that
// does not fit is a mistake in it and stops the process.

/// The integer registers the benchmarks use.
enum BenchRegister: UInt32 {
  case zero = 0
  case t0 = 5
  case t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7, s2, s3, s4, s5
}

/// Collects the instructions of one program.
struct BenchAssembler {
  /// The instructions so far.
  private(set) var words: [UInt32] = []

  /// Where the next instruction will be, in bytes from the program's start.
  var position: Int { words.count * 4 }

  // MARK: Arithmetic

  mutating func add(_ rd: BenchRegister, _ rs1: BenchRegister, _ rs2: BenchRegister) { register(0x33, 0, rd, rs1, rs2) }
  mutating func xor(_ rd: BenchRegister, _ rs1: BenchRegister, _ rs2: BenchRegister) { register(0x33, 4, rd, rs1, rs2) }
  mutating func and(_ rd: BenchRegister, _ rs1: BenchRegister, _ rs2: BenchRegister) { register(0x33, 7, rd, rs1, rs2) }
  mutating func multiply(_ rd: BenchRegister, _ rs1: BenchRegister, _ rs2: BenchRegister) {
    register(0x33, 0, rd, rs1, rs2, upper: 1)
  }
  mutating func addImmediate(_ rd: BenchRegister, _ rs1: BenchRegister, _ value: Int32) {
    immediate(0x13, 0, rd, rs1, value)
  }
  mutating func shiftLeft(_ rd: BenchRegister, _ rs1: BenchRegister, _ amount: Int32) {
    immediate(0x13, 1, rd, rs1, amount)
  }
  mutating func shiftRight(_ rd: BenchRegister, _ rs1: BenchRegister, _ amount: Int32) {
    immediate(0x13, 5, rd, rs1, amount)
  }

  /// Loads a constant with as many instructions as it takes.
  mutating func load(_ rd: BenchRegister, constant: UInt64) {
    let value = Int64(bitPattern: constant)
    let low = (value << 52) >> 52
    if value == low { return addImmediate(rd, .zero, Int32(low)) }
    if value == Int64(Int32(truncatingIfNeeded: value)) {
      // lui, then addiw, which wraps as the specification wants near the ends of the range.
      words.append(0x37 | rd.rawValue << 7 | UInt32(truncatingIfNeeded: value &- low) & 0xffff_f000)
      return immediate(0x1b, 0, rd, rd, Int32(low))
    }
    load(rd, constant: UInt64(bitPattern: (value &- low) >> 12))
    shiftLeft(rd, rd, 12)
    addImmediate(rd, rd, Int32(low))
  }

  // MARK: Memory and floating point

  mutating func loadDouble(_ rd: BenchRegister, _ offset: Int32, _ base: BenchRegister) {
    immediate(0x03, 3, rd, base, offset)
  }
  mutating func storeDouble(_ rs2: BenchRegister, _ offset: Int32, _ base: BenchRegister) {
    store(3, rs2, offset, base)
  }
  mutating func storeWord(_ rs2: BenchRegister, _ offset: Int32, _ base: BenchRegister) {
    store(2, rs2, offset, base)
  }
  /// `fmv.d.x`.
  mutating func moveToFloat(_ fd: UInt32, _ rs1: BenchRegister) { words.append(float(0x79, 0, fd, rs1.rawValue, 0)) }
  /// `fadd.d`, rounding as `frm` says.
  mutating func addFloat(_ fd: UInt32, _ fs1: UInt32, _ fs2: UInt32) { words.append(float(0x01, 7, fd, fs1, fs2)) }
  /// `fsub.d`.
  mutating func subtractFloat(_ fd: UInt32, _ fs1: UInt32, _ fs2: UInt32) { words.append(float(0x05, 7, fd, fs1, fs2)) }
  /// `fmul.d`.
  mutating func multiplyFloat(_ fd: UInt32, _ fs1: UInt32, _ fs2: UInt32) { words.append(float(0x09, 7, fd, fs1, fs2)) }
  /// `fmadd.d`: `fs1 * fs2 + fs3`.
  mutating func multiplyAddFloat(_ fd: UInt32, _ fs1: UInt32, _ fs2: UInt32, _ fs3: UInt32) {
    let low = 0x43 | fd << 7 | 7 << 12
    words.append(low | fs1 << 15 | fs2 << 20 | 1 << 25 | fs3 << 27)
  }

  // MARK: Control

  /// `bne` to a position.
  mutating func branchIfNotEqual(_ rs1: BenchRegister, _ rs2: BenchRegister, to target: Int) {
    branch(1, rs1, rs2, to: target)
  }
  /// `j .`.
  mutating func loopForever() { words.append(0x6f) }
  mutating func environmentCall() { words.append(0x73) }
  mutating func machineReturn() { words.append(0x3020_0073) }
  mutating func supervisorReturn() { words.append(0x1020_0073) }
  /// `csrw`.
  mutating func write(csr: UInt32, _ rs1: BenchRegister) { system(1, csr, .zero, rs1) }
  /// `csrs`.
  mutating func setBits(csr: UInt32, _ rs1: BenchRegister) { system(2, csr, .zero, rs1) }
  /// `csrr`.
  mutating func read(_ rd: BenchRegister, csr: UInt32) { system(2, csr, rd, .zero) }

  // MARK: Formats

  private mutating func register(
    _ opcode: UInt32, _ function: UInt32, _ rd: BenchRegister, _ rs1: BenchRegister, _ rs2: BenchRegister,
    upper: UInt32 = 0
  ) {
    let low = opcode | rd.rawValue << 7 | function << 12
    words.append(low | rs1.rawValue << 15 | rs2.rawValue << 20 | upper << 25)
  }

  private mutating func immediate(
    _ opcode: UInt32, _ function: UInt32, _ rd: BenchRegister, _ rs1: BenchRegister, _ value: Int32
  ) {
    precondition((-2048..<2048).contains(value), "the immediate has 12 bits")
    let low = opcode | rd.rawValue << 7 | function << 12
    words.append(low | rs1.rawValue << 15 | UInt32(bitPattern: value) << 20)
  }

  private mutating func system(_ function: UInt32, _ csr: UInt32, _ rd: BenchRegister, _ rs1: BenchRegister) {
    words.append(0x73 | rd.rawValue << 7 | function << 12 | rs1.rawValue << 15 | csr << 20)
  }

  private mutating func store(_ function: UInt32, _ rs2: BenchRegister, _ offset: Int32, _ base: BenchRegister) {
    precondition((-2048..<2048).contains(offset), "the offset has 12 bits")
    let bits = UInt32(bitPattern: offset)
    let low = 0x23 | (bits & 31) << 7 | function << 12
    words.append(low | base.rawValue << 15 | rs2.rawValue << 20 | (bits >> 5 & 0x7f) << 25)
  }

  private mutating func branch(
    _ function: UInt32, _ rs1: BenchRegister, _ rs2: BenchRegister, to target: Int
  ) {
    let offset = target - position
    precondition((-4096..<4096).contains(offset), "a branch reaches 4 KiB")
    let bits = UInt32(bitPattern: Int32(offset))
    let low = 0x63 | (bits >> 11 & 1) << 7 | (bits >> 1 & 15) << 8 | function << 12
    words.append(low | rs1.rawValue << 15 | rs2.rawValue << 20 | (bits >> 5 & 63) << 25 | (bits >> 12 & 1) << 31)
  }

  private func float(_ upper: UInt32, _ function: UInt32, _ rd: UInt32, _ rs1: UInt32, _ rs2: UInt32) -> UInt32 {
    let low = 0x53 | rd << 7 | function << 12
    return low | rs1 << 15 | rs2 << 20 | upper << 25
  }
}
