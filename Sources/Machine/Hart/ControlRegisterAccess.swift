// Reading and writing control and status registers with their legal values (privileged specification 1.12, chapters 3
// and 4; Sstc 1.0). Whether an instruction may access one is decided in `SystemExecution.swift`.

extension Machine {
  /// The value of a register as an instruction would read it in M-mode, or nil if it does not exist; changes nothing.
  func controlRegister(_ number: UInt32) -> UInt64? {
    switch number {
    case ControlRegister.fflags: return hart.fcsr & FloatingPointControl.flags
    case ControlRegister.frm: return hart.fcsr >> FloatingPointControl.roundingShift
    case ControlRegister.fcsr: return hart.fcsr
    case ControlRegister.cycle, ControlRegister.mcycle: return hart.instructionCount &+ hart.cycleOffset
    case ControlRegister.instret, ControlRegister.minstret: return hart.instructionCount &+ hart.retiredOffset
    case ControlRegister.time: return guestTime
    case ControlRegister.hpmcounters, ControlRegister.mhpmcounters, ControlRegister.mhpmevents,
      ControlRegister.mcountinhibit, ControlRegister.mvendorid, ControlRegister.marchid, ControlRegister.mimpid,
      ControlRegister.mhartid, ControlRegister.mconfigptr:
      return 0
    case ControlRegister.sstatus:
      return hart.status & (HartStatus.supervisorWritable | HartStatus.stateIsDirty) | HartStatus.userRegisterWidth
    case ControlRegister.sie: return hart.mie & hart.mideleg
    case ControlRegister.sip: return pendingInterrupts & hart.mideleg
    case ControlRegister.stvec: return hart.stvec
    case ControlRegister.scounteren: return hart.scounteren
    case ControlRegister.senvcfg: return hart.senvcfg
    case ControlRegister.sscratch: return hart.sscratch
    case ControlRegister.sepc: return hart.sepc
    case ControlRegister.scause: return hart.scause
    case ControlRegister.stval: return hart.stval
    case ControlRegister.stimecmp: return hart.stimecmp
    case ControlRegister.satp: return hart.satp
    case ControlRegister.mstatus: return hart.status
    case ControlRegister.misa: return Self.instructionSetRegister
    case ControlRegister.medeleg: return hart.medeleg
    case ControlRegister.mideleg: return hart.mideleg
    case ControlRegister.mie: return hart.mie
    case ControlRegister.mip: return pendingInterrupts
    case ControlRegister.mtvec: return hart.mtvec
    case ControlRegister.mcounteren: return hart.mcounteren
    case ControlRegister.menvcfg: return hart.menvcfg
    case ControlRegister.mscratch: return hart.mscratch
    case ControlRegister.mepc: return hart.mepc
    case ControlRegister.mcause: return hart.mcause
    case ControlRegister.mtval: return hart.mtval
    case ControlRegister.pmpConfigurations where number % 2 == 0:
      return protection.configurationRegister(Int(number - ControlRegister.pmpConfigurations.lowerBound))
    case ControlRegister.pmpAddresses:
      return protection.addressRegister(Int(number - ControlRegister.pmpAddresses.lowerBound))
    default: return nil
    }
  }

