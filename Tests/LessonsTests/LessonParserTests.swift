import Testing

@testable import Lessons

@Suite struct LessonParserTests {
  @Test func aWholeLessonIsRead() throws {
    let lesson = try Fixtures.parse()
    #expect(lesson.id == "driver-fault")
    #expect(lesson.requires == ["machine"])
    #expect(lesson.concepts == ["M8", "U1"])
    #expect(lesson.machine == LessonMachine(kernel: "monolithic", seed: 7, instructionLimit: 5_000_000))
    #expect(lesson.skip == .showAnswer)
    #expect(lesson.steps.map(\.id) == ["break", "look", "micro"])
    #expect(lesson.introduction.count == 1)
    let step = lesson.steps[0]
    #expect(step.concepts == ["M8"])
    #expect(step.location.line == 18)
    #expect(MarkdownInline.plainText(of: step.title) == "Break the driver")
    #expect(step.transcripts[0].entries[0].expected == ["fault 1 armed: ..."])
    #expect(step.checks.count == 1)
    #expect(step.checks[0].says == "The system has panicked")
    #expect(step.checks[0].location.line == 28)
    #expect(step.hints[0].after == 2)
    #expect(step.solution.map(\.line) == ["read"])
    #expect(step.commands.map(\.line) == ["fault inject blk null-read", "read"])
    #expect(lesson.steps[2].solution.map(\.line) == ["boot micro", "fault inject blk null-read", "read"])
    #expect(lesson.steps[2].checks.map(\.location.line) == [51, 52])
  }

  @Test func windowsLineEndsMakeNoDifference() throws {
    let lesson = try Fixtures.parse(Fixtures.driverFault.replacing("\n", with: "\r\n"))
    #expect(lesson == (try Fixtures.parse()))
  }

  @Test func aStepsHashChangesWithItsTextAndWithNothingElse() throws {
    let before = try Fixtures.parse()
    let after = try Fixtures.parse(Fixtures.driverFault.replacing("Nothing to do", with: "Nothing at all to do"))
    #expect(before.steps[0].contentHash == after.steps[0].contentHash)
    #expect(before.steps[1].contentHash != after.steps[1].contentHash)
    #expect(before.steps[2].contentHash == after.steps[2].contentHash)
  }

  struct Broken: Sendable, CustomTestStringConvertible {
    let name: String
    let source: String
    let line: Int
    let column: Int
    let mentions: [String]
    var testDescription: String { name }
  }

