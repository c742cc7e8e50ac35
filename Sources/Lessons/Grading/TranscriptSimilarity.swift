// Which transcripts resemble each other more than the lesson explains: the same choices where there was freedom, the
// same pauses. It is evidence for a conversation, never a verdict; callers must show it as such.

/// What two transcripts have in common.
public struct TranscriptSimilarity: Codable, Equatable, Sendable {
  /// The transcripts' names.
  public let students: [String]
  /// Commands that both typed and that neither the lesson nor anybody else suggests, in their order.
  public let ownCommands: [String]
  /// How many pauses between commands are the same to the second, of how many that both have.
  public let equalPauses: Int
  /// How many pauses were compared.
  public let comparedPauses: Int

  /// A transcript with a name.
  public struct Candidate: Sendable {
    /// The name.
    public let student: String
    /// The commands that the lesson does not have, in their order.
    public let ownCommands: [String]
    /// The commands with the seconds at which they were typed.
    public let times: [(command: String, seconds: Double)]

    /// Takes what was free out of a transcript.
    ///
    /// - Parameter suggested: The commands that the lesson shows or that everyone types.
    public init(student: String, transcript: StudentTranscript, suggested: Set<String>) {
      self.student = student
      // Answers have few alternatives, and lesson commands none: they say nothing about a common source.
      let typed = transcript.entries.filter { entry in
        !["lesson ", "answer ", "ans "].contains { entry.command.hasPrefix($0) } && !suggested.contains(entry.command)
      }
      ownCommands = typed.map(\.command)
      times = transcript.entries.compactMap { entry in entry.seconds.map { (entry.command, $0) } }
    }
  }

  /// As many own commands in common are worth a look.
  private static let fewestCommands = 3
  /// So many pauses have to be there to be compared, and this part of them to be equal.
  private static let fewestPauses = 8
  private static let equalPart = 0.8
  /// Pauses as short as these are alike by nature: a key pressed twice.
  private static let shortestPause = 3.0
  /// Pauses that differ by less are equal; the clock in a transcript counts tenths.
  private static let sameSecond = 0.5

  /// The pairs that are worth a look.
  public static func pairs(among candidates: [Candidate]) -> [TranscriptSimilarity] {
    var owners: [String: Int] = [:]
    for candidate in candidates { for command in Set(candidate.ownCommands) { owners[command, default: 0] += 1 } }
    var pairs: [TranscriptSimilarity] = []
    for (index, first) in candidates.enumerated() {
      for second in candidates[(index + 1)...] {
        // What a third has typed as well is an obvious thing to try.
        let common = commonOrder(first.ownCommands, second.ownCommands).filter { owners[$0] == 2 }
        let pauses = equalPauses(first.times, second.times)
        let sameCommands = common.count >= fewestCommands
        let samePauses =
          pauses.compared >= fewestPauses && Double(pauses.equal) >= equalPart * Double(pauses.compared)
        guard sameCommands || samePauses else { continue }
        pairs.append(
          TranscriptSimilarity(
            students: [first.student, second.student], ownCommands: common, equalPauses: pauses.equal,
            comparedPauses: pauses.compared))
      }
    }
    return pairs
  }

  /// The longest common subsequence.
  private static func commonOrder(_ first: [String], _ second: [String]) -> [String] {
    let kept = second.difference(from: first).insertions.count
    guard kept < second.count else { return [] }
    var inserted: Set<Int> = []
    for case .insert(let offset, _, _) in second.difference(from: first).insertions { inserted.insert(offset) }
    return second.indices.filter { !inserted.contains($0) }.map { second[$0] }
  }

  /// Compares the pauses before the same commands in the same order.
  private static func equalPauses(
    _ first: [(command: String, seconds: Double)], _ second: [(command: String, seconds: Double)]
  ) -> (equal: Int, compared: Int) {
    var (equal, compared) = (0, 0)
    for index in 1..<max(min(first.count, second.count), 1) {
      guard first[index].command == second[index].command else { break }
      let pauses = (first[index].seconds - first[index - 1].seconds, second[index].seconds - second[index - 1].seconds)
      if max(pauses.0, pauses.1) < shortestPause { continue }
      compared += 1
      if abs(pauses.0 - pauses.1) < sameSecond { equal += 1 }
    }
    return (equal, compared)
  }
}
