// Reads a lesson's front matter, with a location for every mistake. Only the document parser calls it.

import Yams

/// The YAML mapping at the head of a lesson's file.
struct FrontMatter {
  static let keys = [
    "format", "id", "title", "requires", "objectives", "concepts", "machine", "minutes", "skip",
  ]
  private static let machineKeys = ["kernel", "seed", "limit"]
  private static let kernels = ["monolithic", "micro", "hybrid", "exo", "uni"]

  var id = ""
  var title = ""
  var requires: [String] = []
  var objectives: [String] = []
  var concepts: [String] = []
  var machine = LessonMachine(kernel: nil, seed: 0, instructionLimit: nil)
  var minutes = 0
  var skip = SkipRule.showAnswer

  private let reader: Reader

  /// Reads `yaml`, whose first line is line 2 of `file`.
  init(yaml: String, file: String) throws(LessonError) {
    reader = Reader(file: file)
    guard let node = try Reader.compose(yaml, file: file) else {
      throw LessonError(at: reader.start, "the front matter is empty", expected: "format, id, title, minutes")
    }
    let members = try reader.mapping(node, allowed: Self.keys, in: "the front matter")
    try checkFormat(reader.required("format", in: members))
    id = try reader.identifier(reader.required("id", in: members))
    title = try reader.text(reader.required("title", in: members))
    minutes = Int(clamping: try reader.whole(reader.required("minutes", in: members), in: 1...600))
    requires = try reader.list(members["requires"]) { node throws(LessonError) in try reader.identifier(node) }
    objectives = try reader.list(members["objectives"]) { node throws(LessonError) in try reader.text(node) }
    concepts = try reader.list(members["concepts"]) { node throws(LessonError) in
      try reader.choice(node, among: Concept.identifiers, as: "concept")
    }
    if let node = members["skip"] {
      let word = try reader.choice(node, among: SkipRule.allCases.map(\.rawValue), as: "skip rule")
      skip = SkipRule(rawValue: word) ?? skip
    }
    if let node = members["machine"] { machine = try machine(from: node) }
  }

  private func checkFormat(_ node: Node) throws(LessonError) {
    guard node.scalar?.string == "1" else {
      throw LessonError(
        at: reader.location(of: node), "format `\(node.scalar?.string ?? "?")` is not known here",
        expected: "format: 1",
        suggestion: "a newer program may know it")
    }
  }

  private func machine(from node: Node) throws(LessonError) -> LessonMachine {
    let members = try reader.mapping(node, allowed: Self.machineKeys, in: "`machine`")
    var kernel: String?
    if let node = members["kernel"] {
      let word = try reader.choice(node, among: Self.kernels + ["none"], as: "kernel")
      kernel = word == "none" ? nil : word
    }
    let seed: UInt64 =
      if let node = members["seed"] { try reader.whole(node, in: 0...UInt64.max) } else { 0 }
    let limit: UInt64? =
      if let node = members["limit"] { try reader.whole(node, in: 1...UInt64.max) } else { nil }
    return LessonMachine(kernel: kernel, seed: seed, instructionLimit: limit)
  }
}

/// Takes values out of YAML nodes, each mistake with its place.
private struct Reader {
  let file: String

  /// The front matter's first line: line 1 is the `---` above it.
  var start: LessonLocation { LessonLocation(file: file, line: 2) }

  /// A front matter with more aliases than this is refused: aliases within aliases multiply without end.
  private static let mostAliases = 8

  static func compose(_ yaml: String, file: String) throws(LessonError) -> Node? {
    guard yaml.matches(of: /(?:^|[\s\[{,:?\-])\*[^\s*\[\]{},]/).count <= mostAliases else {
      throw LessonError(
        at: LessonLocation(file: file, line: 2), "more than \(mostAliases) words of the front matter begin with `*`",
        expected: "no YAML aliases")
    }
    do {
      return try Yams.compose(yaml: yaml)
    } catch let error as YamlError {
      throw mistake(in: error, file: file)
    } catch {
      throw LessonError(at: LessonLocation(file: file, line: 2), "the front matter is not YAML")
    }
  }

  private static func mistake(in error: YamlError, file: String) -> LessonError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      let location = LessonLocation(file: file, line: mark.line + 1, column: mark.column)
      return LessonError(at: location, "the front matter is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, _):
      let names = keys.joined(separator: ", ")
      return LessonError(at: LessonLocation(file: file, line: 2), "`\(names)` stands twice in the front matter")
    default:
      return LessonError(at: LessonLocation(file: file, line: 2), "the front matter is not YAML")
    }
  }

  func location(of node: Node) -> LessonLocation {
    guard let mark = node.mark else { return start }
    return LessonLocation(file: file, line: mark.line + 1, column: mark.column)
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
      throw LessonError(at: start, "the front matter has no `\(key)`", expected: "a line `\(key): …`")
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

/// The spelling of ids of lessons and steps.
enum Identifier {
  static let rule = "lower-case letters, digits and hyphens"

  static func isValid(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64 && text.first != "-"
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
      }
  }

  /// A valid id that resembles `text`.
  static func proposal(for text: String) -> String {
    let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let proposal = String(words.joined(separator: "-").prefix(64))
    return proposal.isEmpty ? "step" : proposal
  }
}
