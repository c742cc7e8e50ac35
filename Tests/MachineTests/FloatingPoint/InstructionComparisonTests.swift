// Instructions against QEMU's: the same words on the same operands must leave the same results and flags, and illegal ones
// must be illegal on both. A generated guest executes them, first on QEMU, then here on both paths.

import Foundation
import Testing

@testable import Machine

/// One instruction with what it finds in a1, a2, a3 and their floating-point counterparts; it may write a0 and fa0.
struct InstructionCase: Sendable {
  var word: UInt32
  var floatingPoint: [UInt64]
  var integers: [UInt64]
  var fcsr: UInt64

  /// The registers 10 to 13 of both files.
  static let destination: UInt32 = 10
  static let operands: [UInt32] = [11, 12, 13]
}

/// A flat image for the start of RAM that executes cases one after the other and sends what they left to the serial port.
private struct InstructionGuest {
  static let resultBytes = 24
  private static let caseBytes = 56
  private static let results = MemoryMap.ram + 0x80_0000
  private static let illegalMark: Int32 = -0x5ad

  let image: [UInt8]
  let count: Int

  init(_ cases: [InstructionCase]) {
    count = cases.count
    typealias A = Assembler
    let code = cases.flatMap { Self.code($0) }
    let handler = [
      // An illegal instruction leaves a mark in a0 and fa0.
      A.csrrs(.t0, 0x341, .zero), A.addi(.t0, .t0, 4), A.csrrw(.zero, 0x341, .t0), A.addi(.a0, .zero, Self.illegalMark),
      Self.moveToFloatingPoint, A.mret,
    ]
    let bytes = Int32(cases.count) * Int32(Self.resultBytes)
    let output = [
      A.lui(.t0, 0x10000), A.lui(.s1, 0x80800), A.immediate(0x13, 1, .s1, .s1, 32), A.immediate(0x13, 5, .s1, .s1, 32),
      A.lui(.t1, UInt32(bytes + 0xfff) >> 12),
      // One byte after the other.
      A.immediate(0x03, 4, .t2, .s1, 0), A.store(0, .t2, 0, .t0), A.addi(.s1, .s1, 1), A.addi(.t1, .t1, -1),
      A.bne(.t1, .zero, -16), A.lui(.t0, 0x100), A.lui(.t1, 5), A.addi(.t1, .t1, 0x555), A.sw(.t1, 0, .t0),
      A.loopForever,
    ]
    var prologue = [A.jal(.zero, Int32(4 * (handler.count + 1)))] + handler
    prologue += [
      A.immediate(0x17, 0, .t0, .zero, 0), A.addi(.t0, .t0, Int32(-4 * handler.count)), A.csrrw(.zero, 0x305, .t0),
      A.lui(.t0, 6), A.csrrs(.zero, 0x300, .t0), A.lui(.s1, 0x80800), A.immediate(0x13, 1, .s1, .s1, 32),
      A.immediate(0x13, 5, .s1, .s1, 32),
    ]
    let textWords = prologue.count + 2 + code.count + output.count
    let dataOffset = UInt64(textWords * 4 + 15) & ~15
    let distance = Int32(dataOffset) - Int32(prologue.count * 4)
    let high = (distance + 0x800) & ~0xfff
    prologue += [
      0x17 | Register.s0.rawValue << 7 | UInt32(bitPattern: high), A.addi(.s0, .s0, distance - high),
    ]
    var bytesOfImage: [UInt8] = []
    for word in prologue + code + output { Self.append(UInt64(word), 4, to: &bytesOfImage) }
    bytesOfImage += [UInt8](repeating: 0, count: Int(dataOffset) - bytesOfImage.count)
    for item in cases {
      for value in item.floatingPoint + item.integers + [item.fcsr] { Self.append(value, 8, to: &bytesOfImage) }
    }
    image = bytesOfImage
    precondition(MemoryMap.ram + UInt64(image.count) < Self.results, "the cases do not fit below their results")
  }

  private static let moveToFloatingPoint: UInt32 = 0xf205_0553  // fmv.d.x fa0, a0

