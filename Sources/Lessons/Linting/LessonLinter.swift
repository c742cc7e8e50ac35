// Reads a lesson's file as a strict colleague would: everything that is wrong, each with its place and its cure.
// Nothing is run; whether a right-looking lesson works is for `LessonTester` to show.

/// The linter.
public struct LessonLinter<Grammar: CommandGrammar> {
  let grammar: Grammar
  let lessons: [LessonDocument]
  let misconceptions: MisconceptionCatalogue

  /// Prepares the linter.
  ///
  /// - Parameters:
  ///   - grammar: The program's command grammar.
  ///   - lessons: The lessons that the one to be judged may require.
  ///   - misconceptions: The catalogue that wrong answers point into.
  public init(grammar: Grammar, lessons: [LessonDocument], misconceptions: MisconceptionCatalogue) {
    self.grammar = grammar
    self.lessons = lessons
    self.misconceptions = misconceptions
  }

  /// Everything that is wrong with a file, the parser's mistakes first, each part in the order of the lines.
  public func findings(in source: String, file: String) -> [LintFinding] {
    let original = LessonSource(source, file: file)
    let recovery = ParserRecovery(original)
    // A block that was not closed makes nonsense of what follows: the cause is named, not the nonsense.
    let fences = fenceFindings(in: original)
    let mistakes =
      fences + recovery.errors.map(LintFinding.init).filter { mistake in !fences.contains { $0.line == mistake.line } }
    var findings = proseFindings(in: original)
    if let lesson = recovery.document {
      findings += commandFindings(in: lesson) + hintFindings(in: lesson) + checkFindings(in: lesson)
      findings += questionFindings(in: lesson) + layoutFindings(in: lesson)
      if recovery.keepsBody { findings += branchFindings(in: lesson) }
      if recovery.keepsFrontMatter { findings += requirementFindings(in: lesson, original) }
      if recovery.keepsBody, recovery.keepsFrontMatter { findings += conceptFindings(in: lesson, original) }
    }
    let known = Set(mistakes.map(\.line))
    // What the parser has said about a line is not said twice.
    let further = findings.filter { !known.contains($0.line) }
    return mistakes.sorted(by: Self.precede) + further.sorted(by: Self.precede)
  }

  private static func precede(_ first: LintFinding, _ second: LintFinding) -> Bool {
    (first.line, first.column) < (second.line, second.column)
  }
}
