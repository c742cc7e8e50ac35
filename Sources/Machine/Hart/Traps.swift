// Entering and leaving trap handlers (privileged specification 1.12, sections 3.1.6 to 3.1.9 and 3.3.2). The only place
// that turns an exception or interrupt into a change of privilege.

extension Machine {
  private static let interruptFlag: UInt64 = 1 << 63

  /// Enters the handler of an exception raised by the instruction at `pc`, which does not retire.
  mutating func take(_ trap: Trap) {
    let cause = trap.cause.rawValue
    noteTrap()
    counts.traps &+= 1
    counts.trapsByCause[Int(cause)] &+= 1
    if observed.contains(.traps) {
      record(.trap(cause: cause, value: trap.value, pc: hart.pc, from: hart.privilege))
    }
    enterHandler(cause: cause, value: trap.value, isDelegated: hart.medeleg >> cause & 1 != 0)
  }

  /// The most urgent interrupt that is pending, enabled and not masked in the present privilege; its cause number.
  func interruptToTake() -> UInt64? {
    let pending = pendingInterrupts & hart.mie
    guard pending != 0 else { return nil }
    let machineEnabled = hart.privilege != .machine || hart.mstatus & HartStatus.machineInterruptEnable != 0
    let supervisorEnabled =
      hart.privilege == .user
      || hart.privilege == .supervisor && hart.mstatus & HartStatus.supervisorInterruptEnable != 0
    let forMachine = machineEnabled ? pending & ~hart.mideleg : 0
    let forSupervisor = supervisorEnabled ? pending & hart.mideleg : 0
    let candidates = forMachine != 0 ? forMachine : forSupervisor
    guard candidates != 0 else { return nil }
    return InterruptBits.causesByPriority.first { candidates >> $0 & 1 != 0 }
  }

  /// Enters the handler of an interrupt between two instructions.
  mutating func takeInterrupt(_ cause: UInt64) {
    counts.interrupts &+= 1
    counts.interruptsByCause[Int(cause)] &+= 1
    if observed.contains(.interrupts) {
      record(.interrupt(cause: cause, pc: hart.pc, from: hart.privilege))
    }
    enterHandler(cause: cause | Self.interruptFlag, value: 0, isDelegated: hart.mideleg >> cause & 1 != 0)
    if watchedRegister != nil { noteRegisterWrite() }
  }

  private mutating func enterHandler(cause: UInt64, value: UInt64, isDelegated: Bool) {
    hart.reservation = nil
    let status = hart.mstatus
    let previous = hart.privilege
    if isDelegated && previous != .machine {
      hart.sepc = hart.pc
      hart.scause = cause
      hart.stval = value
      var updated = status & ~(HartStatus.supervisorPreviousInterruptEnable | HartStatus.supervisorInterruptEnable)
      updated &= ~HartStatus.supervisorPreviousPrivilege
      if status & HartStatus.supervisorInterruptEnable != 0 { updated |= HartStatus.supervisorPreviousInterruptEnable }
      if previous == .supervisor { updated |= HartStatus.supervisorPreviousPrivilege }
      hart.mstatus = updated
      hart.pc = Self.handler(hart.stvec, cause)
      changePrivilege(to: .supervisor)
    } else {
      hart.mepc = hart.pc
      hart.mcause = cause
      hart.mtval = value
      var updated = status & ~(HartStatus.machinePreviousInterruptEnable | HartStatus.machineInterruptEnable)
      updated &= ~HartStatus.machinePreviousPrivilege
      if status & HartStatus.machineInterruptEnable != 0 { updated |= HartStatus.machinePreviousInterruptEnable }
      updated |= UInt64(previous.rawValue) << HartStatus.machinePreviousPrivilegeShift
      hart.mstatus = updated
      hart.pc = Self.handler(hart.mtvec, cause)
      changePrivilege(to: .machine)
    }
  }

  private static func handler(_ vector: UInt64, _ cause: UInt64) -> UInt64 {
    let base = vector & ~3
    guard vector & 1 != 0, cause & interruptFlag != 0 else { return base }
    return base &+ 4 &* (cause & ~interruptFlag)
  }

  private mutating func changePrivilege(to privilege: Privilege) {
    if hart.privilege != privilege {
      counts.privilegeChanges &+= 1
      hart.privilege = privilege
    }
    enterContext()
  }

  /// Performs `mret`.
  mutating func returnFromMachineTrap() {
    let target = hart.previousMachinePrivilege
    var status = hart.mstatus & ~(HartStatus.machineInterruptEnable | HartStatus.machinePreviousPrivilege)
    if status & HartStatus.machinePreviousInterruptEnable != 0 { status |= HartStatus.machineInterruptEnable }
    status |= HartStatus.machinePreviousInterruptEnable
    finishReturn(to: target, at: hart.mepc, status: status)
  }

  /// Performs `sret`.
  mutating func returnFromSupervisorTrap() {
    let target: Privilege = hart.mstatus & HartStatus.supervisorPreviousPrivilege != 0 ? .supervisor : .user
    var status = hart.mstatus & ~(HartStatus.supervisorInterruptEnable | HartStatus.supervisorPreviousPrivilege)
    if status & HartStatus.supervisorPreviousInterruptEnable != 0 { status |= HartStatus.supervisorInterruptEnable }
    status |= HartStatus.supervisorPreviousInterruptEnable
    finishReturn(to: target, at: hart.sepc, status: status)
  }

  private mutating func finishReturn(to target: Privilege, at pc: UInt64, status: UInt64) {
    if observed.contains(.trapReturns) {
      record(.trapReturn(pc: hart.pc, from: hart.privilege, to: target, target: pc))
    }
    hart.openTraps = 0
    hart.mstatus = target == .machine ? status : status & ~HartStatus.modifyPrivilege
    hart.pc = pc
    needsBoundary = true
    changePrivilege(to: target)
  }
}
