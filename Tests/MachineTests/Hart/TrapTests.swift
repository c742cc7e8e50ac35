// Traps, interrupts and waiting, checked by what a handler would find.

import RISCV
import Testing

@testable import Machine

@Suite struct TrapTests {
  static let handler = MemoryMap.ram + 0x1000

  private func machine(_ words: [UInt32]) throws -> Machine {
    var machine = try Machine.executing(words)
    machine.place([Assembler.loopForever], at: Self.handler)
    machine.place([Assembler.loopForever], at: Self.handler + 0x100)
    _ = machine.setCSR(0x305, to: Self.handler)
    _ = machine.setCSR(0x105, to: Self.handler + 0x100)
    return machine
  }

  @Test func anEnvironmentCallDoesNotRetireAndSavesItsAddress() throws {
    var machine = try machine([Assembler.addi(.a0, .zero, 1), Assembler.ecall])
    machine.enter(.user)
    _ = machine.run(limit: 3)
    #expect(machine.instructionCount == 3)
    #expect(machine.counters.traps == 1)
    #expect(machine.counters.trapsByCause[8] == 1)
    #expect(machine.csr(0x341) == MemoryMap.ram + 4)
    #expect(machine.csr(0x342) == 8)
    #expect(machine.privilege == .machine)
    #expect(machine.counters.privilegeChanges == 1)
  }

  @Test func aDelegatedExceptionGoesToSupervisorAndReturns() throws {
    var machine = try machine([Assembler.ecall, Assembler.addi(.a0, .zero, 7)])
    machine.place(
      [
        Assembler.csrrs(.t0, 0x141, .zero), Assembler.addi(.t0, .t0, 4), Assembler.csrrw(.zero, 0x141, .t0),
        Assembler.sret,
      ], at: Self.handler + 0x100)
    _ = machine.setCSR(0x302, to: 1 << 8)
    machine.enter(.user)
    _ = machine.run(limit: 5)
    #expect(machine[.a0] == 7)
    #expect(machine.privilege == .user)
    #expect(machine.csr(0x142) == 8)
    #expect(machine.csr(0x342) == 0)
    #expect(machine.counters.privilegeChanges == 2)
  }

  @Test func anIllegalInstructionReportsItsBits() throws {
    var machine = try machine([0xffff_ffff])
    _ = machine.run(limit: 1)
    #expect(machine.csr(0x342) == ExceptionCause.illegalInstruction.rawValue)
    #expect(machine.csr(0x343) == 0xffff_ffff)
  }

  @Test func supervisorMayNotTouchMachineRegistersNorTrappedOperations() throws {
    for (word, status) in [
      (Assembler.csrrs(.a0, 0x300, .zero), 0), (Assembler.mret, 0), (Assembler.sret, HartStatus.trapSupervisorReturn),
      (Assembler.wfi, HartStatus.timeoutWait), (Assembler.fenceAllTranslations, HartStatus.trapVirtualMemory),
      (Assembler.csrrs(.a0, 0x180, .zero), HartStatus.trapVirtualMemory), (Assembler.csrrs(.a0, 0xc01, .zero), 0),
      (Assembler.csrrs(.a0, 0x14d, .zero), 0),
    ] {
      var machine = try machine([word])
      _ = machine.setCSR(0x300, to: status)
      machine.enter(.supervisor)
      _ = machine.run(limit: 1)
      #expect(machine.csr(0x342) == 2, "\(String(word, radix: 16))")
    }
  }

  @Test func vectoredInterruptsEnterAtTheirCause() throws {
    var machine = try machine([Assembler.loopForever])
    machine.place([Assembler.loopForever], at: Self.handler + 4 * 7)
    _ = machine.setCSR(0x305, to: Self.handler | 1)
    _ = machine.setCSR(0x304, to: InterruptBits.machineTimer)
    _ = machine.setCSR(0x300, to: HartStatus.machineInterruptEnable)
    _ = machine.board.store(
      MemoryMap.clint.lowerBound + 0x4000, size: 8, value: 10, now: 0, memory: &machine.ram)
    _ = machine.run(limit: 150)
    // Tick 10 comes after 100 instructions; the loop ran until then and the handler since.
    #expect(machine.counters.interruptsByCause[7] == 1)
    #expect(machine.pc == Self.handler + 28)
    #expect(machine.csr(0x342) == UInt64(1) << 63 | 7)
    #expect(machine.csr(0x343) == 0)
  }

