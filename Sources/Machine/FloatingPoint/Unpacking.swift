// From bit patterns to numbers with sign, exponent and significand (IEEE 754-2008, section 3.4), and the treatment of
// NaNs that all operations share (unprivileged specification 20191213, section 11.3).

/// A bit pattern taken apart.
struct UnpackedNumber {
  enum Kind {
    case zero, finite, infinity, quietNaN, signalingNaN
  }

  let kind: Kind
  let isNegative: Bool
  /// Of a finite number: its value is `significand` times two to the power of `exponent` - 63.
  let exponent: Int
  /// Of a finite number: its bit 63 is set.
  let significand: UInt64

  init(_ bits: UInt64, _ format: FloatingPointFormat) {
    isNegative = bits & format.signBit != 0
    let fraction = bits & format.fractionMask
    let field = bits >> UInt64(format.fractionBits) & format.largestExponentField
    switch field {
    case format.largestExponentField:
      kind = fraction == 0 ? .infinity : fraction & format.quietBit != 0 ? .quietNaN : .signalingNaN
      (exponent, significand) = (0, 0)
    case 0 where fraction == 0:
      kind = .zero
      (exponent, significand) = (0, 0)
    case 0:
      kind = .finite
      let zeros = fraction.leadingZeroBitCount
      significand = fraction << UInt64(zeros)
      exponent = format.minimumExponent - format.fractionBits + 63 - zeros
    default:
      kind = .finite
      significand = (fraction | 1 << UInt64(format.fractionBits)) << UInt64(64 - format.precision)
      exponent = Int(field) - format.bias
    }
  }

  var isNaN: Bool { kind == .quietNaN || kind == .signalingNaN }
}

extension SoftFloat {
  func unpack(_ bits: UInt64) -> UnpackedNumber { UnpackedNumber(bits, format) }

  /// The result of an operation without a meaningful one.
  mutating func invalidResult() -> UInt64 {
    flags.insert(.invalid)
    return format.canonicalNaN
  }

  /// Notes a signaling NaN among the operands.
  mutating func noteSignaling(_ operands: UnpackedNumber...) {
    if operands.contains(where: { $0.kind == .signalingNaN }) { flags.insert(.invalid) }
  }

  /// The canonical NaN if one of the operands is a NaN, otherwise nil.
  mutating func resultOfNaN(_ left: UnpackedNumber, _ right: UnpackedNumber) -> UInt64? {
    noteSignaling(left, right)
    return left.isNaN || right.isNaN ? format.canonicalNaN : nil
  }
}
