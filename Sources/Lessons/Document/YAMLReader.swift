// Reads values out of YAML, each mistake with its place in the file. Callers must show the errors as they are.

import Yams

/// Takes values out of YAML nodes, each mistake with its place.
struct YAMLReader {
  let file: String
  /// The line of the file on which the YAML begins.
  let firstLine: Int
  /// What is read, as errors call it.
  let what: String

  /// Where the YAML begins.
  var start: LessonLocation { LessonLocation(file: file, line: firstLine) }

  /// A text with more aliases than this is refused: aliases within aliases multiply without end.
  private static let mostAliases = 8

  /// The root of a YAML text; nil if it is empty.
  func compose(_ yaml: String) throws(LessonError) -> Node? {
    guard yaml.matches(of: /(?:^|[\s\[{,:?\-])\*[^\s*\[\]{},]/).count <= Self.mostAliases else {
      throw LessonError(
        at: start, "more than \(Self.mostAliases) words of \(what) begin with `*`", expected: "no YAML aliases")
    }
    do {
      return try Yams.compose(yaml: yaml)
    } catch let error as YamlError {
      throw mistake(in: error)
    } catch {
      throw LessonError(at: start, "\(what) is not YAML")
    }
  }

  private func mistake(in error: YamlError) -> LessonError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return LessonError(at: location(of: mark), "\(what) is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, _):
      let names = keys.joined(separator: ", ")
      return LessonError(at: start, "`\(names)` stands twice in \(what)")
    default:
      return LessonError(at: start, "\(what) is not YAML")
    }
  }

  func location(of node: Node) -> LessonLocation {
    node.mark.map(location(of:)) ?? start
  }

  private func location(of mark: Mark) -> LessonLocation {
    LessonLocation(file: file, line: mark.line + firstLine - 1, column: mark.column)
  }

  func mapping(_ node: Node, allowed: [String], in place: String) throws(LessonError) -> [String: Node] {
    guard case .mapping(let mapping) = node else {
      throw LessonError(at: location(of: node), "\(place) is no mapping", expected: "lines of `key: value`")
    }
    var members: [String: Node] = [:]
    for (key, value) in mapping {
      let name = key.scalar?.string ?? "?"
      guard allowed.contains(name) else {
        throw LessonError(
          at: location(of: key), "unknown key `\(name)` in \(place)",
          expected: "one of \(allowed.joined(separator: ", "))",
          suggestion: NearestSpelling.suggestion(for: name, among: allowed))
      }
      members[name] = value
    }
    return members
  }

  func required(_ key: String, in members: [String: Node]) throws(LessonError) -> Node {
    guard let node = members[key] else {
      throw LessonError(at: start, "\(what) has no `\(key)`", expected: "a line `\(key): …`")
    }
    return node
  }

  func text(_ node: Node) throws(LessonError) -> String {
    guard let text = node.scalar?.string, !text.isEmpty else {
      throw LessonError(at: location(of: node), "this is no text", expected: "a text on one line")
    }
    return text
  }

  func identifier(_ node: Node) throws(LessonError) -> String {
    let text = try text(node)
    guard Identifier.isValid(text) else {
      throw LessonError(
        at: location(of: node), "`\(text)` is no id", expected: Identifier.rule,
        suggestion: "for example `\(Identifier.proposal(for: text))`")
    }
    return text
  }

  func choice(_ node: Node, among choices: [String], as kind: String) throws(LessonError) -> String {
    let word = try text(node)
    guard choices.contains(word) else {
      throw LessonError(
        at: location(of: node), "unknown \(kind) `\(word)`",
        expected: choices.count > 12
          ? "an id such as \(choices[0]) or \(choices[choices.count - 1])"
          : "one of \(choices.joined(separator: ", "))",
        suggestion: NearestSpelling.suggestion(for: word, among: choices))
    }
    return word
  }

  func list<Element>(
    _ node: Node?, of element: (Node) throws(LessonError) -> Element
  ) throws(LessonError) -> [Element] {
    guard let node else { return [] }
    guard case .sequence(let sequence) = node else {
      throw LessonError(at: location(of: node), "this is no list", expected: "a list such as [one, two]")
    }
    var elements: [Element] = []
    for node in sequence { elements.append(try element(node)) }
    return elements
  }

  /// A whole number, which may end in K, M or G for thousands, millions, thousand millions.
  func whole(_ node: Node, in range: ClosedRange<UInt64>) throws(LessonError) -> UInt64 {
    let text = try text(node)
    let factors: [Character: UInt64] = ["K": 1_000, "M": 1_000_000, "G": 1_000_000_000]
    let factor = text.last.flatMap { factors[$0] }
    let digits = (factor == nil ? Substring(text) : text.dropLast()).filter { $0 != "_" }
    guard let number = UInt64(digits),
      case let (value, false) = number.multipliedReportingOverflow(by: factor ?? 1), range.contains(value)
    else {
      throw LessonError(
        at: location(of: node), "`\(text)` is no number for this", expected: "a number such as 7 or 5M")
    }
    return value
  }
}
