// Going back and forth in a system's history: what was done once happens again, to the last bit.

import GuestABI
import Machine
import Testing

@testable import Lab

private func bootMicro() throws -> System {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: "micro"))
  return try laboratory.current()
}

@Suite struct TimeTravelTests {
  @Test func backToTheTrapOfAReadAndForwardAgainGivesTheSameState() throws {
    let system = try bootMicro()
    _ = try system.call(.open, [.text("/etc/motd")])
    _ = try system.call(.read, [.number(3), .number(64)])
    let hash = system.machine.stateHash()
    let counters = system.machine.counters
    let back = try system.reverseContinue(to: [.trap])
    #expect(back.stop == .catchpoint)
    #expect(back.travel?.isInThePast == true)
    #expect(system.machine.stateHash() != hash)
    let again = try system.step()
    #expect(again.privilege == "S", "the trap is taken again")
    let forward = try system.continueRunning()
    #expect(forward.stop == .history)
    #expect(forward.travel?.isInThePast == false)
    #expect(system.machine.stateHash() == hash)
    #expect(system.machine.counters == counters)
  }

  @Test func everyStepBackHasTheStateThatTheStepForwardHad() throws {
    let (_, system) = try TinyGuest.boot()
    _ = try system.setBreakpoint(at: "agent:sys_read", temporary: true)
    _ = try system.call(.read, [.number(3), .number(4)])
    var hashes = [system.machine.stateHash()]
    for _ in 0..<30 {
      _ = try system.step()
      hashes.append(system.machine.stateHash())
    }
    for hash in hashes.dropLast().reversed() {
      #expect(try system.reverseStep().stop == .step)
      #expect(system.machine.stateHash() == hash)
    }
    for hash in hashes.dropFirst() {
      _ = try system.step()
      #expect(system.machine.stateHash() == hash)
    }
    #expect(!system.isInThePast)
  }

  @Test func replayedMiddleOfACallKnowsTheCall() throws {
    let (_, system) = try TinyGuest.boot()
    let before = system.instructionCount
    let golden = try system.call(.read, [.number(3), .number(12)])
    _ = try system.reverseContinue(to: [.trap])
    #expect(system.instructionCount > before)
    #expect(system.condition.pending?.isCounting == true)
    let paths = try #require(system.condition.pending).path
    #expect(Array(golden.path.prefix(paths.count)) == paths)
  }

  @Test func newInputBeginsAnotherFuture() throws {
    let (_, system) = try TinyGuest.boot()
    _ = try system.call(.read, [.number(3), .number(12)])
    let end = system.instructionCount
    _ = try system.reverseContinue(to: [.trap])
    #expect(system.takeForgottenFuture() == nil)
    let count = system.instructionCount
    _ = try system.setRegister("t6", to: 7)
    #expect(system.takeForgottenFuture() == end - count)
    #expect(system.takeForgottenFuture() == nil, "it is said once")
    #expect(!system.isInThePast)
    #expect(try system.call(.read, [.number(3), .number(4)]).data == "Ever")
    let hash = system.machine.stateHash()
    _ = try system.goto(count)
    _ = try system.continueRunning()
    #expect(system.machine.stateHash() == hash)
  }

  @Test func gotoFindsTheFirstStateWithACount() throws {
    let (_, system) = try TinyGuest.boot()
    _ = try system.call(.read, [.number(3), .number(12)])
    let end = system.instructionCount
    for count in [UInt64(0), 1, end / 3, end - 1, 5, end] {
      let report = try system.goto(count)
      #expect(system.instructionCount == count)
      #expect(report.travel?.isInThePast == (count != end))
    }
    #expect(throws: LabError.self) { try system.goto(end + 1) }
    let start = try system.reverseStep(end * 2)
    #expect(start.stop == .history)
    #expect(system.instructionCount == 0)
  }

