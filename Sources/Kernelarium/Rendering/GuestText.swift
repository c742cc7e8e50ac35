// What a guest wrote, made safe to show: a guest's escape sequences must not reach the student's terminal except in
// `console`, where the terminal is the guest's.

/// Text that came out of a guest.
enum GuestText {
  /// The text split into lines, with control characters made visible.
  static func lines(_ text: String) -> [String] {
    // By scalars, because a carriage return and a line feed are one character.
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { visible(String($0)) }
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  private static func visible(_ line: String) -> String {
    var result = ""
    for scalar in line.unicodeScalars {
      switch scalar {
      // Consoles end their lines with a carriage return as well.
      case "\r": continue
      case "\t": result += "    "
      case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value):
        result += "\\x" + Quoting.hexadecimal(scalar.value, digits: 2)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
