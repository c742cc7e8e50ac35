import Testing

@testable import Lessons

@Suite struct PresentingTests {
  private func begin() throws -> (runner: LessonRunner<FakeHost>, host: FakeHost) {
    var host = FakeHost()
    var runner = LessonRunner<FakeHost>(lesson: try Fixtures.parse(Fixtures.allBlocks), store: nil)
    try runner.start(on: &host)
    return (runner, host)
  }

  @Test func votesAreReadForEveryOption() throws {
    let question = try #require(try begin().runner.openQuestion)
    let ballot = try question.ballot(from: ["b", "30", "a", "12"])
    #expect(ballot.entries.map(\.votes) == [12, 30, 0] && ballot.total == 42)
    for words in [[], ["a"], ["a", "x"], ["z", "1"], ["a", "1", "a", "2"], ["a", "-1"]] {
      let error = #expect(throws: AnswerError.self) { _ = try question.ballot(from: words) }
      #expect(error?.hint == "as in `vote a 2 b 5 c 8`")
    }
  }

  @Test func revealingMakesTheRunAndSaysWhichAnswersAreRight() throws {
    var (runner, host) = try begin()
    let ballot = try #require(runner.openQuestion).ballot(from: ["a", "12", "b", "30"])
    let revelation = try #require(runner.reveal(ballot.entries.map(\.answer), on: &host))
    #expect(revelation.outcomes.map(\.command) == ["fault inject blk null-read", "read"])
    #expect(revelation.truth?.truth == "b) stops")
    #expect(revelation.rightAnswers == [ballot.entries[1].answer])
    #expect(revelation.report.isJustDone && revelation.report.revealed == 3..<10)
    #expect(host.state.state == "panicked")
    #expect(runner.reveal([], on: &host) == nil)
  }

  @Test func whatTheInstructorTypedIsNotRunAgain() throws {
    var (runner, host) = try begin()
    _ = runner.observe(host.run("fault inject blk null-read"), on: &host)
    let revelation = try #require(runner.reveal([], on: &host))
    #expect(revelation.outcomes.map(\.command) == ["read"])
    #expect(revelation.report.isJustDone)
  }

  @Test func anObservationIsRunBeforeItIsRevealedAndAVariedQuestionComesAgain() throws {
    var (runner, host) = try begin()
    _ = runner.reveal([], on: &host)
    _ = runner.next(on: &host)
    if runner.step.id == "again" {
      _ = runner.next(on: &host)
      _ = runner.next(on: &host)
    }
    let observed = try #require(runner.reveal([], on: &host))
    #expect(observed.outcomes.map(\.command) == ["boot micro", "read"])
    #expect(observed.truth?.truth == "27 bytes")
    let first = try #require(runner.openQuestion)
    #expect(runner.reveal([], on: &host)?.truth != nil)
    let again = try #require(runner.again(nil, on: &host))
    #expect(again.question.id == first.question.id && again.shown.variant != first.shown.variant)
    let revelation = try #require(runner.reveal([], on: &host))
    #expect(revelation.outcomes.isEmpty && revelation.truth != nil)
    #expect(runner.openQuestion?.question.id == "q2")
  }
}
