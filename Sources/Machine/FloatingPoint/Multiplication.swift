// Multiplication (unprivileged specification 20191213, section 11.6; IEEE 754-2008, section 5.4.1).

extension SoftFloat {
  mutating func multiply(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (a, b) = (unpack(left), unpack(right))
    if let result = resultOfNaN(a, b) { return result }
    let isNegative = a.isNegative != b.isNegative
    switch (a.kind, b.kind) {
    case (.infinity, .zero), (.zero, .infinity): return invalidResult()
    case (.infinity, _), (_, .infinity): return format.infinity(isNegative: isNegative)
    case (.zero, _), (_, .zero): return format.zero(isNegative: isNegative)
    default: return round(Self.product(a, b))
    }
  }

  /// The exact product of two finite numbers.
  static func product(_ left: UnpackedNumber, _ right: UnpackedNumber) -> ExactNumber {
    ExactNumber(
      isNegative: left.isNegative != right.isNegative, exponent: left.exponent + right.exponent + 1,
      significand: UInt128(left.significand) * UInt128(right.significand))
  }
}
