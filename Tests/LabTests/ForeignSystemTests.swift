// Foreign images as systems: what the machine alone can tell works, backwards too, and the rest is refused with a reason.

import GuestABI
import Machine
import Testing

@testable import Lab

@Suite struct ForeignSystemTests {
  @Test func systemStandsAtItsFirstInstructionAndGoesOn() throws {
    let system = try ForeignGuest.boot(ForeignGuest.echo)
    #expect(system.isForeign)
    #expect(system.instructionCount == 0)
    #expect(system.machine.pc == MemoryMap.ram)
    #expect(system.position.privilege == "M")
    #expect(try system.step(3).instructions == 3)
    system.limit = 1000
    let report = try system.continueRunning()
    #expect(report.stop == .limit)
    #expect(report.state == .running, "a foreign guest that runs on does not hang")
    #expect(report.instructions == 1000)
    system.limit = 100_000_000
    let time = system.machine.time
    #expect(try system.continueRunning(milliseconds: 3).stop == .step)
    #expect(system.machine.time == time + 30_000)
  }

  @Test func consoleBreakpointsAndNamesWork() throws {
    let system = try ForeignGuest.boot(ForeignGuest.echo)
    #expect(try system.setBreakpoint(at: "answer").location.symbol == "answer")
    try system.openConsole()
    let slice = try system.console(input: Array("ab".utf8), budget: 100_000)
    #expect(slice.ended?.stop == .breakpoint)
    #expect(try system.continueRunning().stop == .breakpoint)
    _ = try system.deleteBreakpoint()
    let rest = try system.console(input: [], budget: 100_000)
    #expect(rest.output == Array("b".utf8))
    #expect(rest.ended == nil)
    let quiet = try system.console(input: [], budget: 100_000)
    #expect(quiet.waitsForInput, "a guest that polls its serial port waits for input")
    #expect(try system.why("a0").location?.symbol == "answer")
  }

  @Test(arguments: [ForeignGuest.echo, ForeignGuest.sleeper])
  func typedBytesAreGivenAgainInAReplay(source: String) throws {
    let system = try ForeignGuest.boot(source)
    for text in ["one", "", "two", "three"] { _ = try system.console(input: Array(text.utf8), budget: 20_000_000) }
    for _ in 0..<5 { _ = try system.console(input: [], budget: 20_000_000) }
    #expect(system.report().console == "onetwothree")
    let end = (hash: system.machine.stateHash(), counters: system.machine.counters, time: system.machine.time)
    let last = system.instructionCount
    let half = last / 2
    _ = try system.goto(half)
    #expect(system.instructionCount == half)
    let middle = system.machine.stateHash()
    _ = try system.goto(0)
    #expect(system.report().console == "")
    _ = try system.goto(half)
    #expect(system.machine.stateHash() == middle)
    // One step before the end is reached by replaying everything.
    _ = try system.goto(last)
    let back = try system.reverseStep()
    #expect(back.travel?.isInThePast == true)
    #expect(system.report().console == "onetwothree")
    let present = try #require(system.history.present)
    let copy = try #require(system.replica(at: present.moment))
    // The hart may have slept on behind the last step.
    if copy.machine.time < end.time { _ = copy.machine.run(limit: 1, untilTick: end.time) }
    #expect(copy.machine.time == end.time)
    #expect(copy.machine.stateHash() == end.hash)
    #expect(copy.machine.counters == end.counters)
  }

  @Test func framesFromOutsideAreGivenAgainInAReplay() throws {
    let system = try ForeignGuest.boot(ForeignGuest.receiver) {
      try $0.board.place(.network(NetworkAdapter(link: .external)))
    }
    func frame(_ letter: Character, after ticks: UInt64) -> BoardInput {
      let bytes = [UInt8](repeating: 0xff, count: 14) + Array(String(letter).utf8) + [UInt8](repeating: 0, count: 50)
      return .frame(TimedFrame(tick: system.machine.time + ticks, bytes: bytes), slot: MemoryMap.virtioSlotCount - 1)
    }
    _ = try system.continueRunning(milliseconds: 1)
    try system.receive(frame("n", after: 33))
    _ = try system.continueRunning(milliseconds: 1)
    try system.receive(frame("e", after: 7777))
    try system.receive(frame("t", after: 12_345))
    _ = try system.continueRunning(milliseconds: 3)
    #expect(system.report().console == "net")
    let (hash, last) = (system.machine.stateHash(), system.instructionCount)
    #expect(system.historyReport().inputs == 3)
    _ = try system.goto(0)
    let present = try #require(system.history.present)
    let copy = try #require(system.replica(at: present.moment))
    #expect(copy.machine.instructionCount == last)
    #expect(copy.machine.stateHash() == hash)
    #expect(copy.report().console == "net")
    _ = try system.goto(last)
    #expect(throws: LabError.self) { try system.receive(.frame(TimedFrame(tick: 0, bytes: []), slot: 0)) }
    #expect(!system.isInThePast)
    #expect(system.historyReport().inputs == 3, "what no device takes is not logged")
  }

