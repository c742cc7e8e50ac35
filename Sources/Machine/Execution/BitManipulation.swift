// The operations of Zba, Zbb and Zbs that Swift's operators do not spell in a word or two (RISC-V bit-manipulation
// extensions 1.0.0, chapter 2). Values only; who uses them knows registers and encodings.

enum BitManipulation {
  /// Zba: an index scaled by a size, added to a base.
  @inline(__always)
  static func shiftAdd(_ index: UInt64, by amount: UInt64, _ base: UInt64) -> UInt64 { index &<< amount &+ base }

  @inline(__always)
  static func signedMinimum(_ left: UInt64, _ right: UInt64) -> UInt64 {
    Int64(bitPattern: left) < Int64(bitPattern: right) ? left : right
  }

  @inline(__always)
  static func signedMaximum(_ left: UInt64, _ right: UInt64) -> UInt64 {
    Int64(bitPattern: left) < Int64(bitPattern: right) ? right : left
  }

  @inline(__always)
  static func rotateRight(_ value: UInt64, by amount: UInt64) -> UInt64 {
    value &>> amount | value &<< (0 &- amount)
  }

  /// Rotates the low 32 bits and sign-extends them.
  @inline(__always)
  static func rotateWordRight(_ value: UInt64, by amount: UInt64) -> UInt64 {
    let word = UInt32(truncatingIfNeeded: value)
    let count = UInt32(truncatingIfNeeded: amount)
    return UInt64(bitPattern: Int64(Int32(bitPattern: word &>> count | word &<< (0 &- count))))
  }

  @inline(__always)
  static func leadingZerosOfWord(_ value: UInt64) -> UInt64 {
    UInt64(UInt32(truncatingIfNeeded: value).leadingZeroBitCount)
  }

  @inline(__always)
  static func trailingZerosOfWord(_ value: UInt64) -> UInt64 {
    UInt64(UInt32(truncatingIfNeeded: value).trailingZeroBitCount)
  }

  /// `orc.b`: each byte that is not zero becomes 0xff.
  @inline(__always)
  static func orCombineBytes(_ value: UInt64) -> UInt64 {
    let low7: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
    let nonzero = ((value & low7) &+ low7 | value) & ~low7
    return (nonzero &>> 7) &* 0xff
  }
}
