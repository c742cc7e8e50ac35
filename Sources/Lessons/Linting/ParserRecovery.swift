// Finds every mistake that the parser finds, not the first only: what is broken is reported, taken out, and the rest is
// parsed again. Lines keep their numbers. Callers must not show the document that comes out to a student.

/// Repeated parsing of a broken file.
struct ParserRecovery {
  /// The parser's mistakes in the order in which they were found.
  private(set) var errors: [LessonError] = []
  /// What is left of the lesson; nil if nothing could be saved.
  private(set) var document: LessonDocument?
  /// Whether the front matter that the document has is its author's.
  private(set) var keepsFrontMatter = true
  /// Whether every step and block that the document has is its author's.
  var keepsBody: Bool { touchedSteps.isEmpty && !hasLostLines }

  private var source: LessonSource
  private var touchedSteps: Set<Int> = []
  private var hasLostLines = false

  private static let mostErrors = 60
  /// What the parser says about a step for which a block was taken out that may not have been missing.
  private static let consequences = [
    "without a check", "commands that satisfy it", "nothing judges this", "nothing to observe",
  ]

  /// Parses `source` until nothing is wrong with what is left.
  init(_ source: LessonSource) {
    self.source = source
    var places: Set<LessonLocation> = []
    for _ in 0..<Self.mostErrors {
      do throws(LessonError) {
        document = try LessonDocument.parse(source: self.source.lines.joined(separator: "\n"), file: source.file)
        return
      } catch {
        let isNew = places.insert(error.location).inserted
        if isNew, !isConsequence(error) { errors.append(error) }
        if !repair(error, isNew: isNew) { return }
      }
    }
  }

  private func isConsequence(_ error: LessonError) -> Bool {
    guard let step = source.heading(above: error.location.line), touchedSteps.contains(step) else { return false }
    return Self.consequences.contains { error.problem.contains($0) }
  }

  /// Takes out what is wrong; false if that cannot be done.
  private mutating func repair(_ error: LessonError, isNew: Bool) -> Bool {
    let line = error.location.line
    if line <= source.frontMatterEnd { return repairFrontMatter(at: line) }
    guard source.frontMatterEnd > 0, line <= source.lines.count else { return false }
    if let fence = source.fence(around: line) {
      touch(line)
      replace(fence.opening, with: fence.closing == nil ? "" : fence.mark)
      return isNew || source.line(fence.opening) != fence.mark
    }
    let text = source.line(line)
    guard text.hasPrefix("##"), !text.hasPrefix("###") else {
      hasLostLines = true
      replace(line, with: "")
      return isNew
    }
    let id = text.firstMatch(of: /\{#([a-z0-9][a-z0-9-]*)/)?.output.1
    // A mistake of the whole step is reported at the start of its heading, one in the heading where it stands.
    if error.location.column == 1, id != nil, isNew {
      let fences = source.fences(ofStepAt: line)
      for fence in fences { replace(fence.opening, with: fence.mark) }
      touchedSteps.insert(line)
      return !fences.isEmpty
    }
    touchedSteps.insert(line)
    let kept = error.problem.contains("already stands") ? nil : id.map(String.init)
    replace(line, with: "## Step {#\(kept ?? "lint-\(line)")}")
    return isNew || id == nil
  }

  private mutating func touch(_ line: Int) {
    if let step = source.heading(above: line) { touchedSteps.insert(step) } else { hasLostLines = true }
  }

  private mutating func repairFrontMatter(at line: Int) -> Bool {
    let end = source.frontMatterEnd
    guard end > 2 else { return false }
    let isFirstRepair = keepsFrontMatter
    keepsFrontMatter = false
    let required = ["format", "id", "title", "minutes"]
    let key = (2...max(line, 2)).reversed().first { number in
      source.line(number).first.map { !$0.isWhitespace && $0 != "-" } ?? false
    }
    let name = key.map { source.line($0).prefix { $0 != ":" } } ?? ""
    if let key, line > 2 || !name.isEmpty, FrontMatter.keys.contains(String(name)), !required.contains(String(name)) {
      replace(key, with: "")
      var next = key + 1
      while next < end, source.line(next).first.map({ $0.isWhitespace || $0 == "-" }) ?? true {
        replace(next, with: "")
        next += 1
      }
      return true
    }
    // What is needed, on one line; the title has to agree with the heading below.
    func value(_ name: String) -> String? {
      (2..<end).map(source.line).first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
    }
    let id = value("id").flatMap { Identifier.isValid($0) ? $0 : nil } ?? "lint"
    let heading = source.lines.dropFirst(end).first { $0.hasPrefix("# ") }.map { String($0.dropFirst(2)) }
    let title = (heading ?? "Lint").replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    let whole = "{format: 1, id: \(id), title: \"\(title)\", minutes: 1}"
    guard source.line(2) != whole || isFirstRepair else { return false }
    replace(2, with: whole)
    for number in 3..<max(end, 3) { replace(number, with: "") }
    return true
  }

  private mutating func replace(_ line: Int, with text: String) {
    var lines = source.lines
    guard lines.indices.contains(line - 1) else { return }
    lines[line - 1] = text
    source = LessonSource(lines: lines, file: source.file)
  }
}
