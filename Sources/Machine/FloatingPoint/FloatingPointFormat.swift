// What the soft-float code is told and tells: formats, rounding modes and exception flags (unprivileged specification
// 20191213, sections 11.2 and 12.1; IEEE 754-2008, section 3.4). Numbers are bit patterns in the low bits of a `UInt64`.

/// A binary interchange format of IEEE 754 by its two widths.
struct FloatingPointFormat: Equatable, Sendable {
  let exponentBits: Int
  let fractionBits: Int

  static let single = FloatingPointFormat(exponentBits: 8, fractionBits: 23)
  static let double = FloatingPointFormat(exponentBits: 11, fractionBits: 52)

  /// The bits of the significand, with the leading one that is not stored.
  var precision: Int { fractionBits + 1 }
  var bias: Int { 1 << (exponentBits - 1) - 1 }
  /// The exponents of normal numbers.
  var minimumExponent: Int { 1 - bias }
  var maximumExponent: Int { bias }
  var largestExponentField: UInt64 { 1 << UInt64(exponentBits) - 1 }
  var fractionMask: UInt64 { 1 << UInt64(fractionBits) - 1 }
  var signBit: UInt64 { 1 << UInt64(exponentBits + fractionBits) }
  /// The bit that tells quiet NaNs from signaling ones.
  var quietBit: UInt64 { 1 << UInt64(fractionBits - 1) }

  /// The NaN that every operation gives (section 11.3).
  var canonicalNaN: UInt64 { largestExponentField << UInt64(fractionBits) | quietBit }

  func zero(isNegative: Bool) -> UInt64 { isNegative ? signBit : 0 }

  func infinity(isNegative: Bool) -> UInt64 {
    zero(isNegative: isNegative) | largestExponentField << UInt64(fractionBits)
  }

  func largestFinite(isNegative: Bool) -> UInt64 { infinity(isNegative: isNegative) - 1 }
}

/// A rounding mode, by its number in `frm` and in the `rm` field of instructions (table 11.1).
enum RoundingMode: UInt64, CaseIterable, Sendable {
  case nearestTiesToEven
  case towardZero
  case down
  case up
  case nearestTiesToMaximumMagnitude
}

/// The accrued exceptions, by their bits in `fflags` (table 11.2).
struct FloatingPointFlags: OptionSet, Hashable, Sendable {
  let rawValue: UInt64

  static let inexact = FloatingPointFlags(rawValue: 1)
  static let underflow = FloatingPointFlags(rawValue: 2)
  static let overflow = FloatingPointFlags(rawValue: 4)
  static let divideByZero = FloatingPointFlags(rawValue: 8)
  static let invalid = FloatingPointFlags(rawValue: 16)
}

/// Carries out operations of one format in one rounding mode and collects the exceptions that they raise.
struct SoftFloat {
  let format: FloatingPointFormat
  let rounding: RoundingMode
  var flags: FloatingPointFlags = []

  init(_ format: FloatingPointFormat, _ rounding: RoundingMode = .nearestTiesToEven) {
    self.format = format
    self.rounding = rounding
  }
}
