import Testing

@testable import Lessons

@Suite struct LessonTesterTests {
  private func test(_ source: String) throws -> LessonTestReport {
    var host = FakeHost()
    return LessonTester.test(try Fixtures.parse(source), on: &host)
  }

  @Test func aRightLessonPasses() throws {
    let report = try test(Fixtures.driverFault)
    #expect(report.failures == [])
    #expect(report.passed)
    #expect(report.steps == 3 && report.checks == 3 && report.comparedOutputs == 3)
  }

  @Test(arguments: [
    ("system.state == \"panicked\"", "system.state == \"halted\"", 28, "does not make this check true"),
    ("faults[1].fired and", "true or faults[1].fired and", 28, "true before anything is done"),
    ("tasks[\"blk\"].restarts == 1", "tasks[\"blk\"].restarts == 2", 51, "does not make this check true"),
    ("tasks[\"blk\"].restarts == 1", "tasks[\"blk\"].restart == 1", 51, "did you mean `restarts`?"),
    ("fault 1 armed: ...", "fault 2 armed: ...", 22, "prints `fault 1 armed: blk`"),
    ("  ... instructions", "  ... traps", 48, "instructions` where the lesson has `  ... traps`"),
    ("> boot micro\nmicro: ready", "> bot micro", 43, "`bot micro` is refused"),
    ("when=\"not faults[1].fired\"", "when=\"system.state < 3\"", 31, "between text and a number"),
    ("kernel: monolithic", "kernel: uni", 1, "there is no `uni` yet"),
  ]) func aLessonMadeWrongOnPurposeFails(_ right: String, _ wrong: String, _ line: Int, _ phrase: String) throws {
    #expect(Fixtures.driverFault.contains(right))
    let report = try test(Fixtures.driverFault.replacing(right, with: wrong))
    #expect(!report.passed)
    let failure = try #require(report.failures.first { $0.message.contains(phrase) }, "\(report.failures)")
    #expect(failure.line == line, "\(failure)")
    #expect(failure.file == "lesson.md")
  }

  @Test func aRefusalIsExpectedOnlyWhereTheTranscriptShowsIt() throws {
    let shown = Fixtures.lesson("## A {#a}\n```repl\n> read\nerror: no system is booted\n```\n")
    #expect(try test(shown).passed)
    let hidden = Fixtures.lesson("## A {#a}\n```repl\n> read\n```\n")
    #expect(try test(hidden).failures.map(\.line) == [9])
  }

  @Test func anUntestedTranscriptRunsAndIsNotCompared() throws {
    let lesson = Fixtures.lesson("## A {#a}\n```repl untested\n> boot micro\nsomething else\n```\n")
    let report = try test(lesson)
    #expect(report.passed && report.comparedOutputs == 0)
  }

  @Test(arguments: [
    (["a"], "a\n"), (["a", ""], "a"), (["..."], ""), (["..."], "a\nb\n"), (["a", "...", "z"], "a\nz"),
    (["a", "...", "z"], "a\nb\nz\nz\n"), (["x ... z"], "x 1,234 z"), (["x   y"], "x y"), (["x..."], "x"),
    (["...b...d..."], "abcd"), (["  indented"], "    indented"), (["a...a"], "aba"), (["a ..."], "a"),
    (["a ..."], "a b"),
  ]) func aPatternFits(_ expected: [String], _ text: String) {
    #expect(TranscriptPattern(expected).firstMismatch(in: text) == nil)
  }

  @Test(
    arguments: [
      (["a"], "b", 0, "b"), (["a"], "a\nb", 1, "b"), (["a", "b"], "a", 1, nil), (["a...a"], "a", 0, "a"),
      (["a", "...", "z"], "a\nb", 2, nil), (["x ... z"], "x 1 y", 0, "x 1 y"), (["plain"], "  plain", 0, " plain"),
    ] as [([String], String, Int, String?)])
  func aPatternDoesNotFit(_ expected: [String], _ text: String, _ line: Int, _ actual: String?) {
    let mismatch = TranscriptPattern(expected).firstMismatch(in: text)
    #expect(mismatch == TranscriptPattern.Mismatch(expectedLine: line, actual: actual))
  }
}
