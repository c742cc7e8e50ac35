// Time travel at the prompt: the commands, their JSON, undo, and the bounded history.

import Foundation
import Testing

@testable import Kernelarium

@Suite struct TimeTravelSessionTests {
  private func object(_ line: String, in session: Session) throws -> [String: Any] {
    guard case .success(let result) = session.evaluate(SourceLine(text: line, origin: .prompt)).outcome else {
      Issue.record("\(line) was refused")
      return [:]
    }
    let data = Data(try JSONLine.json(result.value).utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func booted() throws -> Session {
    let session = Session(output: .discarding)
    for line in ["boot micro", "sys open \"/etc/motd\"", "sys read 3 64"] { _ = try object(line, in: session) }
    return session
  }

  @Test func backToTheTrapAndForwardAgain() throws {
    let session = try booted()
    let before = try object("info history", in: session)
    let back = try object("reverse-continue trap", in: session)
    #expect(back["stop"] as? String == "catchpoint")
    #expect(back["instruction"] as? String == "ecall")
    #expect((try object("info history", in: session))["stateHash"] as? String != before["stateHash"] as? String)
    let forward = try object("continue", in: session)
    #expect((forward["travel"] as? [String: Any])?["isInThePast"] as? Bool == false)
    let after = try object("info history", in: session)
    for field in ["first", "now", "last", "inputs"] { #expect(after[field] as? Int == before[field] as? Int) }
    #expect(after["stateHash"] as? String == before["stateHash"] as? String)
  }

  @Test func undoTakesBackAMove() throws {
    let session = try booted()
    let count = session.instructionCount
    _ = try object("goto 1000", in: session)
    #expect(session.instructionCount == 1000)
    _ = try object("undo", in: session)
    #expect(session.instructionCount == count)
    #expect((try object("info history", in: session))["isInThePast"] as? Bool == false)
  }

  @Test func anotherFutureCanBeUndone() throws {
    let session = try booted()
    let last = session.instructionCount
    _ = try object("goto \(last - 500)", in: session)
    _ = try object("sys null", in: session)
    _ = try object("undo", in: session)
    _ = try object("continue", in: session)
    #expect(session.instructionCount == last)
  }

  @Test func whyNamesTheWriter() throws {
    let session = try booted()
    let why = try object("why a0", in: session)
    #expect(why["writer"] as? String == "instruction")
    #expect(why["after"] as? Int == 55, "what the read returned")
    #expect((why["location"] as? [String: Any])?["symbol"] != nil)
  }

  @Test func memoryOfTheHistoryIsASetting() throws {
    let session = try booted()
    _ = try object("set history.memory 1M", in: session)
    #expect((try object("info history", in: session))["limitBytes"] as? Int == 1 << 20)
  }

  @Test(arguments: [
    "goto 99G", "reverse-stepi 0", "why pc", "why nothing_like_it", "watch 0x80200000 5000", "catch fish",
  ])
  func badRequestsAreRefused(line: String) throws {
    let session = try booted()
    let count = session.instructionCount
    guard case .failure(let error) = session.evaluate(SourceLine(text: line, origin: .prompt)).outcome else {
      Issue.record("\(line) was accepted")
      return
    }
    #expect(!error.message.isEmpty)
    #expect(session.instructionCount == count)
  }
}
