// Commands are spelt right wherever they stand: in transcripts and solutions, in expressions, in running text.

extension LessonLinter {
  func commandFindings(in lesson: LessonDocument) -> [LintFinding] {
    var findings: [LintFinding] = []
    for step in lesson.steps {
      for block in step.blocks {
        switch block {
        case .transcript(let transcript):
          for entry in transcript.entries {
            // A mistake may be the point of a transcript, but only if the transcript shows the error.
            if entry.expected.contains(where: { $0.contains("error: ") }) { continue }
            findings += self.findings(in: entry.command)
          }
        case .solution(let commands): for command in commands { findings += self.findings(in: command) }
        case .check(let checks):
          for check in checks { findings += self.findings(in: check.expression, at: check.location) }
        case .hint(let hint):
          if let condition = hint.condition { findings += self.findings(in: condition, at: hint.location) }
          if let tried = hint.tried { findings += self.findings(inTried: tried, at: hint.location) }
        case .branch(let branch):
          for arm in branch.arms {
            if let condition = arm.condition { findings += self.findings(in: condition, at: arm.location) }
          }
        default: break
        }
      }
    }
    return findings
  }

  private func findings(in command: LessonCommand) -> [LintFinding] {
    guard let problem = grammar.problem(in: command.line) else { return [] }
    var place = command.location
    place.column += problem.offset
    return [LintFinding(at: place, problem.message, cure: problem.suggestion ?? "`help` lists the commands")]
  }

  /// The findings about the commands that an expression mentions; `location` is the expression's start or, for
  /// attributes, their block's.
  func findings(in expression: Expression, at location: LessonLocation) -> [LintFinding] {
    expression.mentions.compactMap { mention in
      let place = ExpressionError(at: mention.offset, "").location(in: expression.source, startingAt: location)
      guard mention.isRun else { return finding(inWords: mention.line, of: "last", at: place) }
      guard let problem = grammar.problem(in: mention.line) else { return nil }
      return LintFinding(
        at: place, "`query \"\(mention.line)\"`: \(problem.message)",
        cure: problem.suggestion ?? "`help` lists the commands")
    }
  }

  private func findings(inTried words: String, at location: LessonLocation) -> [LintFinding] {
    finding(inWords: words, of: "tried", at: location).map { [$0] } ?? []
  }

  /// The words of `last` and `tried` are compared with commands whose names are written out.
  private func finding(inWords words: String, of owner: String, at place: LessonLocation) -> LintFinding? {
    let count = words.split(separator: " ").count
    guard let name = grammar.name(of: words) else {
      // The first word of a name of two stands for all of its kind.
      if count == 1, grammar.isFirstWord(words) { return nil }
      return LintFinding(
        at: place, "`\(owner)` asks for `\(words)`, which is no command",
        cure: grammar.problem(in: words)?.suggestion ?? "`help` lists the commands")
    }
    let written = words.split(separator: " ").prefix(name.split(separator: " ").count).joined(separator: " ")
    if name.hasPrefix(written) && written == String(name.prefix(written.count)) && Self.isWhole(written, of: name) {
      return nil
    }
    return LintFinding(
      at: place, "`\(owner)` asks for `\(words)`, but commands are remembered with their names written out",
      cure: "write `\(name)`")
  }

  /// Whether `written` consists of whole words of `name`.
  private static func isWhole(_ written: String, of name: String) -> Bool {
    name.split(separator: " ").starts(with: written.split(separator: " "))
  }

  /// Commands in running text: code whose first word is a command's, and which goes on.
  func inlineCommandFindings(in source: LessonSource) -> [LintFinding] {
    var findings: [LintFinding] = []
    for number in source.proseLines {
      let line = source.line(number)
      for match in line.matches(of: /`([^`]+)`/) {
        let code = String(match.output.1).trimmingSpaces
        let words = code.split(separator: " ").map(String.init)
        guard words.count > 1, let first = words.first else { continue }
        let head = String(first.prefix { $0 != "/" })
        guard grammar.isFirstWord(head), !Self.isOrdinaryCode(words) else { continue }
        // A command may be mentioned without what it works on.
        if grammar.name(of: code) == code { continue }
        let problem: CommandProblem?
        if words.contains(where: Self.isPlaceholder) {
          problem = grammar.name(of: code) == nil ? grammar.problem(in: code) : nil
        } else {
          problem = grammar.problem(in: code)
        }
        guard let problem else { continue }
        let column = line.distance(from: line.startIndex, to: match.range.lowerBound) + 2 + problem.offset
        findings.append(
          LintFinding(
            at: source.location(number, column: column), "`\(code)`: \(problem.message)",
            cure: problem.suggestion ?? "`help \(head)` shows how it is used"))
      }
    }
    return findings
  }

  /// `REGISTER`, `…`, `{n}`: what a reader, or the program, replaces by something.
  private static func isPlaceholder(_ word: String) -> Bool {
    if word.contains("…") || word.contains("...") || word.contains("{") || word.hasPrefix("[") { return true }
    return word.firstMatch(of: /[A-Z]{2,}/) != nil && !word.hasPrefix("\"")
  }

  /// Whether the words are an expression or a fragment of a program rather than a command.
  private static func isOrdinaryCode(_ words: [String]) -> Bool {
    let operators: Set<String> = ["=", "==", "+", "-", "*", "<", ">", "<=", ">=", "->", "and", "or"]
    return words.count > 1 && operators.contains(words[1])
  }
}