  @Test func panicIsGoneBackFromAndComesAgain() throws {
    let (_, system) = try TinyGuest.boot()
    _ = try system.inject("null-read", into: "blk")
    #expect(try system.call(.read, [.number(3), .number(4)]).state == .panicked)
    let hash = system.machine.stateHash()
    let console = system.report().console
    let back = try system.reverseContinue()
    #expect(back.state == .running)
    #expect(back.location.symbol == "blk_submit")
    let forward = try system.continueRunning()
    #expect(forward.state == .panicked)
    #expect(system.machine.stateHash() == hash)
    #expect(system.report().console == console)
    _ = try system.goto(back.travel?.to ?? 0)
    #expect(system.faults().faults.first?.kind == "null-read")
    #expect(system.state == .running)
  }

  @Test func stateBeforeAFaultWasInjectedHasNone() throws {
    let (_, system) = try TinyGuest.boot()
    _ = try system.call(.null)
    let count = system.instructionCount - 1
    _ = try system.inject("null-read", into: "blk")
    _ = try system.call(.read, [.number(3), .number(4)])
    _ = try system.goto(count)
    #expect(system.faults().faults.isEmpty)
    #expect(try system.call(.read, [.number(3), .number(4)]).data == "Ever", "another future, without the fault")
  }

  @Test func catchpointsStopForwardsAfterAndBackwardsBeforeTheEvent() throws {
    let (_, system) = try TinyGuest.boot()
    let caught = system.setCatchpoint(.syscall)
    let stopped = try system.call(.null)
    #expect(stopped.stopped?.stop == .catchpoint)
    #expect(stopped.stopped?.breakpoint == caught.id)
    #expect(system.machine.privilege == .supervisor)
    let after = system.machine.stateHash()
    let before = try system.reverseContinue()
    #expect(before.privilege == "U")
    #expect(before.instruction == "ecall")
    _ = try system.step()
    #expect(system.machine.stateHash() == after)
    _ = try system.deleteBreakpoint(caught.id)
    #expect(try system.continueRunning().call?.returned == 0)
  }

  @Test func watchpointsStopAtEveryWriteInBothDirections() throws {
    let system = try bootMicro()
    let mailbox = try #require(system.agentImage.address(of: Observation.mailbox))
    // The agent stores the call's result there.
    let watched = try system.setWatchpoint(at: "agent:\(Observation.mailbox)", length: UInt64(Mailbox.data))
    #expect(watched.address == mailbox)
    let stopped = try system.call(.null)
    #expect(stopped.stopped?.stop == .watchpoint)
    let pc = system.machine.pc
    let before = try system.reverseContinue()
    #expect(before.stop == .watchpoint)
    #expect(before.location.address < pc)
    let again = try system.continueRunning()
    #expect(again.location.address == pc)
    let why = try system.why("agent:\(Observation.mailbox)", length: UInt64(Mailbox.data))
    #expect(why.location == before.location)
    #expect(why.writer == "instruction")
  }

  @Test func whyFindsRegistersInputsAndTraps() throws {
    let (_, system) = try TinyGuest.boot()
    _ = try system.call(.read, [.number(3), .number(4)])
    let register = try system.why("a0")
    #expect(register.writer == "instruction")
    #expect(register.after == (try system.value(ofRegister: "a0")))
    let cause = try system.why("scause")
    #expect(cause.writer == "trap")
    _ = try system.setRegister("s11", to: 77)
    #expect(try system.why("$s11").writer == "host")
    _ = try system.writeMemory([1, 2, 3, 4], at: system.address(of: "agent:\(Observation.mailbox)") + 512)
    let memory = try system.why("agent:\(Observation.mailbox)+512", length: 4)
    #expect(memory.writer == "host")
    #expect(throws: LabError.self) { try system.why("pc") }
    #expect(throws: LabError.self) { try system.why("no_such_thing") }
  }

  @Test func whyAgreesWithTheWriteItNames() throws {
    let system = try bootMicro()
    _ = try system.call(.open, [.text("/etc/motd")])
    _ = try system.call(.read, [.number(3), .number(64)])
    let hash = system.machine.stateHash()
    for target in ["$sp", "ra", "s1", "satp", "sepc"] {
      let why = try system.why(target)
      #expect(why.writer != nil, "\(target)")
    }
    #expect(system.machine.stateHash() == hash, "a question moves nothing")
    let stack = try system.why("$sp")
    let icount = try #require(stack.icount)
    _ = try system.goto(icount)
    #expect(system.instructionCount == icount)
  }

