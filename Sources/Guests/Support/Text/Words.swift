// Splits a line into words: separated by spaces, or enclosed in single or double quotes.
//
// A quote inside a word is an ordinary character. Callers must not change the line while they use its words.

/// The words of a line, one after the other.
struct Words {
  private let line: Bytes
  private var position = 0

  init(_ line: Bytes) { self.line = line }

  /// What has not been split yet.
  var rest: Bytes { line.part(position..<line.count).trimmed }

  /// The next word without its quotes; nil at the end of the line.
  mutating func next() throws(Complaint) -> Bytes? {
    while position < line.count, isSpace(line[position]) { position += 1 }
    guard position < line.count else { return nil }
    let quote = line[position]
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      let start = position
      while position < line.count, !isSpace(line[position]) { position += 1 }
      return line.part(start..<position)
    }
    let start = position + 1
    var end = start
    while end < line.count, line[end] != quote { end += 1 }
    guard end < line.count else { throw Complaint(line.part(start..<end), "the closing quote is missing") }
    position = end + 1
    guard position == line.count || isSpace(line[position]) else {
      throw Complaint(rest, "a closing quote must be followed by a space")
    }
    return line.part(start..<end)
  }
}
