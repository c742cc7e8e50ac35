// Instructions as text, in the style of `llvm-objdump` with pseudo-instructions. What cannot be decoded is `<unknown>`, as there.

/// Prints instructions as an assembly programmer would write them.
public enum Disassembler {
  /// The text of one instruction.
  ///
  /// - Parameters:
  ///   - word: The 32 bits at the address, little endian; of a compressed instruction the lower half counts.
  ///   - address: The address of the instruction, from which targets are computed.
  ///   - symbol: Names an address, such as `main+0x10`, or gives nil.
  /// - Returns: The mnemonic and the operands, separated by one space, and the instruction's length in bytes.
  public static func text(
    of word: UInt32, at address: UInt64, symbol: (UInt64) -> String? = { _ in nil }
  ) -> (text: String, length: Int) {
    let length = Instruction.length(of: word)
    guard let instruction = Instruction.decode(word) else {
      let hint = length == 2 ? hintText(UInt16(truncatingIfNeeded: word)) : nil
      return (hint ?? "<unknown>", length)
    }
    let (mnemonic, operands) = PseudoInstruction.spelling(of: instruction)
    let texts = operands.map { $0.text(of: instruction, at: address, symbol: symbol) }
    return (texts.isEmpty ? mnemonic : mnemonic + " " + texts.joined(separator: ", "), length)
  }

  private static func hintText(_ half: UInt16) -> String? {
    guard let hint = CompressedEncoding.hint(half) else { return nil }
    var operands: [String] = []
    if let register = hint.register { operands.append(RegisterName.integer[register]) }
    if let source = hint.source { operands.append(RegisterName.integer[source]) }
    if let immediate = hint.immediate { operands.append(Operand.hexadecimal(Int64(immediate))) }
    return hint.mnemonic + " " + operands.joined(separator: ", ")
  }
}

/// An operand of an instruction, by where its value comes from.
enum Operand {
  case rd, rs1, rs2
  case fd, fs1, fs2, fs3
  case immediate
  case upperImmediate
  case csr
  /// `offset(rs1)`
  case indexed
  /// `(rs1)`
  case indirect
  /// The address a branch or jump goes to.
  case target
  case roundingMode
  case predecessors, successors

  func text(of instruction: Instruction, at address: UInt64, symbol: (UInt64) -> String?) -> String {
    switch self {
    case .rd: RegisterName.integer[instruction.rd]
    case .rs1: RegisterName.integer[instruction.rs1]
    case .rs2: RegisterName.integer[instruction.rs2]
    case .fd: RegisterName.floatingPoint[instruction.rd]
    case .fs1: RegisterName.floatingPoint[instruction.rs1]
    case .fs2: RegisterName.floatingPoint[instruction.rs2]
    case .fs3: RegisterName.floatingPoint[instruction.rs3]
    case .immediate: Self.hexadecimal(instruction.immediate)
    case .upperImmediate: Self.hexadecimal(Int64(instruction.word >> 12))
    case .csr: instruction.csr.name ?? Self.hexadecimal(Int64(instruction.csr.rawValue))
    case .indexed: "\(Self.hexadecimal(instruction.immediate))(\(RegisterName.integer[instruction.rs1]))"
    case .indirect: "(\(RegisterName.integer[instruction.rs1]))"
    case .target: Self.target(address &+ UInt64(bitPattern: instruction.immediate), symbol)
    case .roundingMode: ["rne", "rtz", "rdn", "rup", "rmm", "", "", "dyn"][instruction.roundingMode]
    case .predecessors: Self.fenceSet(instruction.word >> 24)
    case .successors: Self.fenceSet(instruction.word >> 20)
    }
  }

  static func hexadecimal(_ value: Int64) -> String {
    (value < 0 ? "-0x" : "0x") + String(value.magnitude, radix: 16)
  }

  private static func target(_ address: UInt64, _ symbol: (UInt64) -> String?) -> String {
    let text = "0x" + String(address, radix: 16)
    return symbol(address).map { "\(text) <\($0)>" } ?? text
  }

  private static func fenceSet(_ bits: UInt32) -> String {
    let letters = zip(["i", "o", "r", "w"], [8, 4, 2, 1] as [UInt32]).filter { bits & $0.1 != 0 }.map(\.0)
    return letters.isEmpty ? "0" : letters.joined()
  }
}
