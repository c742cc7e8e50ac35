import Testing

@testable import Lessons

@Suite struct QuestionParserTests {
  @Test func everyKindOfBlockIsRead() throws {
    let lesson = try Fixtures.parse(Fixtures.allBlocks)
    #expect(lesson.machine.kernels == ["monolithic", "hybrid"] && lesson.machine.testedSeeds == 3)
    #expect(lesson.questions.map(\.id) == ["p1", "o1", "q1", "q2"])
    #expect(lesson.questions.map(\.role) == [.predict, .observe, .quiz, .quiz])
    #expect(lesson.questions.map(\.asksConfidence) == [true, false, false, false])
    let first = lesson.steps[0]
    #expect(first.notes.count == 1)
    #expect(first.hints.map(\.tried) == ["fault"])
    #expect(first.branch?.arms.map(\.target) == ["end", "again"])
    #expect(first.branch?.arms.map { $0.condition?.source } == ["p1.correct", nil])
    guard case .choice(let options, nil)? = first.questions[0].variants.first?.form else {
      Issue.record("no choice")
      return
    }
    #expect(options.map(\.isMarked) == [false, true, false])
    #expect(options.map(\.misconception?.name) == ["kernel-is-a-process", nil, "kernel-checks-drivers"])
    #expect(options.map { $0.condition?.expression.source.prefix(12) } == ["system.state", "system.state", nil])
    #expect(options[1].condition?.location == LessonLocation(file: "lesson.md", line: 19, column: 9))
    #expect(options.map(\.text.source) == ["goes on", "stops", "returns an error"])
  }

