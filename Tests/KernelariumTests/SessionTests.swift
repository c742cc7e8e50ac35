// A session without a booted system: arguments, settings, completion, verdicts.

import Testing

@testable import Kernelarium

@Suite struct SessionTests {
  private let session = Session(output: .discarding)

  private func evaluate(_ text: String) -> Session.Evaluation.Outcome {
    session.evaluate(SourceLine(text: text, origin: .prompt)).outcome
  }

  private func failure(_ text: String) throws -> CommandError {
    guard case .failure(let error) = evaluate(text) else { throw Unexpected(line: text) }
    return error
  }

  private struct Unexpected: Error {
    let line: String
  }

  @Test(arguments: [
    "info tasks", "sys read 3 64", "x/2gx 0", "pmap agent", "fault inject blk loop", "stepi", "continue", "set $a0 = 1",
    "set mem 0 = 1", "translate 0", "disassemble", "checkpoint a", "run ls", "console", "delete", "info faults",
  ])
  func commandsOnASystemSayHowToGetOne(line: String) throws {
    let error = try failure(line)
    #expect(error.code == .noSystem)
    #expect(error.hint?.contains("boot") == true)
  }

  @Test(arguments: [
    ("boot", CommandError.Code.missingArgument, 4), ("boot micro monolithic", .unexpectedArgument, 11),
    ("boot micro --disc x", .unexpectedArgument, 11), ("boot micro --disk", .missingArgument, 17),
    ("boot micro --memory lots", .invalidArgument, 20), ("boot micro --persist --persist", .unexpectedArgument, 21),
    ("boot micro --persist", .invalidArgument, 11), ("boot/3 micro", .unexpectedArgument, 5),
    ("sys opne \"/x\"", .unknownName, 4), ("set limt 5", .unknownName, 4), ("set json maybe", .invalidArgument, 9),
    ("set limit 0", .invalidArgument, 10), ("show nosuch", .unknownName, 5), ("source /nonexistent", .badFile, 7),
    ("fault inject blk nul-read", .unknownName, 17), ("compare raed", .unknownName, 8), ("use nosuch", .unknownName, 4),
    ("print 1+", .syntax, 8), ("undo", .wrongState, -1), ("lesson next", .wrongState, -1),
    ("lesson start nosuch", .unknownName, 13),
  ])
  func wrongArgumentsAreNamedWithTheirPlace(line: String, code: CommandError.Code, start: Int) throws {
    let error = try failure(line)
    #expect(error.code == code)
    #expect(error.span?.start ?? -1 == start)
    #expect(error.hint != nil)
  }

  @Test func settingsChangeAndShow() throws {
    guard case .success = evaluate("set limit = 5M") else { throw Unexpected(line: "set limit") }
    #expect(session.laboratory.limit == 5_000_000)
    guard case .success(let result) = evaluate("show limit") else { throw Unexpected(line: "show limit") }
    #expect(try JSONLine.json(result.value) == #"{"settings":{"limit":5000000}}"#)
    #expect(session.text(of: result).text.contains("5,000,000"))
  }

  @Test func canonicalLinesSpellNamesOutAndKeepArguments() {
    let evaluation = session.evaluate(SourceLine(text: #"  i reg  "#, origin: .prompt))
    #expect(evaluation.canonical == "info registers")
    let sys = session.evaluate(SourceLine(text: #"syscall open "/a b" 0x3"#, origin: .prompt))
    #expect(sys.canonical == #"sys open "/a b" 0x3"#)
    #expect(session.evaluate(SourceLine(text: "x/4i $pc", origin: .prompt)).canonical == "x/4i $pc")
  }

  @Test(arguments: [
    ("he", "lp "), ("sho", "w "), ("show ver", "sion "), ("fault inject blk nul", "l-read "), ("info csr", " "),
    ("sys ope", "n "), ("boot x --mem", "ory "), ("translate 0 exe", "cute "), ("compare spa", "wn "), ("nosuch ", ""),
    ("set qui", "et "), ("help info regi", "sters "),
  ])
  func tabCompletesNamesAndArguments(typed: String, insertion: String) {
    #expect(Completer(session: session).completion(of: typed).insertion == insertion)
  }

  @Test func tabListsWhatIsAmbiguous() {
    let completion = Completer(session: session).completion(of: "info t")
    #expect(completion.insertion.isEmpty)
    #expect(completion.choices == ["tasks", "tcb", "tlb"])
    #expect(completion.listing.text.contains("tasks"))
    let all = Completer(session: session).completion(of: "")
    #expect(all.choices.count > 20)
    for line in all.listing.lines { #expect(line.width <= 80) }
  }

  @Test func verdictsAreDecidedByWhatWentWrongFirst() {
    var verdict = ExitVerdict()
    #expect(verdict.status == .fine)
    verdict.note(.panicked)
    verdict.note(CommandError(.wrongState, "later"))
    #expect(verdict.status == .guestPanicked)
    verdict.note(.interrupted)
    #expect(verdict.status == .interrupted)
  }

  @Test func anExpectedPanicIsSuccessAndItsAbsenceIsNot() {
    var verdict = ExitVerdict(expectsPanic: true)
    #expect(verdict.status == .checkFailed)
    verdict.note(.panicked)
    #expect(verdict.status == .fine)
    verdict.note(CommandError(.syntax, "wrong"))
    #expect(verdict.status == .commandFailed)
  }

  @Test func hangsAndLimitsHaveTheirOwnStatus() {
    var verdict = ExitVerdict()
    verdict.note(.hung)
    #expect(verdict.status == .guestHung)
    var limit = ExitVerdict()
    limit.note(CommandError(.limit, "used up"))
    #expect(limit.status == .guestHung)
  }

  @Test func randomLinesNeverCrashASession() {
    var random = SplitMix64(seed: 42)
    // Some wait for a person or a debugger, some take minutes, and one writes files.
    let slow = [
      "bench", "console", "gdbserver", "quit", "lesson test", "lesson start", "compare", "move", "structure new",
      "structure save",
      "lesson new", "lesson lint", "lesson coverage", "lesson update", "lesson export", "lesson grade",
      "lesson preview",
    ]
    let words =
      CommandRegistry.commands.map(\.name).filter { !slow.contains($0) }
      + [
        "$a0", "=", "0x10", "-1", "\"", "--disk", "--memory", "blk", "null-read", "/8gx", "*", "+", "micro", "é", "\\",
        "#",
      ]
    for _ in 0..<3000 {
      let line = (0..<Int(random.next() % 6)).map { _ in words[Int(random.next() % UInt64(words.count))] }
        .joined(separator: random.next() % 4 == 0 ? "" : " ")
      _ = evaluate(line)
      _ = Completer(session: session).completion(of: line)
    }
  }
}
