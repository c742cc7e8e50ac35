import Testing

@testable import Lessons

@Suite struct TextRendererTests {
  private func render(_ source: String, width: Int = 40, usesUnicode: Bool = true) -> [StyledLine] {
    TextRenderer(width: width, usesUnicode: usesUnicode).lines(of: MarkdownParser.parse(source))
  }

  private func text(_ source: String, width: Int = 40, usesUnicode: Bool = true) -> [String] {
    render(source, width: width, usesUnicode: usesUnicode).map(\.text)
  }

  @Test func paragraphsAreFilledAndSeparated() {
    let source = "The hart fetches an instruction,\ndecodes it, and does it.\n\nThen the next."
    #expect(
      text(source, width: 30) == [
        "The hart fetches an", "instruction, decodes it, and", "does it.", "", "Then the next.",
      ])
  }

  @Test func stylesCoverTheirWordsAndNoMore() {
    let lines = render("A *trap* is **not** a `call`.")
    #expect(
      lines[0].runs == [
        StyledRun("A "), StyledRun("trap", .emphasis), StyledRun(" is "), StyledRun("not", .strong), StyledRun(" a "),
        StyledRun("call", .code), StyledRun("."),
      ])
  }

  @Test func punctuationIsNotTornFromItsWord() {
    #expect(text("aaaaaaaaaa bbbbb `ccc`.", width: 20) == ["aaaaaaaaaa bbbbb", "ccc."])
  }

  @Test func listsHangAndCount() {
    let bullets = text("- one two three four five six\n- seven", width: 20)
    #expect(bullets == ["• one two three four", "  five six", "• seven"])
    #expect(text("9. nine\n10. ten") == ["9.  nine", "10. ten"])
    #expect(text("- one", usesUnicode: false) == ["- one"])
  }

  @Test func listingsKeepTheirLines() {
    #expect(text("```asm\necall\n\nret\n```") == ["    ecall", "", "    ret"])
  }

  @Test func linksShowWhereTheyLeadAndPicturesWhatTheyShow() {
    #expect(text("[notes](http://x.org) ![a hart](h.png)") == ["notes (http://x.org) [a hart]"])
  }

  @Test func aLongWordStandsAloneAndIsNotCut() {
    let word = String(repeating: "x", count: 50)
    #expect(text("a \(word) b", width: 20) == ["a", word, "b"])
  }

  @Test func quotationsAreMarkedOnEveryLine() {
    #expect(text("> one\n>\n> two") == ["│ one", "│ ", "│ two"])
  }

  @Test func wideCharactersTakeTwoColumns() {
    #expect(StyledLine("核 e\u{301}").width == 4)
    #expect(text("核核核核核核 核核核核", width: 20) == ["核核核核核核", "核核核核"])
  }

  @Test func aStepShowsItsTaskAndTranscriptAndHidesTheRest() throws {
    let step = try Fixtures.parse().steps[0]
    let lines = TextRenderer(width: 60).lines(of: step)
    #expect(
      lines.map(\.text) == [
        "Break the driver", "", "Arm a fault.", "", "  > fault inject blk null-read", "", "▸ Read the file.",
      ])
    #expect(lines[0].runs[0].style == .heading)
    #expect(lines[4].runs[1] == StyledRun("fault inject blk null-read", .command))
    #expect(lines[6].runs[1].style == .task)
  }

  @Test func whatExplainsAStepIsApartFromWhatAsksForIt() throws {
    let body =
      "## A {#a}\nBefore.\n```repl\n> boot micro\nmicro: ready\nafter ...\n```\n```check\nsystem.state\n```\nAfter.\n## B {#b}\nAll.\n"
    let step = try Fixtures.parse(Fixtures.lesson(body)).steps[0]
    let renderer = TextRenderer()
    let end = try #require(step.gates.last).blocks.upperBound
    #expect(
      renderer.lines(of: step.blocks[..<end]).map(\.text) == ["Before.", "", "  > boot micro", "    micro: ready"])
    #expect(renderer.lines(of: step.blocks[end...]).map(\.text) == ["After."])
  }

  @Test func aQuestionIsShownWithLettersAndAPictureAsItStands() throws {
    let lesson = try Fixtures.parse(Fixtures.allBlocks)
    #expect(
      TextRenderer().lines(of: lesson.questions[0]).map(\.text) == [
        "? After the next read, the system:", "    a) goes on", "    b) stops", "    c) returns an error",
      ])
    #expect(
      TextRenderer().lines(of: lesson.steps[1]).map(\.text) == [
        "Again", "", "\u{25b8} Talk about it.", "", "After the pause.", "", "+--+  +--+", "|  |--|  |", "+--+  +--+",
      ])
  }

  @Test func noLineOfProseIsWiderThanTheTerminal() {
    var generator = SeededGenerator(seed: 5)
    let words = ["a", "trap", "`satp`", "*changes*", "核", "\n- ", "\n\n", "> ", "**page**", "1. ", "\\", "![x](y)"]
    for width in [20, 33, 80] {
      for _ in 0..<300 {
        let source = (0..<40).map { _ in words.randomElement(using: &generator) ?? "" }.joined(separator: " ")
        let blocks = MarkdownParser.parse(source).filter { if case .paragraph = $0 { true } else { false } }
        for line in TextRenderer(width: width).lines(of: blocks) { #expect(line.width <= width, "\(line.text)") }
      }
    }
  }
}