  @Test func aTimerInterruptArrivesAtItsInstruction() throws {
    var machine = try machine([Assembler.addi(.a0, .a0, 1), Assembler.jal(.zero, -4)])
    _ = machine.setCSR(0x304, to: InterruptBits.machineTimer)
    _ = machine.setCSR(0x300, to: HartStatus.machineInterruptEnable)
    _ = machine.board.store(
      MemoryMap.clint.lowerBound + 0x4000, size: 8, value: 10, now: 0, memory: &machine.ram)
    _ = machine.run(limit: 1000)
    #expect(machine[.a0] == 50)
    #expect(machine.csr(0x341) == MemoryMap.ram)
  }

  @Test func waitingSkipsTimeWithoutRetiring() throws {
    var machine = try machine([Assembler.wfi, Assembler.csrrs(.a0, 0xc01, .zero), Assembler.loopForever])
    _ = machine.setCSR(0x304, to: InterruptBits.supervisorTimer)
    _ = machine.setCSR(0x30a, to: 1 << 63)
    _ = machine.setCSR(0x14d, to: 5000)
    machine.recording = .waits
    _ = machine.run(limit: 2)
    #expect(machine.instructionCount == 2)
    #expect(machine[.a0] == 5000)
    let kinds = machine.takeEvents().map(\.kind)
    #expect(kinds == [.wait(ticks: 5000)])
  }

  @Test func waitingForNothingIsReportedAsIdle() throws {
    var machine = try machine([Assembler.wfi, Assembler.loopForever])
    #expect(machine.run(limit: 100) == .idle)
    #expect(machine.instructionCount == 1)
    #expect(machine.isWaiting == true)
    #expect(machine.run(limit: 100) == .idle)
    _ = machine.setCSR(0x304, to: InterruptBits.machineSoftware)
    _ = machine.board.store(MemoryMap.clint.lowerBound, size: 4, value: 1, now: 0, memory: &machine.ram)
    #expect(machine.run(limit: 100) == .limit)
    #expect(machine.isWaiting == false)
  }

  @Test func aHandlerThatCannotStartIsReported() throws {
    var machine = try machine([Assembler.ecall])
    _ = machine.setCSR(0x305, to: 0)
    #expect(machine.run(limit: 100) == .trapLoop(pc: 0))
    #expect(machine.instructionCount == 0)
  }

  @Test func aHandlerThatTrapsItselfForEverIsReportedAtTheSameInstructionAfterAReplay() throws {
    // The handler executes two instructions and traps again.
    let nop: UInt32 = 0x0000_0013
    var machine = try machine([nop, nop, Assembler.ecall])
    _ = machine.setCSR(0x305, to: MemoryMap.ram)
    _ = machine.run(limit: 10_000)
    let checkpoint = machine.checkpoint()
    #expect(machine.run(limit: 10_000_000) == .trapLoop(pc: MemoryMap.ram))
    let end = machine.instructionCount
    try machine.restore(checkpoint)
    #expect(machine.run(limit: 10_000_000) == .trapLoop(pc: MemoryMap.ram))
    #expect(machine.instructionCount == end && end < 1_000_000)
  }

  @Test func aStoreConditionalFailsAfterATrapAndAfterADeviceWrote() throws {
    let reserve: UInt32 = 0x1005_b52f  // lr.d a0, (a1)
    let conditional: UInt32 = 0x18c5_b52f  // sc.d a0, a2, (a1)
    for disturbs in [false, true] {
      var machine = try machine([reserve, conditional, Assembler.loopForever])
      machine[.a1] = MemoryMap.ram + 0x8000
      machine[.a2] = 9
      _ = machine.run(limit: 1)
      if disturbs { _ = machine.memory.store(UInt8(1), at: MemoryMap.ram + 0x8000) }
      _ = machine.run(limit: 1)
      #expect(machine[.a0] == (disturbs ? 1 : 0))
    }
  }

  @Test func aWriteToTheFinisherStopsAtOnce() throws {
    var machine = try machine([Assembler.lui(.a0, 0x100), Assembler.sw(.a1, 0, .a0), Assembler.loopForever])
    machine[.a1] = 0x5555
    #expect(machine.run(limit: 100) == .finished(.pass))
    #expect(machine.instructionCount == 2)
    #expect(machine.counters.mmioAccesses == 1)
  }
}
