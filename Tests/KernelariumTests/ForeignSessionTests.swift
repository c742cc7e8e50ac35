// Foreign images at the prompt: booting, going back, what the prompt shows, and what is refused.

import Foundation
import Testing

@testable import Kernelarium

@Suite struct ForeignSessionTests {
  /// Sends back what arrives at the serial port.
  private static let echo = """
      li s0, 0x10000000
    loop:
      lbu t0, 5(s0)
      andi t0, t0, 1
      beqz t0, loop
    answer:
      lbu a0, 0(s0)
      sb a0, 0(s0)
      j loop
    """

  private func outcome(_ line: String, in session: Session) -> Session.Evaluation.Outcome {
    session.evaluate(SourceLine(text: line, origin: .prompt)).outcome
  }

  private func object(_ line: String, in session: Session) throws -> [String: Any] {
    guard case .success(let result) = outcome(line, in: session) else {
      Issue.record("\(line) was refused")
      return [:]
    }
    let data = Data(try JSONLine.json(result.value).utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func refusal(_ line: String, in session: Session) throws -> CommandError {
    guard case .failure(let error) = outcome(line, in: session) else {
      throw CommandError(.checkFailed, "\(line) was accepted")
    }
    return error
  }

  private func withGuest(_ body: (Session, _ path: String) throws -> Void) throws {
    try AssembledGuest.withFolder { folder in
      try body(Session(output: .discarding), try AssembledGuest.file(Self.echo, in: folder))
    }
  }

  @Test func foreignImageIsASystemLikeAnyOther() throws {
    try withGuest { session, path in
      let boot = try object("boot --image \(path) --memory 1M", in: session)
      #expect(boot["system"] as? String == "guest")
      #expect(boot["kernel"] as? String == "foreign")
      #expect(boot["memoryBytes"] as? Int == 1 << 20)
      #expect(PromptLoop(session: session).promptLine.text == "guest M> ")
      #expect((try object("stepi 5", in: session))["instructions"] as? Int == 5)
      _ = try object("tbreak answer", in: session)
      let stop = try object("continue 1", in: session)
      #expect(stop["stop"] as? String == "step", "a millisecond has passed, and nobody has typed")
      #expect(stop["instructions"] as? Int == 99_995, "the steps before were part of the first microsecond")
      _ = try object("set limit 1000", in: session)
      #expect((try object("continue", in: session))["stop"] as? String == "limit")
      #expect((try object("why t0", in: session))["writer"] as? String == "instruction")
      _ = try object("set limit 100M", in: session)
      #expect((try object("boot micro", in: session))["system"] as? String == "micro")
      #expect((try object("use guest", in: session))["system"] as? String == "guest")
      _ = try object("boot --image \(path) --memory 1M", in: session)
      #expect(PromptLoop(session: session).promptLine.text == "guest-2 M> ")
    }
  }

  @Test func promptSaysHowFarAwayThePresentIs() throws {
    try withGuest { session, path in
      _ = try object("boot --image \(path) --memory 1M", in: session)
      _ = try object("continue 1", in: session)
      let before = try object("info history", in: session)
      _ = try object("reverse-stepi 1204", in: session)
      #expect(PromptLoop(session: session).promptLine.text == "guest M @-1,204> ")
      _ = try object("why t0", in: session)
      _ = try object("x/4i $pc", in: session)
      _ = try object("break answer", in: session)
      #expect(PromptLoop(session: session).promptLine.text == "guest M @-1,204> ", "looking changes nothing")
      _ = try object("stepi 4", in: session)
      #expect(PromptLoop(session: session).promptLine.text == "guest M @-1,200> ")
      _ = try object("continue", in: session)
      #expect(PromptLoop(session: session).promptLine.text == "guest M> ")
      #expect((try object("info history", in: session))["stateHash"] as? String == before["stateHash"] as? String)
      _ = try object("reverse-stepi 10", in: session)
      _ = try object("set $s5 = 1", in: session)
      #expect(PromptLoop(session: session).promptLine.text == "guest M> ", "another future has begun")
      _ = try object("undo", in: session)
      #expect(PromptLoop(session: session).promptLine.text == "guest M @-10> ")
    }
  }

  @Test func helpTellsOfThePromptInThePast() {
    #expect(ReverseStepCommand().help.discussion.contains("@-1,204>"))
  }

  @Test func whatNeedsTheAgentIsRefused() throws {
    try withGuest { session, path in
      _ = try object("boot --image \(path) --memory 1M", in: session)
      for line in [
        "sys null", "trace null", "run ls", "info tasks", "info components", "fault inject blk dead", "pmap agent",
      ] {
        let error = try refusal(line, in: session)
        #expect(error.code == .notAvailable, "\(line)")
        #expect(error.message.contains("foreign image"), "\(line)")
        #expect(error.hint != nil)
      }
      for line in ["info system", "info devices", "info csr", "info tlb", "info stats", "translate 0x80000000"] {
        _ = try object(line, in: session)
      }
    }
  }

  @Test func badRequestsAreExplained() throws {
    try withGuest { session, path throws in
      #expect(try refusal("boot", in: session).hint?.contains("--image") == true)
      #expect(try refusal("boot micro --image \(path)", in: session).code == .invalidArgument)
      #expect(try refusal("boot --append x", in: session).code == .missingArgument)
      #expect(try refusal("boot --image \(path) --persist", in: session).message.contains("--persist"))
      #expect(try refusal("boot --image \(path) --same-faults", in: session).code == .invalidArgument)
      #expect(try refusal("boot --image /nonexistent", in: session).code == .badFile)
      #expect(try refusal("boot --image \(path) --memory 4096", in: session).message.contains("memory"))
      #expect(session.laboratory.list().systems.isEmpty)
    }
  }
}
