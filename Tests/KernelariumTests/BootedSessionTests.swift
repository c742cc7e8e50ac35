// A session with booted systems: the JSON that others rely on, undo, equal bytes for equal runs, lessons' host.

import Foundation
import Lessons
import Testing

@testable import Kernelarium

@Suite struct BootedSessionTests {
  private struct Refused: Error {
    let line: String
    let message: String
  }

  /// Runs a line that must succeed, and returns its JSON.
  @discardableResult
  private func json(_ line: String, in session: Session) throws -> String {
    switch session.evaluate(SourceLine(text: line, origin: .prompt)).outcome {
    case .success(let result): return try JSONLine.json(result.value)
    case .failure(let error): throw Refused(line: line, message: error.message)
    case .nothing: return ""
    }
  }

  private func object(_ line: String, in session: Session) throws -> [String: Any] {
    let data = Data(try json(line, in: session).utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func booted(_ kernel: String) throws -> Session {
    let session = Session(output: .discarding)
    try json("boot \(kernel)", in: session)
    return session
  }

  @Test(arguments: ["monolithic", "micro"])
  func fieldsThatOthersRelyOnAreThere(kernel: String) throws {
    let session = Session(output: .discarding)
    let boot = try object("boot \(kernel)", in: session)
    for field in ["system", "kernel", "instructions", "imageBytes", "privilegedBytes"] { #expect(boot[field] != nil) }
    let open = try object("sys open \"/etc/motd\"", in: session)
    let descriptor = try #require(open["returned"] as? Int)
    let read = try object("sys read \(descriptor) 64", in: session)
    for field in ["returned", "data", "counters", "idleInstructions", "path"] { #expect(read[field] != nil) }
    let counters = try #require(read["counters"] as? [String: Any])
    let names = [
      "instructions", "traps", "addressSpaceSwitches", "tlbMisses", "pageTableReads", "mmioAccesses", "interrupts",
      "calls", "messages", "bytesCopied", "cycles", "vmExits",
    ]
    #expect(Set(names) == Set(counters.keys))
    let step = try #require((read["path"] as? [[String: Any]])?.first)
    for field in ["kind", "name", "privilege", "task", "icount"] { #expect(step[field] != nil) }
    #expect((try object("info system", in: session))["state"] as? String == "running")
    let task = try #require((try object("info tasks", in: session)["tasks"] as? [[String: Any]])?.first)
    for field in ["name", "state", "privilege", "addressSpace", "restarts"] { #expect(task[field] != nil) }
    let region = try #require((try object("pmap agent", in: session)["regions"] as? [[String: Any]])?.first)
    for field in ["start", "end", "permissions", "privilege", "owner", "physical"] { #expect(region[field] != nil) }
  }

  @Test func equalRunsGiveEqualBytes() throws {
    let lines = [
      "boot micro", "sys open \"/etc/motd\"", "sys read 3 64", "info stats", "info tlb", "run ls /", "trace null",
    ]
    let first = Session(output: .discarding)
    let second = Session(output: .discarding)
    for line in lines { #expect(try json(line, in: first) == json(line, in: second)) }
    #expect(first.instructionCount == second.instructionCount)
  }

  @Test func undoTakesBackTheLastChange() throws {
    let session = try booted("monolithic")
    let count = session.instructionCount
    let registers = try json("info registers", in: session)
    try json("sys open \"/etc/motd\"", in: session)
    try json("set $a0 = 77", in: session)
    #expect(try json("print $a0", in: session) == #"{"value":77}"#)
    try json("undo", in: session)
    try json("undo", in: session)
    #expect(session.instructionCount == count)
    #expect(try json("info registers", in: session) == registers)
    try json("undo", in: session)
    #expect(session.laboratory.list().systems.isEmpty, "undo takes a boot back too")
  }

  @Test func aCommandThatOnlyLooksLeavesNothingToUndo() throws {
    let session = try booted("monolithic")
    try json("info tasks", in: session)
    try json("x/4gx $sp", in: session)
    let undone = try object("undo", in: session)
    #expect(undone["undone"] as? String == "boot monolithic")
  }

  @Test func memoryIsWrittenAndReadBack() throws {
    let session = try booted("monolithic")
    try json("set mem $sp-64 = 0x1122334455667788", in: session)
    try json("set mem $sp-64 = 0xff --bytes 1", in: session)
    let units = try #require(try object("x/gx $sp-64", in: session)["units"] as? [[String: Any]])
    #expect((units.first?["value"] as? NSNumber)?.uint64Value == 0x1122_3344_5566_77ff)
  }

  @Test func misspeltNamesOfTheSystemGetTheNearest() throws {
    let session = try booted("micro")
    for (line, meant) in [("pmap agnet", "agent"), ("run helo", "hello"), ("use micor", "micro")] {
      guard case .failure(let error) = session.evaluate(SourceLine(text: line, origin: .prompt)).outcome else {
        Issue.record("\(line) was accepted")
        continue
      }
      #expect(error.hint?.contains(meant) == true, "\(line): \(error.hint ?? "")")
      #expect(error.span != nil)
    }
  }

  @Test func tabKnowsTheSystemsNames() throws {
    let session = try booted("micro")
    let completer = Completer(session: session)
    #expect(completer.completion(of: "pmap age").insertion == "nt ")
    #expect(completer.completion(of: "break blk_subm").insertion == "it ")
    #expect(completer.completion(of: "run hel").insertion == "lo ")
    #expect(completer.completion(of: "x/4gx $s").choices.contains("$sp"))
  }

  @Test func whatALessonAsksLeavesNoTrace() throws {
    let session = try booted("micro")
    let host = SessionLessonHost(session: session)
    let count = session.instructionCount
    let asked = host.ask("sys open \"/etc/motd\"")
    #expect(asked.refusal == nil)
    #expect(session.instructionCount == count)
    let undone = try object("undo", in: session)
    #expect(undone["undone"] as? String == "boot micro")
  }

  @Test func aLessonsSnapshotCanBeRestoredTwice() throws {
    let session = try booted("micro")
    let host = SessionLessonHost(session: session)
    let snapshot = host.snapshot()
    let count = session.instructionCount
    for _ in 0..<2 {
      #expect(host.run("run hello").refusal == nil)
      #expect(session.instructionCount > count)
      host.restore(snapshot)
      #expect(session.instructionCount == count)
    }
  }

  @Test func aDescriptorFromBeforeARestartReadsNobodyElsesFile() throws {
    let session = try booted("micro")
    for line in ["sys open /etc/motd", "tbreak fs:fs_read", "sys read 3 8", "set $pc = 0", "continue"] {
      try json(line, in: session)
    }
    let answer = try object("sys read 3 8", in: session)
    #expect(answer["errno"] as? String == "EBADF")
    #expect(try object("sys open /", in: session)["returned"] as? Int == 4)
    #expect(try object("sys read 3 8", in: session)["errno"] as? String == "EBADF")
  }

  @Test func aWatchpointStopsAtTheStoreOfAFault() throws {
    let session = try booted("monolithic")
    try json("fault inject blk wild-write", in: session)
    let record = try object("watch 0x80001050", in: session)
    #expect(record["physical"] as? Int == 0x8000_1050)
    let stopped = try object("sys open /etc/motd", in: session)["stopped"] as? [String: Any]
    #expect(stopped?["stop"] as? String == "watchpoint")
  }

  @Test func anExhaustedLimitIsAHang() throws {
    let session = try booted("monolithic")
    try json("set limit 1000", in: session)
    guard case .success(let result) = session.evaluate(SourceLine(text: "run ls /", origin: .prompt)).outcome else {
      Issue.record("the run was refused")
      return
    }
    #expect(result.outcome == .hung)
  }
}
