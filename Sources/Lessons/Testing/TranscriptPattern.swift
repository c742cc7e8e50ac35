// Compares what a command prints with what a lesson says it prints. The rules are few, so that an author can keep them
// in mind; callers must pass the text view without colour.

/// The expected output of a command.
///
/// A line `...` alone stands for any number of lines, also none; `...` inside a line stands for any characters, also
/// none. Runs of spaces count as one, and spaces at the ends of lines and empty lines at the end do not count.
public struct TranscriptPattern: Equatable, Sendable {
  private let lines: [[String]?]

  /// A pattern of the expected lines.
  public init(_ expected: [String]) {
    lines = Self.normalized(expected).map { line in
      if line == "..." { return nil }
      // At the end of a line the space before `...` need not be there: nothing may follow it.
      return (line.hasSuffix(" ...") ? line.dropLast(4) + "..." : line).components(separatedBy: "...")
    }
  }

  /// The first line of `text` that does not fit; nil if all do.
  public func firstMismatch(in text: String) -> Mismatch? {
    let actual = Self.normalized(text.components(separatedBy: "\n"))
    // reachable[n]: the pattern's lines so far can end after n lines of the text.
    var reachable: Set<Int> = [0]
    for (index, line) in lines.enumerated() {
      var next: Set<Int> = []
      for start in reachable {
        if let line {
          if start < actual.count, Self.matches(line, actual[start]) { next.insert(start + 1) }
        } else {
          next.formUnion(start...actual.count)
        }
      }
      if next.isEmpty {
        let furthest = reachable.max() ?? 0
        return Mismatch(expectedLine: index, actual: furthest < actual.count ? actual[furthest] : nil)
      }
      reachable = next
    }
    if reachable.contains(actual.count) { return nil }
    let furthest = reachable.max() ?? 0
    return Mismatch(expectedLine: lines.count, actual: actual[furthest])
  }

  /// Where a text leaves the pattern.
  public struct Mismatch: Equatable, Sendable {
    /// The number of the expected line, from 0; the number of lines if the text goes on after the last.
    public let expectedLine: Int
    /// The line that stands there instead; nil if the text has ended.
    public let actual: String?
  }

  private static func normalized(_ lines: [String]) -> [String] {
    var result = lines.map { line in
      let indentation = line.prefix { $0 == " " }.isEmpty ? "" : " "
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      return words.isEmpty ? "" : indentation + words.joined(separator: " ")
    }
    while result.last == "" { result.removeLast() }
    return result
  }

  /// Whether `text` consists of `pieces` with anything between them.
  private static func matches(_ pieces: [String], _ text: String) -> Bool {
    guard let first = pieces.first, let last = pieces.last else { return text.isEmpty }
    if pieces.count == 1 { return text == first }
    guard text.hasPrefix(first) else { return false }
    var rest = text.dropFirst(first.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let range = rest.firstRange(of: piece) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}
