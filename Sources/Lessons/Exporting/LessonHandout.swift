// A lesson on paper: plain text with room for predictions. What the machine would answer is left out, but for the
// instructor.

/// The handout of a lesson.
public struct LessonHandout: Sendable {
  private let lesson: LessonDocument
  private let record: LessonRecord
  private let showsNotes: Bool
  private let renderer = TextRenderer(width: 72, usesUnicode: false)

  /// Prepares a handout.
  ///
  /// - Parameters:
  ///   - lesson: The lesson.
  ///   - record: What the machine said; see ``LessonTester/record(_:on:)``.
  ///   - showsNotes: Whether it is the instructor's: with notes, solutions and answers.
  public init(_ lesson: LessonDocument, record: LessonRecord, showsNotes: Bool) {
    self.lesson = lesson
    self.record = record
    self.showsNotes = showsNotes
  }

  /// The whole handout.
  public var text: String {
    var parts: [[String]] = [[lesson.title.uppercased(), String(repeating: "=", count: lesson.title.count)]]
    parts.append(["About \(lesson.minutes) minutes.   Name: ______________________________"])
    if !lesson.objectives.isEmpty {
      parts.append(["Afterwards you can:"] + lesson.objectives.flatMap { item($0, mark: "- ") })
    }
    parts += lesson.introduction.map { plain([$0]) }
    for (number, step) in lesson.steps.enumerated() {
      let title = "\(number + 1). " + MarkdownInline.plainText(of: step.title)
      parts.append(["", title, String(repeating: "-", count: title.count)])
      parts += step.blocks.map { lines(of: $0) }
    }
    return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  private func plain(_ blocks: [MarkdownBlock]) -> [String] { renderer.lines(of: blocks).map(\.text) }

  private func item(_ text: String, mark: String) -> [String] {
    let lines = plain(MarkdownParser.parse(text))
    let rest = String(repeating: " ", count: mark.count)
    return lines.enumerated().map { ($0.offset == 0 ? mark : rest) + $0.element }
  }

  private func lines(of block: LessonBlock) -> [String] {
    switch block {
    case .prose(let block): plain([block])
    case .transcript(let transcript):
      transcript.entries.flatMap { entry in ["  > " + entry.command.line, "    " + blank(50)] }
    case .task(let blocks): plain(blocks).enumerated().map { ($0.offset == 0 ? "* " : "  ") + $0.element }
    case .question(let question): lines(of: question)
    case .check(let checks): checks.compactMap(\.says).flatMap { item($0, mark: "  [ ] ") }
    case .hint: []
    case .solution(let commands): showsNotes ? ["  Solution:"] + commands.map { "  > " + $0.line } : []
    case .pause(let blocks): plain(blocks)
    case .say(let blocks): showsNotes ? ["  For the instructor:"] + plain(blocks).map { "  | " + $0 } : []
    case .picture(let picture): picture.lines
    case .branch: []
    }
  }

  private func blank(_ width: Int) -> String { String(repeating: "_", count: width) }

  private func lines(of question: LessonQuestion) -> [String] {
    let asked = record.questions[question.id]
    guard let variant = asked?.presented.variant ?? question.variants.first else { return [] }
    let prompt = asked?.presented.prompt ?? MarkdownParser.parse(variant.prompt.source)
    let texts = asked?.presented.options.map(\.source) ?? variant.texts.dropFirst().map(\.source)
    var lines = plain(prompt).enumerated().map { ($0.offset == 0 ? "? " : "  ") + $0.element }
    let options = zip("abcdefghijklmnopqrstuvwxyz", texts)
    switch variant.form {
    case .choice: for (letter, text) in options { lines += item(text, mark: "    [ ] \(letter)) ") }
    case .order:
      for (letter, text) in options { lines += item(text, mark: "    \(letter)) ") }
      lines.append("    In this order: " + texts.map { _ in blank(4) }.joined(separator: " "))
    case .number(let number): lines.append("    " + blank(16) + (number.unit.map { " " + $0 } ?? ""))
    }
    if question.asksConfidence { lines.append("    I am  [ ] sure  [ ] fairly sure  [ ] guessing") }
    if showsNotes, let asked { lines.append("    The machine said: " + asked.answer) }
    return lines
  }
}