  /// Writes a register that exists, as an instruction in M-mode would.
  ///
  /// - Parameter retiring: 1 inside an instruction that will retire after the write, so that counters hold the written
  ///   value for the next instruction; otherwise 0.
  mutating func writeControlRegister(_ number: UInt32, _ value: UInt64, retiring: UInt64) {
    switch number {
    case ControlRegister.fflags, ControlRegister.frm, ControlRegister.fcsr: writeFloatingPointControl(number, value)
    case ControlRegister.mcycle: hart.cycleOffset = value &- hart.instructionCount &- retiring
    case ControlRegister.minstret: hart.retiredOffset = value &- hart.instructionCount &- retiring
    case ControlRegister.stvec: hart.stvec = Self.legalTrapVector(value) ?? hart.stvec
    case ControlRegister.scounteren: hart.scounteren = value & 0xffff_ffff
    case ControlRegister.senvcfg: hart.senvcfg = value & EnvironmentConfiguration.fenceOfIO
    case ControlRegister.sscratch: hart.sscratch = value
    case ControlRegister.sepc: hart.sepc = value & ~1
    case ControlRegister.scause: hart.scause = value
    case ControlRegister.stval: hart.stval = value
    case ControlRegister.satp: writeAddressTranslation(value)
    case ControlRegister.medeleg: hart.medeleg = value & Self.delegableExceptions
    case ControlRegister.mtvec: hart.mtvec = Self.legalTrapVector(value) ?? hart.mtvec
    case ControlRegister.mcounteren: hart.mcounteren = value & 0xffff_ffff
    case ControlRegister.mscratch: hart.mscratch = value
    case ControlRegister.mepc: hart.mepc = value & ~1
    case ControlRegister.mcause: hart.mcause = value
    case ControlRegister.mtval: hart.mtval = value
    case ControlRegister.pmpConfigurations where number % 2 == 0:
      protection.setConfigurationRegister(
        Int(number - ControlRegister.pmpConfigurations.lowerBound), to: value)
      translationChanged()
    case ControlRegister.pmpAddresses:
      protection.setAddressRegister(Int(number - ControlRegister.pmpAddresses.lowerBound), to: value)
      translationChanged()
    default: writeInterruptRegister(number, value)
    }
  }

  /// Writes those registers that decide which interrupts are taken.
  private mutating func writeInterruptRegister(_ number: UInt32, _ value: UInt64) {
    needsBoundary = true
    switch number {
    case ControlRegister.sstatus:
      writeStatus(hart.mstatus & ~HartStatus.supervisorWritable | value & HartStatus.supervisorWritable)
    case ControlRegister.mstatus: writeStatus(value)
    case ControlRegister.sie: hart.mie = hart.mie & ~hart.mideleg | value & hart.mideleg
    case ControlRegister.mie: hart.mie = value & InterruptBits.all
    case ControlRegister.sip:
      let writable = InterruptBits.supervisorSoftware & hart.mideleg
      hart.softwarePending = hart.softwarePending & ~writable | value & writable
    case ControlRegister.mip:
      var writable = InterruptBits.supervisor
      if hart.usesSupervisorTimerCompare { writable &= ~InterruptBits.supervisorTimer }
      hart.softwarePending = hart.softwarePending & ~writable | value & writable
    case ControlRegister.mideleg: hart.mideleg = value & InterruptBits.supervisor
    case ControlRegister.menvcfg:
      hart.menvcfg =
        value & (EnvironmentConfiguration.fenceOfIO | EnvironmentConfiguration.supervisorTimerCompare)
      updateTimedEvents()
    case ControlRegister.stimecmp:
      hart.stimecmp = value
      updateTimedEvents()
    default: break
    }
  }

  private mutating func writeStatus(_ value: UInt64) {
    var status = value & HartStatus.machineWritable | HartStatus.registerWidths
    let previous = (status & HartStatus.machinePreviousPrivilege) >> HartStatus.machinePreviousPrivilegeShift
    if Privilege(rawValue: UInt8(previous)) == nil {
      // MPP = 2 is no mode: the field keeps its value.
      status = status & ~HartStatus.machinePreviousPrivilege | hart.mstatus & HartStatus.machinePreviousPrivilege
    }
    hart.mstatus = status
    enterContext()
  }

  /// Writes `satp`; a mode that does not exist leaves the register alone (section 4.1.11).
  private mutating func writeAddressTranslation(_ value: UInt64) {
    guard value >> 60 == 0 || TranslationMode(satp: value) != nil, value != hart.satp else { return }
    let old = hart.satp
    hart.satp = value
    counts.addressSpaceSwitches &+= 1
    enterContext()
    if observed.contains(.addressSpaceSwitches) { record(.addressSpaceSwitch(from: old, to: value)) }
  }

  /// Drops cached translations after a change that they do not show.
  mutating func translationChanged() {
    softwareTLB.flush()
    enterContext()
  }

  private static let instructionSetRegister: UInt64 =
    2 << 62 | "acdfimsu".utf8.reduce(0) { $0 | 1 << UInt64($1 - 97) }

  /// All exceptions that exist below M-mode.
  private static let delegableExceptions: UInt64 = 0xb3ff

  /// Direct and vectored mode exist (section 3.1.7); other modes leave the register alone.
  private static func legalTrapVector(_ value: UInt64) -> UInt64? {
    value & 3 <= 1 ? value & ~2 : nil
  }
}
