// Classification, sign injection and NaN boxing (unprivileged specification 20191213, sections 11.7, 11.9 and 12.2).
// None of these raises an exception.

extension FloatingPointFormat {
  /// The result of `fclass`: one bit set (table 11.5).
  func classMask(_ bits: UInt64) -> UInt64 {
    let number = UnpackedNumber(bits, self)
    let place: UInt64 =
      switch number.kind {
      case .signalingNaN: 8
      case .quietNaN: 9
      case .infinity: number.isNegative ? 0 : 7
      case .zero: number.isNegative ? 3 : 4
      case .finite:
        if number.exponent < minimumExponent { number.isNegative ? 2 : 5 } else { number.isNegative ? 1 : 6 }
      }
    return 1 << place
  }

  /// The magnitude of one number with a sign given by those of both, as the `funct3` of `fsgnj` says; nil if it is none.
  func injectSign(_ left: UInt64, _ right: UInt64, function: UInt32) -> UInt64? {
    switch function {
    case 0: left & ~signBit | right & signBit
    case 1: left & ~signBit | ~right & signBit
    case 2: left ^ right & signBit
    default: nil
    }
  }

  /// The number that a 64-bit register holds: a narrower one counts only if all bits above it are set.
  func unboxed(_ register: UInt64) -> UInt64 {
    guard self == .single else { return register }
    return register >> 32 == 0xffff_ffff ? register & 0xffff_ffff : canonicalNaN
  }

  /// The 64-bit register that holds a number.
  func boxed(_ bits: UInt64) -> UInt64 {
    self == .single ? bits | 0xffff_ffff_0000_0000 : bits
  }
}
