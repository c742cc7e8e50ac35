// An instruction as a value: what it is called and what its fields say. Made for people who look at code; the hart decodes on
// its own and must not be slowed down by this.

/// A decoded instruction of RV64GC with Zba, Zbb and Zbs.
public struct Instruction: Hashable, Sendable {
  /// The mnemonic of the 32-bit instruction, such as `addi` or `amoadd.w.aq`, never a pseudo-instruction's.
  public let mnemonic: String
  /// Which fields the instruction has.
  public let format: Format
  /// The 32-bit encoding; for a compressed instruction, the one it stands for.
  public let word: UInt32
  /// The length in memory in bytes: 2 or 4.
  public let length: Int

  /// The arrangements of operands, named by what an assembly programmer writes.
  public enum Format: Hashable, Sendable {
    /// No operands.
    case none
    /// `rd, rs1, rs2`
    case registers
    /// `rd, rs1`
    case oneRegister
    /// `rd, rs1, immediate`
    case immediate
    /// `rd, rs1, shift amount`
    case shift
    /// `rd, offset(rs1)`
    case load
    /// `rs2, offset(rs1)`
    case store
    /// `rs1, rs2, target`
    case branch
    /// `rd, upper immediate`
    case upperImmediate
    /// `rd, target`
    case jump
    /// `rd, offset(rs1)`, to be jumped to
    case jumpRegister
    /// `rd, csr, rs1`
    case csr
    /// `rd, csr, immediate`
    case csrImmediate
    /// `rd, rs2, (rs1)`
    case atomic
    /// `rd, (rs1)`
    case loadReserved
    /// `predecessors, successors`
    case fence
    /// `rs1, rs2`, both optional
    case translationFence
    /// `fd, offset(rs1)`
    case floatLoad
    /// `fs2, offset(rs1)`
    case floatStore
    /// `fd, fs1, fs2, fs3, rounding mode`
    case floatFused
    /// `fd, fs1, fs2, rounding mode`
    case floatRounded
    /// `fd, fs1, fs2`
    case float
    /// `fd, fs1, rounding mode`
    case floatOneRounded
    /// `fd, fs1, rounding mode`, exact, so that the rounding mode is left out when it is 0
    case floatOneExact
    /// `rd, fs1, fs2`
    case floatCompare
    /// `rd, fs1, rounding mode`
    case floatToIntegerRounded
    /// `rd, fs1`
    case floatToInteger
    /// `fd, rs1, rounding mode`
    case integerToFloatRounded
    /// `fd, rs1, rounding mode`, exact, so that the rounding mode is left out when it is 0
    case integerToFloatExact
    /// `fd, rs1`
    case integerToFloat
  }

  /// The length in bytes of the instruction that starts with the given word: 2 or 4.
  public static func length(of word: UInt32) -> Int {
    word & 3 == 3 ? 4 : 2
  }

  /// Decodes an instruction.
  ///
  /// - Parameter word: The 32 bits at the instruction's address; of a compressed one the lower half counts.
  /// - Returns: The instruction, or nil if the encoding is illegal, reserved or a hint that has no name.
  public static func decode(_ word: UInt32) -> Instruction? {
    guard length(of: word) == 4 else {
      return CompressedEncoding.expand(UInt16(truncatingIfNeeded: word)).flatMap { decode32($0, length: 2) }
    }
    return decode32(word, length: 4)
  }

  /// The number of the destination register.
  public var rd: Int { Int(word >> 7 & 31) }
  /// The number of the first source register.
  public var rs1: Int { Int(word >> 15 & 31) }
  /// The number of the second source register.
  public var rs2: Int { Int(word >> 20 & 31) }
  /// The number of the third source register of a fused multiply-add.
  public var rs3: Int { Int(word >> 27) }
  /// The control and status register.
  public var csr: CSR { CSR(rawValue: UInt16(word >> 20)) }
  /// The immediate operand or offset in bytes, as the format defines it.
  public var immediate: Int64 {
    let signed = Int32(bitPattern: word)
    switch format {
    case .store, .floatStore: return Int64((signed >> 25) << 5 | Int32(word >> 7 & 31))
    case .branch:
      let low = Int32(word >> 8 & 15) << 1 | Int32(word >> 25 & 63) << 5
      return Int64((signed >> 31) << 12 | Int32(word >> 7 & 1) << 11 | low)
    case .jump:
      let low = Int32(word >> 21 & 0x3ff) << 1 | Int32(word >> 20 & 1) << 11
      return Int64((signed >> 31) << 20 | Int32(word & 0xff000) | low)
    case .upperImmediate: return Int64(signed & ~0xfff)
    case .shift: return Int64(word >> 20 & 63)
    case .csrImmediate: return Int64(rs1)
    default: return Int64(signed >> 20)
    }
  }

  /// The rounding-mode field.
  var roundingMode: Int { Int(word >> 12 & 7) }

  private static func decode32(_ word: UInt32, length: Int) -> Instruction? {
    guard let encoding = Encoding.matching(word) else { return nil }
    var mnemonic = encoding.mnemonic
    switch encoding.format {
    case .atomic, .loadReserved:
      mnemonic += ["", ".rl", ".aq", ".aqrl"][Int(word >> 25 & 3)]
    case .floatFused, .floatRounded, .floatOneRounded, .floatOneExact, .floatToIntegerRounded, .integerToFloatRounded,
      .integerToFloatExact:
      // Rounding modes 5 and 6 are reserved.
      guard word >> 12 & 7 != 5, word >> 12 & 7 != 6 else { return nil }
    default: break
    }
    return Instruction(mnemonic: mnemonic, format: encoding.format, word: word, length: length)
  }
}
