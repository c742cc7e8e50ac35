// Division and square root (unprivileged specification 20191213, section 11.6; IEEE 754-2008, sections 5.4.1 and 7.3).

extension SoftFloat {
  mutating func divide(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (a, b) = (unpack(left), unpack(right))
    if let result = resultOfNaN(a, b) { return result }
    let isNegative = a.isNegative != b.isNegative
    switch (a.kind, b.kind) {
    case (.infinity, .infinity), (.zero, .zero): return invalidResult()
    case (.infinity, _): return format.infinity(isNegative: isNegative)
    case (_, .infinity), (.zero, _): return format.zero(isNegative: isNegative)
    case (_, .zero):
      flags.insert(.divideByZero)
      return format.infinity(isNegative: isNegative)
    default:
      let (quotient, remainder) = (UInt128(a.significand) << 64).quotientAndRemainder(
        dividingBy: UInt128(b.significand))
      return round(
        ExactNumber(
          isNegative: isNegative, exponent: a.exponent - b.exponent + 62,
          significand: quotient << 1 | (remainder == 0 ? 0 : 1)))
    }
  }

  mutating func squareRoot(_ operand: UInt64) -> UInt64 {
    let number = unpack(operand)
    if let result = resultOfNaN(number, number) { return result }
    if number.kind == .zero { return operand }
    if number.isNegative { return invalidResult() }
    if number.kind == .infinity { return operand }
    // An even power of two is left beside the radicand, half of which goes to the result.
    let shift = number.exponent & 1 == 0 ? 63 : 64
    let radicand = UInt128(number.significand) << shift
    let root = Self.integerSquareRoot(radicand)
    return round(
      ExactNumber(
        isNegative: false, exponent: (number.exponent - 63 - shift) / 2 + 126,
        significand: root << 1 | (root * root == radicand ? 0 : 1)))
  }

  /// The largest number whose square is not above the radicand, found bit by bit.
  private static func integerSquareRoot(_ radicand: UInt128) -> UInt128 {
    var root: UInt128 = 0
    for bit in stride(from: 63, through: 0, by: -1) {
      let candidate = root | 1 << bit
      if candidate * candidate <= radicand { root = candidate }
    }
    return root
  }
}
