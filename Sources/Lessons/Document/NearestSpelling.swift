// Finds the word an author most likely meant. Callers must not treat the answer as certain: it is only ever offered.

/// The nearest of a set of right spellings to a wrong one.
enum NearestSpelling {
  /// The candidate at the smallest edit distance, if it is near enough to be a slip of the pen.
  static func of(_ word: String, among candidates: [String]) -> String? {
    let limit = max(1, word.count / 3)
    var best: (distance: Int, candidate: String)?
    for candidate in candidates {
      let distance = distance(Array(word), Array(candidate))
      if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
    }
    return best?.candidate
  }

  /// A phrase that offers the nearest candidate, or nil if none is near.
  static func suggestion(for word: String, among candidates: [String]) -> String? {
    of(word, among: candidates).map { "did you mean `\($0)`?" }
  }

  /// The number of insertions, deletions, substitutions and swaps of neighbours between two words.
  static func distance(_ first: [Character], _ second: [Character]) -> Int {
    if first.isEmpty || second.isEmpty { return max(first.count, second.count) }
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for row in 1...first.count {
      var current = [row]
      for column in 1...second.count {
        let substitution = last[column - 1] + (first[row - 1] == second[column - 1] ? 0 : 1)
        var best = min(last[column] + 1, current[column - 1] + 1, substitution)
        if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
          best = min(best, beforeLast[column - 2] + 1)
        }
        current.append(best)
      }
      beforeLast = last
      last = current
    }
    return last[second.count]
  }
}
