// Operands for floating-point tests: mostly where something happens, namely special values, neighbours of powers of two,
// short significands, and pairs with near exponents.

@testable import Machine

extension Random {
  /// A random bit pattern of a format.
  mutating func operand(_ format: FloatingPointFormat) -> UInt64 {
    let fractionBits = UInt64(format.fractionBits)
    let sign = next() & format.signBit
    switch below(12) {
    case 0:
      let special = [
        0, 1, format.fractionMask, 1 << fractionBits, format.infinity(isNegative: false),
        format.largestFinite(isNegative: false), format.canonicalNaN, format.canonicalNaN ^ format.quietBit | 1,
        UInt64(format.bias) << fractionBits,
      ]
      return sign | special[Int(below(UInt64(special.count)))]
    case 1: return next() & (format.signBit | (format.signBit - 1))
    case 2: return sign | next() & format.fractionMask >> below(fractionBits)
    case 3: return sign | exponent(format, spread: 80) << fractionBits | next() & format.fractionMask
    case 4: return sign | below(3 + 2 * fractionBits) << fractionBits | next() & format.fractionMask
    case 5: return sign | exponent(format, spread: 3) << fractionBits | shortFraction(format)
    case 6: return sign | exponent(format, spread: 40) << fractionBits | shortFraction(format)
    case 7:
      // Next to a power of two, on either side.
      let power = exponent(format, spread: 70) << fractionBits
      return sign | (chance(1, in: 2) ? power + below(3) : power - 1 - below(3))
    case 8:
      let half = format.largestExponentField / 4 + format.largestExponentField / 2 * below(2)
      return sign | (half + below(40)) << fractionBits | shortFraction(format)
    default: return sign | exponent(format, spread: 4) << fractionBits | next() & format.fractionMask
    }
  }

  /// A register that holds an operand of single precision: boxed, with few exceptions.
  mutating func boxedOperand(_ format: FloatingPointFormat) -> UInt64 {
    let bits = operand(format)
    return format == .single && chance(1, in: 30) ? bits | next() << 32 : format.boxed(bits)
  }

  private mutating func exponent(_ format: FloatingPointFormat, spread: UInt64) -> UInt64 {
    UInt64(format.bias) - spread + below(2 * spread + 1)
  }

  /// A fraction whose set bits are all at the top.
  private mutating func shortFraction(_ format: FloatingPointFormat) -> UInt64 {
    let kept = below(12)
    return next() & format.fractionMask & ~(format.fractionMask >> kept)
  }
}
