// What students often believe and what the machine shows instead, by name: wrong answers point here. Instructors may
// have catalogues of their own, all are merged; callers must not take a missing name for harmless when they test.

import Foundation
import Yams

/// What students often believe, and what is so.
public struct Misconception: Equatable, Sendable {
  /// The name by which wrong answers point to it.
  public let name: String
  /// The belief in one sentence.
  public let belief: String
  /// What is so instead, in a few sentences of Markdown.
  public let contrast: String
  /// Where it stands.
  public let location: LessonLocation

  /// The contrast for reading.
  public var text: [MarkdownBlock] { MarkdownParser.parse(contrast) }

  /// The contrast's first sentence for reading.
  public var shortText: [MarkdownBlock] {
    let end = contrast.firstMatch(of: /[.!?](?=\s+[A-Z`*])/)?.range.upperBound ?? contrast.endIndex
    return MarkdownParser.parse(String(contrast[..<end]))
  }
}

/// Misconceptions by name.
public struct MisconceptionCatalogue: Equatable, Sendable {
  /// The file beside a folder's lessons.
  public static let fileName = "misconceptions.yaml"

  /// All of them, by name.
  public private(set) var entries: [String: Misconception] = [:]

  /// A catalogue without entries.
  public init() {}

  /// Reads a catalogue: `name: {belief: "…", contrast: "…"}` for each entry.
  ///
  /// - Throws: ``LessonError`` for the first mistake, also when the file cannot be read.
  public init(file: String) throws(LessonError) {
    guard let data = FileManager.default.contents(atPath: file), let yaml = String(validating: data, as: UTF8.self)
    else {
      throw LessonError(
        at: LessonLocation(file: file, line: 1), "this file cannot be read", expected: "a YAML file in UTF-8")
    }
    try self.init(yaml: yaml, file: file)
  }

  /// Reads a catalogue from `yaml`; `file` is named in errors.
  public init(yaml: String, file: String) throws(LessonError) {
    let reader = YAMLReader(file: file, firstLine: 1, what: "the catalogue")
    guard let node = try reader.compose(yaml) else { return }
    guard case .mapping(let mapping) = node else {
      throw LessonError(at: reader.start, "the catalogue is no mapping", expected: "`name: {belief: …, contrast: …}`")
    }
    for (key, value) in mapping {
      let name = try reader.identifier(key)
      let owner = "the misconception `\(name)`"
      let members = try reader.mapping(value, allowed: ["belief", "contrast"], in: owner)
      var texts: [String] = []
      for key in ["belief", "contrast"] {
        guard let node = members[key] else {
          throw LessonError(at: reader.location(of: value), "\(owner) has no `\(key)`", expected: "a line `\(key): …`")
        }
        texts.append(try reader.text(node).trimmingCharacters(in: .whitespacesAndNewlines))
      }
      entries[name] = Misconception(
        name: name, belief: texts[0], contrast: texts[1], location: reader.location(of: key))
    }
  }

  /// The catalogue beside a lesson's file; an empty one if there is none.
  ///
  /// - Throws: ``LessonError`` if it cannot be read.
  public static func beside(lesson file: String) throws(LessonError) -> MisconceptionCatalogue {
    let path = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent(fileName).path
    return FileManager.default.fileExists(atPath: path) ? try MisconceptionCatalogue(file: path) : .init()
  }

  /// The misconception with a name.
  public subscript(name: String) -> Misconception? { entries[name] }

  /// Adds the entries of another catalogue; the own ones stay where both have a name.
  public mutating func merge(_ other: MisconceptionCatalogue) {
    entries.merge(other.entries) { mine, _ in mine }
  }

  /// What is wrong with a lesson's use of the catalogue: each unknown name with its place.
  public func unknownNames(in lesson: LessonDocument) -> [LessonError] {
    var found: [LessonError] = []
    for question in lesson.questions {
      // The options of all variants stand in the same lines.
      guard case .choice(let options, _)? = question.variants.first?.form else { continue }
      for name in options.compactMap(\.misconception) where entries[name.name] == nil {
        found.append(
          LessonError(
            at: name.location, "unknown misconception `\(name.name)`",
            expected: "a name of \(Self.fileName) beside the lesson",
            suggestion: NearestSpelling.suggestion(for: name.name, among: entries.keys.sorted())))
      }
    }
    return found
  }
}