  static let head = "---\nformat: 1\nid: short\ntitle: Short\nminutes: 1\n"
  static let broken: [Broken] = [
    Broken(name: "no front matter", source: "## Step {#s}\n", line: 1, column: 1, mentions: ["front matter"]),
    Broken(name: "open front matter", source: "---\nformat: 1\n", line: 1, column: 1, mentions: ["never closed"]),
    Broken(name: "empty front matter", source: "---\n---\n", line: 2, column: 1, mentions: ["empty"]),
    Broken(
      name: "bad YAML", source: "---\nformat: 1\nid: [a\n---\n## S {#s}\n", line: 4, column: 1, mentions: ["not YAML"]),
    Broken(
      name: "unknown key", source: head + "minuts: 2\n---\n", line: 6, column: 1,
      mentions: ["`minuts`", "did you mean `minutes`?"]),
    Broken(name: "missing key", source: "---\nformat: 1\nid: x\n---\n", line: 2, column: 1, mentions: ["no `title`"]),
    Broken(
      name: "newer format", source: "---\nformat: 2\nid: x\ntitle: X\nminutes: 1\n---\n", line: 2, column: 9,
      mentions: ["format `2`", "format: 1"]),
    Broken(
      name: "bad id", source: "---\nformat: 1\nid: My Lesson\ntitle: X\nminutes: 1\n---\n", line: 3, column: 5,
      mentions: ["`My Lesson` is no id", "`my-lesson`"]),
    Broken(
      name: "unknown concept", source: head + "concepts: [M1, M9]\n---\n", line: 6, column: 16, mentions: ["`M9`"]),
    Broken(
      name: "unknown kernel", source: head + "machine: {kernel: mirco}\n---\n", line: 6, column: 19,
      mentions: ["`mirco`", "did you mean `micro`?"]),
    Broken(
      name: "bad limit", source: head + "machine: {limit: many}\n---\n", line: 6, column: 18, mentions: ["`many`"]),
    Broken(
      name: "limit too large", source: head + "machine: {limit: 99999999999999999G}\n---\n", line: 6, column: 18,
      mentions: ["is no number for this"]),
    Broken(name: "no step", source: Fixtures.lesson("Text.\n"), line: 7, column: 1, mentions: ["no step"]),
    Broken(
      name: "step without id", source: Fixtures.lesson("## First things first\n"), line: 7, column: 1,
      mentions: ["no id", "{#first-things-first}"]),
    Broken(
      name: "id not an id", source: Fixtures.lesson("## First {#One}\n"), line: 7, column: 11, mentions: ["`#One`"]),
    Broken(
      name: "same id twice", source: Fixtures.lesson("## A {#a}\n\n## B {#a}\n"), line: 9, column: 7,
      mentions: ["`a`", "line 7"]),
    Broken(
      name: "unknown attribute of a step", source: Fixtures.lesson("## A {#a concept=[M1]}\n"), line: 7, column: 10,
      mentions: ["`concept`", "did you mean `concepts`?"]),
    Broken(
      name: "unknown concept of a step", source: Fixtures.lesson("## A {#a concepts=[Q1]}\n"), line: 7, column: 20,
      mentions: ["`Q1`"]),
    Broken(
      name: "unknown block", source: Fixtures.lesson("## A {#a}\n```chek\ntrue\n```\n"), line: 8, column: 4,
      mentions: ["`chek`", "did you mean `check`?"]),
    Broken(
      name: "unknown attribute", source: Fixtures.lesson("## A {#a}\n```hint afer=2\nx\n```\n"), line: 8, column: 9,
      mentions: ["`afer`", "did you mean `after`?"]),
    Broken(
      name: "bad number", source: Fixtures.lesson("## A {#a}\n```hint after=two\nx\n```\n"), line: 8, column: 15,
      mentions: ["`two`"]),
    Broken(
      name: "open quotation", source: Fixtures.lesson("## A {#a}\n```hint when=\"x\nx\n```\n"), line: 8, column: 14,
      mentions: ["never closed"]),
    Broken(
      name: "block never closed", source: Fixtures.lesson("## A {#a}\n```repl\n> help\n"), line: 8, column: 1,
      mentions: ["never closed"]),
    Broken(
      name: "misspelt name in a check",
      source: Fixtures.lesson("## A {#a}\n```check\nsystem.state == \"x\" and\n  fault[1].fired\n```\n"),
      line: 10, column: 3, mentions: ["`fault`", "did you mean `faults`?"]),
    Broken(
      name: "bad condition of a hint",
      source: Fixtures.lesson("## A {#a}\n```hint when=\"system = 1\"\nx\n```\n"), line: 8, column: 22,
      mentions: ["equality is `==`"]),
    Broken(
      name: "empty check", source: Fixtures.lesson("## A {#a}\n```check\n\n```\n"), line: 8, column: 1,
      mentions: ["without a condition"]),
    Broken(
      name: "output first", source: Fixtures.lesson("## A {#a}\n```repl\nhello\n```\n"), line: 9, column: 1,
      mentions: ["before the first command"]),
    Broken(
      name: "prose in a solution",
      source: Fixtures.lesson("## A {#a}\n```check\ntrue\n```\n```solution\nRead it.\n```\n"), line: 12, column: 1,
      mentions: ["no command"]),
    Broken(
      name: "check without solution", source: Fixtures.lesson("## A {#a}\n```check\ntrue\n```\n"), line: 7, column: 1,
      mentions: ["no commands that satisfy it"]),
    Broken(
      name: "hint without check", source: Fixtures.lesson("## A {#a}\n```hint\nx\n```\n"), line: 8, column: 4,
      mentions: ["without a check"]),
    Broken(
      name: "block before the first step", source: Fixtures.lesson("```repl\n> help\n```\n"), line: 7, column: 4,
      mentions: ["before the first step"]),
    Broken(
      name: "block in a list", source: Fixtures.lesson("## A {#a}\n- x\n\n  ```check\n  true\n  ```\n"), line: 10,
      column: 1, mentions: ["inside a list"]),
    Broken(
      name: "HTML", source: Fixtures.lesson("## A {#a}\nPress <b>Enter</b>.\n"), line: 8, column: 1,
      mentions: ["`<b>`"]),
    Broken(
      name: "second title", source: Fixtures.lesson("## A {#a}\n\n# Part two\n"), line: 9, column: 1,
      mentions: ["level 1"]),
  ]

  @Test(arguments: broken) func aMistakeIsNamedWithItsPlaceAndCure(_ fixture: Broken) {
    let error = #expect(throws: LessonError.self) { _ = try Fixtures.parse(fixture.source) }
    guard let error else { return }
    #expect(error.location == LessonLocation(file: "lesson.md", line: fixture.line, column: fixture.column), "\(error)")
    for phrase in fixture.mentions { #expect(error.description.contains(phrase), "\(error)") }
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "!!x ", "&a "]) func deeplyNestedFrontMatterIsAnError(_ opening: String) {
    let yaml = String(repeating: opening, count: 20_000)
    #expect(throws: LessonError.self) { _ = try Fixtures.parse("---\n\(yaml)\n---\n## A {#a}\n") }
  }

  @Test func aliasesThatMultiplyAreRefusedAtOnce() {
    let levels = (1...40).map {
      "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ","))]"
    }
    let yaml = (["a0: &a0 x"] + levels + ["? *a40", ": 1"]).joined(separator: "\n")
    #expect(throws: LessonError.self) { _ = try Fixtures.parse("---\n\(yaml)\n---\n## A {#a}\n") }
  }

  @Test(arguments: ["> ", "- ", "[", "*a ", "` ", "![", "<"]) func deeplyNestedMarkdownIsParsed(_ opening: String)
    throws
  {
    let body = "## A {#a}\n" + String(repeating: opening, count: 20_000) + "x\n"
    #expect(try Fixtures.parse(Fixtures.lesson(body)).steps.count == 1)
  }

  @Test func mutilatedLessonsNeverCrashTheParser() {
    var generator = SeededGenerator(seed: 1)
    let original = Array(Fixtures.driverFault)
    let noise = Array("`>{}[]#\"=\\\n -x…\u{0}")
    for _ in 0..<1_000 {
      var characters = original
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let position = Int.random(in: 0..<characters.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: characters[position] = noise.randomElement(using: &generator) ?? "x"
        case 1: characters.removeSubrange(position..<min(position + 9, characters.count))
        default: characters.insert(noise.randomElement(using: &generator) ?? "x", at: position)
        }
      }
      do throws(LessonError) {
        _ = try Fixtures.parse(String(characters))
      } catch {
        #expect(error.location.line >= 1 && error.location.column >= 1)
      }
    }
  }
}
