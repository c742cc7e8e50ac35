// The benchmarks' guests do what is said of them, however fast.

import Machine
import Testing

@testable import Kernelarium

@Suite struct BenchProgramTests {
  private func counters(_ loop: BenchLoop, passes: UInt64) throws -> Counters {
    var machine = try Machine(MachineConfiguration())
    try machine.load(try ELFFile.parse(BenchProgram(loop, passes: passes).image))
    #expect(machine.run(limit: 100_000_000) == .finished(.pass))
    return machine.counters
  }

  @Test(arguments: BenchLoop.allCases)
  func everyPassTakesEquallyManyInstructions(loop: BenchLoop) throws {
    let one = try counters(loop, passes: 1000).instructions
    let two = try counters(loop, passes: 2000).instructions
    let three = try counters(loop, passes: 3000).instructions
    #expect(two - one == three - two)
    #expect(two - one >= 3000)
  }

  @Test func trapsAndSwitchesAreOneAPass() throws {
    for loop in BenchLoop.allCases {
      let more = try counters(loop, passes: 3000)
      let fewer = try counters(loop, passes: 1000)
      let difference = more - fewer
      #expect(difference.traps == (loop.event == nil ? 0 : 2000))
      #expect(difference.addressSpaceSwitches == (loop == .addressSpaces ? 2000 : 0))
    }
  }

  @Test func theMemoryLoopMissesTheTLB() throws {
    let counters = try counters(.memory, passes: 1000)
    #expect(counters.tlbMisses > 500)
  }

  @Test func aConstantIsLoadedAsItIs() throws {
    for constant: UInt64 in [
      0, 1, 2047, 2048, 0x7fff_ffff, 0x8000_0000, 0xffff_f800, .max, 1 << 63, 0x1234_5678_9abc_def0,
    ] {
      var assembler = BenchAssembler()
      assembler.load(.a0, constant: constant)
      var machine = try Machine(MachineConfiguration(memoryBytes: 1 << 20))
      for (index, word) in assembler.words.enumerated() {
        let isStored = machine.memory.store(word, at: machine.pc + UInt64(4 * index))
        #expect(isStored)
      }
      _ = machine.run(limit: UInt64(assembler.words.count))
      #expect(machine[register: 10] == constant)
    }
  }
}
