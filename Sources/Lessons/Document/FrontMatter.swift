// Reads a lesson's front matter, with a location for every mistake. Only the document parser calls it.

import Yams

/// The YAML mapping at the head of a lesson's file.
struct FrontMatter {
  static let keys = [
    "format", "id", "title", "requires", "objectives", "concepts", "machine", "minutes", "skip",
  ]
  private static let machineKeys = ["kernel", "seed", "limit", "kernels", "seeds"]
  private static let kernels = ["monolithic", "micro", "hybrid", "exo", "uni"]

  var id = ""
  var title = ""
  var requires: [String] = []
  var objectives: [String] = []
  var concepts: [String] = []
  var machine = LessonMachine(kernel: nil, seed: 0, instructionLimit: nil)
  var minutes = 0
  var skip = SkipRule.showAnswer

  private let reader: YAMLReader

  /// Reads `yaml`, whose first line is line 2 of `file`.
  init(yaml: String, file: String) throws(LessonError) {
    reader = YAMLReader(file: file, firstLine: 2, what: "the front matter")
    guard let node = try reader.compose(yaml) else {
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
    let kernels: [String]? = try members["kernels"].map { node throws(LessonError) in
      try reader.list(node) { node throws(LessonError) in try reader.choice(node, among: Self.kernels, as: "kernel") }
    }
    if let kernels, let kernel, !kernels.contains(kernel), let node = members["kernels"] {
      throw LessonError(
        at: reader.location(of: node), "the lesson's own kernel `\(kernel)` is not among its kernels",
        expected: "a list with `\(kernel)`")
    }
    let seeds: Int? = try members["seeds"].map { node throws(LessonError) in
      Int(clamping: try reader.whole(node, in: 1...20))
    }
    return LessonMachine(
      kernel: kernel ?? kernels?.first, seed: seed, instructionLimit: limit, kernels: kernels, testedSeeds: seeds)
  }
}
