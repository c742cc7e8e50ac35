import Foundation
import GuestABI
import Testing

@testable import Lab

@Test func bootEndsWhenTheAgentIsParked() throws {
  let (laboratory, system) = try TinyGuest.boot()
  #expect(system.isParked)
  #expect(system.state == .running)
  #expect(laboratory.list().systems.map(\.system) == ["tiny"])
  #expect(system.position == ("U", "agent"))
}

@Test func nullCallIsOneTrapAndNothingElse() throws {
  let (_, system) = try TinyGuest.boot()
  let report = try system.call(.null)
  #expect(report.returned == 0)
  #expect(report.counters.traps == 1)
  #expect(report.counters.addressSpaceSwitches == 0)
  #expect(report.counters.messages == 0)
  #expect(report.path.map(\.kind) == [.libraryCall, .trap, .return])
  #expect(report.path.first?.icount == 0)
  #expect(report.path.last?.icount == report.counters.instructions)
  #expect(system.isParked)
}

@Test func readReportsDataCallsAndCopiedBytes() throws {
  let (_, system) = try TinyGuest.boot()
  let report = try system.call(.read, [.number(3), .number(12)])
  #expect(report.returned == 12)
  #expect(report.data == "Every kernel")
  #expect(report.counters.bytesCopied == 12)
  // fs_helper is called by fs itself, so it is no call between components.
  #expect(report.counters.calls == 2)
  #expect(report.path.filter { $0.kind == .call }.map(\.name) == ["fs_read", "blk_submit"])
  #expect(report.path.filter { $0.kind == .call }.map(\.component) == ["fs", "blk"])
  #expect(report.path.allSatisfy { $0.task == "agent" })
}

@Test func messagesAndAddressSpaceSwitchesAreCountedInOrder() throws {
  let (_, system) = try TinyGuest.boot()
  let report = try system.call(.getpid)
  #expect(report.counters.messages == 2)
  #expect(report.counters.addressSpaceSwitches == 2)
  #expect(
    report.path.map(\.kind) == [
      .libraryCall, .trap, .message, .addressSpaceSwitch, .message, .addressSpaceSwitch, .return,
    ])
  #expect(report.path.filter { $0.kind == .message }.map(\.name) == ["agent → server", "server → agent"])
  #expect(report.path.filter { $0.kind == .addressSpaceSwitch }.map(\.task) == ["server", "agent"])
}

@Test func idleInstructionsAreApart() throws {
  let (_, system) = try TinyGuest.boot()
  let report = try system.call(.sleep, [.number(1)])
  #expect(report.returned == 0)
  #expect(report.counters.interrupts == 1)
  // From kernel_idle's first instruction to the interrupt: li, csrs, nop, wfi.
  #expect(report.idleInstructions == 4)
  let again = try system.call(.sleep, [.number(1)])
  #expect(again.counters.instructions == report.counters.instructions)
}

@Test func equalRunsGiveEqualReports() throws {
  let first = try TinyGuest.boot().system.call(.read, [.number(3), .number(12)])
  let second = try TinyGuest.boot().system.call(.read, [.number(3), .number(12)])
  #expect(first == second)
}

@Test func promisedFieldsAreInTheJSONEvenWhenThereIsNothingToSay() throws {
  let (_, system) = try TinyGuest.boot()
  let report = try system.call(.null)
  let bytes = try JSONEncoder().encode(report)
  let object = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
  #expect(object["errno"] is NSNull)
  #expect(object["returned"] as? Int == 0)
  #expect(object["data"] == nil)
  let counters = try #require(object["counters"] as? [String: Any])
  #expect(
    counters.keys.sorted() == [
      "addressSpaceSwitches", "bytesCopied", "calls", "cycles", "instructions", "interrupts", "messages",
      "mmioAccesses", "pageTableReads", "tlbMisses", "traps", "vmExits",
    ])
  #expect(try JSONDecoder().decode(CallReport.self, from: bytes) == report)
}

@Test func callReportsErrorsByName() throws {
  let (_, system) = try TinyGuest.boot()
  let report = try system.call(.sync)
  #expect(report.returned == -38)
  #expect(report.errno == "ENOSYS")
}

@Test func aTaskFaultIsNotedAsAnEvent() throws {
  let (_, system) = try TinyGuest.boot()
  let report = try system.call(.yield)
  #expect(report.events.map(\.kind) == [.taskFault])
  #expect(report.events.first?.text.contains("store page fault at 0x0 in sys_yield") == true)
}

@Test func panicIsReportedWithItsReason() throws {
  let (_, system) = try TinyGuest.boot()
  let report = try system.call(.kill, [.number(9)])
  #expect(report.returned == nil)
  #expect(report.state == .panicked)
  #expect(report.stopped?.stop == .panicked)
  #expect(report.console == "P")
  let state = system.report()
  #expect(state.panic?.cause == "asked to")
  #expect(state.reason?.contains("asked to") == true)
  #expect(throws: LabError.self) { try system.call(.null) }
}

@Test func usedUpBudgetIsAHangAndContinueGoesOn() throws {
  let (laboratory, system) = try TinyGuest.boot()
  laboratory.limit = 20
  let report = try system.call(.read, [.number(3), .number(60)])
  #expect(report.state == .hung)
  #expect(report.stopped?.reason?.contains("20 instructions") == true)
  #expect(throws: LabError.self) { try system.call(.null) }
  laboratory.limit = 100_000
  #expect(try system.continueRunning().stop == .ready)
  #expect(try system.call(.null).returned == 0)
}

@Test func wrongArgumentsAreRefusedBeforeTheGuestRuns() throws {
  let (_, system) = try TinyGuest.boot()
  let before = system.machine.stateHash()
  #expect(throws: LabError.self) { try system.call(.read, [.number(3)]) }
  #expect(throws: LabError.self) { try system.call(.read, [.text("x"), .number(3)]) }
  #expect(throws: LabError.self) { try system.call(.read, [.number(3), .number(100_000)]) }
  #expect(throws: LabError.self) { try system.call(.null, [.number(3)]) }
  #expect(throws: LabError.self) { try system.call(.open, [.text("/a"), .text("wirte")]) }
  #expect(throws: LabError.self) { try system.call(.exit, [.number(0)]) }
  #expect(system.machine.stateHash() == before)
}
