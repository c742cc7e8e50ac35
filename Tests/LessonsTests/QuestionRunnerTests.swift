import Foundation
import Testing

@testable import Lessons

/// Questions, gates, branches and free play on the lesson with all kinds of blocks.
@Suite struct QuestionRunnerTests {
  private typealias Runner = LessonRunner<FakeHost>

  private func begin(
    _ source: String = Fixtures.allBlocks, store: ProgressStore? = nil
  ) throws -> (runner: LessonRunner<FakeHost>, host: FakeHost) {
    var host = FakeHost()
    let catalogue = try MisconceptionCatalogue(yaml: Fixtures.misconceptions, file: "misconceptions.yaml")
    var runner = Runner(lesson: try Fixtures.parse(source), store: store, misconceptions: catalogue)
    try runner.start(on: &host)
    return (runner, host)
  }

  private func type(_ lines: String..., in pair: inout (runner: LessonRunner<FakeHost>, host: FakeHost)) -> StepReport {
    var report = StepReport()
    for line in lines { report = pair.runner.observe(pair.host.run(line), on: &pair.host) }
    return report
  }

  private func answer(
    _ text: String, in pair: inout (runner: LessonRunner<FakeHost>, host: FakeHost)
  ) throws(AnswerError) -> StepReport {
    try pair.runner.answer(text.split(separator: " ").map(String.init), on: &pair.host)
  }

  // MARK: Predictions

  @Test func aPredictionLocksTheRunUntilItIsAnswered() throws {
    var pair = try begin()
    #expect(pair.runner.readable == 0..<3)
    #expect(pair.runner.lock?.contains("`answer a`") == true)
    let report = try answer("b sure", in: &pair)
    #expect(report.revealed == 3..<6 && report.answers.isEmpty)
    #expect(pair.runner.lock == nil)
    #expect(pair.runner.progress.answers["p1"]?.verdict == nil)
    #expect(pair.host.ran.isEmpty, "nothing was done to the student's systems")
  }

  @Test func theMachineJudgesAPredictionAndNotTheMark() throws {
    for (given, isRight) in [("b", true), ("a", false), ("c", false)] {
      var pair = try begin()
      _ = try answer(given, in: &pair)
      let report = type("fault inject blk null-read", "read", in: &pair)
      #expect(report.isJustDone && report.revealed == 6..<10)
      #expect(report.answers.map { $0.record.verdict?.isCorrect } == [isRight])
      #expect(report.answers.first?.record.verdict?.truth == "b) stops")
    }
    // With the mark at the wrong option, the verdict stays the same.
    let moved = Fixtures.allBlocks.replacing("- [ ] goes on => kernel-is-a-process", with: "- [x] goes on")
      .replacing("- [x] stops", with: "- [ ] stops")
    var pair = try begin(moved)
    _ = try answer("b", in: &pair)
    #expect(type("fault inject blk null-read", "read", in: &pair).answers.first?.record.verdict?.isCorrect == true)
  }

  @Test func wrongAndSureGetsTheWholeContrastWithTheMachinesValues() throws {
    var sure = try begin()
    _ = try answer("a sure", in: &sure)
    let judged = try #require(type("fault inject blk null-read", "read", in: &sure).answers.first)
    #expect(judged.isContrastFull && judged.contrast?.name == "kernel-is-a-process")
    #expect(judged.record.verdict?.evidence == ["system.state is \"panicked\""])
    var guess = try begin()
    _ = try answer("a g", in: &guess)
    let short = try #require(type("fault inject blk null-read", "read", in: &guess).answers.first)
    #expect(!short.isContrastFull && short.contrast != nil)
    var right = try begin()
    _ = try answer("b sure", in: &right)
    #expect(type("fault inject blk null-read", "read", in: &right).answers.first?.contrast == nil)
  }

  @Test func aPredictionStaysLockedInWhenTheStepIsBegunAgain() throws {
    var pair = try begin()
    _ = try answer("a", in: &pair)
    _ = type("fault inject blk null-read", in: &pair)
    pair.runner.restart(on: &pair.host)
    #expect(pair.runner.openQuestion == nil && pair.runner.openGates == 1)
    #expect(throws: AnswerError.self) { _ = try pair.runner.answer(["b"], on: &pair.host) }
    #expect(type("fault inject blk null-read", "read", in: &pair).answers.first?.record.verdict?.isCorrect == false)
  }

