// Brings the outputs of transcripts up to date with what the program prints, and keeps the author's patterns where they
// still fit. Callers must show the difference before they write it: an output that changed may be a bug.

/// A lesson's file with outputs renewed.
public struct TranscriptUpdate: Sendable {
  /// A line of the difference.
  public enum Change: Equatable, Sendable {
    /// A line that goes, with its number in the old file.
    case removed(line: Int, String)
    /// A line that comes, with its number in the new file.
    case added(line: Int, String)
  }

  /// The file's new text.
  public let text: String
  /// What has changed, in the order of the lines.
  public let changes: [Change]

  /// Renews outputs.
  ///
  /// - Parameters:
  ///   - source: The file's text.
  ///   - lesson: The lesson in it.
  ///   - outputs: What each command printed, by the command's place; commands that are not there keep their output.
  public init(source: String, lesson: LessonDocument, outputs: [LessonLocation: String]) {
    var lines = source.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    var changes: [Change] = []
    var shift = 0
    let entries = lesson.steps.flatMap(\.transcripts).filter(\.isTested).flatMap(\.entries)
    for entry in entries {
      guard entry.expected.contains(where: { !$0.isEmpty }), let output = outputs[entry.command.location],
        TranscriptPattern(entry.expected).firstMismatch(in: output) != nil
      else { continue }
      let renewed = Self.renewed(entry.expected, for: output)
      let first = entry.command.location.line + shift
      for (offset, line) in entry.expected.enumerated() {
        changes.append(.removed(line: entry.command.location.line + 1 + offset, line))
      }
      for (offset, line) in renewed.enumerated() { changes.append(.added(line: first + 1 + offset, line)) }
      lines.replaceSubrange(first..<first + entry.expected.count, with: renewed)
      shift += renewed.count - entry.expected.count
    }
    text = lines.joined(separator: "\n")
    self.changes = Self.withoutKept(changes)
  }

  // A line that resembles its successor is replaced by it rather than dropped.
  private static let replacing = 9
  private static let dropping = 10
  private static let inserting = 10

  /// Whether two lines have at least half of their words in common.
  private static func resemble(_ first: String, _ second: String) -> Bool {
    let words = Set(first.split(whereSeparator: \.isWhitespace)).subtracting(["..."])
    let common = words.intersection(second.split(whereSeparator: \.isWhitespace))
    return !common.isEmpty && 2 * common.count >= words.count
  }

  /// The expected lines for an output: patterns stay where a line still fits them, `...` stays where it still stands for
  /// lines, all else is what was printed.
  static func renewed(_ expected: [String], for output: String) -> [String] {
    var actual = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while actual.last?.allSatisfy(\.isWhitespace) == true { actual.removeLast() }
    // costs[i][j]: what it costs at least to explain actual[j...] by expected[i...].
    var costs = Array(repeating: Array(repeating: Int.max / 2, count: actual.count + 1), count: expected.count + 1)
    func isGap(_ line: String) -> Bool { line.trimmingSpaces == "..." }
    let fits = expected.map { line in
      let pattern = TranscriptPattern([line])
      return actual.map { !isGap(line) && pattern.firstMismatch(in: $0) == nil }
    }
    costs[expected.count][actual.count] = 0
    func resembles(_ i: Int, _ j: Int) -> Bool { !isGap(expected[i]) && Self.resemble(expected[i], actual[j]) }
    for i in (0...expected.count).reversed() {
      for j in (0...actual.count).reversed() where i < expected.count || j < actual.count {
        var best = Int.max / 2
        if i < expected.count, j < actual.count {
          if fits[i][j] { best = min(best, costs[i + 1][j + 1]) }
          if resembles(i, j) { best = min(best, costs[i + 1][j + 1] + replacing) }
        }
        if i < expected.count, isGap(expected[i]) {
          best = min(best, costs[i + 1][j])
          if j < actual.count { best = min(best, costs[i][j + 1]) }
        }
        if i < expected.count { best = min(best, costs[i + 1][j] + dropping) }
        if j < actual.count { best = min(best, costs[i][j + 1] + inserting) }
        costs[i][j] = best
      }
    }
    return path(through: costs, expected, actual, fits, isGap, resembles)
  }

  private static func path(
    through costs: [[Int]], _ expected: [String], _ actual: [String], _ fits: [[Bool]], _ isGap: (String) -> Bool,
    _ resembles: (Int, Int) -> Bool
  ) -> [String] {
    var result: [String] = []
    var (i, j) = (0, 0)
    while i < expected.count || j < actual.count {
      let cost = costs[i][j]
      if i < expected.count, j < actual.count, fits[i][j], costs[i + 1][j + 1] == cost {
        result.append(expected[i])
        (i, j) = (i + 1, j + 1)
      } else if i < expected.count, j < actual.count, resembles(i, j), costs[i + 1][j + 1] + replacing == cost {
        result.append(actual[j])
        (i, j) = (i + 1, j + 1)
      } else if i < expected.count, isGap(expected[i]), costs[i + 1][j] == cost {
        // Two gaps in a row say no more than one.
        if result.last.map(isGap) != true { result.append(expected[i]) }
        i += 1
      } else if i < expected.count, isGap(expected[i]), j < actual.count, costs[i][j + 1] == cost {
        j += 1
      } else if j < actual.count, costs[i][j + 1] + inserting == cost {
        result.append(actual[j])
        j += 1
      } else {
        i += 1
      }
    }
    return result
  }

  /// The changes without lines that go and come unchanged at the same place of their transcript.
  private static func withoutKept(_ changes: [Change]) -> [Change] {
    var result: [Change] = []
    var rest = changes[...]
    while !rest.isEmpty {
      let removed = rest.prefix { if case .removed = $0 { true } else { false } }
      rest = rest.dropFirst(removed.count)
      let added = rest.prefix { if case .added = $0 { true } else { false } }
      rest = rest.dropFirst(added.count)
      let difference = added.map(\.text).difference(from: removed.map(\.text))
      for case .remove(let offset, _, _) in difference.removals { result.append(removed[removed.startIndex + offset]) }
      for case .insert(let offset, _, _) in difference.insertions { result.append(added[added.startIndex + offset]) }
    }
    return result
  }
}

extension TranscriptUpdate.Change {
  /// The line's text.
  public var text: String {
    switch self {
    case .removed(_, let text), .added(_, let text): text
    }
  }
}
