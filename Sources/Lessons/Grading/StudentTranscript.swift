// A student's transcript of a lesson, as its file says: commands, what is said to have been printed, and when. Nothing in
// it is believed: callers replay it.

/// A transcript of a lesson.
///
/// A line `> command` is followed by what was printed. Lines that begin with `# ` and one of ``keys`` are about the
/// session: `program`, `lesson`, `content`, `seed` where the lesson is started, `before > COMMAND` for each command of an
/// earlier session, `step` where a step begins, `time` with the seconds since the start in front of each command, and
/// `end` where the session ended in good order.
public struct StudentTranscript: Equatable, Sendable {
  /// What lines about the session can say.
  public static let keys = ["program", "lesson", "content", "seed", "before", "step", "time", "end"]

  /// A command and what is said to have been printed.
  public struct Entry: Equatable, Sendable {
    /// The command as it was typed.
    public let command: String
    /// The line it stands on, counted from 1.
    public let line: Int
    /// Seconds since the lesson was started; nil if the transcript does not say.
    public let seconds: Double?
    /// The step that the student was at; nil before the first.
    public let step: String?
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

  /// The program's version, if the transcript says it.
  public private(set) var program: String?
  /// The lesson's id.
  public private(set) var lesson: String?
  /// The hash of the lesson's content.
  public private(set) var content: String?
  /// The student's seed.
  public private(set) var seed: UInt64?
  /// The commands of earlier sessions, which are not in the transcript.
  public private(set) var before: [String] = []
  /// The step at which the transcript begins.
  public private(set) var firstStep: String?
  /// The commands in order.
  public private(set) var entries: [Entry] = []
  /// Whether the session ended in good order; if not, the transcript was cut off.
  public private(set) var isEnded = false

  private var step: String?
  private var seconds: Double?

  /// Reads a transcript; every text is one.
  public init(_ text: String) {
    let lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if let (key, value) = Self.comment(in: line) {
        take(key, value)
      } else if line.hasPrefix("> ") {
        let command = String(line.dropFirst(2))
        entries.append(Entry(command: command, line: index + 1, seconds: seconds, step: step, output: []))
        seconds = nil
      } else if !entries.isEmpty {
        entries[entries.count - 1].output.append(Line(number: index + 1, text: String(line)))
      }
    }
  }

  private static func comment(in line: Substring) -> (key: String, value: String)? {
    guard line.hasPrefix("# ") else { return nil }
    let words = line.dropFirst(2).split(separator: " ", maxSplits: 1).map(String.init)
    guard let key = words.first, keys.contains(key) else { return nil }
    return (key, words.count > 1 ? words[1] : "")
  }

  private mutating func take(_ key: String, _ value: String) {
    switch key {
    // A lesson that is started again within a session goes on with the same work.
    case "program":
      program = program ?? value
      isEnded = false
    case "lesson": lesson = lesson ?? value
    case "content": content = content ?? value
    case "seed": seed = seed ?? UInt64(value)
    case "before": if firstStep == nil, value.hasPrefix("> ") { before.append(String(value.dropFirst(2))) }
    case "step":
      firstStep = firstStep ?? value
      step = value
    case "time": seconds = Double(value)
    default: isEnded = true
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
  /// Words are compared: spaces and line ends do not count, nor where a line of commands came from.
  /// - Parameter isCutOff: Whether the entry is the last of a transcript that was cut off: then words may be missing, and
  ///   the last one may be shortened.
  public init?(of entry: StudentTranscript.Entry, from printed: String, isCutOff: Bool) {
    let lines = printed.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    let found = entry.output.flatMap { line in Self.words(of: line.text).map { (word: $0, line: line) } }
    let expected = lines.flatMap { number, text in
      Self.words(of: String(text)).map { (word: $0, line: StudentTranscript.Line(number: number, text: String(text))) }
    }
    let common = zip(found, expected).prefix { $0.word == $1.word }.count
    if common == found.count, common == expected.count { return nil }
    if isCutOff {
      if common == found.count { return nil }
      if common == found.count - 1, common < expected.count, expected[common].word.hasPrefix(found[common].word) {
        return nil
      }
    }
    let place = common < found.count ? found[common].line : nil
    line = place?.number ?? (found.last?.line.number ?? entry.line) + 1
    command = entry.command
    self.found = place?.text
    self.printed = common < expected.count ? expected[common].line.text : nil
  }

  /// The words of a line; an error begins with `error:` wherever its command came from.
  private static func words(of line: String) -> [String] {
    let line = line.replacing(#/^\S.*?:\d+(:\d+)?: error:/#, with: "error:")
    return line.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
