// A student's transcript of a lesson, as its file says: commands, what is said to have been printed, and when. Nothing in
// it is believed: callers replay it.

/// A transcript of a lesson.
///
/// A line `> command` is followed by what was printed. Lines that begin with `#: ` hold a key and a value: `program`,
/// `lesson`, `content`, `seed` at the head, `step` where a step begins, `at` with the seconds since the head before a
/// command, and `end` where the session ended in good order.
public struct StudentTranscript: Equatable, Sendable {
  /// The mark of lines about the transcript.
  public static let mark = "#: "

  /// A command and what is said to have been printed.
  public struct Entry: Equatable, Sendable {
    /// The command as it was typed.
    public let command: String
    /// The line it stands on, counted from 1.
    public let line: Int
    /// Seconds since the head; nil if the transcript does not say.
    public let seconds: Int?
    /// The lines that follow it, with their numbers.
    public internal(set) var output: [Line]
  }

  /// A line of output and its number, counted from 1.
  public struct Line: Equatable, Sendable {
    /// The number in the file.
    public let number: Int
    /// The text.
    public let text: String
  }

  /// The program's version, if the head says it.
  public private(set) var program: String?
  /// The lesson's id.
  public private(set) var lesson: String?
  /// The hash of the lesson's content.
  public private(set) var content: String?
  /// The student's seed.
  public private(set) var seed: UInt64?
  /// The step that the first head was followed by.
  public private(set) var firstStep: String?
  /// The commands in order.
  public private(set) var entries: [Entry] = []
  /// Whether the last session in it ended in good order.
  public private(set) var isEnded = false

  /// Reads a transcript; every text is one.
  public init(_ text: String) {
    var seconds: Int?
    let lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let number = index + 1
      if line.hasPrefix(Self.mark) {
        read(line.dropFirst(Self.mark.count), &seconds)
      } else if line.hasPrefix("> ") {
        entries.append(Entry(command: String(line.dropFirst(2)), line: number, seconds: seconds, output: []))
        seconds = nil
        isEnded = false
      } else if !entries.isEmpty {
        entries[entries.count - 1].output.append(Line(number: number, text: String(line)))
      }
    }
  }

  private mutating func read(_ comment: Substring, _ seconds: inout Int?) {
    let words = comment.split(separator: " ", maxSplits: 1).map(String.init)
    guard let key = words.first else { return }
    let value = words.count > 1 ? words[1] : ""
    switch key {
    // A head that comes again belongs to a later session of the same work.
    case "program": program = program ?? value
    case "lesson": lesson = lesson ?? value
    case "content": content = content ?? value
    case "seed": seed = seed ?? UInt64(value)
    case "step": firstStep = firstStep ?? value
    case "at": seconds = Int(value)
    case "end": isEnded = true
    default: break
    }
  }
}

/// Where a transcript leaves what the machine prints.
public struct OutputDifference: Codable, Equatable, Sendable {
  /// The line in the transcript, counted from 1.
  public let line: Int
  /// The command that it follows.
  public let command: String
  /// What stands there; nil if the output ends too early.
  public let found: String?
  /// What the machine prints; nil if the output should have ended.
  public let printed: String?

  /// The first difference between an entry and what a replay of its command printed; nil if there is none.
  ///
  /// - Parameter isCutOff: Whether the entry is the last of a transcript that was cut off: then lines may be missing, and
  ///   the last one may be shortened.
  public init?(of entry: StudentTranscript.Entry, from printed: String, isCutOff: Bool) {
    let found = Self.trimmed(entry.output.map(\.text))
    let expected = Self.trimmed(printed.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    for index in 0..<max(found.count, expected.count) {
      let line = index < found.count ? found[index] : nil
      let right = index < expected.count ? expected[index] : nil
      if line == right { continue }
      if isCutOff, index >= found.count - 1 {
        guard let line else { return nil }
        if let right, right.hasPrefix(line) { return nil }
      }
      self.line = index < entry.output.count ? entry.output[index].number : entry.line + index + 1
      command = entry.command
      self.found = line
      self.printed = right
      return
    }
    return nil
  }

  /// Lines without spaces at their ends and without empty lines at the end.
  private static func trimmed(_ lines: [String]) -> [String] {
    var lines = lines.map { line in String(line.dropLast(line.reversed().prefix(while: \.isWhitespace).count)) }
    while lines.last == "" { lines.removeLast() }
    return lines
  }
}
