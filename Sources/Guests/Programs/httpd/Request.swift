// A request as it comes in: `GET PATH HTTP/1.1` and header lines that nobody looks at, up to an empty line.

import Interfaces

/// The bytes of a request, of which only the first line counts.
struct Request {
  private static var capacity: Int { 1024 }
  private static var subject: Bytes { ("request" as StaticString).bytes }

  private var bytes = InlineArray<1024, UInt8>(repeating: 0)
  private var count = 0

  /// Reads until the empty line.
  mutating func read(_ descriptor: UInt64) throws(Complaint) {
    while !hasEnd {
      guard count < Self.capacity else { throw Complaint(Self.subject, "is too long") }
      let start = count
      let room = UInt64(Self.capacity - count)
      let result = withUnsafeMutableBytes(of: &bytes) { sys_read(descriptor, $0.baseAddress! + start, room) }
      let length = Int(try check(result, Self.subject))
      guard length > 0, length <= Self.capacity - count else { throw Complaint(Self.subject, "has no end") }
      count += length
    }
  }

  private var hasEnd: Bool {
    mutating get {
      guard count >= 4 else { return false }
      for place in 0...(count - 4)
      where bytes[place] == 13 && bytes[place + 1] == 10 && bytes[place + 2] == 13 && bytes[place + 3] == 10 {
        return true
      }
      return false
    }
  }

  /// Passes on the path of a GET, without what follows a question mark.
  mutating func withPath(_ body: (Bytes) throws(Complaint) -> Void) throws(Complaint) {
    let length = count
    try withUnsafeBytes(of: &bytes) { all throws(Complaint) in
      let text = Bytes(rebasing: all.assumingMemoryBound(to: UInt8.self)[0..<length])
      guard length > 4, text.part(0..<4).equals("GET ") else { throw Complaint(Self.subject, "is not a GET") }
      var end = 4
      while end < length, text[end] != UInt8(ascii: "?"), !isSpace(text[end]) { end += 1 }
      guard end > 4, text[4] == UInt8(ascii: "/") else { throw Complaint(Self.subject, "names no path") }
      try body(text.part(4..<end))
    }
  }
}
