import GuestABI
import Testing

@testable import Lab

@Test func breakpointStopsACallAndContinueCompletesIt() throws {
  let (_, system) = try TinyGuest.boot()
  let breakpoint = try system.setBreakpoint(at: "blk_submit")
  let stopped = try system.call(.read, [.number(3), .number(12)])
  #expect(stopped.returned == nil)
  #expect(stopped.stopped?.stop == .breakpoint)
  #expect(stopped.stopped?.breakpoint == breakpoint.id)
  #expect(stopped.stopped?.location.symbol == "blk_submit")
  let report = try system.continueRunning()
  #expect(report.stop == .ready)
  #expect(report.call?.data == "Every kernel")
  let golden = try TinyGuest.boot().system.call(.read, [.number(3), .number(12)])
  #expect(report.call?.counters == golden.counters)
  #expect(report.call?.path == golden.path)
  #expect(system.breakpoints().breakpoints.first?.hits == 1)
}

@Test func temporaryBreakpointIsReachedOnce() throws {
  let (_, system) = try TinyGuest.boot()
  _ = try system.setBreakpoint(at: "agent:sys_null", temporary: true)
  #expect(try system.call(.null).stopped?.stop == .breakpoint)
  #expect(system.breakpoints().breakpoints.isEmpty)
  #expect(try system.continueRunning().call?.counters.traps == 1)
  #expect(try system.call(.null).returned == 0)
}

@Test func breakpointAtThePatchedInstructionLeavesTheFaultToFire() throws {
  let (_, system) = try TinyGuest.boot()
  let fault = try system.inject("null-read", into: "blk")
  _ = try system.setBreakpoint(at: "blk_submit+8")
  #expect(try system.call(.read, [.number(3), .number(4)]).stopped?.stop == .breakpoint)
  #expect(system.faults().faults.first?.fired == false)
  #expect(try system.continueRunning().state == .panicked)
  #expect(system.faults().faults.first { $0.id == fault.id }?.fired == true)
}

@Test func steppingShowsTheTrapAndEndsParked() throws {
  let (_, system) = try TinyGuest.boot()
  _ = try system.setBreakpoint(at: "agent:sys_null", temporary: true)
  _ = try system.call(.null)
  let first = try system.step()
  #expect(first.stop == .step)
  #expect(first.instructions == 1)
  #expect(first.instruction == "ecall")
  let trap = try system.step()
  #expect(trap.traps == ["environment call from U-mode"])
  #expect(trap.privilege == "S")
  #expect(trap.instructions == 0, "an instruction that traps does not retire")
  #expect(try system.continueRunning().call?.counters.traps == 1)
}

@Test func steppingAParkedAgentGivesItSomethingToDo() throws {
  let (_, system) = try TinyGuest.boot()
  let report = try system.step(1000)
  #expect(report.traps.isEmpty == false)
}

@Test func registersCanBeReadAndSet() throws {
  let (_, system) = try TinyGuest.boot()
  #expect(try system.setRegister("t0", to: 42).registers["t0"] == 42)
  #expect(try system.value(ofRegister: "x5") == 42)
  #expect(throws: LabError.self) { try system.setRegister("zero", to: 1) }
  #expect(throws: LabError.self) { try system.setRegister("q0", to: 1) }
  let satp = try #require(try system.controlRegisters(["satp"]).csrs.first)
  #expect(satp.fields.map(\.name) == ["MODE", "ASID", "PPN"])
  #expect(satp.fields.map(\.value).prefix(2) == [8, 1])
  #expect(try system.controlRegisters().csrs.contains { $0.name == "mstatus" })
}

@Test func checkpointRestoresMemoryFaultsAndCounters() throws {
  let (laboratory, system) = try TinyGuest.boot()
  let hash = system.machine.stateHash()
  _ = try laboratory.checkpoint("a")
  _ = try system.inject("null-read", into: "blk")
  #expect(try system.call(.read, [.number(3), .number(4)]).state == .panicked)
  _ = try laboratory.restore("a")
  let restored = try laboratory.current()
  #expect(restored.machine.stateHash() == hash)
  #expect(restored.state == .running)
  #expect(restored.faults().faults.isEmpty)
  #expect(try restored.call(.read, [.number(3), .number(4)]).data == "Ever")
  #expect(throws: LabError.self) { try laboratory.restore("b") }
}

@Test func forkedLaboratoryDoesNotDisturbTheOriginal() throws {
  let (laboratory, system) = try TinyGuest.boot()
  let hash = system.machine.stateHash()
  let count = system.instructionCount
  let copy = laboratory.fork()
  _ = try copy.current().call(.read, [.number(3), .number(4)])
  #expect(system.machine.stateHash() == hash)
  #expect(system.instructionCount == count)
  laboratory.adopt(copy)
  #expect(try laboratory.current().instructionCount > count)
}

@Test func interruptEndsARunAndContinueGoesOn() throws {
  let (laboratory, system) = try TinyGuest.boot()
  laboratory.stopSignal.interrupt()
  let report = try system.call(.read, [.number(3), .number(4)])
  #expect(report.stopped?.stop == .interrupted)
  #expect(try system.continueRunning().call?.data == "Ever")
}

@Test func systemsAreNamedAndChosen() throws {
  let laboratory = try TinyGuest.laboratory()
  #expect(throws: LabError.self) { try laboratory.current() }
  _ = try laboratory.boot(BootRequest(structure: "t", memoryBytes: 16 << 20))
  let second = try laboratory.boot(BootRequest(structure: "tiny", memoryBytes: 16 << 20))
  #expect(second.system == "tiny-2")
  #expect(try laboratory.use("tiny").system == "tiny")
  #expect(laboratory.list().systems.map(\.current) == [true, false])
  #expect(throws: LabError.self) { try laboratory.use("x") }
  do {
    _ = try laboratory.boot(BootRequest(structure: "exo"))
    Issue.record("booted a structure that does not exist")
  } catch {
    #expect(error.code == .notAvailable)
    #expect(error.hint?.contains("tiny") == true)
  }
}

@Test func badDisksAndMemorySizesAreRefused() throws {
  let laboratory = try TinyGuest.laboratory()
  for disk in ["/", "/dev/null", "/nonexistent/disk", #filePath] {
    #expect(throws: LabError.self) { try laboratory.boot(BootRequest(structure: "tiny", disk: .file(disk))) }
  }
  for bytes in [UInt64(0), 1, 4096, 5000, 1 << 60] {
    #expect(throws: LabError.self) { try laboratory.boot(BootRequest(structure: "tiny", memoryBytes: bytes)) }
  }
  #expect(throws: LabError.self) { try laboratory.boot(BootRequest(structure: "tiny", persist: true)) }
}
