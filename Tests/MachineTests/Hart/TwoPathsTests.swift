// The run loop against the reference path: the same machine, executed by both, must stay the same to the last bit.

import Testing

@testable import Machine

@Suite struct TwoPathsTests {
  /// Compares everything but memory; memory is compared at the end.
  private func differences(_ fast: borrowing Machine, _ reference: borrowing Machine) -> [String] {
    var found: [String] = []
    if fast.hart != reference.hart { found.append("hart: \(fast.hart) is not \(reference.hart)") }
    for number in 0..<32 where fast[register: number] != reference[register: number] {
      found.append("x\(number): \(fast[register: number]) is not \(reference[register: number])")
    }
    for number in 0..<32 where fast[floatingPointRegister: number] != reference[floatingPointRegister: number] {
      found.append(
        "f\(number): \(fast[floatingPointRegister: number]) is not \(reference[floatingPointRegister: number])")
    }
    if fast.counters != reference.counters { found.append("counters: \(fast.counters), \(reference.counters)") }
    if fast.tlb != reference.tlb { found.append("TLB") }
    if fast.protection != reference.protection { found.append("protection") }
    return found
  }

  @Test func randomProgramsRunTheSameOnBothPaths() throws {
    var total = Counters()
    for seed in 0..<seedCount {
      let counters = try compare(seed: UInt64(seed))
      // Counters have no sum: subtracting what is missing to zero adds.
      total = total - (Counters() - counters)
    }
    // The comparison is worth something only if the programs reach everything.
    for cause in [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15] {
      #expect(total.trapsByCause[cause] > 0, "no exception with cause \(cause)")
    }
    for cause in [1, 5, 7] { #expect(total.interruptsByCause[cause] > 0, "no interrupt \(cause)") }
    #expect(total.addressSpaceSwitches > 100)
    #expect(total.tlbMisses > 1000)
    #expect(total.mmioAccesses > 100)
  }

  private let seedCount = 150

  @Test func randomFloatingPointProgramsRunTheSameOnBothPaths() throws {
    for seed in 0..<seedCount / 2 { _ = try compare(seed: 10_000 + UInt64(seed), floatingPointShare: 60) }
  }

  private func compare(seed: UInt64, floatingPointShare: UInt64 = 5) throws -> Counters {
    var program = RandomProgram(seed: seed, floatingPointShare: floatingPointShare)
    var sameProgram = RandomProgram(seed: seed, floatingPointShare: floatingPointShare)
    var fast = try program.machine()
    var reference = try sameProgram.machine()
    var random = Random(seed: seed ^ 0xabcd)
    for stretch in 0..<60 {
      let limit = random.chance(1, in: 3) ? random.below(40) : random.below(3000)
      if random.chance(1, in: 8) { try Self.lookAheadAndGoBack(&fast) }
      if random.chance(1, in: 8) {
        fast.tracepoints = Set(
          (0..<random.below(40)).map { _ in RandomProgram.base + random.below(RandomProgram.codePages * 2048) * 2 })
      }
      let fastReason = Self.runOverTracepoints(&fast, limit: limit)
      let referenceReason = reference.runReference(limit: limit)
      let found = differences(fast, reference)
      try #require(fastReason == referenceReason && found.isEmpty, "seed \(seed), stretch \(stretch): \(found)")
      // Random programs soon find a loop without an end.
      if fastReason != .limit || random.chance(1, in: 2) {
        let address = RandomProgram.base + random.below(RandomProgram.codePages * 2048) * 2
        for isFast in [true, false] {
          if isFast { Self.restart(&fast, at: address) } else { Self.restart(&reference, at: address) }
        }
      }
    }
    let hashes = (fast.stateHash(), reference.stateHash())
    #expect(hashes.0 == hashes.1, "memory differs, seed \(seed)")
    return fast.counters
  }

  /// Runs on and restores a checkpoint, which must leave no trace.
  private static func lookAheadAndGoBack(_ machine: inout Machine) throws {
    let checkpoint = machine.checkpoint()
    _ = runOverTracepoints(&machine, limit: 500)
    try machine.restore(checkpoint)
  }

  private static func runOverTracepoints(_ machine: inout Machine, limit: UInt64) -> StopReason {
    let target = machine.instructionCount + limit
    while true {
      let reason = machine.run(limit: target - machine.instructionCount)
      guard case .tracepoint = reason else { return reason }
    }
  }

  /// Takes a machine out of a wait or a loop, with the addresses of devices where programs expect them.
  private static func restart(_ machine: inout Machine, at address: UInt64) {
    machine.hart.isWaiting = false
    machine.pc = address
    machine[register: 6] = MemoryMap.clint.lowerBound + 0x4000
    machine[register: 7] = MemoryMap.uart.lowerBound
    _ = machine.setCSR(0x305, to: RandomProgram.machineHandler)
    _ = machine.setCSR(0x105, to: RandomProgram.supervisorHandler)
  }
}