  @Test func addressSpacesFollowTheModeOfSatp() throws {
    let system = try ForeignGuest.boot(ForeignGuest.fourLevels)
    _ = try system.setBreakpoint(at: "supervisor")
    #expect(try system.continueRunning().stop == .breakpoint)
    _ = try system.step(20)
    #expect(system.machine[register: 11] == 0x1234)
    let word = try system.address(of: "word")
    let report = try system.translate(0x7f80_0000_0000 + word % 4096)
    #expect(report.allowed)
    #expect(report.physical == word)
    #expect(report.levels.map(\.level) == [3, 2, 1, 0])
    #expect(report.tlb == "hit")
    #expect(report.owner == "kernel data")
    #expect(try !system.translate(0x0080_0000_0000_0000).allowed, "bits 63 to 48 are not copies of bit 47")
    #expect(try system.translate(0x0080_0000_0000_0000).verdict.contains("Sv48"))
    let regions = try system.regions()
    #expect(regions.regions.contains { $0.start == 0x7f80_0000_0000 && $0.end == 0x7f80_0000_1000 })
    #expect(try system.pageTable().tables.first?.level == 3)
    #expect(system.tlb().entries.contains { $0.address == 0x7f80_0000_0000 })
  }

  @Test func whatNeedsAnAgentIsRefusedWithAReason() throws {
    let system = try ForeignGuest.boot(ForeignGuest.echo)
    let attempts: [() throws -> Void] = [
      { _ = try system.call(.null) }, { _ = try system.run("ls", arguments: "") },
      { _ = try system.inject("null-read", into: "blk") }, { _ = try system.regions(of: "agent") },
      { try system.requireOurs("list its tasks") },
    ]
    for attempt in attempts {
      let error = #expect(throws: LabError.self) { try attempt() }
      #expect(error?.code == .notAvailable)
      #expect(error?.message.contains("foreign image") == true)
      #expect(error?.hint != nil)
    }
    #expect(system.tasks().tasks.isEmpty)
    #expect(system.instructionCount == 0)
  }

  @Test func longHistoryFitsIntoItsMemoryAndStillBeginsAtReset() throws {
    let system = try ForeignGuest.boot(ForeignGuest.writer)
    system.history.limit = 9 << 20
    for _ in 0..<30 { _ = try system.continueRunning(milliseconds: 20) }
    let report = system.historyReport()
    #expect(report.first == 0, "older checkpoints get rarer before the oldest go")
    #expect(report.bytes <= report.limitBytes)
    #expect(report.interval > History.firstInterval)
    #expect(report.widestInterval >= report.interval / 2)
    // Written once, in the first instructions; the registers' last writers are near.
    let register = try system.why("s3")
    #expect(register.instruction == "mv s3, sp")
    #expect(try #require(register.icount) < 20)
    #expect(try system.why("mscratch").icount == register.icount.map { $0 + 1 })
    let near = try #require(try system.why("s2").icount)
    #expect(near > system.instructionCount - 10_000)
    #expect(try system.why("0x80010000").location?.name.contains("next") == true)
  }

  @Test func interruptedSearchMovesNothing() throws {
    let system = try ForeignGuest.boot(ForeignGuest.writer)
    for _ in 0..<3 { _ = try system.continueRunning(milliseconds: 30) }
    let hash = system.machine.stateHash()
    let report = system.historyReport()
    system.stopSignal.interrupt()
    #expect(try system.why("mscratch").isInterrupted)
    system.stopSignal.interrupt()
    #expect(try system.reverseContinue(to: [.interrupt]).stop == .interrupted)
    _ = try system.setWatchpoint(at: "0x80010000")
    system.stopSignal.interrupt()
    #expect(try system.reverseContinue().stop == .interrupted)
    system.stopSignal.interrupt()
    #expect(try system.goto(report.last / 2).stop == .interrupted)
    #expect(system.stopSignal.searchPosition == nil)
    #expect(system.machine.stateHash() == hash)
    #expect(system.historyReport() == report)
    #expect(try system.why("mscratch").icount != nil, "and the next search is a whole one")
  }

  @Test func everyDeviceHasAShortNameOfItsOwn() throws {
    let system = try ForeignGuest.boot(ForeignGuest.echo) {
      $0.board.simpleDisk = try DiskImage(contents: [UInt8](repeating: 0, count: 512))
      $0.board.hasIOMMU = true
    }
    let names = system.devices().devices.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { !$0.contains(" ") })
    for name in ["rtc", "disk", "iommu", "uart", "plic", "clint", "finisher", "virtio7"] {
      #expect(names.contains(name))
    }
  }

  @Test func countersAreSearchedStepByStep() throws {
    let system = try ForeignGuest.boot(ForeignGuest.echo)
    _ = try system.continueRunning(milliseconds: 1)
    #expect(try system.why("minstret").icount == system.instructionCount - 1)
  }
}
