// Text in guests: bytes in memory that somebody else owns. Embedded Swift's String would pull in the Unicode tables.
//
// Callers must not keep a `Bytes` longer than the memory behind it lives.

/// A run of bytes, usually text.
typealias Bytes = UnsafeBufferPointer<UInt8>

extension StaticString {
  /// The text's bytes, which live as long as the program.
  var bytes: Bytes { Bytes(start: utf8Start, count: utf8CodeUnitCount) }
}

extension UnsafeBufferPointer where Element == UInt8 {
  /// `length` bytes that start at `start`.
  init(_ start: UnsafePointer<UInt8>, length: UInt64) {
    self.init(start: start, count: Int(clamping: length))
  }

  /// The pointer to pass where a function wants one even for no bytes at all.
  var start: UnsafeRawPointer {
    baseAddress.map { UnsafeRawPointer($0) } ?? UnsafeRawPointer(("" as StaticString).utf8Start)
  }

  /// The number of bytes as the library's functions want it.
  var length: UInt64 { UInt64(count) }

  /// The bytes in a range that lies within these.
  func part(_ range: Range<Int>) -> Bytes { Bytes(rebasing: self[range]) }

  /// Whether these are the bytes of `text`.
  func equals(_ text: StaticString) -> Bool {
    let other = text.bytes
    guard count == other.count else { return false }
    for index in 0..<count where self[index] != other[index] { return false }
    return true
  }

  /// The bytes without spaces at either end.
  var trimmed: Bytes {
    var range = 0..<count
    while let last = range.last, isSpace(self[last]) { range = range.lowerBound..<last }
    while let first = range.first, isSpace(self[first]) { range = (first + 1)..<range.upperBound }
    return part(range)
  }

  /// The value of a decimal number without sign; nil for anything else, and for what 64 bits cannot hold.
  var decimal: UInt64? {
    guard count > 0 else { return nil }
    var value: UInt64 = 0
    for byte in self {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      guard !tooLarge, !carry else { return nil }
      value = sum
    }
    return value
  }

  /// The value of a number written as `0x` and up to 16 hexadecimal digits; nil for anything else.
  var hexadecimal: UInt64? {
    guard (3...18).contains(count), self[0] == UInt8(ascii: "0"), self[1] == UInt8(ascii: "x") else { return nil }
    var value: UInt64 = 0
    for byte in part(2..<count) {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      default: return nil
      }
      value = value << 4 | UInt64(digit)
    }
    return value
  }
}

/// Whether a byte is a space, a tab or ends a line.
func isSpace(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || (byte >= 0x09 && byte <= 0x0D)
}