  @Test(arguments: [
    ("", "an answer is missing"), ("x", "no option `x`"), ("a b", "one letter"), ("sure", "no option `sure`"),
    ("a certain", "one letter"),
  ]) func aWrongAnswersSyntaxIsNamedWithTheOptions(_ text: String, _ phrase: String) throws {
    var pair = try begin()
    let error = #expect(throws: AnswerError.self) { _ = try answer(text, in: &pair) }
    #expect(error?.message.contains(phrase) == true && error?.hint.contains("`answer c`") == true)
    #expect(pair.runner.progress.answers.isEmpty)
  }

  // MARK: Branches and pauses

  @Test func aBranchGoesWhereTheAnswerLeads() throws {
    var right = try begin()
    _ = try answer("b", in: &right)
    _ = type("fault inject blk null-read", "read", in: &right)
    #expect(right.runner.next(on: &right.host) == .moved)
    #expect(right.runner.step.id == "end")
    #expect(right.runner.overview.map(\.state) == [.done, .passedBy, .open])

    var wrong = try begin()
    _ = try answer("a", in: &wrong)
    _ = type("fault inject blk null-read", "read", in: &wrong)
    _ = wrong.runner.next(on: &wrong.host)
    #expect(wrong.runner.step.id == "again")
    #expect(wrong.runner.readable == 0..<1)
    guard case .revealed(let report) = wrong.runner.next(on: &wrong.host) else {
      Issue.record("a pause opens with `next`")
      return
    }
    #expect(report.revealed == 1..<3 && report.isJustDone)
    #expect(wrong.runner.next(on: &wrong.host) == .moved)
    #expect(wrong.runner.step.id == "end")
  }

  @Test func aHintWaitsForACommandThatWasTried() throws {
    var pair = try begin()
    _ = try answer("b", in: &pair)
    #expect(pair.runner.hint(on: &pair.host) == nil)
    _ = type("fault inject blk null-read", in: &pair)
    #expect(pair.runner.hint(on: &pair.host) != nil)
  }

  // MARK: Observations and quizzes

  private func atTheEnd(
    store: ProgressStore? = nil
  ) throws -> (runner: LessonRunner<FakeHost>, host: FakeHost) {
    var pair = try begin(store: store)
    _ = try answer("b", in: &pair)
    _ = type("fault inject blk null-read", "read", in: &pair)
    _ = pair.runner.next(on: &pair.host)
    _ = type("boot micro", "read", in: &pair)
    return pair
  }

  @Test(arguments: [("27", true), ("25", true), ("30", false), ("27 bytes", true), ("0x1b", true)])
  func anObservedNumberIsJudgedAtOnceWithItsTolerance(_ text: String, _ isRight: Bool) throws {
    var pair = try atTheEnd()
    let report = try answer(text, in: &pair)
    #expect(report.answers.first?.record.verdict?.isCorrect == isRight)
    #expect(report.answers.first?.record.verdict?.truth == "27 bytes")
  }

  @Test func anObservationIsNotAnsweredBeforeThereIsAnything() throws {
    var pair = try begin()
    _ = try answer("b", in: &pair)
    _ = type("fault inject blk null-read", "read", in: &pair)
    _ = pair.runner.next(on: &pair.host)
    let error = #expect(throws: AnswerError.self) { _ = try answer("27", in: &pair) }
    #expect(error?.hint == "first `boot micro`")
    _ = type("boot micro", "read", in: &pair)
    #expect(try answer("27", in: &pair).answers.first?.record.verdict?.isCorrect == true)
  }

  @Test func valuesThatWereMissingInAQuestionAreFilledInWhenTheyAreThere() throws {
    let body = """
      ## A {#a}
      ```repl
      > boot micro
      > read
      ```
      ```quiz id=q
      Twice {{last("read").returned}}?
      - [x] 54
      - [ ] 55
      verify: last("read").returned == 27
      ```
      """
    var pair = try begin(Fixtures.lesson(body))
    #expect(pair.runner.openQuestion?.problems.isEmpty == false && pair.runner.takeNotes().isEmpty)
    let report = type("boot micro", "read", in: &pair)
    #expect(report.revealed == 1..<2)
    #expect(pair.runner.openQuestion.map { MarkdownBlock.plainText(of: $0.prompt) } == "Twice 27?")
  }

