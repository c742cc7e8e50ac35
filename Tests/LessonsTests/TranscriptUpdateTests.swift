import Testing

@testable import Lessons

@Suite struct TranscriptUpdateTests {
  @Test(
    arguments: [
      (["a", "b"], "a\nc", ["a", "c"]),
      (["a", "..."], "a\nx\ny", ["a", "..."]),
      ([" ID TUSK STATE ...", "..."], " ID TASK STATE PRIV\n 1 agent", [" ID TASK STATE PRIV", "..."]),
      (["...", "... 1 trap ...", "..."], "x\n  9 instructions · 2 traps\ny", ["..."]),
      (["head", "...", "5 traps in all"], "head\nx\n6 traps in all", ["head", "...", "6 traps in all"]),
      (["one"], "one\ntwo", ["one", "two"]), (["one", "two"], "two", ["two"]), (["a"], "", []),
    ] as [([String], String, [String])])
  func patternsStayWhereTheyFit(_ expected: [String], _ output: String, _ renewed: [String]) {
    let result = TranscriptUpdate.renewed(expected, for: output)
    #expect(result == renewed)
    #expect(TranscriptPattern(result).firstMismatch(in: output) == nil)
  }

  @Test func aFileIsRewrittenWhereOutputsDiffer() throws {
    let source = Fixtures.driverFault.replacing("fault 1 armed: ...", with: "fault 2 armed: ...")
    let lesson = try Fixtures.parse(source)
    var host = FakeHost()
    let record = LessonTester.record(lesson, on: &host)
    let update = TranscriptUpdate(source: source, lesson: lesson, outputs: record.outputs)
    #expect(
      update.changes == [.removed(line: 22, "fault 2 armed: ..."), .added(line: 22, "fault 1 armed: blk")])
    #expect(update.text == Fixtures.driverFault.replacing("fault 1 armed: ...", with: "fault 1 armed: blk"))
    let again = TranscriptUpdate(source: update.text, lesson: try Fixtures.parse(update.text), outputs: record.outputs)
    #expect(again.changes.isEmpty && again.text == update.text)
  }

  @Test func linesAfterALongerOutputKeepTheirPlace() throws {
    let body = "## A {#a}\n```repl\n> boot micro\nold\n> read\nold\n```\nEnd.\n"
    let source = Fixtures.lesson(body)
    var host = FakeHost()
    let record = LessonTester.record(try Fixtures.parse(source), on: &host)
    let update = TranscriptUpdate(source: source, lesson: try Fixtures.parse(source), outputs: record.outputs)
    let renewed = try Fixtures.parse(update.text)
    var other = FakeHost()
    #expect(LessonTester.test(renewed, on: &other).passed)
    #expect(update.text.hasSuffix("```\nEnd.\n"))
    #expect(update.changes.count == 5)
  }
}
