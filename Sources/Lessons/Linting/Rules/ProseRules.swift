// Prose: one idea a paragraph, sentences that a tired student can read, pictures that someone who cannot see them can.

extension LessonLinter {
  /// The most words of a paragraph.
  static var longestParagraph: Int { 90 }
  /// The most words of a sentence.
  static var longestSentence: Int { 45 }
  /// The least reading ease of a step's text; see ``ReadingLevel``.
  static var leastReadingEase: Double { 45 }

  func proseFindings(in source: LessonSource) -> [LintFinding] {
    let paragraphs = source.paragraphs
    return inlineCommandFindings(in: source) + lengthFindings(in: paragraphs, source)
      + readingFindings(in: paragraphs, source) + imageFindings(in: source)
  }

  private func lengthFindings(in paragraphs: [LessonSource.Paragraph], _ source: LessonSource) -> [LintFinding] {
    paragraphs.compactMap { paragraph in
      let level = ReadingLevel(of: paragraph.text)
      if level.words > Self.longestParagraph {
        return LintFinding(
          .warning, at: source.location(paragraph.line), "this paragraph has \(level.words) words",
          cure: "make two of it: at most \(Self.longestParagraph), one idea in each")
      }
      guard level.longestSentence > Self.longestSentence else { return nil }
      return LintFinding(
        .warning, at: source.location(paragraph.line), "a sentence here has \(level.longestSentence) words",
        cure: "make two of it: at most \(Self.longestSentence)")
    }
  }

  /// Only texts long enough for the formula to mean something are judged, and no questions: their options are no
  /// sentences.
  private func readingFindings(in paragraphs: [LessonSource.Paragraph], _ source: LessonSource) -> [LintFinding] {
    let prose = paragraphs.filter { source.fence(around: $0.line)?.isQuestion != true }
    let steps = Dictionary(grouping: prose) { source.heading(above: $0.line) ?? source.frontMatterEnd + 1 }
    return steps.compactMap { line, paragraphs in
      let level = ReadingLevel(of: paragraphs.map { $0.text + "." }.joined(separator: " "))
      guard level.words >= 100, level.ease < Self.leastReadingEase else { return nil }
      return LintFinding(
        .warning, at: source.location(line), "this step is hard to read: ease \(Int(level.ease.rounded())) of 100",
        cure: "shorter sentences and shorter words, until it is \(Int(Self.leastReadingEase)) or more")
    }
  }

  private func imageFindings(in source: LessonSource) -> [LintFinding] {
    source.proseLines.flatMap { number -> [LintFinding] in
      source.line(number).matches(of: /!\[\s*\]\(/).map { match in
        let line = source.line(number)
        let column = line.distance(from: line.startIndex, to: match.range.lowerBound) + 1
        return LintFinding(
          at: source.location(number, column: column), "this picture has no alternative text",
          cure: "say between the brackets what it shows")
      }
    }
  }
}

/// How hard a text is to read.
///
/// The ease is Flesch's (Rudolf Flesch, "A new readability yardstick", Journal of Applied Psychology 32, 1948): 206.835
/// − 1.015 × words in a sentence − 84.6 × syllables in a word. Syllables are groups of vowels, a silent final e apart;
/// a piece of code counts as one word of two syllables, because it is read as a name.
public struct ReadingLevel: Equatable, Sendable {
  /// The number of words.
  public let words: Int
  /// The number of words of the longest sentence.
  public let longestSentence: Int
  /// Flesch's reading ease; 100 is easy, 60 plain, 30 hard.
  public let ease: Double

  /// Judges a text in Markdown.
  public init(of text: String) {
    var words = 0
    var syllables = 0
    var sentences: [Int] = [0]
    let plain = text.replacing(/`[^`]*`/, with: "code").replacing(/\]\([^)]*\)/, with: "]")
    for word in plain.split(whereSeparator: \.isWhitespace) {
      let letters = word.filter { $0.isLetter || $0.isNumber }
      guard !letters.isEmpty else { continue }
      words += 1
      syllables += Self.syllables(of: letters.lowercased())
      sentences[sentences.count - 1] += 1
      let end = word.reversed().first { !"*_\")]”’".contains($0) }
      if let end, ".!?:;".contains(end) { sentences.append(0) }
    }
    let count = sentences.count { $0 > 0 }
    self.words = words
    longestSentence = sentences.max() ?? 0
    guard words > 0 else {
      ease = 100
      return
    }
    ease = 206.835 - 1.015 * Double(words) / Double(max(count, 1)) - 84.6 * Double(syllables) / Double(words)
  }

  private static func syllables(of word: String) -> Int {
    var groups = 0
    var wasVowel = false
    for character in word {
      let isVowel = "aeiouy".contains(character)
      if isVowel, !wasVowel { groups += 1 }
      wasVowel = isVowel
    }
    let hasSilentEnd = word.hasSuffix("e") && !word.hasSuffix("le") && groups > 1
    return max(1, hasSilentEnd ? groups - 1 : groups)
  }
}
