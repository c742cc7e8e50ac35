// A lesson as a demonstration before a room: the counts of hands so far, and how they are drawn. Nothing of it is kept
// once the demonstration ends.

import Lessons

/// The votes of a demonstration.
struct LessonPresentation {
  private var ballots: [String: [Ballot]] = [:]

  /// The counts of hands for a question, oldest first; a variant with other values is another question.
  func ballots(for question: PresentedQuestion) -> [Ballot] { ballots[Self.key(question), default: []] }

  /// Takes a count.
  mutating func add(_ ballot: Ballot, for question: PresentedQuestion) {
    ballots[Self.key(question), default: []].append(ballot)
  }

  private static func key(_ question: PresentedQuestion) -> String {
    "\(question.question.id) \(question.shown.variant)"
  }
}

/// The drawing of a count of hands.
enum BallotChart {
  private static let barWidth = 24
  private static let labelWidth = 30

  /// A bar for each answer; with the right answers marked once they are known.
  static func text(of ballots: [Ballot], right: [GivenAnswer]?) -> StyledText {
    var text = StyledText()
    guard let ballot = ballots.last else { return text }
    let before = ballots.dropLast().last
    let most = max(1, ballot.entries.map(\.votes).max() ?? 1)
    let label = min(labelWidth, ballot.entries.map(\.answer.text.count).max() ?? 0)
    for entry in ballot.entries {
      let isRight = right?.contains(entry.answer)
      let mark = isRight.map { $0 ? StyledLine("✓ ", .good) : StyledLine("  ") } ?? StyledLine("  ")
      let length = (entry.votes * barWidth + most - 1) / most
      let bar = String(repeating: "█", count: length) + String(repeating: " ", count: barWidth - length)
      let percent = ballot.total == 0 ? 0 : (entry.votes * 100 + ballot.total / 2) / ballot.total
      let shift = before.map { "  was \($0.votes(for: entry.answer))" } ?? ""
      let name = StyledLine(entry.answer.text).truncated(to: label).text
      let padding = String(repeating: " ", count: max(0, label - name.count))
      let role: TextRole = isRight == true ? .good : .plain
      text.line("\(mark)\(name)\(padding)  \(bar, role) \(entry.votes) (\(percent) %)\(shift, .dim)")
    }
    return text
  }
}