  private static func append(_ value: UInt64, _ count: Int, to bytes: inout [UInt8]) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }

  private static func code(_ item: InstructionCase) -> [UInt32] {
    typealias A = Assembler
    func floatingPointLoad(_ register: UInt32, _ offset: UInt32) -> UInt32 {
      offset << 20 | Register.s0.rawValue << 15 | 3 << 12 | register << 7 | 0x07
    }
    let storeResult = 0x27 | 3 << 12 | Register.s1.rawValue << 15 | InstructionCase.destination << 20
    return [
      floatingPointLoad(11, 0), floatingPointLoad(12, 8), floatingPointLoad(13, 16), A.ld(.a1, 24, .s0),
      A.ld(.a2, 32, .s0), A.ld(.a3, 40, .s0), A.ld(.t0, 48, .s0), A.csrrw(.zero, 0x003, .t0),
      item.word,
      storeResult, A.sd(.a0, 8, .s1), A.csrrs(.t0, 0x003, .zero), A.sd(.t0, 16, .s1),
      A.addi(.s0, .s0, Int32(caseBytes)), A.addi(.s1, .s1, Int32(resultBytes)),
    ]
  }

  /// The results as three words for each case: fa0, a0, fcsr.
  private func words(_ bytes: [UInt8]) -> [[UInt64]] {
    (0..<count).map { index in
      (0..<3).map { word in
        (0..<8).reduce(0) { $0 | UInt64(bytes[index * Self.resultBytes + word * 8 + $1]) << UInt64(8 * $1) }
      }
    }
  }

  func resultsOnQEMU() throws -> [[UInt64]] {
    try Toolchain.withTemporaryFolder { folder in
      let file = folder.appending(path: "guest.bin")
      let output = folder.appending(path: "output")
      try Data(image).write(to: file)
      _ = try Toolchain.run(
        "timeout",
        [
          "120", "qemu-system-riscv64", "-M", "virt", "-bios", file.path, "-display", "none", "-serial",
          "file:\(output.path)", "-monitor", "none",
        ])
      let bytes = [UInt8](try Data(contentsOf: output))
      try #require(bytes.count >= count * Self.resultBytes)
      return words(bytes)
    }
  }

  func resultsHere(onReferencePath: Bool) throws -> [[UInt64]] {
    var machine = try Machine(MachineConfiguration(memoryBytes: 16 << 20))
    _ = image.withUnsafeBytes { machine.memory.write(MemoryMap.ram, from: $0) }
    let reason = onReferencePath ? machine.runReference(limit: .max >> 1) : machine.run(limit: .max)
    try #require(reason == .finished(.pass))
    let bytes = machine.memory.bytes(at: Self.results, count: count * Self.resultBytes)
    return words(try #require(bytes))
  }
}

@Suite("Instructions against QEMU", .enabled(if: Toolchain.has("qemu-system-riscv64")))
struct InstructionComparisonTests {
  static let count = 20_000

  @Test(arguments: [FloatingPointFormat.single, .double])
  func floatingPointOperations(format: FloatingPointFormat) throws {
    var random = Random(seed: UInt64(format.fractionBits))
    let functions: [UInt32] = [
      0, 1, 2, 3, 0x0b, 4, 5, 8, 0x14, 0x18, 0x1a, 0x1c, 0x1e,
    ]
    try compare { (_) in
      let function = functions[Int(random.below(UInt64(functions.count)))]
      let small = UInt32(random.below(5))
      let source: UInt32 = [0x0b, 0x08, 0x18, 0x1a, 0x1c, 0x1e].contains(function) ? small : 12
      // The rounding mode is often the dynamic one, sometimes a reserved one.
      let rounding = random.chance(1, in: 3) ? 7 : UInt32(random.below(8))
      let wide: UInt32 = format == .double ? 1 : 0
      let word = function << 27 | wide << 25 | source << 20 | 11 << 15 | rounding << 12 | 10 << 7 | 0x53
      let sourceFormat = function == 8 ? (format == .double ? FloatingPointFormat.single : .double) : format
      return Self.instruction(word, sourceFormat, &random)
    }
  }

