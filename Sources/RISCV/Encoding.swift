// The table of 32-bit encodings: which bits make an instruction what it is (RISC-V Unprivileged ISA, "RV32/64G Instruction Set
// Listings", and the privileged architecture). The rows of each extension are in a file of their own.

/// One row of the table: an instruction is the one whose `match` its masked bits equal.
struct Encoding {
  let mnemonic: String
  let format: Instruction.Format
  let mask: UInt32
  let match: UInt32

  /// The row for a 32-bit word, or nil if it is no instruction.
  static func matching(_ word: UInt32) -> Encoding? {
    byMajorOpcode[Int(word >> 2 & 31)].first { word & $0.mask == $0.match }
  }

  private static let byMajorOpcode: [[Encoding]] = {
    var groups = [[Encoding]](repeating: [], count: 32)
    for encoding in base + multiplication + atomics + system + floatingPoint + bitManipulation {
      groups[Int(encoding.match >> 2 & 31)].append(encoding)
    }
    return groups
  }()
}

/// The major opcodes, with the two low bits that mark 32-bit instructions.
enum MajorOpcode {
  static let load: UInt32 = 0x03
  static let floatLoad: UInt32 = 0x07
  static let fence: UInt32 = 0x0f
  static let immediate: UInt32 = 0x13
  static let auipc: UInt32 = 0x17
  static let immediateWord: UInt32 = 0x1b
  static let store: UInt32 = 0x23
  static let floatStore: UInt32 = 0x27
  static let atomic: UInt32 = 0x2f
  static let registers: UInt32 = 0x33
  static let lui: UInt32 = 0x37
  static let registersWord: UInt32 = 0x3b
  static let fusedMultiplyAdd: UInt32 = 0x43
  static let float: UInt32 = 0x53
  static let branch: UInt32 = 0x63
  static let jalr: UInt32 = 0x67
  static let jal: UInt32 = 0x6f
  static let system: UInt32 = 0x73
}

/// The combinations of fields that identify instructions.
extension Encoding {
  /// Identified by the major opcode alone.
  init(_ mnemonic: String, _ format: Instruction.Format, opcode: UInt32) {
    self.init(mnemonic: mnemonic, format: format, mask: 0x7f, match: opcode)
  }

  /// Identified by `funct3` as well.
  init(_ mnemonic: String, _ format: Instruction.Format, opcode: UInt32, function3: UInt32) {
    self.init(mnemonic: mnemonic, format: format, mask: 0x707f, match: function3 << 12 | opcode)
  }

  /// Identified by `funct3` and `funct7`.
  init(_ mnemonic: String, _ format: Instruction.Format, opcode: UInt32, function3: UInt32, function7: UInt32) {
    self.init(
      mnemonic: mnemonic, format: format, mask: 0xfe00_707f, match: function7 << 25 | function3 << 12 | opcode)
  }

  /// Identified by `funct3` and the six highest bits, the other six of the immediate being a shift amount.
  init(_ mnemonic: String, shift opcode: UInt32, function3: UInt32, function6: UInt32) {
    self.init(
      mnemonic: mnemonic, format: .shift, mask: 0xfc00_707f, match: function6 << 26 | function3 << 12 | opcode)
  }

  /// Identified by `funct3` and all twelve bits of the immediate.
  init(_ mnemonic: String, _ format: Instruction.Format, opcode: UInt32, function3: UInt32, immediate: UInt32) {
    self.init(
      mnemonic: mnemonic, format: format, mask: 0xfff0_707f, match: immediate << 20 | function3 << 12 | opcode)
  }

  /// Identified by every bit.
  init(_ mnemonic: String, exactly word: UInt32) {
    self.init(mnemonic: mnemonic, format: .none, mask: ~0, match: word)
  }
}
