// The machine as its users see it: stops, checkpoints, determinism, changing code, and input that makes no sense.

import Testing

@testable import Machine

@Suite struct MachineTests {
  /// Counts in a0 and stores the count; five instructions a round.
  static let counting = [
    Assembler.addi(.a0, .a0, 1), Assembler.sd(.a0, 0, .a1), Assembler.ld(.a2, 0, .a1), Assembler.addi(.a3, .a2, 3),
    Assembler.jal(.zero, -16),
  ]

  private func countingMachine() throws -> Machine {
    var machine = try Machine.executing(Self.counting)
    machine[.a1] = MemoryMap.ram + 0x8000
    return machine
  }

  @Test(arguments: [0, 1, 2, 7, 63, 64, 65, 1000, 123_457] as [UInt64])
  func runningStopsAtTheExactInstruction(limit: UInt64) throws {
    var machine = try countingMachine()
    #expect(machine.run(limit: limit) == .limit)
    #expect(machine.instructionCount == limit)
    #expect(machine.counters.instructions == limit)
    #expect(machine[.a0] == (limit + 4) / 5)
  }

  @Test func manyShortRunsEqualOneLongRun() throws {
    var long = try countingMachine()
    var short = try countingMachine()
    _ = long.run(limit: 10_000)
    for _ in 0..<1000 { _ = short.run(limit: 10) }
    let hashes = (long.stateHash(), short.stateHash())
    #expect(hashes.0 == hashes.1)
  }

  @Test func breakpointsStopBeforeTheirInstructionEachTimeAround() throws {
    var machine = try countingMachine()
    let address = MemoryMap.ram + 8
    machine.breakpoints = [address]
    for round in 0..<5 as Range<UInt64> {
      #expect(machine.run(limit: 1000) == .breakpoint(pc: address))
      #expect(machine.instructionCount == round * 5 + 2)
      #expect(machine.pc == address)
    }
    machine.breakpoints = []
    #expect(machine.run(limit: 1000) == .limit)
  }

  @Test func breakpointsAndTracepointsAreToldApartAndChangeNothing() throws {
    var observed = try countingMachine()
    var plain = try countingMachine()
    observed.tracepoints = [MemoryMap.ram, MemoryMap.ram + 12]
    observed.breakpoints = [MemoryMap.ram + 16]
    var reasons: [StopReason] = []
    while reasons.count < 6 { reasons.append(observed.run(limit: 100)) }
    let round: [StopReason] = [
      .tracepoint(pc: MemoryMap.ram), .tracepoint(pc: MemoryMap.ram + 12), .breakpoint(pc: MemoryMap.ram + 16),
    ]
    #expect(reasons == round + round)
    _ = plain.run(limit: observed.instructionCount)
    let hashes = (plain.stateHash(), observed.stateHash())
    #expect(hashes.0 == hashes.1)
  }

  @Test func breakpointsNearTheLimitAreNotMissed() throws {
    for limit in 1...12 as ClosedRange<UInt64> {
      var machine = try countingMachine()
      machine.breakpoints = [MemoryMap.ram + 8]
      var stops: UInt64 = 0
      var last = StopReason.limit
      while machine.instructionCount < 100 {
        last = machine.run(limit: limit)
        if last != .limit { stops += 1 }
      }
      let passed = machine.instructionCount + (last == .limit ? 2 : 3)
      #expect(stops == passed / 5, "limit \(limit)")
    }
  }

  @Test func aStopRequestEndsTheRun() throws {
    var machine = try countingMachine()
    machine.stopFlag.request()
    #expect(machine.run(limit: .max) == .hostInterrupt)
    #expect(machine.run(limit: 10) == .limit)
  }

  @Test func anEventCanStopTheMachine() throws {
    var machine = try Machine.executing([Assembler.addi(.a0, .a0, 1), Assembler.ecall])
    machine.stoppingEvents = .traps
    let event = MachineEvent(
      instructionCount: 1, kind: .trap(cause: 11, value: 0, pc: MemoryMap.ram + 4, from: .machine))
    #expect(machine.run(limit: 100) == .event(event))
    #expect(machine.takeEvents() == [])
  }

