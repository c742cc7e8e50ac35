// The format of gdb's `x` command: a repeat count, a unit size and a letter, size and letter in any order.

import Lab

extension ExamineFormat {
  /// The largest repeat count; more is a slip of the finger rather than a wish.
  static let maximumCount = 4096

  /// Reads what stands after the slash, for example `8gx`.
  init(parsing token: Token) throws(CommandError) {
    self.init()
    var unitWasGiven = false
    let digits = token.text.prefix { $0.isASCII && $0.isNumber }
    if !digits.isEmpty {
      guard let count = Int(digits), (1...Self.maximumCount).contains(count) else {
        throw CommandError(
          .invalidArgument, "the count \(digits) is not between 1 and \(Self.maximumCount)",
          hint: "for example `x/8gx $sp`", at: SourceSpan(start: token.span.start, length: digits.count))
      }
      self.count = count
    }
    for (offset, letter) in token.text.enumerated().dropFirst(digits.count) {
      if let size = Self.units[letter] {
        unit = size
        unitWasGiven = true
      } else if let style = Style(rawValue: letter) {
        self.style = style
      } else {
        throw CommandError(
          .invalidArgument, "unknown format letter `\(letter)`",
          hint:
            "sizes: b h w g (1, 2, 4, 8 bytes); styles:\(Self.letters)",
          at: SourceSpan(start: token.span.start + offset, length: 1))
      }
    }
    if !unitWasGiven, style == .character || style == .string { unit = 1 }
  }

  /// The letters of all styles.
  static var letters: String { Style.allCases.map { String($0.rawValue) }.joined(separator: " ") }

  private static let units: [Character: Int] = ["b": 1, "h": 2, "w": 4, "g": 8]
}
