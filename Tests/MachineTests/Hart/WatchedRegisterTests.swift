// Watched registers: the last write is found at full speed, the same on both paths, and nothing else changes.

import Testing

@testable import Machine

@Suite struct WatchedRegisterTests {
  private func lastWrite(_ words: [UInt32], of register: WatchedRegister, instructions: UInt64) throws -> UInt64? {
    var machine = try Machine.executing(words)
    machine.watchedRegister = register
    _ = machine.run(limit: instructions)
    return machine.lastRegisterWrite
  }

  @Test func lastWriteIsTheStepBeforeTheInstruction() throws {
    let words = [
      Assembler.addi(.a0, .zero, 1), Assembler.addi(.a1, .zero, 2), Assembler.addi(.a0, .zero, 1),
      Assembler.addi(.a2, .zero, 3), Assembler.loopForever,
    ]
    #expect(try lastWrite(words, of: .integer(10), instructions: 5000) == 2, "the same value again is a write")
    #expect(try lastWrite(words, of: .integer(10), instructions: 2) == 0)
    #expect(try lastWrite(words, of: .integer(11), instructions: 5000) == 1)
    #expect(try lastWrite(words, of: .integer(13), instructions: 5000) == nil)
  }

  @Test func jumpThatLinksToTheNextInstructionIsAWriter() throws {
    let words = [
      Assembler.jal(.ra, 4), Assembler.addi(.a1, .zero, 2), Assembler.jal(.ra, 8), Assembler.illegal,
      Assembler.loopForever,
    ]
    #expect(try lastWrite(words, of: .integer(1), instructions: 100) == 2)
  }

  @Test func trapsWriteControlRegisters() throws {
    // mtvec is the last instruction; the call is the third step, and its trap writes mcause.
    let words = [
      Assembler.addi(.t0, .t0, 16), Assembler.csrrw(.zero, 0x305, .t0), Assembler.ecall, Assembler.illegal,
      Assembler.loopForever,
    ]
    var machine = try Machine.executing(words)
    machine[.t0] = MemoryMap.ram
    machine.watchedRegister = .control(0x342)
    _ = machine.run(limit: 1000)
    #expect(machine.lastRegisterWrite == 2)
    #expect(machine.csr(0x342) == 11)
  }

  @Test func whatTheHostWritesDoesNotCount() throws {
    var machine = try Machine.executing([Assembler.loopForever])
    for register in [WatchedRegister.integer(10), .floatingPoint(3), .control(0x340)] {
      machine.watchedRegister = register
      _ = machine.run(limit: 10)
      machine[register: 10] = 5
      machine[floatingPointRegister: 3] &+= 5
      _ = machine.setCSR(0x340, to: machine.instructionCount)
      _ = machine.run(limit: 10)
      _ = machine.step()
      #expect(machine.lastRegisterWrite == nil)
    }
  }

  @Test func registersThatChangeByThemselvesCannotBeWatched() {
    for number in [0x001, 0x003, 0x100, 0x300, 0x344, 0xb00, 0xc00, 0xc01, 0xc1f] {
      #expect(!WatchedRegister.control(number).canBeWatched)
    }
    for number in [0x105, 0x180, 0x305, 0x340, 0x342, 0x3a0] { #expect(WatchedRegister.control(number).canBeWatched) }
    #expect(!WatchedRegister.integer(0).canBeWatched)
    #expect(WatchedRegister.floatingPoint(0).canBeWatched)
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func bothPathsFindTheSameWritesAndStayTheSame(seed: UInt64) throws {
    let share: UInt64 = seed % 3 == 0 ? 60 : 5
    var program = RandomProgram(seed: seed, floatingPointShare: share)
    var sameProgram = RandomProgram(seed: seed, floatingPointShare: share)
    var plainProgram = RandomProgram(seed: seed, floatingPointShare: share)
    var fast = try program.machine()
    var reference = try sameProgram.machine()
    var plain = try plainProgram.machine()
    var random = Random(seed: seed)
    for _ in 0..<12 {
      let register: WatchedRegister
      switch random.below(4) {
      case 0: register = .floatingPoint(Int(random.below(32)))
      case 1: register = .control([0x141, 0x142, 0x143, 0x180, 0x340, 0x341, 0x342, 0x343][Int(random.below(8))])
      default: register = .integer(Int(1 + random.below(31)))
      }
      fast.watchedRegister = register
      reference.watchedRegister = register
      let limit = random.below(1500)
      let reasons = (fast.run(limit: limit), reference.runReference(limit: limit))
      _ = plain.run(limit: limit)
      #expect(reasons.0 == reasons.1)
      #expect(fast.lastRegisterWrite == reference.lastRegisterWrite, "\(register)")
    }
    let hashes = (fast.stateHash(), reference.stateHash(), plain.stateHash())
    #expect(hashes.0 == hashes.1)
    #expect(hashes.0 == hashes.2)
  }

  @Test func callWhoseHandlerIsTheNextInstructionGoesOnThere() throws {
    var machine = try Machine.executing([
      Assembler.csrrw(.zero, 0x305, .t0), Assembler.ecall, Assembler.addi(.a0, .a0, 1), Assembler.loopForever,
    ])
    machine[.t0] = MemoryMap.ram + 8
    _ = machine.run(limit: 100)
    #expect(machine[.a0] == 1)
    #expect(machine.counters.traps == 1)
    #expect(machine.counters.instructions == 100)
  }
}
