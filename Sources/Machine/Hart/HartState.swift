// The architectural state of the hart apart from the integer registers and PMP: plain words, so that copying it is a
// snapshot. Nothing here may depend on the host or on how instructions are executed.

struct HartState: Equatable, Sendable {
  var pc: UInt64 = 0
  var privilege = Privilege.machine
  /// Instructions retired since reset.
  var instructionCount: UInt64 = 0
  /// Ticks of `mtime` that passed while the hart waited in `wfi`.
  var idleTicks: UInt64 = 0
  /// Set between a retired `wfi` and the interrupt that ends it.
  var isWaiting = false

  /// Without SD, which `status` adds.
  var mstatus = HartStatus.registerWidths
  var medeleg: UInt64 = 0
  var mideleg: UInt64 = 0
  var mie: UInt64 = 0
  /// The bits of `mip` that software wrote: SSIP, SEIP, and STIP unless Sstc owns it.
  var softwarePending: UInt64 = 0
  var mtvec: UInt64 = 0
  var mcounteren: UInt64 = 0
  var menvcfg: UInt64 = 0
  var mscratch: UInt64 = 0
  var mepc: UInt64 = 0
  var mcause: UInt64 = 0
  var mtval: UInt64 = 0
  /// What `mcycle` and `minstret` read beyond `instructionCount`, because software wrote them.
  var cycleOffset: UInt64 = 0
  var retiredOffset: UInt64 = 0

  var stvec: UInt64 = 0
  var scounteren: UInt64 = 0
  var senvcfg: UInt64 = 0
  var sscratch: UInt64 = 0
  var sepc: UInt64 = 0
  var scause: UInt64 = 0
  var stval: UInt64 = 0
  var stimecmp: UInt64 = .max
  var satp: UInt64 = 0

  /// The rounding mode and the accrued exceptions of floating-point operations.
  var fcsr: UInt64 = 0

  /// Exceptions taken since the last return from a handler: a part of the state, so that a replay from any checkpoint
  /// finds the end of a loop of traps at the same instruction.
  var openTraps = 0

  /// What `lr` reserved; nil after `sc` and after a trap.
  var reservation: Reservation?

  /// A reservation holds as long as memory does: a device's write ends it by changing the value.
  struct Reservation: Equatable, Sendable {
    let physicalAddress: UInt64
    let size: Int
    let value: UInt64
  }

  /// The privilege that loads and stores are checked with (MPRV, section 3.1.6.3).
  @inline(__always)
  var dataPrivilege: Privilege {
    guard privilege == .machine, mstatus & HartStatus.modifyPrivilege != 0 else { return privilege }
    return previousMachinePrivilege
  }

  /// The legal meaning of MPP.
  @inline(__always)
  var previousMachinePrivilege: Privilege {
    Privilege(
      rawValue: UInt8((mstatus & HartStatus.machinePreviousPrivilege) >> HartStatus.machinePreviousPrivilegeShift))
      ?? .user
  }

  @inline(__always)
  var usesSupervisorTimerCompare: Bool { menvcfg & EnvironmentConfiguration.supervisorTimerCompare != 0 }

  func hash(into hash: inout StateHash) {
    for word in [
      pc, UInt64(privilege.rawValue), instructionCount, idleTicks, isWaiting ? 1 : 0, mstatus, medeleg, mideleg, mie,
      softwarePending, mtvec, mcounteren, menvcfg, mscratch, mepc, mcause, mtval, cycleOffset, retiredOffset, stvec,
      scounteren, senvcfg, sscratch, sepc, scause, stval, stimecmp, satp, fcsr, reservation?.physicalAddress ?? 1,
      reservation?.value ?? 0, UInt64(reservation?.size ?? 0),
    ] {
      hash.combine(word)
    }
  }
}
