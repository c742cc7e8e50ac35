// Reads the words after a fence (`hint after=2 when="…"`) and the braces after a heading (`{#id concepts=[M8]}`).
// Only the document parser calls it.

/// Attributes by name, each with its place.
struct BlockAttributes {
  struct Attribute: Equatable {
    /// The value; nil for a bare word.
    let value: String?
    /// Where the name stands, and where the value's first character stands.
    let location: LessonLocation
    let valueLocation: LessonLocation
  }

  /// The first bare word, with its place: a block's kind or a step's `#id`.
  private(set) var kind: (word: String, location: LessonLocation)?
  private(set) var attributes: [String: Attribute] = [:]

  /// Reads `text`, whose first character stands at `location`.
  init(_ text: String, at location: LessonLocation) throws(LessonError) {
    let characters = Array(text)
    var position = 0
    func place(_ offset: Int) -> LessonLocation {
      LessonLocation(file: location.file, line: location.line, column: location.column + offset)
    }
    while true {
      while position < characters.count, characters[position].isWhitespace { position += 1 }
      guard position < characters.count else { return }
      let start = position
      while position < characters.count, !characters[position].isWhitespace, characters[position] != "=" {
        position += 1
      }
      let name = String(characters[start..<position])
      if name.isEmpty {
        throw LessonError(at: place(start), "a value without a name", expected: "name=value")
      }
      guard position < characters.count, characters[position] == "=" else {
        if kind == nil && attributes.isEmpty {
          kind = (name, place(start))
        } else {
          try add(name, Attribute(value: nil, location: place(start), valueLocation: place(start)))
        }
        continue
      }
      position += 1
      let (value, offset) = try Self.value(in: characters, from: &position, place: place)
      try add(name, Attribute(value: value, location: place(start), valueLocation: place(offset)))
    }
  }

  private mutating func add(_ name: String, _ attribute: Attribute) throws(LessonError) {
    guard attributes.updateValue(attribute, forKey: name) == nil else {
      throw LessonError(at: attribute.location, "`\(name)` stands twice", suggestion: "delete one of them")
    }
  }

  /// A value in quotation marks, in brackets, or up to the next space; with the offset of its first character.
  private static func value(
    in characters: [Character], from position: inout Int, place: (Int) -> LessonLocation
  ) throws(LessonError) -> (String, offset: Int) {
    let start = position
    let closings: [Character: Character] = ["\"": "\"", "[": "]"]
    guard position < characters.count, let closing = closings[characters[position]] else {
      while position < characters.count, !characters[position].isWhitespace { position += 1 }
      return (String(characters[start..<position]), start)
    }
    var value = ""
    position += 1
    while position < characters.count, characters[position] != closing {
      if closing == "\"", characters[position] == "\\", position + 1 < characters.count { position += 1 }
      value.append(characters[position])
      position += 1
    }
    guard position < characters.count else {
      throw LessonError(at: place(start), "this value is never closed", expected: "a `\(closing)` at its end")
    }
    position += 1
    return (value, start + 1)
  }

  /// Refuses every attribute but those in `allowed`.
  func allow(_ allowed: [String], for owner: String) throws(LessonError) {
    for (name, attribute) in attributes.sorted(by: { $0.value.location.column < $1.value.location.column })
    where !allowed.contains(name) {
      throw LessonError(
        at: attribute.location, "unknown attribute `\(name)` of \(owner)",
        expected: allowed.isEmpty ? "none" : "one of \(allowed.joined(separator: ", "))",
        suggestion: NearestSpelling.suggestion(for: name, among: allowed))
    }
  }

  /// Whether the bare word `name` stands there.
  func flag(_ name: String) throws(LessonError) -> Bool {
    guard let attribute = attributes[name] else { return false }
    guard attribute.value == nil else {
      throw LessonError(at: attribute.location, "`\(name)` takes no value", expected: "the bare word `\(name)`")
    }
    return true
  }

  /// The text of `name=value`.
  func text(_ name: String) throws(LessonError) -> String? {
    guard let attribute = attributes[name] else { return nil }
    guard let value = attribute.value, !value.isEmpty else {
      throw LessonError(at: attribute.location, "`\(name)` needs a value", expected: "\(name)=\"…\"")
    }
    return value
  }

  /// The number of `name=value`.
  func number(_ name: String) throws(LessonError) -> Int? {
    guard let attribute = attributes[name] else { return nil }
    guard let number = attribute.value.flatMap({ Int($0) }), (1...1000).contains(number) else {
      throw LessonError(
        at: attribute.valueLocation, "`\(attribute.value ?? "")` is no number for `\(name)`",
        expected: "a number from 1 to 1000")
    }
    return number
  }
}
