// What has to fit a terminal of 80 columns: the lines of transcripts, of listings and of commands.

extension LessonLinter {
  private var widest: Int { 80 }

  func layoutFindings(in lesson: LessonDocument) -> [LintFinding] {
    var findings: [LintFinding] = []
    func judge(_ text: String, _ location: LessonLocation, indentation: Int) {
      let width = indentation + DisplayWidth.of(text)
      if width > widest {
        findings.append(
          LintFinding(
            at: location, "this line takes \(width) columns on the terminal",
            cure: "shorten it to \(widest - indentation); `...` stands for what may be left out of an output"))
      }
    }
    for step in lesson.steps {
      for command in step.commands { judge(command.line, command.location, indentation: 4) }
      for entry in step.transcripts.flatMap(\.entries) {
        for (offset, line) in entry.expected.enumerated() {
          var place = entry.command.location
          place.line += offset + 1
          place.column = 1
          judge(line, place, indentation: 0)
        }
      }
      for case .prose(.code(let code)) in step.blocks {
        for (offset, line) in code.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
          let place = LessonLocation(file: lesson.file, line: code.line + offset + 1)
          judge(String(line), place, indentation: 4)
        }
      }
    }
    return findings
  }

  /// Fences that are content of other fences: a block that its author forgot to close.
  func fenceFindings(in source: LessonSource) -> [LintFinding] {
    var findings: [LintFinding] = []
    for fence in source.fences {
      for number in fence.content(of: source) {
        guard let mark = BlockParser.fence(of: source.line(number)), mark == fence.mark else { continue }
        findings.append(
          LintFinding(
            at: source.location(number), "a block opens inside the block of line \(fence.opening)",
            cure: "end the block of line \(fence.opening) by a fence of its own before this line"))
        break
      }
    }
    return findings
  }
}
