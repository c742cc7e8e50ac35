// The spelling of numbers in text output: separators, units, hexadecimal. JSON carries plain numbers instead.

/// Numbers as people read them.
enum NumberStyle {
  /// Decimal with commas between thousands.
  static func decimal(_ number: some BinaryInteger) -> String {
    let digits = String(number.magnitude)
    var result = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }

  /// A count with its noun, in the singular or the plural.
  static func count(_ number: some BinaryInteger, _ singular: String, _ plural: String? = nil) -> String {
    "\(decimal(number)) \(number == 1 ? singular : plural ?? singular + "s")"
  }

  /// Hexadecimal with `0x`, without leading zeros.
  static func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }

  /// An address at its full width of 16 digits, without separators.
  static func address(_ number: UInt64) -> String { "0x" + Quoting.hexadecimal(number, digits: 16) }

  /// Ticks of 100 ns in milliseconds, to the microsecond.
  static func milliseconds(ticks: UInt64) -> String {
    let thousandths = String(ticks / 10 % 1000)
    return "\(decimal(ticks / 10_000)).\(String(repeating: "0", count: 3 - thousandths.count))\(thousandths) ms"
  }

  /// An amount of memory in the largest unit that keeps it exact, or with one decimal.
  static func bytes(_ count: some BinaryInteger) -> String {
    let bytes = UInt64(count)
    let units: [(UInt64, String)] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
    for (size, name) in units where bytes >= size {
      if bytes % size == 0 { return "\(decimal(bytes / size)) \(name)" }
      let tenths = (bytes / size * 10) + (bytes % size) * 10 / size
      return "\(decimal(tenths / 10)).\(tenths % 10) \(name)"
    }
    return "\(decimal(bytes)) B"
  }
}
