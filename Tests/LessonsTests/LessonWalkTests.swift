import Testing

@testable import Lessons

/// The tester's way through questions and branches.
@Suite struct LessonWalkTests {
  private static let branching = Fixtures.lesson(
    """
    ## A {#a}
    ```repl
    > boot micro
    ```
    ```quiz id=q1 confidence
    How is the system?
    - [x] running
      when: system.state == "running"
    - [ ] panicked
      when: system.state == "panicked"
    ```
    ```branch
    q1.correct and q1.sure -> #c
    q1.value == "b" -> #b
    else -> #d
    ```

    ## B {#b}
    ```predict id=p1 type=number
    How many bytes will be read?
    answer: last("read").returned
    ```
    ```check says="read"
    last("read").returned == 27
    ```
    ```solution
    > read
    ```

    ## C {#c}
    Text.

    ## D {#d}
    Text.
    """)

  private func test(_ source: String) throws -> LessonTestReport {
    var host = FakeHost()
    return LessonTester.test(try Fixtures.parse(source), on: &host)
  }

  @Test func everyArmIsWalked() throws {
    let report = try test(Self.branching)
    #expect(report.failures == [] && report.notReached == [])
    #expect(report.branchArms == 3)
    #expect(report.checks == 1)
  }

  @Test func anArmThatNoAnswersLeadToFails() throws {
    let source = Self.branching.replacing("q1.value == \"b\"", with: "q1.value == \"z\"")
    let failures = try test(source).failures
    #expect(failures.map(\.line) == [20] && failures.first?.message.contains("no answers lead to `#b`") == true)
  }

  @Test func aStepBehindTheMachinesOwnDecisionIsNamedAsNotTested() throws {
    let source = Self.branching.replacing("q1.value == \"b\"", with: "system.state == \"panicked\"")
    let report = try test(source)
    #expect(report.failures == [] && report.notReached == ["b"])
  }

  @Test(arguments: [
    ("- [x] running", "- [ ] running", "- [ ] panicked", "- [x] panicked", "this option is marked, but the machine"),
    ("when: system.state == \"panicked\"", "when: system.state != \"x\"", "", "", "are both true"),
    ("when: system.state == \"running\"", "when: system.state == \"off\"", "", "", "that no option is true"),
  ]) func theMachineHasTheLastWord(
    _ right: String, _ wrong: String, _ other: String, _ otherWrong: String, _ phrase: String
  ) throws {
    var source = Self.branching.replacing(right, with: wrong)
    if !other.isEmpty { source = source.replacing(other, with: otherWrong) }
    #expect(try test(source).failures.contains { $0.message.contains(phrase) })
  }

  @Test func aWrongArmIsFoundOutOnItsOwnWay() throws {
    let source = Self.branching.replacing("last(\"read\").returned == 27", with: "last(\"read\").returned == 28")
    let failures = try test(source).failures
    #expect(failures.map(\.step) == ["b"])
  }

  @Test func everyDeclaredKernelIsTried() throws {
    let source = Fixtures.driverFault.replacing(
      "{kernel: monolithic,", with: "{kernel: monolithic, kernels: [monolithic, micro],")
    let report = try test(source)
    #expect(report.kernels == ["monolithic", "micro"])
    // There the driver has been started again before the lesson comes to it.
    #expect(Set(report.failures.map(\.step)) == ["break", "micro"])
    #expect(report.failures.allSatisfy { $0.message.hasPrefix("on micro: ") })
  }

  @Test func aConditionOfAHintIsTriedAfterEveryCommand() throws {
    let condition = "when=\"length(faults) == 0 or faults[1].id < true\""
    let failures = try test(Fixtures.driverFault.replacing("when=\"not faults[1].fired\"", with: condition)).failures
    #expect(failures.contains { $0.message.contains("the hint's condition after `fault inject blk null-read`") })
  }

  @Test func anExportHoldsWhatTheMachineSaid() throws {
    let lesson = try Fixtures.parse(
      Self.branching.replacing("Text.", with: "Mind & \\<gap\\>.\n```say\nAsk *why*.\n```"))
    var host = FakeHost()
    let record = LessonTester.record(lesson, on: &host)
    #expect(record.failures == [])
    let page = LessonHTML(lesson, record: record, showsNotes: false).text
    #expect(page.contains("<p>a) running</p>") && page.contains("micro: ready"))
    #expect(!page.contains("<script") && !page.contains("Ask <em>why</em>") && page.contains("&amp; &lt;gap&gt;"))
    #expect(LessonHTML(lesson, record: record, showsNotes: true).text.contains("Ask <em>why</em>"))
    let handout = LessonHandout(lesson, record: record, showsNotes: false).text
    #expect(handout.contains("[ ] a) running") && !handout.contains("The machine said"))
    #expect(handout.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(LessonHandout(lesson, record: record, showsNotes: true).text.contains("The machine said: a) running"))
  }

  @Test(arguments: [
    ("The cat sat on the mat. The dog ran.", 9, 6, 100.0), ("", 0, 0, 100.0), ("`sys null` is a call", 4, 4, 80.0),
  ]) func theReadingLevelIsFleschs(_ text: String, _ words: Int, _ longest: Int, _ atLeast: Double) {
    let level = ReadingLevel(of: text)
    #expect(level.words == words && level.longestSentence == longest && level.ease >= atLeast)
  }
}
