// The votes of a room on a question: counted by hand, kept only while the demonstration runs. Callers must not write
// them anywhere.

/// One count of hands.
public struct Ballot: Equatable, Sendable {
  /// An answer and how many gave it.
  public struct Entry: Equatable, Sendable {
    /// The answer.
    public let answer: GivenAnswer
    /// How many hands.
    public let votes: Int
  }

  /// The answers in the order in which they are shown.
  public let entries: [Entry]

  /// How many hands in all.
  public var total: Int { entries.reduce(0) { $0 + $1.votes } }

  /// The hands for an answer.
  public func votes(for answer: GivenAnswer) -> Int { entries.first { $0.answer == answer }?.votes ?? 0 }
}

extension PresentedQuestion {
  /// The most hands that are believed.
  private static let mostVotes = 100_000

  /// Reads a count of hands: answers and numbers in turn, as in `a 12 b 30 c 3`.
  ///
  /// Options that are not named have no votes.
  /// - Throws: ``AnswerError``.
  public func ballot(from words: [String]) throws(AnswerError) -> Ballot {
    let usage = "as in `vote \(voteExample)`"
    guard !words.isEmpty, words.count.isMultiple(of: 2) else {
      throw AnswerError(message: "answers and numbers of hands are asked for in turn", hint: usage)
    }
    var counted: [Ballot.Entry] = []
    for index in stride(from: 0, to: words.count, by: 2) {
      let answer: GivenAnswer
      do throws(AnswerError) {
        answer = try self.answer(from: [words[index]]).answer
      } catch {
        throw AnswerError(message: error.message, hint: usage)
      }
      guard let votes = Int(words[index + 1]), (0...Self.mostVotes).contains(votes) else {
        throw AnswerError(message: "`\(words[index + 1])` is no number of hands", hint: usage)
      }
      guard !counted.contains(where: { $0.answer == answer }) else {
        throw AnswerError(message: "`\(words[index])` stands twice", hint: usage)
      }
      counted.append(Ballot.Entry(answer: answer, votes: votes))
    }
    guard case .choice = variant.form else { return Ballot(entries: counted) }
    var entries: [Ballot.Entry] = []
    for option in options {
      let answer = try answer(from: [option.letter]).answer
      entries.append(counted.first { $0.answer == answer } ?? Ballot.Entry(answer: answer, votes: 0))
    }
    return Ballot(entries: entries)
  }

  private var voteExample: String {
    switch variant.form {
    case .choice: options.map(\.letter).enumerated().map { "\($0.element) \(3 * $0.offset + 2)" }.joined(separator: " ")
    case .number: "100 12 400 7"
    case .order: options.map(\.letter).joined() + " 12"
    }
  }
}
