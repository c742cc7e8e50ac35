// Addition and subtraction (unprivileged specification 20191213, section 11.6; IEEE 754-2008, sections 5.4.1 and 6.3).

extension SoftFloat {
  mutating func add(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (a, b) = (unpack(left), unpack(right))
    if let result = resultOfNaN(a, b) { return result }
    switch (a.kind, b.kind) {
    case (.infinity, .infinity): return a.isNegative == b.isNegative ? left : invalidResult()
    case (.infinity, _): return left
    case (_, .infinity): return right
    case (.zero, .zero): return a.isNegative == b.isNegative ? left : zeroOfCancellation
    case (.zero, _): return right
    case (_, .zero): return left
    default: return sum(ExactNumber(a), ExactNumber(b))
    }
  }

  mutating func subtract(_ left: UInt64, _ right: UInt64) -> UInt64 {
    // The sign of a NaN means nothing, so that negating one is harmless.
    add(left, right ^ format.signBit)
  }

  /// What a number minus itself is.
  var zeroOfCancellation: UInt64 { format.zero(isNegative: rounding == .down) }

  /// The rounded sum of two numbers, of whose significands the lowest bit is not set.
  ///
  /// Where the smaller one loses bits to alignment, they are many places below the ones that rounding keeps, even if the
  /// subtraction cancels leading ones: exponents that differ by two or more cancel one bit, and nearer ones lose nothing,
  /// because a significand is at most 106 bits long here.
  mutating func sum(_ left: ExactNumber, _ right: ExactNumber) -> UInt64 {
    let exponent = max(left.exponent, right.exponent) + 1
    let a = Self.shiftRight(left.significand, by: exponent - left.exponent)
    let b = Self.shiftRight(right.significand, by: exponent - right.exponent)
    if left.isNegative == right.isNegative {
      return round(ExactNumber(isNegative: left.isNegative, exponent: exponent, significand: a + b))
    }
    if a == b { return zeroOfCancellation }
    return round(
      ExactNumber(
        isNegative: a > b ? left.isNegative : right.isNegative, exponent: exponent,
        significand: a > b ? a - b : b - a))
  }

  /// Shifts right and sets bit 0 if a bit was lost.
  private static func shiftRight(_ significand: UInt128, by count: Int) -> UInt128 {
    let shifted = significand >> count
    return shifted << count == significand ? shifted : shifted | 1
  }
}
