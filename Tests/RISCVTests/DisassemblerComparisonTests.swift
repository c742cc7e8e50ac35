// The disassembler against the toolchain's: every compressed encoding, every 32-bit instruction with random operands, and
// random words, of which most are no instructions at all.

import Testing

@testable import RISCV

@Suite("Disassembler against llvm-objdump", .enabled(if: ObjectDump.toolchain != nil))
struct DisassemblerComparisonTests {
  private static let address: UInt64 = 0x8000_0000

  @Test func everyCompressedEncodingReadsTheSame() throws {
    let words = (0..<0x10000 as Range<UInt32>).filter { $0 & 3 != 3 }
    try compare(words, length: 2)
  }

  @Test func everyInstructionReadsTheSameWithManyOperands() throws {
    var generator = SeededGenerator(state: 7)
    let encodings =
      Encoding.base + Encoding.multiplication + Encoding.atomics + Encoding.system
      + Encoding.floatingPoint + Encoding.bitManipulation
    let words = encodings.flatMap { encoding in
      (0..<150).map { _ in encoding.match | Self.operandBits(&generator) & ~encoding.mask }
    }
    try compare(words, length: 4)
  }

  @Test func randomWordsReadTheSame() throws {
    var generator = SeededGenerator(state: 8)
    let words = (0..<60_000).map { _ in UInt32(truncatingIfNeeded: generator.next()) | 3 }
    // Five low ones announce instructions longer than 32 bits.
    try compare(words.filter { $0 & 0x1f != 0x1f }, length: 4)
  }

  @Test func everyNamedControlRegisterReadsTheSame() throws {
    let words = CSR.allNamed.map { UInt32($0.rawValue) << 20 | 0x2573 }
    try compare(words, length: 4)
  }

  private func compare(_ words: [UInt32], length: Int) throws {
    let expected = try ObjectDump.texts(of: words, length: length, at: Self.address)
    try #require(expected.count == words.count)
    var differences: [String] = []
    var compared = 0
    for (index, word) in words.enumerated() where !Self.namesOtherRegister(word) {
      compared += 1
      let (text, found) = Disassembler.text(of: word, at: Self.address + UInt64(index * length))
      if text != expected[index] || found != length {
        differences.append("0x\(String(word, radix: 16)): \(text); expected \(expected[index])")
      }
    }
    #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(20).joined(separator: "\n"))")
    #expect(compared > words.count * 9 / 10)
  }

  /// Whether a word is a CSR instruction on a register that has no name here: other tools name those of extensions that this
  /// machine does not have.
  private static func namesOtherRegister(_ word: UInt32) -> Bool {
    word & 0x7f == 0x73 && word >> 12 & 3 != 0 && CSR(rawValue: UInt16(word >> 20)).name == nil
  }

  /// Random bits with registers that pseudo-instructions care about more often than chance has it.
  private static func operandBits(_ generator: inout SeededGenerator) -> UInt32 {
    var bits = UInt32(truncatingIfNeeded: generator.next())
    let choice = generator.next()
    if choice & 3 == 0 { bits &= ~(31 << 7) }
    if choice & 0xc == 0 { bits = bits & ~(31 << 7) | 1 << 7 }
    if choice & 0x30 == 0 { bits &= ~(31 << 15) }
    if choice & 0xc0 == 0 { bits &= ~(31 << 20) }
    if choice & 0x300 == 0 { bits = bits & ~(31 << 20) | (bits >> 15 & 31) << 20 }
    if choice & 0xc00 == 0 { bits &= 0xfffff }
    if choice & 0x3000 == 0 { bits |= 0xfff << 20 }
    if choice & 0xc000 == 0 { bits = bits & 0xfffff | UInt32(truncatingIfNeeded: choice >> 32 & 3) << 20 }
    if choice & 0x3_0000 == 0, let csr = CSR.allNamed.randomElement(using: &generator) {
      bits = bits & 0xfffff | UInt32(csr.rawValue) << 20
    }
    return bits
  }
}

/// A seeded generator, so that a failing comparison fails again (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