  @Test func steppingEqualsRunning() throws {
    var stepping = try countingMachine()
    var running = try countingMachine()
    for _ in 0..<100 { #expect(stepping.step() == .limit) }
    _ = running.run(limit: 100)
    let hashes = (stepping.stateHash(), running.stateHash())
    #expect(hashes.0 == hashes.1)
  }

  @Test func restoringACheckpointGoesBackAndReplaysTheSame() throws {
    var machine = try countingMachine()
    _ = machine.run(limit: 1003)
    let checkpoint = machine.checkpoint()
    #expect(checkpoint.instructionCount == 1003)
    let before = machine.stateHash()
    _ = machine.run(limit: 5000)
    let after = machine.stateHash()
    try machine.restore(checkpoint)
    #expect(machine.stateHash() == before)
    #expect(machine.instructionCount == 1003)
    _ = machine.run(limit: 5000)
    #expect(machine.stateHash() == after)
  }

  @Test func aForkGoesItsOwnWay() throws {
    var machine = try countingMachine()
    _ = machine.run(limit: 1000)
    var fork = Machine(forking: machine.checkpoint())
    _ = fork.run(limit: 500)
    #expect(machine[.a0] == 200)
    #expect(fork[.a0] == 300)
    #expect(machine.memory.load(UInt64.self, at: MemoryMap.ram + 0x8000) == 200)
    #expect(fork.memory.load(UInt64.self, at: MemoryMap.ram + 0x8000) == 300)
    _ = machine.run(limit: 500)
    let hashes = (machine.stateHash(), fork.stateHash())
    #expect(hashes.0 == hashes.1)
  }

  @Test func restoringBringsBackTheCodeOfThen() throws {
    var machine = try countingMachine()
    _ = machine.run(limit: 10)
    let checkpoint = machine.checkpoint()
    machine.place([Assembler.addi(.a0, .a0, 100)], at: MemoryMap.ram)
    _ = machine.run(limit: 5)
    #expect(machine[.a0] == 102)
    try machine.restore(checkpoint)
    _ = machine.run(limit: 5)
    #expect(machine[.a0] == 3)
  }

  @Test func checkpointsOfOtherMachinesAreRefused() throws {
    var machine = try countingMachine()
    var other = try Machine(MachineConfiguration(memoryBytes: 2 << 20))
    let checkpoint = other.checkpoint()
    #expect(throws: MachineError.checkpointOfOtherMachine) { try machine.restore(checkpoint) }
  }

  @Test func codeThatChangesItselfIsExecutedAsChanged() throws {
    // Stores a new instruction over the one right behind the store.
    let replacement = Assembler.addi(.a0, .zero, 77)
    var machine = try Machine.executing([
      Assembler.addi(.a0, .zero, 1), Assembler.jal(.zero, 8), Assembler.sw(.a2, 12, .a1),
      Assembler.addi(.a0, .zero, 2), Assembler.jal(.zero, -8),
    ])
    machine[.a1] = MemoryMap.ram
    machine[.a2] = UInt64(replacement)
    _ = machine.run(limit: 3)
    #expect(machine[.a0] == 2)
    _ = machine.run(limit: 3)
    #expect(machine[.a0] == 77)
  }

  @Test func wrongConfigurationsAndImagesAreErrors() throws {
    #expect(throws: MachineError.memorySize(5000)) { _ = try Machine(MachineConfiguration(memoryBytes: 5000)) }
    #expect(throws: MachineError.tlbGeometry(entries: 60, ways: 4)) {
      _ = try Machine(MachineConfiguration(tlb: TLBGeometry(entries: 60, ways: 4)))
    }
    #expect(throws: MachineError.instructionsPerTick) {
      _ = try Machine(MachineConfiguration(instructionsPerTick: 0))
    }
  }

  @Test func arbitraryInstructionsNeverCrashTheHost() throws {
    var random = Random(seed: 99)
    for _ in 0..<20 {
      var machine = try Machine(MachineConfiguration(memoryBytes: 1 << 20))
      for index in 0..<4096 as Range<UInt64> {
        _ = machine.memory.store(random.next(), at: MemoryMap.ram + index * 8)
      }
      // Each exception goes on two bytes after the instruction that raised it.
      machine.place(
        [
          Assembler.csrrs(.t6, 0x341, .zero), Assembler.addi(.t6, .t6, 2), Assembler.csrrw(.zero, 0x341, .t6),
          Assembler.mret,
        ], at: MemoryMap.ram + 0xf0000)
      for _ in 0..<50 {
        for register in 1..<32 {
          machine[register: register] = MemoryMap.ram &+ (random.next() & 0x8000_0000_001f_ffff)
        }
        for number in [0x300, 0x302, 0x303, 0x304, 0x180, 0x3a0, 0x3b0] {
          _ = machine.setCSR(number, to: random.next())
        }
        _ = machine.setCSR(0x305, to: MemoryMap.ram + 0xf0000)
        machine.pc = MemoryMap.ram + random.below(0x8000)
        machine.hart.isWaiting = false
        _ = machine.run(limit: 5000)
      }
      #expect(machine.instructionCount > 1000)
    }
  }
}