  @Test func aStepIsReadGateByGate() throws {
    let lesson = try Fixtures.parse(Fixtures.allBlocks)
    let gates = lesson.steps[0].gates
    #expect(gates.count == 2)
    #expect(gates[0].question?.id == "p1" && gates[0].blocks == 0..<3 && gates[0].commands.isEmpty)
    #expect(gates[1].checks.count == 1 && gates[1].blocks == 3..<6)
    #expect(gates[1].commands.map(\.line) == ["fault inject blk null-read", "read"])
    #expect(gates[1].hints.count == 1)
    let pause = lesson.steps[1].gates
    #expect(pause.count == 1)
    if case .pause(let text)? = pause.first?.kind { #expect(text.count == 1) } else { Issue.record("no pause") }
    let end = lesson.steps[2].gates
    #expect(end.map { $0.question?.id } == ["o1", "q1", "q2"])
    #expect(end[0].commands.map(\.line) == ["boot micro", "read"])
  }

  @Test func neighbouringChecksAreOneGateAndAQuestionBetweenMakesTwo() throws {
    let check = "```check\nsystem.state == \"x\"\n```\n"
    let solution = { (name: String) in "```solution\n> \(name)\n```\n" }
    let quiz = "```quiz id=q\nWell?\n- [x] yes\n- [ ] no\nverify: true\n```\n"
    func gates(_ body: String) throws -> [StepGate] {
      try Fixtures.parse(Fixtures.lesson("## A {#a}\n" + body)).steps[0].gates
    }
    let one = try gates(check + "Text.\n\n" + check + solution("s"))
    #expect(one.map(\.checks.count) == [2] && one[0].commands.map(\.line) == ["s"])
    let two = try gates(check + solution("s") + quiz + check + solution("t"))
    #expect(two.map(\.checks.count) == [1, 0, 1])
    #expect(two.map { $0.commands.map(\.line) } == [["s"], [], ["t"]])
    let before = try gates("```repl\n> r\n```\n" + quiz + check)
    #expect(before.map { $0.commands.map(\.line) } == [["r"], []])
    #expect(before.last?.solution.map(\.line) == ["r"], "without a written solution, the transcripts are it")
  }

  @Test func parametersAreFilledInEverywhere() throws {
    let question = try #require(try Fixtures.parse(Fixtures.allBlocks).questions.first { $0.id == "q1" })
    #expect(question.variants.count == 8)
    let last = try #require(question.variants.last)
    #expect(last.parameters.map(\.value) == ["4", "write"])
    #expect(last.prompt.source.hasPrefix("After 4 times `write`"))
    guard case .choice(let options, let answer?) = last.form else {
      Issue.record("no choice with an answer")
      return
    }
    #expect(answer.expression.source == "stats.reads + 4")
    #expect(options[0].text.expressions.map(\.expression.source) == ["stats.reads + 4"])
  }

  struct Broken: Sendable, CustomTestStringConvertible {
    let block: String
    let line: Int
    let column: Int
    let mentions: String
    var testDescription: String { mentions }

    init(_ block: String, _ line: Int, _ column: Int, _ mentions: String) {
      (self.block, self.line, self.column, self.mentions) = (block, line, column, mentions)
    }
  }

  /// Each block begins on line 8.
  static let broken: [Broken] = [
    Broken("```quiz\nA?\n- [x] a\n- [ ] b\nverify: true\n```", 8, 4, "without an id"),
    Broken("```quiz id=9\nA?\n- [x] a\n- [ ] b\nverify: true\n```", 8, 12, "no id of a question"),
    Broken("```quiz id=tasks\nA?\n- [x] a\n- [ ] b\nverify: true\n```", 8, 12, "already has a meaning"),
    Broken("```quiz id=q type=chioce\nA?\n```", 8, 19, "did you mean `choice`?"),
    Broken("```quiz id=q unit=\"x\"\nA?\n- [x] a\n- [ ] b\nverify: true\n```", 8, 14, "`type=number`"),
    Broken("```quiz id=q\n- [x] a\n- [ ] b\nverify: true\n```", 8, 1, "asks nothing"),
    Broken("```quiz id=q\nA?\n- [x] a\nverify: true\n```", 8, 1, "1 options"),
    Broken("```quiz id=q\nA?\n- a\n- [x] b\nverify: true\n```", 10, 1, "without a box"),
    Broken("```quiz id=q\nA?\n- [ ] a\n- [ ] b\nverify: true\n```", 8, 1, "exactly one option"),
    Broken("```quiz id=q\nA?\n- [x] a\n- [x] b\nverify: true\n```", 11, 1, "exactly one option"),
    Broken("```quiz id=q\nA?\n- [x] a => m\n- [ ] b\nverify: true\n```", 10, 1, "names a misconception"),
    Broken("```quiz id=q\nA?\n- [x] a\n- [ ] b => Kernel!\nverify: true\n```", 11, 1, "no name of a misconception"),
    Broken("```quiz id=q\nA?\n- [x] a\n- [ ] b\n```", 11, 1, "when this option is true"),
    Broken("```quiz id=q\nA?\n- [x] a\n  when: true\n- [ ] b\nverify: true\n```", 11, 1, "below an option"),
    Broken("```quiz id=q\nA?\n- [x] a\n  when: sistem.state\n- [ ] b\n```", 11, 9, "did you mean `system`?"),
    Broken("```quiz id=q\nA?\n- [x] a\n- [ ] b\nverify: true\nmore\n```", 13, 1, "after `verify:`"),
    Broken("```quiz id=q\nA?\n- [x] a\nmore\n- [ ] b\nverify: true\n```", 11, 1, "among the options"),
    Broken("```quiz id=q\nA {{stats.}}?\n- [x] a\n- [ ] b\nverify: true\n```", 9, 11, "a field's name"),
    Broken("```quiz id=q\nA {{stats?\n- [x] a\n- [ ] b\nverify: true\n```", 9, 5, "never closed"),
    Broken("```quiz id=q type=number\nA?\n```", 8, 1, "what the number is"),
    Broken("```quiz id=q type=number within=twice\nA?\nanswer: 1\n```", 8, 33, "no tolerance"),
    Broken("```quiz id=q type=order\nA?\n- a\n  value: 1\n- b\n```", 12, 1, "where this item belongs"),
    Broken("```quiz id=q\nvary: n\nA?\n- [x] a\n- [ ] b\nverify: true\n```", 9, 6, "declares no parameter"),
    Broken("```quiz id=q\nvary: n = 8..1\nA?\n- [x] a\n- [ ] b\nverify: true\n```", 9, 6, "no range"),
    Broken("```quiz id=q\nvary: n = 1..3\nA?\n- [x] a\n- [ ] b\nverify: true\n```", 9, 6, "never used"),
    Broken("```predict id=q\nA?\n- [x] a\n- [ ] b\nverify: true\n```", 8, 4, "nothing judges"),
    Broken("```observe id=q\nA?\n- [x] a\n- [ ] b\nverify: true\n```", 8, 4, "nothing to observe"),
    Broken("```branch\nelse -> #b\n```", 9, 1, "no step `#b`"),
    Broken("```branch\nelse -> #a\n```", 9, 1, "leads back"),
    Broken("```branch\ntrue -> #a\n```", 9, 1, "without `else`"),
    Broken("```branch\np7.correct -> #a\nelse -> #a\n```", 9, 1, "unknown name `p7`"),
    Broken("```branch\nnowhere\n```", 9, 1, "leads nowhere"),
    Broken("```picture\n+\n```", 8, 4, "cannot see it"),
    Broken("```picture alt=\"x\"\n\(String(repeating: "=", count: 79))\n```", 9, 79, "79 columns"),
    Broken("```say\n```", 8, 1, "is empty"),
  ]

  @Test(arguments: broken) func aMistakeIsNamedWithItsPlaceAndCure(_ fixture: Broken) {
    let source = Fixtures.lesson("## A {#a}\n" + fixture.block + "\n")
    let error = #expect(throws: LessonError.self) { _ = try Fixtures.parse(source) }
    guard let error else { return }
    #expect(error.location == LessonLocation(file: "lesson.md", line: fixture.line, column: fixture.column), "\(error)")
    #expect(error.description.contains(fixture.mentions), "\(error)")
  }

  @Test func aQuestionsIdIsItsOwn() {
    let quiz = "```quiz id=q\nWell?\n- [x] yes\n- [ ] no\nverify: true\n```\n"
    let source = Fixtures.lesson("## A {#a}\n" + quiz + "\n## B {#b}\n" + quiz)
    #expect(throws: LessonError.self) { _ = try Fixtures.parse(source) }
  }

  @Test func misconceptionsAreReadAndUnknownOnesAreNamedWithTheirPlace() throws {
    let catalogue = try MisconceptionCatalogue(yaml: Fixtures.misconceptions, file: "misconceptions.yaml")
    let first = try #require(catalogue["kernel-is-a-process"])
    #expect(first.belief == "The kernel is a process." && first.location.line == 1)
    #expect(MarkdownBlock.plainText(of: first.shortText) == "The kernel is code that every process enters.")
    let lesson = try Fixtures.parse(Fixtures.allBlocks)
    #expect(catalogue.unknownNames(in: lesson).isEmpty)
    let other = try MisconceptionCatalogue(yaml: "reads-are-fre: {belief: a, contrast: b}", file: "m.yaml")
    #expect(other.unknownNames(in: lesson).map(\.location.line) == [16, 20, 66])
    #expect(other.unknownNames(in: lesson).last?.suggestion == "did you mean `reads-are-fre`?")
  }

  @Test(arguments: [
    ("a: {belief: x}", 1, "no `contrast`"), ("- a", 1, "no mapping"),
    ("a: {belief: x, contrast: y}\nb: {belif: x}", 2, "`belif`"), ("a: [", 2, "not YAML"),
  ]) func aBrokenCatalogueNamesItsMistake(_ yaml: String, _ line: Int, _ mentions: String) {
    let error = #expect(throws: LessonError.self) { _ = try MisconceptionCatalogue(yaml: yaml, file: "m.yaml") }
    #expect(error?.location.line == line && error?.message.contains(mentions) == true, "\(String(describing: error))")
  }
}