  @Test func historyKeepsToItsMemory() throws {
    let system = try bootMicro()
    system.history.limit = 512 << 10
    for _ in 0..<12 { _ = try system.run("cat", arguments: "/etc/motd") }
    let report = system.historyReport()
    #expect(report.bytes <= report.limitBytes || report.checkpoints == 1)
    #expect(report.first > 0, "the oldest went")
    let hash = system.machine.stateHash()
    _ = try system.goto(report.first + (report.last - report.first) / 2)
    _ = try system.continueRunning()
    #expect(system.machine.stateHash() == hash)
    #expect(throws: LabError.self) { try system.goto(0) }
  }

  @Test func consoleInputReplays() throws {
    let system = try bootMicro()
    let before = system.instructionCount
    try system.openConsole()
    _ = try system.console(input: [], budget: 3_000_000)
    var output: [UInt8] = []
    for input in ["echo one\n", "ls /\n"] {
      output += try system.console(input: Array(input.utf8), budget: 5_000_000).output
    }
    #expect(String(decoding: output, as: UTF8.self).contains("one"))
    let hash = system.machine.stateHash()
    _ = try system.goto(before)
    #expect(system.instructionCount == before)
    _ = try system.goto(before + (system.historyReport().last - before) / 2)
    _ = try system.continueRunning()
    #expect(system.machine.stateHash() == hash)
  }

  @Test func copiesAndCheckpointsKeepTheirHistory() throws {
    let (laboratory, system) = try TinyGuest.boot()
    _ = try system.call(.read, [.number(3), .number(12)])
    _ = try laboratory.checkpoint("a")
    let copy = laboratory.fork()
    let count = system.instructionCount
    _ = try copy.current().goto(count / 2)
    #expect(system.instructionCount == count)
    _ = try laboratory.restore("a")
    _ = try laboratory.current().goto(count / 2)
    #expect(try laboratory.current().machine.stateHash() == copy.current().machine.stateHash())
  }

  @Test func interruptedSearchMovesNothing() throws {
    let (laboratory, system) = try TinyGuest.boot()
    _ = try system.call(.read, [.number(3), .number(12)])
    let hash = system.machine.stateHash()
    laboratory.stopSignal.interrupt()
    #expect(try system.reverseContinue(to: [.trap]).stop == .interrupted)
    #expect(system.machine.stateHash() == hash)
    #expect(!system.isInThePast)
  }

  @Test func whyNamesTheDeviceThatReadTheDisk() throws {
    let laboratory = Laboratory()
    _ = try laboratory.boot(BootRequest(structure: "micro", memoryBytes: 16 << 20))
    let system = try laboratory.current()
    _ = try system.call(.open, [.text("/etc/motd")])
    _ = try system.call(.read, [.number(3), .number(64)])
    let text = Array("Every ke".utf8).word(at: 0)
    var writers: Set<String> = []
    for address in stride(from: system.ram.lowerBound, to: system.ram.upperBound, by: 8)
    where system.physicalWord(address) == text {
      let why = try system.why("0x" + String(address, radix: 16))
      if let writer = why.writer { writers.insert(writer) }
    }
    #expect(writers.contains("device"), "the disk's own copy")
    #expect(writers.contains("instruction"), "the copies of the services")
  }

  @Test func everyMomentOfABootCanBeGoneTo() throws {
    let system = try bootMicro()
    let hash = system.machine.stateHash()
    let last = system.instructionCount
    var random = SplitMix(state: 42)
    for _ in 0..<12 {
      let count = random.next() % last
      _ = try system.goto(count)
      #expect(system.instructionCount == count)
      let there = system.machine.stateHash()
      _ = try system.reverseStep(min(count, 50))
      _ = try system.goto(count)
      #expect(system.machine.stateHash() == there)
    }
    _ = try system.continueRunning()
    #expect(system.machine.stateHash() == hash)
  }
}
