// Conversion between formats and from and to integers (unprivileged specification 20191213, sections 11.7 and 12.5).

/// An integer type that instructions convert from and to, by the number in their `rs2` field.
enum IntegerOperand: UInt32, CaseIterable, Sendable {
  case word, unsignedWord, doubleword, unsignedDoubleword

  var isSigned: Bool { self == .word || self == .doubleword }
  private var bits: UInt64 { self == .word || self == .unsignedWord ? 32 : 64 }

  /// The largest value.
  var maximum: UInt64 { .max >> (64 - bits + (isSigned ? 1 : 0)) }

  /// The magnitude of the smallest value.
  var minimumMagnitude: UInt64 { isSigned ? maximum + 1 : 0 }

  /// The register that holds a value of this type; 32-bit ones are sign-extended, even if unsigned.
  func register(_ value: UInt64) -> UInt64 { bits == 32 ? signExtendedWord(value) : value }

  /// The value of this type that a register holds, as sign and magnitude.
  func signAndMagnitude(_ register: UInt64) -> (isNegative: Bool, magnitude: UInt64) {
    let value = bits == 32 ? (isSigned ? signExtendedWord(register) : register & 0xffff_ffff) : register
    let isNegative = isSigned && Int64(bitPattern: value) < 0
    return (isNegative, isNegative ? 0 &- value : value)
  }
}

extension SoftFloat {
  /// The number of another format, in this one.
  mutating func convert(_ bits: UInt64, from other: FloatingPointFormat) -> UInt64 {
    let number = UnpackedNumber(bits, other)
    noteSignaling(number)
    switch number.kind {
    case .quietNaN, .signalingNaN: return format.canonicalNaN
    case .infinity: return format.infinity(isNegative: number.isNegative)
    case .zero: return format.zero(isNegative: number.isNegative)
    case .finite: return round(ExactNumber(number))
    }
  }

  /// The number that a register holds as an integer.
  mutating func convert(_ register: UInt64, from type: IntegerOperand) -> UInt64 {
    let (isNegative, magnitude) = type.signAndMagnitude(register)
    guard magnitude != 0 else { return 0 }
    return round(ExactNumber(isNegative: isNegative, exponent: 63, significand: UInt128(magnitude) << 64))
  }

  /// The register that holds the number as an integer; NaNs and numbers out of range give an end of it (table 11.4).
  mutating func convert(_ bits: UInt64, to type: IntegerOperand) -> UInt64 {
    let number = unpack(bits)
    if number.kind == .zero { return 0 }
    let isNegative = number.isNegative && !number.isNaN
    let limit = isNegative ? type.minimumMagnitude : type.maximum
    func value(_ magnitude: UInt64) -> UInt64 { type.register(isNegative ? 0 &- magnitude : magnitude) }
    if number.kind == .finite && number.exponent < 64 {
      let (magnitude, isInexact) = discard(
        127 - number.exponent, of: UInt128(number.significand) << 64, isNegative: isNegative)
      if magnitude <= limit {
        if isInexact { flags.insert(.inexact) }
        return value(magnitude)
      }
    }
    flags.insert(.invalid)
    return value(limit)
  }
}
