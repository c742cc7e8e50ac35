// What traps are called (RISC-V Privileged Architecture, tables of `mcause` and `scause` values).

/// Why a trap was taken, as `mcause` and `scause` give it.
public enum TrapCause: Hashable, Sendable {
  /// An instruction could not complete.
  case exception(ExceptionCause)
  /// An interrupt was taken between two instructions.
  case interrupt(InterruptCause)
  /// A code that the specification reserves or leaves to platforms.
  case unknown(UInt64)

  private static let interruptBit: UInt64 = 1 << 63

  /// Decodes the value of a cause register.
  public init(rawValue: UInt64) {
    let code = rawValue & ~Self.interruptBit
    if rawValue & Self.interruptBit != 0, let cause = InterruptCause(rawValue: code) {
      self = .interrupt(cause)
    } else if rawValue & Self.interruptBit == 0, let cause = ExceptionCause(rawValue: code) {
      self = .exception(cause)
    } else {
      self = .unknown(rawValue)
    }
  }

  /// The value a cause register holds for it.
  public var rawValue: UInt64 {
    switch self {
    case .exception(let cause): cause.rawValue
    case .interrupt(let cause): Self.interruptBit | cause.rawValue
    case .unknown(let value): value
    }
  }

  /// The name in the specification's words, in lower case.
  public var name: String {
    switch self {
    case .exception(let cause): cause.name
    case .interrupt(let cause): cause.name
    case .unknown(let value): "unknown cause 0x" + String(value, radix: 16)
    }
  }
}

/// The codes of exceptions.
public enum ExceptionCause: UInt64, CaseIterable, Hashable, Codable, Sendable {
  /// A jump or branch to an address that is no multiple of the instruction alignment.
  case instructionAddressMisaligned = 0
  /// Physical memory refused an instruction fetch.
  case instructionAccessFault = 1
  /// The instruction does not exist or is not allowed here.
  case illegalInstruction = 2
  /// An `ebreak` or a hardware breakpoint.
  case breakpoint = 3
  /// A load from a misaligned address.
  case loadAddressMisaligned = 4
  /// Physical memory refused a load.
  case loadAccessFault = 5
  /// A store or atomic operation on a misaligned address.
  case storeAddressMisaligned = 6
  /// Physical memory refused a store or atomic operation.
  case storeAccessFault = 7
  /// An `ecall` in U-mode.
  case environmentCallFromUser = 8
  /// An `ecall` in S-mode.
  case environmentCallFromSupervisor = 9
  /// An `ecall` in M-mode.
  case environmentCallFromMachine = 11
  /// Translation refused an instruction fetch.
  case instructionPageFault = 12
  /// Translation refused a load.
  case loadPageFault = 13
  /// Translation refused a store or atomic operation.
  case storePageFault = 15

  /// The name in the specification's words, in lower case.
  public var name: String {
    switch self {
    case .instructionAddressMisaligned: "instruction address misaligned"
    case .instructionAccessFault: "instruction access fault"
    case .illegalInstruction: "illegal instruction"
    case .breakpoint: "breakpoint"
    case .loadAddressMisaligned: "load address misaligned"
    case .loadAccessFault: "load access fault"
    case .storeAddressMisaligned: "store address misaligned"
    case .storeAccessFault: "store access fault"
    case .environmentCallFromUser: "environment call from U-mode"
    case .environmentCallFromSupervisor: "environment call from S-mode"
    case .environmentCallFromMachine: "environment call from M-mode"
    case .instructionPageFault: "instruction page fault"
    case .loadPageFault: "load page fault"
    case .storePageFault: "store page fault"
    }
  }
}

/// The codes of interrupts, which are also their bits in `mip` and `mie`.
public enum InterruptCause: UInt64, CaseIterable, Hashable, Codable, Sendable {
  /// Software asked for attention in S-mode.
  case supervisorSoftware = 1
  /// Software asked for attention in M-mode.
  case machineSoftware = 3
  /// The S-mode timer expired.
  case supervisorTimer = 5
  /// The M-mode timer expired.
  case machineTimer = 7
  /// A device asked for attention in S-mode.
  case supervisorExternal = 9
  /// A device asked for attention in M-mode.
  case machineExternal = 11

  /// The name in the specification's words, in lower case.
  public var name: String {
    switch self {
    case .supervisorSoftware: "supervisor software interrupt"
    case .machineSoftware: "machine software interrupt"
    case .supervisorTimer: "supervisor timer interrupt"
    case .machineTimer: "machine timer interrupt"
    case .supervisorExternal: "supervisor external interrupt"
    case .machineExternal: "machine external interrupt"
    }
  }
}
