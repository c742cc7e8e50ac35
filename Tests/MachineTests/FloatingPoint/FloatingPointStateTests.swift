// The floating-point unit's state: FS in `mstatus`, `fcsr` and its parts, boxing, and what is illegal when.

import RISCV
import Testing

@testable import Machine

@Suite struct FloatingPointStateTests {
  private static let add: UInt32 = 0x02c5_f553  // fadd.d fa0, fa1, fa2
  private static let compressedLoad: UInt32 = 0x2188  // c.fld fa0, 0(a1)
  private static let loadSingle: UInt32 = 0x0005_a507  // flw fa0, 0(a1)
  private static let storeDouble: UInt32 = 0x00a5_b427  // fsd fa0, 8(a1)
  private static let status = 0x300

  private func machine(_ words: [UInt32], floatingPoint: UInt64) throws -> Machine {
    var machine = try Machine.executing(words)
    _ = machine.setCSR(Self.status, to: floatingPoint << 13)
    _ = machine.setCSR(0x305, to: MemoryMap.ram + 0x1000)
    machine.place([Assembler.loopForever], at: MemoryMap.ram + 0x1000)
    machine[.a1] = MemoryMap.ram + 0x8000
    return machine
  }

  @Test(arguments: [Self.add, Self.compressedLoad, Self.loadSingle, Self.storeDouble, Assembler.csrrs(.a0, 3, .zero)])
  func everythingIsIllegalWhileOff(word: UInt32) throws {
    var machine = try machine([word], floatingPoint: 0)
    _ = machine.run(limit: 1)
    #expect(machine.csr(0x342) == ExceptionCause.illegalInstruction.rawValue)
    #expect(machine.csr(0x343) == UInt64(word))
    #expect(machine.csr(Self.status).map { $0 >> 63 } == 0)
  }

  @Test func aWriteMakesTheStateDirty() throws {
    for word in [Self.add, Self.loadSingle, Assembler.csrrw(.zero, 1, .zero)] {
      var machine = try machine([word], floatingPoint: 1)
      #expect(machine.csr(Self.status).map { $0 >> 13 & 3 } == 1)
      _ = machine.run(limit: 1)
      #expect(machine.csr(Self.status).map { $0 >> 13 & 3 } == 3)
      #expect(machine.csr(Self.status).map { $0 >> 63 } == 1)
      #expect(machine.csr(0x100).map { $0 >> 63 } == 1)
    }
  }

  @Test func readingLeavesTheStateClean() throws {
    for word in [Self.storeDouble, Assembler.csrrs(.a0, 3, .zero)] {
      var machine = try machine([word], floatingPoint: 2)
      _ = machine.run(limit: 1)
      #expect(machine.instructionCount == 1)
      #expect(machine.csr(Self.status).map { $0 >> 13 & 3 } == 2)
    }
  }

  @Test func controlRegisterConsistsOfItsParts() throws {
    var machine = try machine([], floatingPoint: 1)
    _ = machine.setCSR(3, to: .max)
    #expect(machine.csr(3) == 0xff)
    _ = machine.setCSR(1, to: 0x12)
    #expect(machine.csr(3) == 0xf2)
    _ = machine.setCSR(2, to: 3)
    #expect(machine.csr(3) == 0x72)
    #expect(machine.csr(1) == 0x12)
    #expect(machine.csr(2) == 3)
  }

  @Test func reservedDynamicRoundingIsIllegalOnlyWhenUsed() throws {
    for mode in 0..<8 as Range<UInt64> {
      var machine = try machine([Self.add], floatingPoint: 3)
      _ = machine.setCSR(2, to: mode)
      _ = machine.run(limit: 1)
      #expect(machine.counters.traps == (mode > 4 ? 1 : 0), "mode \(mode)")
    }
  }

  @Test func singlesAreBoxedAndUnboxed() throws {
    let addSingles: UInt32 = 0x00c5_f553  // fadd.s fa0, fa1, fa2
    var machine = try machine([Self.loadSingle, addSingles, addSingles], floatingPoint: 3)
    _ = machine.memory.store(Float(1.5).bitPattern, at: MemoryMap.ram + 0x8000)
    _ = machine.run(limit: 1)
    #expect(machine[floatingPointRegister: 10] == 0xffff_ffff_3fc0_0000)
    machine[floatingPointRegister: 11] = 0xffff_ffff_3fc0_0000
    machine[floatingPointRegister: 12] = 0x3fc0_0000
    _ = machine.run(limit: 1)
    #expect(machine[floatingPointRegister: 10] == 0xffff_ffff_7fc0_0000, "an operand that is not boxed is a NaN")
    machine[floatingPointRegister: 12] = 0xffff_ffff_3fc0_0000
    _ = machine.run(limit: 1)
    #expect(machine[floatingPointRegister: 10] == 0xffff_ffff_4040_0000)
    #expect(machine.csr(1) == 0)
  }

  @Test func checkpointsAndHashesIncludeFloatingPoint() throws {
    var machine = try machine([Self.add], floatingPoint: 3)
    machine[floatingPointRegister: 11] = (1.0).bitPattern
    let checkpoint = machine.checkpoint()
    let before = machine.stateHash()
    machine[floatingPointRegister: 31] = 5
    #expect(machine.stateHash() != before)
    try machine.restore(checkpoint)
    #expect(machine.stateHash() == before)
    #expect(machine[floatingPointRegister: 11] == (1.0).bitPattern)
  }

  @Test func theInstructionSetIsTold() throws {
    let machine = try machine([], floatingPoint: 0)
    let letters = machine.csr(0x301).map { bits in
      String((0..<26).filter { bits >> UInt64($0) & 1 == 1 }.map { Character(UnicodeScalar(UInt8(97 + $0))) })
    }
    #expect(letters == "acdfimsu")
  }
}
