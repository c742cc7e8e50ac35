import Foundation
import Testing

@testable import Lessons

@Suite struct LessonRunnerTests {
  private typealias Runner = LessonRunner<FakeHost>

  /// A runner that has begun the lesson, and its host.
  private func begin(
    _ source: String = Fixtures.driverFault, store: ProgressStore? = nil
  ) throws -> (runner: LessonRunner<FakeHost>, host: FakeHost) {
    var host = FakeHost()
    var runner = Runner(lesson: try Fixtures.parse(source), store: store)
    try runner.start(on: &host)
    return (runner, host)
  }

  private func type(
    _ line: String, _ runner: inout LessonRunner<FakeHost>, _ host: inout FakeHost
  ) -> StepReport {
    runner.observe(host.run(line), on: &host)
  }

  @Test func theLessonsMachineIsBooted() throws {
    let (runner, host) = try begin()
    #expect(host.begun == [LessonMachine(kernel: "monolithic", seed: 7, instructionLimit: 5_000_000)])
    #expect(runner.step.id == "break")
    #expect(!runner.isStepDone)
  }

  @Test func aMachineThatCannotBeBootedIsAnError() throws {
    var host = FakeHost()
    var runner = Runner(
      lesson: try Fixtures.parse(Fixtures.driverFault.replacing("kernel: monolithic", with: "kernel: uni")), store: nil)
    #expect(throws: LessonHostError("there is no `uni` yet")) { try runner.start(on: &host) }
  }

  @Test func aStepIsDoneWhenTheStateSaysSo() throws {
    var (runner, host) = try begin()
    #expect(!type("fault inject blk null-read", &runner, &host).isDone)
    let report = type("read", &runner, &host)
    #expect(report.isJustDone)
    #expect(report.judgements.map(\.verdict) == [.holds])
    #expect(runner.next(on: &host) == .moved)
    #expect(runner.step.id == "look")
  }

  @Test func anotherWayToTheSameStatePasses() throws {
    var (runner, host) = try begin()
    _ = type("read", &runner, &host)
    _ = type("fault arm by other words", &runner, &host)
    #expect(type("read /etc/motd twice", &runner, &host).isJustDone)
  }

  @Test func judgingLeavesTheStudentsSystemAlone() throws {
    var (runner, host) = try begin()
    let before = host.state
    _ = runner.check(on: &host)
    _ = runner.hint(on: &host)
    #expect(host.state == before)
    #expect(host.ran.isEmpty)
    #expect(!host.asked.isEmpty)
  }

  @Test func aDoneStepStaysDone() throws {
    var (runner, host) = try begin()
    _ = type("fault inject blk null-read", &runner, &host)
    _ = type("read", &runner, &host)
    let report = type("boot monolithic", &runner, &host)
    #expect(report.isDone && !report.isJustDone)
    #expect(report.judgements.map(\.verdict) == [.fails])
  }

  @Test func aHintIsOfferedAfterFailedAttemptsAndOnlyWhereItFits() throws {
    var (runner, host) = try begin()
    #expect(!type("fault inject blk null-read", &runner, &host).offersHint, "the lesson's own command is no failure")
    #expect(!type("info system", &runner, &host).offersHint)
    #expect(type("info tasks", &runner, &host).offersHint)
    #expect(runner.hint(on: &host)?.after == 2)
    #expect(runner.hint(on: &host) == nil, "each hint is shown once")
  }

  @Test func aHintThatIsAskedForComesAtOnce() throws {
    var (runner, host) = try begin()
    #expect(runner.hint(on: &host) != nil)
  }

  @Test func aHintWhoseConditionFailsIsNotShown() throws {
    var (runner, host) = try begin(
      Fixtures.driverFault.replacing("not faults[1].fired", with: "system.state == \\\"halted\\\""))
    #expect(runner.hint(on: &host) == nil)
  }

  @Test func skippingAsksForTheSolutionFirstAndThenCarriesItOut() throws {
    var (runner, host) = try begin()
    #expect(runner.next(on: &host) == .refused(.mustBeDone))
    #expect(runner.skip(on: &host) == .refused(.solutionFirst))
    #expect(runner.solution(on: &host).commands.map(\.line) == ["fault inject blk null-read", "read"])
    _ = type("fault inject blk null-read", &runner, &host)
    #expect(runner.solution(on: &host).commands.map(\.line) == ["read"], "what was run is not asked for again")
    #expect(runner.skip(on: &host) == .moved)
    #expect(host.state.state == "panicked")
    #expect(host.state.reads == 1, "the solution runs from the step's start")
    #expect(runner.progress.journal == ["fault inject blk null-read", "read"])
    #expect(runner.progress.state(of: runner.lesson.steps[0]) == .skipped)
  }

  @Test func skippingIsDeniedOrAllowedAsTheLessonSays() throws {
    var (denying, host) = try begin(Fixtures.driverFault.replacing("skip: show-answer", with: "skip: deny"))
    _ = denying.solution(on: &host)
    #expect(denying.skip(on: &host) == .refused(.mustBeDone))
    var (allowing, other) = try begin(Fixtures.driverFault.replacing("skip: show-answer", with: "skip: allow"))
    #expect(allowing.skip(on: &other) == .moved)
  }

  @Test func aStepWithoutChecksIsDoneByGoingOn() throws {
    var (runner, host) = try begin(Fixtures.driverFault.replacing("skip: show-answer", with: "skip: allow"))
    _ = runner.skip(on: &host)
    #expect(runner.step.id == "look")
    #expect(runner.next(on: &host) == .moved)
    #expect(runner.overview.map(\.state) == [.skipped, .done, .open])
  }

