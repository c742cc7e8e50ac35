// Which pseudo-instruction an instruction is written as (RISC-V Assembly Programmer's Manual), as `llvm-objdump` chooses.

/// Chooses between an instruction's own name and that of a pseudo-instruction.
enum PseudoInstruction {
  typealias Spelling = (mnemonic: String, operands: [Operand])

  /// The mnemonic and operands to print.
  static func spelling(of instruction: Instruction) -> Spelling {
    pseudo(instruction) ?? (instruction.mnemonic, operands(of: instruction))
  }

  private static func pseudo(_ instruction: Instruction) -> Spelling? {
    switch instruction.format {
    case .immediate: immediate(instruction)
    case .registers: registers(instruction)
    case .branch: branch(instruction)
    case .jump: jump(instruction)
    case .jumpRegister: jumpRegister(instruction)
    case .csr: csr(instruction)
    case .csrImmediate: csrImmediate(instruction)
    case .fence: instruction.word >> 20 & 0xff == 0xff ? ("fence", []) : nil
    case .translationFence: translationFence(instruction)
    case .float: float(instruction)
    default: nil
    }
  }

  private static func immediate(_ instruction: Instruction) -> Spelling? {
    switch (instruction.mnemonic, instruction.immediate) {
    case ("addi", 0) where instruction.rd == 0 && instruction.rs1 == 0: ("nop", [])
    case ("addi", _) where instruction.rs1 == 0: ("li", [.rd, .immediate])
    case ("addi", 0): ("mv", [.rd, .rs1])
    case ("addiw", 0): ("sext.w", [.rd, .rs1])
    case ("xori", -1): ("not", [.rd, .rs1])
    case ("sltiu", 1): ("seqz", [.rd, .rs1])
    case ("andi", 0xff): ("zext.b", [.rd, .rs1])
    default: nil
    }
  }

  private static func registers(_ instruction: Instruction) -> Spelling? {
    switch instruction.mnemonic {
    case "sub" where instruction.rs1 == 0: ("neg", [.rd, .rs2])
    case "subw" where instruction.rs1 == 0: ("negw", [.rd, .rs2])
    case "sltu" where instruction.rs1 == 0: ("snez", [.rd, .rs2])
    case "slt" where instruction.rs2 == 0: ("sltz", [.rd, .rs1])
    case "slt" where instruction.rs1 == 0: ("sgtz", [.rd, .rs2])
    case "add.uw" where instruction.rs2 == 0: ("zext.w", [.rd, .rs1])
    default: nil
    }
  }

  private static func branch(_ instruction: Instruction) -> Spelling? {
    switch instruction.mnemonic {
    case "beq" where instruction.rs2 == 0: ("beqz", [.rs1, .target])
    case "bne" where instruction.rs2 == 0: ("bnez", [.rs1, .target])
    case "bge" where instruction.rs1 == 0: ("blez", [.rs2, .target])
    case "bge" where instruction.rs2 == 0: ("bgez", [.rs1, .target])
    case "blt" where instruction.rs2 == 0: ("bltz", [.rs1, .target])
    case "blt" where instruction.rs1 == 0: ("bgtz", [.rs2, .target])
    default: nil
    }
  }

  private static func jump(_ instruction: Instruction) -> Spelling? {
    switch instruction.rd {
    case 0: ("j", [.target])
    case 1: ("jal", [.target])
    default: nil
    }
  }

  private static func jumpRegister(_ instruction: Instruction) -> Spelling {
    let isDirect = instruction.immediate == 0
    return switch instruction.rd {
    case 0 where instruction.rs1 == 1 && isDirect: ("ret", [])
    case 0: ("jr", isDirect ? [.rs1] : [.indexed])
    case 1: ("jalr", isDirect ? [.rs1] : [.indexed])
    default: ("jalr", isDirect ? [.rd, .rs1] : [.rd, .indexed])
    }
  }

