// Text: wrapping, tables, numbers, colours, ASCII, JSON strings.

import Foundation
import Testing

@testable import Kernelarium

@Suite struct RenderingTests {
  @Test(arguments: [
    (UInt64(0), "0"), (999, "999"), (1000, "1,000"), (312_480, "312,480"), (UInt64.max, "18,446,744,073,709,551,615"),
  ])
  func thousandsAreSeparated(number: UInt64, text: String) {
    #expect(NumberStyle.decimal(number) == text)
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1,023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (64 << 20, "64 MiB"), (1 << 30, "1 GiB"),
  ])
  func bytesHaveUnits(count: Int, text: String) {
    #expect(NumberStyle.bytes(count) == text)
  }

  @Test func countsAgreeWithTheirNouns() {
    #expect(NumberStyle.count(1, "entry", "entries") == "1 entry")
    #expect(NumberStyle.count(2, "entry", "entries") == "2 entries")
    #expect(NumberStyle.count(1234, "trap") == "1,234 traps")
    #expect(NumberStyle.decimal(-1234) == "-1,234")
  }

  @Test func paragraphsWrapBetweenWordsAndHang() {
    var text = StyledText()
    text.paragraph(StyledLine((1...40).map { "word\($0)" }.joined(separator: " ")), indent: 2, hanging: 3)
    #expect(text.lines.count > 2)
    for line in text.lines { #expect(line.width <= 80) }
    #expect(text.lines[0].text.hasPrefix("  word1"))
    #expect(text.lines[1].text.hasPrefix("     word"))
    let words = text.text.split { $0 == " " || $0 == "\n" }
    #expect(words.count == 40)
  }

  @Test func aWordLongerThanALineIsCutNotLost() {
    var text = StyledText()
    text.paragraph(StyledLine("x " + String(repeating: "y", count: 200)), hanging: 2)
    for line in text.lines { #expect(line.width <= 80) }
    #expect(text.text.filter { $0 == "y" }.count == 200)
  }

  @Test func tablesAlignAndCutTheWidestFlexibleColumn() {
    var table = Table([.text("NAME"), .number("COUNT")])
    table.row([StyledLine(String(repeating: "n", count: 200)), "\(1_000_000)"])
    table.row(["short", "\(7)"])
    let lines = table.text().lines.map(\.text)
    #expect(lines.count == 3)
    #expect(lines[1].count == 80)
    #expect(lines[1].contains("…"))
    #expect(lines[2].count == 80, "numbers end in one column")
    #expect(lines[2].hasSuffix(" 7"))
  }

  @Test func coloursAppearOnlyWhereWanted() {
    let line: StyledLine = "\("bad", .bad) plain"
    #expect(Renderer(usesColor: false, isASCII: false).string(line) == "bad plain")
    #expect(Renderer(usesColor: true, isASCII: false).string(line) == "\u{1b}[1;31mbad\u{1b}[0m plain")
  }

  @Test func promptsHaveNoTwoEscapesInARow() {
    let prompt: StyledLine = "\("mono", .name)\(" PANICKED", .bad)> "
    let text = LineEditor.promptString(prompt, Renderer(usesColor: true, isASCII: false))
    #expect(!text.contains("\u{1}\u{1}"))
    #expect(text.hasSuffix("\u{1}\u{1b}[0m\u{1}> "))
    #expect(LineEditor.promptString(prompt, Renderer(usesColor: false, isASCII: false)) == "mono PANICKED> ")
  }

  @Test func asciiReplacesEverythingElse() {
    let line: StyledLine = "a ─▶ b ◀ c … × 日"
    let text = Renderer(usesColor: false, isASCII: true).string(line)
    #expect(text == "a -> b < c ~ x ?")
  }

  @Test func guestsCannotSendEscapeSequences() {
    #expect(GuestText.lines("red\u{1b}[31m\r\nnext\u{7}") == ["red\\x1b[31m", "next\\x07"])
    #expect(GuestText.oneLine("a\nb") == "a\\nb")
    #expect(Quoting.quoted("\u{9b}31m") == "\"\\u{9b}31m\"")
  }

  @Test func jsonStringsAreValid() throws {
    for text in ["", "a\"b\\c/d", "line\nbreak\ttab\r", "\u{0}\u{1f}", "é∞😀"] {
      let data = Data("[\(JSONLine.string(text))]".utf8)
      #expect(try JSONDecoder().decode([String].self, from: data) == [text])
    }
  }

  @Test func errorsShowTheLineTheCaretAndAHint() {
    let error = CommandError(.unknownCommand, "there is no `x`", hint: "try `y`", at: SourceSpan(start: 3, length: 2))
    let text = ErrorText.text(error, in: SourceLine(text: "ab cd", origin: .file("s.klab", line: 4))).text
    #expect(text == "s.klab:4:4: error: there is no `x`\n  ab cd\n     ^~\n  hint: try `y`\n")
  }

  @Test func carefulWithLongLinesAndControlCharacters() {
    let long = String(repeating: "a", count: 300) + "!" + String(repeating: "b", count: 300)
    let (line, caret) = ErrorText.excerpt(long, SourceSpan(start: 300, length: 1))
    #expect(line.count <= 76)
    let offset = caret.count - 1
    #expect(Array(line)[offset] == "!")
    #expect(ErrorText.excerpt("a\u{1b}b", SourceSpan(start: 0, length: 1)).line == "a?b")
  }
}