  @Test func goingBackLeavesTheSystemsAsTheyAre() throws {
    var (runner, host) = try begin()
    #expect(runner.back(on: &host) == .refused(.isFirst))
    _ = type("fault inject blk null-read", &runner, &host)
    _ = type("read", &runner, &host)
    _ = runner.next(on: &host)
    let before = host.state
    #expect(runner.back(on: &host) == .moved)
    #expect(host.state == before)
    #expect(runner.isStepDone)
  }

  @Test func restartGoesBackToTheStepsStart() throws {
    var (runner, host) = try begin()
    let start = host.state
    _ = type("fault inject blk null-read", &runner, &host)
    _ = type("read", &runner, &host)
    runner.restart(on: &host)
    #expect(host.state == start)
    #expect(runner.progress.journal.isEmpty)
  }

  @Test func theLastStepEndsTheLesson() throws {
    var (runner, host) = try begin(Fixtures.driverFault.replacing("skip: show-answer", with: "skip: allow"))
    _ = runner.skip(on: &host)
    _ = runner.next(on: &host)
    for line in ["boot micro", "fault inject blk null-read", "read"] { _ = type(line, &runner, &host) }
    #expect(runner.isStepDone)
    #expect(runner.isFinished)
    #expect(runner.next(on: &host) == .finished)
  }

  @Test func resultsOfEarlierStepsDoNotCount() throws {
    let body = """
      ## A {#a}
      ```check
      last("read").returned == 27
      ```
      ```solution
      > boot micro
      > read
      ```
      ## B {#b}
      ```check
      last("read").returned == 27
      ```
      ```solution
      > read
      ```
      """
    var (runner, host) = try begin(Fixtures.lesson(body))
    _ = type("boot micro", &runner, &host)
    #expect(type("read", &runner, &host).isJustDone)
    _ = runner.next(on: &host)
    #expect(!runner.check(on: &host).isDone)
    #expect(type("read", &runner, &host).isJustDone)
  }

  @Test func aCommandIsFoundWithoutItsFormat() {
    let history = ["x/4i $pc", "info system", "xp/2gx 0"].map {
      CommandOutcome(command: $0, ending: .completed, text: "", value: .text($0))
    }
    let state = ObservedState(host: FakeHost(), history: history)
    #expect(state.lastResult(of: "x") == .text("x/4i $pc"))
    #expect(state.lastResult(of: "info system") == .text("info system"))
    #expect(state.lastResult(of: "info s") == .null)
    #expect(state.lastResult(of: nil) == .text("xp/2gx 0"))
  }

  @Test func aCheckThatMakesNoSenseIsReportedWithItsPlace() throws {
    var (runner, host) = try begin(Fixtures.driverFault.replacing("system.state ==", with: "system.stat =="))
    _ = type("fault inject blk null-read", &runner, &host)
    let report = type("read", &runner, &host)
    guard case .cannotJudge(let error) = report.judgements[0].verdict else {
      Issue.record("judged: \(report.judgements)")
      return
    }
    #expect(error.location == LessonLocation(file: "lesson.md", line: 29, column: 9))
    #expect(error.message.contains("did you mean `state`?"))
  }

  // MARK: Progress across sessions

  @Test func aNewSessionGoesOnWhereTheLastOneEnded() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      var (first, host) = try begin(store: store)
      _ = type("fault inject blk null-read", &first, &host)
      _ = type("nonsense", &first, &host)
      _ = type("info tasks", &first, &host)
      _ = type("read", &first, &host)
      _ = first.next(on: &host)
      let (second, again) = try begin(store: store)
      #expect(second.step.id == "look")
      #expect(again.state == host.state)
      #expect(again.ran == ["fault inject blk null-read", "info tasks", "read"])
      #expect(second.overview.map(\.state) == [.done, .open, .open])
    }
  }

  @Test func whereTheJournalNoLongerFitsTheSolutionsBuildTheState() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      var (first, host) = try begin(store: store)
      for line in ["read twice", "fault inject blk null-read", "read"] { _ = type(line, &first, &host) }
      _ = first.next(on: &host)
      var newer = FakeHost()
      newer.unknownCommand = "read twice"
      var second = Runner(lesson: try Fixtures.parse(), store: store)
      try second.start(on: &newer)
      #expect(second.step.id == "look")
      #expect(newer.state.reads == 1 && newer.state.state == "panicked")
      #expect(second.takeNotes().contains { $0.contains("`read twice` is now refused") })
    }
  }

  @Test func progressSurvivesReorderingAndNotesRewrittenSteps() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      var (first, host) = try begin(store: store)
      for line in ["fault inject blk null-read", "read"] { _ = type(line, &first, &host) }
      _ = first.next(on: &host)
      let changed = Fixtures.driverFault.replacing("Arm a fault.", with: "Arm one fault.")
        .replacing("## Look around {#look}", with: "## New {#new}\nNew.\n\n## Look around {#look}")
      let (second, _) = try begin(changed, store: store)
      #expect(second.step.id == "look")
      #expect(second.overview.map(\.state) == [.changedSinceDone, .open, .open, .open])
    }
  }

  @Test func startingOverForgetsEverything() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      var (runner, host) = try begin(store: store)
      for line in ["fault inject blk null-read", "read"] { _ = type(line, &runner, &host) }
      _ = runner.next(on: &host)
      try runner.startOver(on: &host)
      #expect(runner.step.id == "break")
      #expect(host.state == FakeHost.State(kernel: "monolithic"))
      #expect(store.load(lesson: "driver-fault").progress.done.isEmpty)
    }
  }
}
