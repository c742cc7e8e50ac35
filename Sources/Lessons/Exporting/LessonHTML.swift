// A lesson as one HTML file: for reading where there is no program, and for printing. It needs no script and no other
// file; what the machine says in it was recorded when it was exported.

/// The HTML file of a lesson.
public struct LessonHTML: Sendable {
  private let lesson: LessonDocument
  private let record: LessonRecord
  private let showsNotes: Bool
  /// Longer outputs are cut: whoever needs them has the program.
  private let longestOutput = 40

  /// Prepares a file.
  ///
  /// - Parameters:
  ///   - lesson: The lesson.
  ///   - record: What the machine said; see ``LessonTester/record(_:on:)``.
  ///   - showsNotes: Whether the instructor's notes are in it.
  public init(_ lesson: LessonDocument, record: LessonRecord, showsNotes: Bool) {
    self.lesson = lesson
    self.record = record
    self.showsNotes = showsNotes
  }

  /// The whole file.
  public var text: String {
    var parts = [
      "<!DOCTYPE html>", "<html lang=\"en\">", "<head>", "<meta charset=\"utf-8\">",
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
      "<title>\(MarkdownHTML.escaped(lesson.title))</title>", "<style>\n\(Self.style)</style>", "</head>", "<body>",
      "<header>", "<h1>\(MarkdownHTML.escaped(lesson.title))</h1>",
      "<p class=\"facts\">About \(lesson.minutes) minutes</p>",
    ]
    if !lesson.objectives.isEmpty {
      parts.append("<p>Afterwards you can:</p>")
      parts.append("<ul>" + lesson.objectives.map { "<li>\(MarkdownHTML.escaped($0))</li>" }.joined() + "</ul>")
    }
    parts += ["</header>", "<main>", MarkdownHTML.html(of: lesson.introduction)]
    for step in lesson.steps { parts += html(of: step) }
    parts += ["</main>", "</body>", "</html>"]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
  }

  private func html(of step: LessonStep) -> [String] {
    ["<section id=\"\(step.id)\">", "<h2>\(MarkdownHTML.html(of: step.title))</h2>"]
      + step.blocks.map { html(of: $0) } + ["</section>"]
  }

  private func html(of block: LessonBlock) -> String {
    switch block {
    case .prose(let block): MarkdownHTML.html(of: block)
    case .transcript(let transcript): html(of: transcript)
    case .task(let blocks): "<div class=\"task\">\n\(MarkdownHTML.html(of: blocks))\n</div>"
    case .question(let question): html(of: question)
    case .check(let checks): html(of: checks)
    case .hint(let hint): details("Hint", MarkdownHTML.html(of: hint.text))
    case .solution(let commands): details("Solution", pre(commands.map { "&gt; \(MarkdownHTML.escaped($0.line))" }))
    case .pause(let blocks): blocks.isEmpty ? "" : "<div class=\"task\">\n\(MarkdownHTML.html(of: blocks))\n</div>"
    case .say(let blocks):
      showsNotes
        ? "<aside>\n<p><strong>For the instructor</strong></p>\n\(MarkdownHTML.html(of: blocks))\n</aside>" : ""
    case .picture(let picture):
      "<pre class=\"picture\" role=\"img\" aria-label=\"\(MarkdownHTML.escaped(picture.alternative))\">"
        + picture.lines.map(MarkdownHTML.escaped).joined(separator: "\n") + "</pre>"
    case .branch: ""
    }
  }

  private func pre(_ lines: [String]) -> String { "<pre>\(lines.joined(separator: "\n"))</pre>" }

  private func details(_ summary: String, _ content: String) -> String {
    "<details>\n<summary>\(summary)</summary>\n\(content)\n</details>"
  }

  private func html(of transcript: LessonTranscript) -> String {
    pre(
      transcript.entries.flatMap { entry -> [String] in
        let printed = transcript.isTested ? record.outputs[entry.command.location] : nil
        var lines =
          printed.map { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
          ?? entry.expected
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        if lines.count > longestOutput { lines = lines.prefix(longestOutput) + ["…"] }
        return ["<b>&gt; \(MarkdownHTML.escaped(entry.command.line))</b>"] + lines.map(MarkdownHTML.escaped)
      })
  }

  private func html(of checks: [LessonCheck]) -> String {
    let words = checks.compactMap(\.says)
    guard !words.isEmpty else { return "" }
    return "<ul class=\"checks\">" + words.map { "<li>\(MarkdownHTML.escaped($0))</li>" }.joined() + "</ul>"
  }

  private func html(of question: LessonQuestion) -> String {
    var parts = ["<div class=\"question\">"]
    if let asked = record.questions[question.id] {
      parts.append(MarkdownHTML.html(of: asked.presented.prompt))
      parts.append(options(asked.presented.options.map { MarkdownHTML.html(of: $0.text) }))
      parts.append(details("What the machine said", "<p>\(MarkdownHTML.escaped(asked.answer))</p>"))
    } else if let variant = question.variants.first {
      parts += variant.texts.prefix(1).map { MarkdownHTML.html(of: MarkdownParser.parse($0.source)) }
      parts.append(options(variant.texts.dropFirst().map { MarkdownHTML.html(of: MarkdownParser.parse($0.source)) }))
    }
    return (parts + ["</div>"]).filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func options(_ options: [String]) -> String {
    if options.isEmpty { return "" }
    return "<ol class=\"options\">\n" + options.map { "<li>\($0)</li>" }.joined(separator: "\n") + "\n</ol>"
  }

  private static let style = """
    body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1.05rem/1.55 Georgia, serif; color: #1a1a1a; }
    h1, h2, h3 { line-height: 1.2; }
    h2 { margin-top: 2.5rem; }
    pre, code { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 0.85em; }
    pre { background: #f4f4f0; padding: 0.7rem; overflow-x: auto; line-height: 1.35; }
    .facts { color: #555; }
    .task { border-left: 0.3rem solid #2a6f4e; padding-left: 1rem; }
    .question { border: 1px solid #888; padding: 0 1rem; margin: 1rem 0; }
    .options { list-style: lower-alpha; }
    .checks { list-style: "\\2610\\00a0"; }
    aside { background: #fdf6dc; padding: 0.1rem 1rem; }
    details { margin: 0.6rem 0; }
    summary { cursor: pointer; color: #2a4d8f; }
    @media print {
      body { max-width: none; margin: 0; font-size: 10.5pt; }
      details { display: none; }
      h2 { break-after: avoid; }
      pre, .question { break-inside: avoid; }
      pre { white-space: pre-wrap; }
    }

    """
}