  @Test func aQuestionIsDrawnFromTheSeedAndAskedAgainWithOtherValues() throws {
    var pair = try atTheEnd()
    _ = try answer("27", in: &pair)
    let first = try #require(pair.runner.openQuestion)
    #expect(first.question.id == "q1" && first.options.first?.letter == "a")
    let again = try atTheEnd()
    var same = again
    _ = try answer("27", in: &same)
    #expect(same.runner.openQuestion == first, "the same seed asks the same")
    // The right option is the marked one, whatever the values are.
    let marked = try #require(first.options.first { $0.index == 0 }).letter
    let wrong = try #require(first.options.first { $0.index == 1 }).letter
    #expect(try answer(wrong, in: &pair).answers.first?.offersAgain == true)
    #expect(try answer(marked, in: &same).answers.first?.record.verdict?.isCorrect == true)
    let other = try #require(pair.runner.again(nil, on: &pair.host))
    #expect(other.shown.variant != first.shown.variant)
    let right = try #require(other.options.first { $0.index == 0 }).letter
    #expect(try answer(right, in: &pair).answers.first?.record.verdict?.isCorrect == true)
    #expect(pair.runner.openQuestion?.question.id == "q2", "the step went on meanwhile")
  }

  @Test func differentSeedsAskDifferently() throws {
    let question = try #require(try Fixtures.parse(Fixtures.allBlocks).questions.first { $0.id == "q1" })
    var state = ObservedState(host: FakeHost(), history: [])
    let variants = Set((0..<40).map { PresentedQuestion(question, seed: $0, round: 0, in: &state).shown.variant })
    #expect(variants.count == 8)
    let rounds = (0..<8).map { PresentedQuestion(question, seed: 5, round: $0, in: &state).shown.variant }
    #expect(Set(rounds).count == 8, "no variant comes twice before all have come")
  }

