// The numbering of the claims that lessons teach, so that a misspelt id is an error. It holds no claim's text: the
// lessons themselves say what a concept is.

/// The ids by which lessons name the concepts they have a student do.
public enum Concept {
  /// How many concepts each group has; the group's letter and a number from 1 make an id.
  private static let groups: [(letter: String, count: Int)] = [
    ("M", 8), ("U", 13), ("H", 7), ("E", 8), ("K", 16), ("X", 2),
  ]

  /// Every id, in teaching order: monolithic, micro, hybrid, exo, uni, comparison.
  public static let identifiers: [String] = groups.flatMap { group in
    (1...group.count).map { "\(group.letter)\($0)" }
  }
}
