// Names of traps, and of who notices what by them.

import GuestABI
import RISCV

enum CauseName {
  /// The name of an exception by its code.
  static func exception(_ code: UInt64) -> String { TrapCause(rawValue: code).name }

  /// The name of an interrupt by its code.
  static func interrupt(_ code: UInt64) -> String { TrapCause(rawValue: code | 1 << 63).name }

  /// The name for a value of `scause`.
  static func of(scause: UInt64) -> String {
    scause == FaultCause.noMemory ? "no memory for a page" : TrapCause(rawValue: scause).name
  }

  /// What ended a task whose status the system gave; nil for a status of its own.
  ///
  /// The guests' process manager makes these statuses (Interfaces/pm.h, `PM_STATUS_KILLED` and `PM_STATUS_FAULT`).
  static func ofEnd(status: Int64) -> String? {
    switch status {
    case -1: "killed"
    case -256 - 63 ... -256: of(scause: UInt64(-256 - status))
    default: nil
    }
  }

  /// Who noticed a fault that led to a trap.
  static func detector(scause: UInt64) -> String {
    if scause == FaultCause.noMemory { return "the virtual-memory manager" }
    guard case .exception(let cause) = TrapCause(rawValue: scause) else { return "the kernel" }
    switch cause {
    case .instructionPageFault, .loadPageFault, .storePageFault: return "the MMU"
    case .instructionAccessFault, .loadAccessFault, .storeAccessFault: return "the bus"
    // Embedded Swift ends a failed run-time check in an instruction that does not exist.
    case .illegalInstruction: return "a run-time check of the language, or the decoder"
    default: return "the hart"
    }
  }
}
