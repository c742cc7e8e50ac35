// Names of registers, control registers and causes, and how single instructions are shown.

import RISCV
import Testing

@Suite("Names")
struct NameTests {
  @Test func registersAreFoundByEitherName() {
    #expect(RegisterName.integerNumber("a0") == 10)
    #expect(RegisterName.integerNumber("x10") == 10)
    #expect(RegisterName.integerNumber("fp") == 8)
    #expect(RegisterName.integerNumber("x32") == nil)
    #expect(RegisterName.floatingPointNumber("fs0") == 8)
    #expect(RegisterName.floatingPointNumber("f31") == 31)
    #expect(RegisterName.floatingPointNumber("a0") == nil)
  }

  @Test func controlRegistersHaveNamesAndRights() {
    #expect(CSR(named: "stimecmp")?.rawValue == 0x14d)
    #expect(CSR(named: "pmpaddr63")?.rawValue == 0x3ef)
    #expect(CSR(named: "pmpcfg1") == nil)
    #expect(CSR(rawValue: 0x30a).name == "menvcfg")
    #expect(CSR(rawValue: 0x8ff).name == nil)
    #expect(CSR.cycle.isReadOnly && CSR.mhartid.isReadOnly && !CSR.mstatus.isReadOnly)
    #expect(CSR.satp.lowestPrivilege == 1 && CSR.mepc.lowestPrivilege == 3)
  }

  @Test func everyNamedControlRegisterIsFoundByItsName() {
    for register in CSR.allNamed { #expect(register.name.flatMap(CSR.init(named:)) == register) }
    #expect(CSR.allNamed.count > 200)
  }

  @Test func causesKeepTheirValueAndHaveNames() {
    #expect(TrapCause(rawValue: 13) == .exception(.loadPageFault))
    #expect(TrapCause(rawValue: 1 << 63 | 5) == .interrupt(.supervisorTimer))
    #expect(TrapCause(rawValue: 24).name == "unknown cause 0x18")
    for value: UInt64 in [0, 2, 15, 24, 1 << 63 | 9, 1 << 63 | 60] {
      #expect(TrapCause(rawValue: value).rawValue == value)
    }
    #expect(TrapCause(rawValue: 7).name == "store access fault")
  }
}

@Suite("Instructions")
struct InstructionTests {
  @Test func targetsAreNamedBySymbol() {
    let (text, length) = Disassembler.text(of: 0xff5f_f06f, at: 0x8000_0010) { address in
      address == 0x8000_0004 ? "main+0x4" : nil
    }
    #expect(text == "j 0x80000004 <main+0x4>")
    #expect(length == 4)
  }

  @Test func compressedInstructionIsWhatItStandsFor() {
    // c.addi16sp sp, -64
    let instruction = Instruction.decode(0xffff_7139)
    #expect(instruction?.mnemonic == "addi")
    #expect(instruction?.length == 2)
    #expect(instruction?.rd == 2 && instruction?.rs1 == 2)
    #expect(instruction?.immediate == -64)
  }

  @Test(arguments: [0x0000_0004, 0xffff_ffff, 0x0000_8000] as [UInt32])
  func wordThatIsNoInstructionIsUnknown(word: UInt32) {
    #expect(Instruction.decode(word) == nil)
    #expect(Disassembler.text(of: word, at: 0).text == "<unknown>")
  }
}
