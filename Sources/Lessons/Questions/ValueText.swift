// Values of the machine as a sentence shows them. Callers must not parse what this writes.

/// How values are written.
enum ValueText {
  /// A value as it stands in a question: digits without separators, so that it can be part of a command.
  static func plain(_ value: JSONValue) -> String {
    switch value {
    case .null: "nothing"
    case .boolean(let truth): truth ? "true" : "false"
    case .integer(let number): String(number)
    case .number(let number): fraction(number)
    case .text(let text): text
    case .list(let elements): elements.map(plain).joined(separator: ", ")
    case .object: "…"
    }
  }

  /// A value as a figure in an explanation: thousands are set apart.
  static func shown(_ value: JSONValue) -> String {
    switch value {
    case .integer(let number): grouped(String(number))
    case .text(let text): "\"\(text)\""
    case .list(let elements): "[" + elements.map(shown).joined(separator: ", ") + "]"
    default: plain(value)
    }
  }

  /// A number that a student gave or the machine computed.
  static func number(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? grouped(String(Int64(number))) : fraction(number)
  }

  private static func fraction(_ number: Double) -> String {
    let rounded = (number * 1000).rounded() / 1000
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int64(rounded)) : String(rounded)
  }

  private static func grouped(_ digits: String) -> String {
    let isNegative = digits.hasPrefix("-")
    var result = ""
    for (index, digit) in digits.drop(while: { $0 == "-" }).reversed().enumerated() {
      if index > 0, index % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return (isNegative ? "-" : "") + String(result.reversed())
  }
}