  @Test(arguments: [FloatingPointFormat.single, .double])
  func fusedMultiplyAdd(format: FloatingPointFormat) throws {
    var random = Random(seed: 7)
    try compare { (_) in
      let opcode: UInt32 = 0x43 | UInt32(random.below(4)) << 2
      let rounding = random.chance(1, in: 3) ? 7 : UInt32(random.below(5))
      let wide: UInt32 = format == .double ? 1 : 0
      let word = 13 << 27 | wide << 25 | 12 << 20 | 11 << 15 | rounding << 12 | 10 << 7 | opcode
      var item = Self.instruction(word, format, &random)
      if random.chance(1, in: 2) {
        // An addend near the product, so that leading bits cancel.
        var unit = SoftFloat(format)
        let product = unit.multiply(item.floatingPoint[0], item.floatingPoint[1])
        item.floatingPoint[2] = format.boxed((product &+ random.below(5) &- 2) & (format.signBit << 1 &- 1))
      }
      return item
    }
  }

  @Test func everyEncodingOfTheFloatingPointOpcodes() throws {
    var random = Random(seed: 8)
    try compare { (_) in
      let opcode: UInt32 = random.chance(7, in: 8) ? 0x53 : 0x43 | UInt32(random.below(4)) << 2
      let high = UInt32(truncatingIfNeeded: random.next()) & 0xfff0_0000
      // Sources are registers that hold something known; the `rs3` of a fused operation is one, too.
      var word = high | 11 << 15 | UInt32(random.below(8)) << 12 | 10 << 7 | opcode
      if opcode != 0x53 { word = word & 0x0600_0000 | 12 << 20 | 13 << 27 | word & 0xf_ffff }
      if opcode == 0x53 && word >> 20 & 31 > 5 { word = word & ~(31 << 20) | 12 << 20 }
      return Self.instruction(word, random.chance(1, in: 2) ? .single : .double, &random)
    }
  }

  @Test func integerAndBitManipulationEncodings() throws {
    var random = Random(seed: 9)
    let opcodes: [UInt32] = [0x13, 0x1b, 0x33, 0x3b]
    let functions: [UInt32] = [
      0, 1, 0x04, 0x05, 0x10, 0x14, 0x20, 0x24, 0x28, 0x30, 0x34, 0x35, 0x25, 0x15, 0x31, 0x08,
    ]
    try compare { (_) in
      let opcode = opcodes[Int(random.below(4))]
      var function = functions[Int(random.below(UInt64(functions.count)))]
      if random.chance(1, in: 10) { function = UInt32(random.below(128)) }
      let funct3 = UInt32(random.below(8))
      // Carry-less multiplication, which QEMU has and this machine has not.
      if opcode == 0x33 && function == 5 && (1...3).contains(funct3) { function = 0 }
      let isRegister = opcode & 0x20 != 0
      var source: UInt32 = isRegister ? 12 : UInt32(random.below(32))
      if isRegister && random.chance(1, in: 20) { source = 0 }
      let word = function << 25 | source << 20 | 11 << 15 | funct3 << 12 | 10 << 7 | opcode
      return Self.instruction(word, .double, &random)
    }
  }

  private static func instruction(
    _ word: UInt32, _ format: FloatingPointFormat, _ random: inout Random
  ) -> InstructionCase {
    let rounding = random.chance(1, in: 2) ? 0 : random.below(random.chance(1, in: 10) ? 8 : 5)
    return InstructionCase(
      word: word, floatingPoint: (0..<3).map { _ in random.boxedOperand(format) },
      integers: (0..<3).map { _ in
        let number = random.next() >> random.below(64)
        return random.chance(1, in: 3) ? ~number : number
      },
      fcsr: rounding << 5 | (random.chance(1, in: 2) ? 1 : random.below(32)))
  }

  private func compare(_ make: (Int) -> InstructionCase) throws {
    let cases = (0..<Self.count).map(make)
    let guest = InstructionGuest(cases)
    let expected = try guest.resultsOnQEMU()
    let fast = try guest.resultsHere(onReferencePath: false)
    let reference = try guest.resultsHere(onReferencePath: true)
    var failures = 0
    for (index, item) in cases.enumerated() where expected[index] != fast[index] || expected[index] != reference[index]
    {
      failures += 1
      guard failures <= 5 else { continue }
      func text(_ words: [UInt64]) -> String { words.map { String($0, radix: 16) }.joined(separator: " ") }
      Issue.record(
        """
        \(text([UInt64(item.word)])) on \(text(item.floatingPoint)), \(text(item.integers)), fcsr \(text([item.fcsr])): \
        QEMU \(text(expected[index])), fast \(text(fast[index])), reference \(text(reference[index]))
        """)
    }
    #expect(failures == 0)
  }
}
