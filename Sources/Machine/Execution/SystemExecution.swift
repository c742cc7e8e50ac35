// The SYSTEM instructions: calls, returns, `wfi`, `sfence.vma` and the CSR instructions with their access rules
// (privileged specification 1.12, sections 2.1, 3.1.6.5, 3.3 and 4.2.1; unprivileged specification, chapter 9).

import RISCV

extension Machine {
  mutating func executeSystem(_ word: UInt32) throws(Trap) {
    guard word.funct3 == 0 else { return try executeControlRegister(word) }
    switch word {
    case 0x0000_0073: throw Trap(cause: environmentCall, value: 0)
    case 0x0010_0073: throw Trap(cause: .breakpoint, value: 0)
    case 0x3020_0073:
      guard hart.privilege == .machine else { throw illegal(word) }
      returnFromMachineTrap()
    case 0x1020_0073:
      guard hart.privilege != .user, !isTrapped(HartStatus.trapSupervisorReturn) else { throw illegal(word) }
      returnFromSupervisorTrap()
    case 0x1050_0073:
      guard hart.privilege != .user, !isTrapped(HartStatus.timeoutWait) else { throw illegal(word) }
      hart.isWaiting = true
      counts.waits &+= 1
      needsBoundary = true
      hart.pc &+= 4
    default:
      guard word.funct7 == 0x09, word.rd == 0, hart.privilege != .user, !isTrapped(HartStatus.trapVirtualMemory)
      else { throw illegal(word) }
      fenceTranslations(word)
      hart.pc &+= 4
    }
  }

  private var environmentCall: ExceptionCause {
    switch hart.privilege {
    case .user: .environmentCallFromUser
    case .supervisor: .environmentCallFromSupervisor
    case .machine: .environmentCallFromMachine
    }
  }

  /// Whether a bit of `mstatus` makes an operation illegal in S-mode.
  private func isTrapped(_ bit: UInt64) -> Bool {
    hart.privilege == .supervisor && hart.mstatus & bit != 0
  }

  private mutating func fenceTranslations(_ word: UInt32) {
    let address = registers[word.rs1]
    let mode = TranslationMode(satp: hart.satp) ?? .sv39
    if word.rs1 == 0 || mode.isCanonical(address) {
      tlb.flush(
        virtualPage: word.rs1 == 0 ? nil : mode.virtualPage(address),
        addressSpace: word.rs2 == 0 ? nil : UInt16(truncatingIfNeeded: registers[word.rs2]), mode: mode)
    }
    translationChanged()
  }

  private mutating func executeControlRegister(_ word: UInt32) throws(Trap) {
    let number = word.csrNumber
    let isImmediate = word.funct3 & 4 != 0
    let operand = isImmediate ? UInt64(word.rs1) : registers[word.rs1]
    let operation = word.funct3 & 3
    guard operation != 0 else { throw illegal(word) }
    let writes = operation == 1 || word.rs1 != 0
    guard mayAccess(number, writing: writes), let old = controlRegister(number) else { throw illegal(word) }
    if writes {
      // SEIP reads as software's bit or the wire; only software's bit takes part in read-modify-write (section 3.1.9).
      let base =
        number == ControlRegister.mip
        ? old & ~InterruptBits.supervisorExternal | hart.softwarePending & InterruptBits.supervisorExternal : old
      let new: UInt64
      switch operation {
      case 1: new = operand
      case 2: new = base | operand
      default: new = base & ~operand
      }
      writeControlRegister(number, new, retiring: 1)
    }
    setRegister(word.rd, old)
    hart.pc &+= 4
  }

  private func mayAccess(_ number: UInt32, writing: Bool) -> Bool {
    guard UInt32(hart.privilege.rawValue) >= number >> 8 & 3, !(writing && number >> 10 == 3) else { return false }
    switch number {
    case ControlRegister.fflags, ControlRegister.frm, ControlRegister.fcsr: return hart.hasFloatingPoint
    case ControlRegister.cycle...ControlRegister.hpmcounters.upperBound:
      let bit: UInt64 = 1 << UInt64(number & 31)
      switch hart.privilege {
      case .machine: return true
      case .supervisor: return hart.mcounteren & bit != 0
      case .user: return hart.mcounteren & hart.scounteren & bit != 0
      }
    case ControlRegister.stimecmp:
      let timeBit: UInt64 = 2
      return hart.privilege == .machine || (hart.usesSupervisorTimerCompare && hart.mcounteren & timeBit != 0)
    case ControlRegister.satp: return !isTrapped(HartStatus.trapVirtualMemory)
    default: return true
    }
  }
}
