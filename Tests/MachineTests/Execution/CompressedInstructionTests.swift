// The hart's expansion of compressed instructions against the disassembler's, which was written apart from it.

import RISCV
import Testing

@testable import Machine

@Suite struct CompressedInstructionTests {
  @Test func everyEncodingMeansWhatTheDisassemblerSays() {
    var compared = 0
    for parcel in UInt16.min...UInt16.max where parcel & 3 != 3 {
      guard let mine = CompressedInstruction.expand(parcel),
        let other = Instruction.decode(UInt32(parcel)), other.length == 2, other.mnemonic.hasPrefix("c.") == false
      else { continue }
      // The disassembler prints a move as the addition of zero; the specification expands it to a register addition.
      let isMove = parcel & 0xf003 == 0x8002 && parcel & 0x7c != 0
      let expected = isMove ? UInt32(parcel >> 2 & 31) << 20 | UInt32(parcel & 0xf80) | 0x33 : other.word
      #expect(mine == expected, "\(String(parcel, radix: 16))")
      compared += 1
    }
    #expect(compared > 46_000)
  }

  @Test func reservedEncodingsAreIllegal() {
    // All zeros; c.addi4spn, c.addiw, c.lui, c.addi16sp, c.lwsp and c.jr with a zero that they forbid; free ones.
    for parcel: UInt16 in [0, 0x0004, 0x2001, 0x6081, 0x6101, 0x4002, 0x8002, 0x8000, 0x9c41] {
      #expect(CompressedInstruction.expand(parcel) == nil, "\(String(parcel, radix: 16))")
    }
  }
}
