// `lesson lint`: everything that is wrong with lessons' files, without running them.

import Lessons

/// Finds mistakes in lessons' files.
struct LessonLintCommand: Command {
  let name = "lesson lint"
  let group = CommandGroup.learning
  let summary = "everything that is wrong with a lesson's file, for its author"
  let help = CommandHelp(
    """
    Ids, branches, hints, concepts, the spelling of commands and paths, alternative texts, widths, and how hard the \
    text is to read. Nothing is run; `lesson test` shows that a lesson works. Each finding has its place and its cure. \
    Without a name, all lessons. Errors make the exit status 1, warnings do not.

    Warnings say that a paragraph has more than 90 words, a sentence more than 45, or that a step's reading ease \
    (Flesch, 1948) is below 45 of 100.
    """,
    examples: ["lesson lint", "lesson lint machine", "lesson lint my-lesson.md"],
    next: ["lesson test", "lesson coverage"])
  var parameters: [any CommandParameter] { [Self.names] }

  private static let names = Remaining(
    "LESSON", ArgumentKind<LessonFile>.lessonFile, "ids or files; all lessons if none is given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let library = LessonPlaces.library()
    var files = arguments[Self.names]
    if files.isEmpty { files = library.entries.map { LessonFile(path: $0.file) } }
    if files.isEmpty {
      throw CommandError(.lesson, "there are no lessons", hint: "KERNELARIUM_LESSONS names a folder of lessons")
    }
    let grammar = SessionCommandGrammar(output: session.output)
    var findings: [LintFinding] = []
    for file in files {
      // A lesson that is being written stands among others that may not be installed.
      let linter = LessonLinter(
        grammar: grammar, lessons: library.lessons + LessonLibrary(folders: [file.folder]).lessons,
        misconceptions: try file.misconceptions(besides: library.misconceptions))
      findings += linter.findings(in: try file.source(), file: file.path)
    }
    let value = LintValue(files: files.count, findings: findings)
    return CommandResult(value, outcome: value.passed ? .fine : .checkFailed)
  }
}

private struct LintValue: CommandValue {
  let passed: Bool
  let files: Int
  let errors: Int
  let warnings: Int
  let findings: [LintFinding]

  init(files: Int, findings: [LintFinding]) {
    self.files = files
    self.findings = findings
    errors = findings.count { $0.severity == .error }
    warnings = findings.count - errors
    passed = errors == 0
  }

  func describe(in text: inout StyledText) {
    for finding in findings {
      let role: TextRole = finding.severity == .error ? .bad : .warning
      text.paragraph(
        "\(finding.file):\(finding.line):\(finding.column): \(finding.severity.rawValue, role): \(finding.problem)",
        hanging: 2)
      text.paragraph("\("cure:", .dim) \(finding.cure)", indent: 4, hanging: 6)
    }
    let counts = [NumberStyle.count(errors, "error"), NumberStyle.count(warnings, "warning")].joined(separator: ", ")
    text.paragraph(
      "\(passed ? "✓" : "✗", passed ? .good : .bad) \(NumberStyle.count(files, "lesson")): \(counts)", hanging: 2)
  }
}