  @Test func anOrderIsShuffledAndJudgedByTheMachinesValues() throws {
    var pair = try atTheEnd()
    _ = try answer("27", in: &pair)
    let quiz = try #require(pair.runner.openQuestion?.options.first { $0.index == 0 }).letter
    _ = try answer(quiz, in: &pair)
    let order = try #require(pair.runner.openQuestion)
    let letters = (0..<3).compactMap { index in order.options.first { $0.index == index }?.letter }
    #expect(throws: AnswerError.self) { _ = try answer("a b", in: &pair) }
    let report = try answer(letters.joined(), in: &pair)
    #expect(report.answers.first?.record.verdict?.isCorrect == true && report.isJustDone)
    var turned = try atTheEnd()
    _ = try answer("27", in: &turned)
    _ = try answer(quiz, in: &turned)
    #expect(
      try answer(letters.reversed().joined(separator: ","), in: &turned).answers.first?.record.verdict?.isCorrect
        == false)
  }

  @Test func optionsThatAreEqualByAccidentAreShownOnce() throws {
    let body = """
      ## A {#a}
      ```quiz id=q
      Twice {{1 + 1}}?
      - [ ] {{2 + 2}}
      - [x] {{2 * 2}}
      - [ ] 5
      - [ ] {{4 + 1}}
      answer: 2 * 2
      ```
      """
    var pair = try begin(Fixtures.lesson(body))
    let question = try #require(pair.runner.openQuestion)
    #expect(question.options.map(\.plainText) == ["4", "5"])
    #expect(question.options.map(\.index) == [1, 2])
    #expect(MarkdownBlock.plainText(of: question.prompt) == "Twice 2?")
    #expect(try answer("a", in: &pair).answers.first?.record.verdict?.isCorrect == true)
  }

  @Test func aQuestionThatTheMachineDoesNotDecideIsSaidToBeSo() throws {
    let body = "## A {#a}\n```quiz id=q\nWell?\n- [x] a\n  when: true\n- [ ] b\n  when: 1 == 1\n```\n"
    var pair = try begin(Fixtures.lesson(body))
    let report = try answer("a", in: &pair)
    #expect(report.answers.first?.problem?.message.contains("both true") == true)
    #expect(report.isJustDone, "nobody is stuck because of it")
  }

  // MARK: Free play

  @Test func freePlayLeavesNoTrace() throws {
    var pair = try begin()
    _ = try answer("b", in: &pair)
    _ = type("fault inject blk null-read", in: &pair)
    let before = pair.host.state
    pair.runner.enterSandbox(on: &pair.host)
    #expect(!type("read", "boot micro", in: &pair).isDone)
    #expect(pair.runner.next(on: &pair.host) == .refused(.inSandbox))
    #expect(pair.runner.resume(on: &pair.host) == .fromSandbox)
    #expect(pair.host.state == before)
    #expect(pair.runner.progress.journal == ["fault inject blk null-read"])
    #expect(type("read", in: &pair).isJustDone)
    #expect(pair.runner.resume(on: &pair.host) == .toStepStart)
    #expect(pair.host.state == FakeHost.State(kernel: "monolithic"))
  }

  @Test func aCommandWithKeysOfItsOwnIsNotKeptInTheJournal() throws {
    var pair = try begin()
    _ = try answer("b", in: &pair)
    _ = type("console", in: &pair)
    #expect(pair.runner.progress.journal.isEmpty)
    #expect(pair.runner.takeNotes().contains { $0.contains("not kept") })
  }

  // MARK: Progress

  @Test func aNewSessionFindsTheStepHalfDone() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      var first = try begin(store: store)
      _ = try answer("a sure", in: &first)
      _ = type("fault inject blk null-read", in: &first)
      // The process is gone here; nothing was said to the store at the end.
      var second = try begin(store: store)
      #expect(second.host.state == first.host.state)
      #expect(second.runner.openGates == 1 && second.runner.lock == nil)
      guard case .answered(_?, let record) = second.runner.view(of: second.runner.step.questions[0]) else {
        Issue.record("the answer is lost")
        return
      }
      #expect(record.answer.text == "a) goes on" && record.confidence == .sure)
      #expect(type("read", in: &second).answers.first?.record.verdict?.isCorrect == false)
      second.runner.restart(on: &second.host)
      #expect(second.host.state == FakeHost.State(kernel: "monolithic"), "the step began before the break")
    }
  }

  @Test func resultsFromBeforeTheBreakStillCount() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      _ = try atTheEnd(store: store)
      var second = try begin(store: store)
      #expect(second.runner.step.id == "end")
      #expect(try answer("27", in: &second).answers.first?.record.verdict?.isCorrect == true)
    }
  }

  @Test func aQuestionThatWasRewrittenIsAskedAnew() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      var first = try begin(store: store)
      _ = try answer("a sure", in: &first)
      let other = Fixtures.allBlocks.replacing("- [ ] returns an error", with: "- [ ] returns an old error")
      let second = try begin(other, store: store)
      #expect(second.runner.openQuestion?.question.id == "p1")
      let third = try begin(Fixtures.allBlocks.replacing("Explained.", with: "Told."), store: store)
      #expect(third.runner.openQuestion == nil, "other words around it change nothing")
    }
  }

  @Test func anotherMachineBeginsWithTheSolutions() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      var first = try begin(store: store)
      _ = try answer("b", in: &first)
      _ = type("fault inject blk null-read", "read", in: &first)
      _ = first.runner.next(on: &first.host)
      var second = try begin(Fixtures.allBlocks.replacing("seed: 3", with: "seed: 4"), store: store)
      #expect(second.runner.step.id == "end" && second.host.state.state == "panicked")
      #expect(second.runner.takeNotes().contains { $0.contains("machine has changed") })
    }
  }

  @Test func answersOfTwoTerminalsAreBothKept() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      var first = try begin(store: store)
      var second = try begin(store: store)
      _ = try answer("b", in: &first)
      _ = type("fault inject blk null-read", "read", in: &first)
      _ = first.runner.next(on: &first.host)
      _ = try answer("a", in: &second)
      let kept = store.load(lesson: "all-blocks").progress
      #expect(kept.done.keys.contains("predict"))
      #expect(kept.answers["p1"]?.verdict?.isCorrect == true, "a judged answer is not replaced by one that waits")
    }
  }

  @Test func aRecordOfTheFirstFormatIsTakenOver() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      let lesson = try Fixtures.parse(Fixtures.allBlocks)
      let old = """
        {"format": 1, "lesson": "all-blocks", "current": "end", "journal": ["fault inject blk null-read", "read"],
         "done": {"predict": {"contentHash": "\(lesson.steps[0].contentHash)", "solutionShown": false}}}
        """
      try Data(old.utf8).write(to: folder.appendingPathComponent("all-blocks.json"))
      let pair = try begin(store: store)
      #expect(pair.runner.step.id == "end" && pair.host.state.state == "panicked")
      #expect(pair.runner.overview.map(\.state) == [.done, .open, .open])
      #expect(store.load(lesson: "all-blocks").progress.format == 2)
    }
  }
}
