// Finds what a misspelt word was meant to be. It only proposes; callers must not run the proposal.

/// Spelling help by edit distance.
enum NearestMatch {
  /// The candidate nearest to a word, or nil when none is near enough to be a likely slip.
  ///
  /// - Complexity: O(candidates × length²); words longer than 64 characters are not looked up.
  static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    guard word.count <= 64 else { return nil }
    let allowed = word.count <= 2 ? 1 : word.count <= 5 ? 2 : word.count / 3 + 1
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate != word && candidate.count <= 64 {
      let distance = distance(word.lowercased(), candidate.lowercased())
      // A word of which nothing is left is no misspelling.
      guard distance <= allowed, distance < max(word.count, candidate.count) else { continue }
      if best == nil || distance < best!.distance { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// Edits to turn one word into the other: insertions, deletions, replacements and swaps of neighbours.
  static func distance(_ first: String, _ second: String) -> Int {
    let a = Array(first)
    let b = Array(second)
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforePrevious = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 1...a.count {
      var current = [Int](repeating: i, count: b.count + 1)
      for j in 1...b.count {
        let replacement = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        current[j] = min(previous[j] + 1, current[j - 1] + 1, replacement)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          current[j] = min(current[j], beforePrevious[j - 2] + 1)
        }
      }
      beforePrevious = previous
      previous = current
    }
    return previous[b.count]
  }
}
