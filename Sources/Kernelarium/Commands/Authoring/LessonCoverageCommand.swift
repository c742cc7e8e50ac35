// `lesson coverage`: which step has a student do which claim. A claim that none does is a failure.

import Lessons

/// Shows which claims the lessons cover.
struct LessonCoverageCommand: Command {
  let name = "lesson coverage"
  let group = CommandGroup.learning
  let summary = "which claim is done by the student in which step"
  let help = CommandHelp(
    """
    A step covers a claim if its heading names the claim's id and the step judges something: a check or a question. \
    Claims for which the program lacks something are pending, with the reason. A claim that is neither covered nor \
    pending is a failure, and so is a lesson that cannot be read.
    """,
    examples: ["lesson coverage"], next: ["lesson lint", "lesson test"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let value = CoverageValue(LessonPlaces.library())
    return CommandResult(value, outcome: value.passed ? .fine : .checkFailed)
  }
}

private struct CoverageValue: CommandValue {
  let passed: Bool
  let concepts: [ConceptCoverage.Row]
  /// Lessons that cannot be read.
  let broken: [String]

  init(_ library: LessonLibrary) {
    let coverage = ConceptCoverage(by: library.lessons)
    concepts = coverage.rows
    broken = library.errors.map(\.description)
    passed = coverage.isComplete && broken.isEmpty
  }

  func describe(in text: inout StyledText) {
    var table = Table([.fixed("ID"), .text("CLAIM"), .text("STEPS")])
    for row in concepts { table.row([StyledLine(row.concept, .name), StyledLine(row.claim), Self.steps(of: row)]) }
    text.append(table.text())
    for row in concepts {
      guard let pending = row.pending else { continue }
      let extent = row.state == .inPart ? "covered in part" : "pending"
      text.paragraph("\(row.concept, .name) is \(extent, .warning): \(pending)", hanging: 2)
    }
    for error in broken { text.paragraph("\("✗", .bad) \(error)", hanging: 2) }
    let counts = [ConceptCoverage.State.covered, .inPart, .pending, .empty].map { state in
      (state, concepts.count { $0.state == state })
    }
    let words = counts.map { "\($0.1) \(Self.word(for: $0.0))" }.joined(separator: ", ")
    text.paragraph("\(passed ? "✓" : "✗", passed ? .good : .bad) \(words)", hanging: 2)
  }

  private static func word(for state: ConceptCoverage.State) -> String {
    switch state {
    case .covered: "covered"
    case .inPart: "in part"
    case .pending: "pending"
    case .empty: "empty"
    }
  }

  private static func steps(of row: ConceptCoverage.Row) -> StyledLine {
    guard let first = row.steps.first else {
      return row.state == .empty ? StyledLine("empty", .bad) : StyledLine("pending", .warning)
    }
    let more = row.steps.count > 1 ? " +\(row.steps.count - 1)" : ""
    return StyledLine("\(first.lesson)#\(first.step)\(more)")
  }
}
