// The console's line editing, key by key.

import Testing

@testable import GuestLineDiscipline

/// Types all keys and returns what the terminal shows, erasures as `<`.
private func type(_ keys: String, into lines: inout LineDiscipline) -> String {
  var shown: [UInt8] = []
  for key in keys.utf8 {
    switch lines.type(key) {
    case .nothing: break
    case .byte(let byte): shown.append(byte)
    case .erase(let count): shown += [UInt8](repeating: UInt8(ascii: "<"), count: count)
    }
  }
  return String(decoding: shown, as: UTF8.self)
}

/// What one reader with room for `limit` bytes gets.
private func readLine(_ lines: inout LineDiscipline, limit: Int = 1000) -> String {
  var bytes: [UInt8] = []
  while bytes.count < limit {
    guard let byte = lines.takeByte() else { return String(decoding: bytes, as: UTF8.self) }
    bytes.append(byte)
    if LineDiscipline.endsLine(byte) { return String(decoding: bytes, as: UTF8.self) }
  }
  lines.dropMark()
  return String(decoding: bytes, as: UTF8.self)
}

@Suite struct LineDisciplineTests {
  @Test func aLineBecomesReadableWithItsNewline() {
    var lines = LineDiscipline()
    #expect(type("ab", into: &lines) == "ab")
    #expect(!lines.hasLine)
    #expect(type("\r", into: &lines) == "\n")
    #expect(lines.hasLine)
    #expect(readLine(&lines) == "ab\n")
    #expect(!lines.hasLine)
  }

  @Test func linesAreReadOneAtATime() {
    var lines = LineDiscipline()
    _ = type("one\ntwo\nthr", into: &lines)
    #expect(readLine(&lines) == "one\n")
    #expect(readLine(&lines) == "two\n")
    #expect(!lines.hasLine)
  }

  @Test func aShortReaderLeavesTheRestOfTheLine() {
    var lines = LineDiscipline()
    _ = type("abcde\n", into: &lines)
    #expect(readLine(&lines, limit: 3) == "abc")
    #expect(readLine(&lines, limit: 3) == "de\n")
  }

  @Test(arguments: ["\u{8}", "\u{7F}"]) func eraseTakesOneCharacterBack(key: String) {
    var lines = LineDiscipline()
    #expect(type("aé\(key)b\n", into: &lines) == "aé<b\n")
    #expect(readLine(&lines) == "ab\n")
  }

  @Test func eraseStopsAtTheStartOfTheLine() {
    var lines = LineDiscipline()
    #expect(type("x\n\u{8}\u{15}y\n", into: &lines) == "x\ny\n")
    #expect(readLine(&lines) == "x\n")
    #expect(readLine(&lines) == "y\n")
  }

  @Test func killTakesTheWholeLineBack() {
    var lines = LineDiscipline()
    #expect(type("wäs\u{15}is\n", into: &lines) == "wäs<<<is\n")
    #expect(readLine(&lines) == "is\n")
  }

  @Test func endOfFileOnAnEmptyLineReadsAsNothing() {
    var lines = LineDiscipline()
    #expect(type("\u{4}", into: &lines) == "")
    #expect(lines.hasLine)
    #expect(readLine(&lines) == "")
    #expect(!lines.hasLine)
  }

  @Test func endOfFileBehindTextEndsTheLineWithoutNewline() {
    var lines = LineDiscipline()
    _ = type("abc\u{4}next\n", into: &lines)
    #expect(readLine(&lines) == "abc")
    #expect(readLine(&lines) == "next\n")
  }

  @Test func aReaderThatTakesTheLastByteTakesTheMarkBehindIt() {
    var lines = LineDiscipline()
    _ = type("abc\u{4}", into: &lines)
    #expect(readLine(&lines, limit: 3) == "abc")
    #expect(!lines.hasLine)
  }

  @Test func controlCharactersAreDroppedAndTabsReadAsSpaces() {
    var lines = LineDiscipline()
    #expect(type("a\u{1}\u{1B}\tb\n", into: &lines) == "a b\n")
    #expect(readLine(&lines) == "a b\n")
  }

  @Test func aLineThatIsTooLongIsCutButCanBeEnded() {
    var lines = LineDiscipline()
    #expect(type(String(repeating: "x", count: 300) + "\n", into: &lines).count == 256)
    #expect(readLine(&lines) == String(repeating: "x", count: 255) + "\n")
  }

  @Test func keysBeyondTheRingAreLostButNoLineIsDamaged() {
    var lines = LineDiscipline()
    for number in 0..<400 { _ = type("\(number)\n", into: &lines) }
    var expected = 0
    while lines.hasLine, expected < 200 {
      #expect(readLine(&lines) == "\(expected)\n")
      expected += 1
    }
    #expect(expected > 100)
    while lines.hasLine { _ = readLine(&lines) }
    _ = type("again\n", into: &lines)
    #expect(readLine(&lines).hasSuffix("again\n"))
  }
}
