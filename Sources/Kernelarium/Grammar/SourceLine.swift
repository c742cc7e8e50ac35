// One line of commands with the place it came from, and positions in it. Positions count characters, not bytes: callers
// must not use them as UTF-8 offsets.

/// Where a line of commands came from, for error messages.
enum LineOrigin: Equatable, Sendable {
  /// Typed at the prompt.
  case prompt
  /// The nth `-e` argument, counted from 1.
  case argument(Int)
  /// A line of a script, counted from 1.
  case file(String, line: Int)
  /// Run by the program itself on behalf of a lesson.
  case lesson

  /// The place as it opens an error message, or nil where the line is in front of the user's eyes.
  var description: String? {
    switch self {
    case .prompt, .lesson: nil
    case .argument(let number): "-e \(number)"
    case .file(let path, let line): "\(path):\(line)"
    }
  }
}

/// A run of characters in a source line.
struct SourceSpan: Equatable, Sendable {
  /// Offset of the first character, counted from 0.
  let start: Int
  /// Length in characters.
  let length: Int

  /// The column as people and editors count it, from 1.
  var column: Int { start + 1 }
  /// Offset just past the last character.
  var end: Int { start + length }

  /// The smallest span that covers both.
  func joined(with other: SourceSpan) -> SourceSpan {
    let first = min(start, other.start)
    return SourceSpan(start: first, length: max(end, other.end) - first)
  }
}

/// A line of commands and where it came from.
struct SourceLine: Equatable, Sendable {
  let text: String
  let origin: LineOrigin

  /// The span just past the last character that is not white space: where something missing should have stood.
  var endSpan: SourceSpan {
    let trailing = text.reversed().prefix { $0.isWhitespace }.count
    return SourceSpan(start: text.count - trailing, length: 1)
  }
}
