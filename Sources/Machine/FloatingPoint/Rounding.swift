// Rounding an exact result to a format and packing it (IEEE 754-2008, sections 4.3 and 7.4 to 7.6; tininess is detected
// after rounding, unprivileged specification 20191213, section 11.2). The only place where arithmetic raises inexact,
// underflow and overflow.

/// A number other than zero before rounding.
///
/// Its value is `significand` times two to the power of `exponent` - 127. Bit 0 of the significand may stand for any
/// number of lower bits of which one is set, provided that the significand has more bits than are kept.
struct ExactNumber {
  let isNegative: Bool
  let exponent: Int
  let significand: UInt128

  init(isNegative: Bool, exponent: Int, significand: UInt128) {
    self.isNegative = isNegative
    self.exponent = exponent
    self.significand = significand
  }

  init(_ number: UnpackedNumber) {
    self.init(
      isNegative: number.isNegative, exponent: number.exponent, significand: UInt128(number.significand) << 64)
  }
}

extension SoftFloat {
  /// Rounds a number to the format.
  mutating func round(_ number: ExactNumber) -> UInt64 {
    let zeros = number.significand.leadingZeroBitCount
    let significand = number.significand << UInt128(zeros)
    let exponent = number.exponent - zeros
    guard exponent <= format.maximumExponent else { return overflow(isNegative: number.isNegative) }
    let missing = max(format.minimumExponent - exponent, 0)
    let excess = 128 - format.precision
    let (kept, isInexact) = discard(excess + missing, of: significand, isNegative: number.isNegative)
    // A significand that rounding made longer carries into the exponent field, and that is the next number up.
    let field = missing > 0 ? 0 : UInt64(exponent + format.bias - 1)
    let magnitude = field << UInt64(format.fractionBits) + kept
    guard magnitude < format.infinity(isNegative: false) else { return overflow(isNegative: number.isNegative) }
    if isInexact {
      flags.insert(.inexact)
      if isTiny(significand, missing: missing, isNegative: number.isNegative) { flags.insert(.underflow) }
    }
    return format.zero(isNegative: number.isNegative) | magnitude
  }

  /// Whether a number below the normal ones stays there when rounded as if exponents had no lower bound.
  private func isTiny(_ significand: UInt128, missing: Int, isNegative: Bool) -> Bool {
    guard missing == 1 else { return missing > 1 }
    let (kept, _) = discard(128 - format.precision, of: significand, isNegative: isNegative)
    return kept >> UInt64(format.precision) == 0
  }

  private mutating func overflow(isNegative: Bool) -> UInt64 {
    flags.formUnion([.overflow, .inexact])
    let staysFinite =
      switch rounding {
      case .nearestTiesToEven, .nearestTiesToMaximumMagnitude: false
      case .towardZero: true
      case .down: !isNegative
      case .up: isNegative
      }
    return staysFinite ? format.largestFinite(isNegative: isNegative) : format.infinity(isNegative: isNegative)
  }

  /// Rounds away the lowest `count` bits, at least 64, of a significand whose magnitude belongs to a number of a sign.
  func discard(_ count: Int, of significand: UInt128, isNegative: Bool) -> (kept: UInt64, isInexact: Bool) {
    let kept = UInt64(truncatingIfNeeded: significand >> count)
    let half = significand >> (count - 1) & 1 == 1
    let rest = significand & (UInt128(1) << (count - 1) &- 1) != 0
    let isInexact = half || rest
    let goesUp =
      switch rounding {
      case .nearestTiesToEven: half && (rest || kept & 1 == 1)
      case .towardZero: false
      case .down: isNegative && isInexact
      case .up: !isNegative && isInexact
      case .nearestTiesToMaximumMagnitude: half
      }
    return (goesUp ? kept + 1 : kept, isInexact)
  }
}