  private static func csr(_ instruction: Instruction) -> Spelling? {
    let reads = instruction.rd != 0
    let writes = instruction.rs1 != 0
    switch (instruction.mnemonic, instruction.csr) {
    case ("csrrw", .fcsr): return ("fscsr", reads ? [.rd, .rs1] : [.rs1])
    case ("csrrw", .frm): return ("fsrm", reads ? [.rd, .rs1] : [.rs1])
    case ("csrrw", .fflags): return ("fsflags", reads ? [.rd, .rs1] : [.rs1])
    case ("csrrs", .fcsr) where !writes: return ("frcsr", [.rd])
    case ("csrrs", .frm) where !writes: return ("frrm", [.rd])
    case ("csrrs", .fflags) where !writes: return ("frflags", [.rd])
    case ("csrrs", .cycle) where !writes: return ("rdcycle", [.rd])
    case ("csrrs", .time) where !writes: return ("rdtime", [.rd])
    case ("csrrs", .instret) where !writes: return ("rdinstret", [.rd])
    case ("csrrs", _) where !writes: return ("csrr", [.rd, .csr])
    case ("csrrw", _) where !reads: return ("csrw", [.csr, .rs1])
    case ("csrrs", _) where !reads: return ("csrs", [.csr, .rs1])
    case ("csrrc", _) where !reads: return ("csrc", [.csr, .rs1])
    default: return nil
    }
  }

  private static func csrImmediate(_ instruction: Instruction) -> Spelling? {
    let reads = instruction.rd != 0
    switch (instruction.mnemonic, instruction.csr) {
    case ("csrrwi", .frm): return ("fsrmi", reads ? [.rd, .immediate] : [.immediate])
    case ("csrrwi", .fflags): return ("fsflagsi", reads ? [.rd, .immediate] : [.immediate])
    case ("csrrwi", _) where !reads: return ("csrwi", [.csr, .immediate])
    case ("csrrsi", _) where !reads: return ("csrsi", [.csr, .immediate])
    case ("csrrci", _) where !reads: return ("csrci", [.csr, .immediate])
    default: return nil
    }
  }

  private static func translationFence(_ instruction: Instruction) -> Spelling {
    if instruction.rs2 != 0 { return ("sfence.vma", [.rs1, .rs2]) }
    return ("sfence.vma", instruction.rs1 == 0 ? [] : [.rs1])
  }

  private static func float(_ instruction: Instruction) -> Spelling? {
    guard instruction.rs1 == instruction.rs2 else { return nil }
    let suffix = instruction.mnemonic.suffix(2)
    return switch instruction.mnemonic.dropLast(2) {
    case "fsgnj": ("fmv" + suffix, [.fd, .fs1])
    case "fsgnjn": ("fneg" + suffix, [.fd, .fs1])
    case "fsgnjx": ("fabs" + suffix, [.fd, .fs1])
    default: nil
    }
  }

  private static func operands(of instruction: Instruction) -> [Operand] {
    // The dynamic rounding mode is what one gets without naming one.
    let rounding: [Operand] = instruction.roundingMode == 7 ? [] : [.roundingMode]
    let exact: [Operand] = instruction.roundingMode == 0 ? [] : [.roundingMode]
    return switch instruction.format {
    case .none: []
    case .registers: [.rd, .rs1, .rs2]
    case .oneRegister: [.rd, .rs1]
    case .immediate, .shift: [.rd, .rs1, .immediate]
    case .load, .jumpRegister: [.rd, .indexed]
    case .store: [.rs2, .indexed]
    case .branch: [.rs1, .rs2, .target]
    case .upperImmediate: [.rd, .upperImmediate]
    case .jump: [.rd, .target]
    case .csr: [.rd, .csr, .rs1]
    case .csrImmediate: [.rd, .csr, .immediate]
    case .atomic: [.rd, .rs2, .indirect]
    case .loadReserved: [.rd, .indirect]
    case .fence: [.predecessors, .successors]
    case .translationFence: [.rs1, .rs2]
    case .floatLoad: [.fd, .indexed]
    case .floatStore: [.fs2, .indexed]
    case .floatFused: [.fd, .fs1, .fs2, .fs3] + rounding
    case .floatRounded: [.fd, .fs1, .fs2] + rounding
    case .float: [.fd, .fs1, .fs2]
    case .floatOneRounded: [.fd, .fs1] + rounding
    case .floatOneExact: [.fd, .fs1] + exact
    case .floatCompare: [.rd, .fs1, .fs2]
    case .floatToIntegerRounded: [.rd, .fs1] + rounding
    case .floatToInteger: [.rd, .fs1]
    case .integerToFloatRounded: [.fd, .rs1] + rounding
    case .integerToFloatExact: [.fd, .rs1] + exact
    case .integerToFloat: [.fd, .rs1]
    }
  }
}
