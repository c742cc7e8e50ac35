// Number literals: decimal, 0x, 0b and 0o, with _ between digits, and magnitude suffixes where an argument allows them.
// Callers must not parse numbers by other means: prompt, scripts and lessons share this one spelling.

/// Reads number literals.
enum NumberLiteral {
  /// Why a text that looks like a number is none.
  enum Failure: Error, Equatable {
    /// The text does not begin like a number.
    case notANumber
    /// A digit the base does not have, with its offset in the text.
    case badDigit(Character, offset: Int, base: Int)
    /// A prefix without digits, as in `0x`.
    case noDigits
    /// The value does not fit 64 bits.
    case tooLarge
  }

  /// The letters that may follow the digits and multiply the value.
  enum Suffixes: Equatable, Sendable {
    case none
    /// k, M, G: powers of 1000, for counts.
    case decimal
    /// K, M, G: powers of 1024, for bytes.
    case binary

    fileprivate func factor(_ letter: Character) -> UInt64? {
      let unit: UInt64
      switch self {
      case .none: return nil
      case .decimal: unit = 1000
      case .binary: unit = 1024
      }
      switch letter {
      case "k", "K": return unit
      case "m", "M": return unit * unit
      case "g", "G": return unit * unit * unit
      default: return nil
      }
    }
  }

  /// The value of a literal; a leading minus gives the two's complement.
  ///
  /// - Parameters:
  ///   - text: The literal, without surrounding white space.
  ///   - suffixes: The magnitude letters to accept.
  static func parse(_ text: some StringProtocol, suffixes: Suffixes = .none) throws(Failure) -> UInt64 {
    var characters = Array(text)
    var offset = 0
    let negative = characters.first == "-"
    if negative { offset = 1 }
    guard offset < characters.count, let first = characters[offset].digit, first < 10 else { throw .notANumber }

    var base: UInt64 = 10
    if characters[offset] == "0", offset + 1 < characters.count, let prefixed = prefixes[characters[offset + 1]] {
      base = prefixed
      offset += 2
    }
    var factor: UInt64 = 1
    // In base 16 no suffix letter is a digit, so the last letter is unambiguous in every base.
    if let last = characters.last, let multiplier = suffixes.factor(last) {
      factor = multiplier
      characters.removeLast()
    }

    var value: UInt64 = 0
    var digits = 0
    for index in offset..<max(offset, characters.count) {
      let character = characters[index]
      if character == "_", digits > 0 { continue }
      guard let digit = character.digit, digit < base else {
        throw .badDigit(character, offset: index, base: Int(base))
      }
      let (product, overflow) = value.multipliedReportingOverflow(by: base)
      let (sum, carry) = product.addingReportingOverflow(digit)
      if overflow || carry { throw .tooLarge }
      value = sum
      digits += 1
    }
    if digits == 0 { throw .noDigits }
    let (scaled, overflow) = value.multipliedReportingOverflow(by: factor)
    if overflow { throw .tooLarge }
    if negative, scaled > 1 << 63 { throw .tooLarge }
    return negative ? 0 &- scaled : scaled
  }

  private static let prefixes: [Character: UInt64] = ["x": 16, "X": 16, "b": 2, "B": 2, "o": 8, "O": 8]
}

extension NumberLiteral.Failure {
  /// What is wrong with `text`, as the end of a sentence.
  func explanation(of text: String) -> String {
    switch self {
    case .notANumber: "`\(text)` is not a number"
    case .badDigit(let digit, _, let base): "`\(text)` is not a number: `\(digit)` is no digit in base \(base)"
    case .noDigits: "`\(text)` is not a number: digits are missing after the prefix"
    case .tooLarge: "`\(text)` does not fit 64 bits"
    }
  }
}

extension Character {
  /// The value of an ASCII digit or letter in bases up to 36.
  fileprivate var digit: UInt64? {
    guard let ascii = asciiValue else { return nil }
    switch ascii {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return UInt64(ascii - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): return UInt64(ascii - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): return UInt64(ascii - UInt8(ascii: "A")) + 10
    default: return nil
    }
  }
}
