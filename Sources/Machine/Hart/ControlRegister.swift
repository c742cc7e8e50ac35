// Numbers and fields of the control and status registers that this hart implements (privileged specification 1.12,
// section 2.2; Sstc 1.0). Names only: the rules for reading and writing them are in `ControlRegisterAccess.swift`.

enum ControlRegister {
  static let fflags: UInt32 = 0x001
  static let frm: UInt32 = 0x002
  static let fcsr: UInt32 = 0x003

  static let cycle: UInt32 = 0xc00
  static let time: UInt32 = 0xc01
  static let instret: UInt32 = 0xc02
  static let hpmcounters: ClosedRange<UInt32> = 0xc03...0xc1f

  static let sstatus: UInt32 = 0x100
  static let sie: UInt32 = 0x104
  static let stvec: UInt32 = 0x105
  static let scounteren: UInt32 = 0x106
  static let senvcfg: UInt32 = 0x10a
  static let sscratch: UInt32 = 0x140
  static let sepc: UInt32 = 0x141
  static let scause: UInt32 = 0x142
  static let stval: UInt32 = 0x143
  static let sip: UInt32 = 0x144
  static let stimecmp: UInt32 = 0x14d
  static let satp: UInt32 = 0x180

  static let mstatus: UInt32 = 0x300
  static let misa: UInt32 = 0x301
  static let medeleg: UInt32 = 0x302
  static let mideleg: UInt32 = 0x303
  static let mie: UInt32 = 0x304
  static let mtvec: UInt32 = 0x305
  static let mcounteren: UInt32 = 0x306
  static let menvcfg: UInt32 = 0x30a
  static let mcountinhibit: UInt32 = 0x320
  static let mhpmevents: ClosedRange<UInt32> = 0x323...0x33f
  static let mscratch: UInt32 = 0x340
  static let mepc: UInt32 = 0x341
  static let mcause: UInt32 = 0x342
  static let mtval: UInt32 = 0x343
  static let mip: UInt32 = 0x344
  static let pmpConfigurations: ClosedRange<UInt32> = 0x3a0...0x3a3
  static let pmpAddresses: ClosedRange<UInt32> = 0x3b0...0x3bf
  static let mcycle: UInt32 = 0xb00
  static let minstret: UInt32 = 0xb02
  static let mhpmcounters: ClosedRange<UInt32> = 0xb03...0xb1f
  static let mvendorid: UInt32 = 0xf11
  static let marchid: UInt32 = 0xf12
  static let mimpid: UInt32 = 0xf13
  static let mhartid: UInt32 = 0xf14
  static let mconfigptr: UInt32 = 0xf15
}

/// Fields of `mstatus` and `sstatus` (section 3.1.6).
enum HartStatus {
  static let supervisorInterruptEnable: UInt64 = 1 << 1
  static let machineInterruptEnable: UInt64 = 1 << 3
  static let supervisorPreviousInterruptEnable: UInt64 = 1 << 5
  static let machinePreviousInterruptEnable: UInt64 = 1 << 7
  static let supervisorPreviousPrivilege: UInt64 = 1 << 8
  static let machinePreviousPrivilege: UInt64 = 3 << 11
  static let machinePreviousPrivilegeShift: UInt64 = 11
  /// FS: off, initial, clean or dirty (section 3.1.6.6).
  static let floatingPoint: UInt64 = 3 << 13
  static let modifyPrivilege: UInt64 = 1 << 17
  static let supervisorUserMemory: UInt64 = 1 << 18
  static let makeExecutableReadable: UInt64 = 1 << 19
  static let trapVirtualMemory: UInt64 = 1 << 20
  static let timeoutWait: UInt64 = 1 << 21
  static let trapSupervisorReturn: UInt64 = 1 << 22

  /// UXL and SXL: both modes have 64-bit registers, and that cannot be changed.
  static let registerWidths: UInt64 = 2 << 32 | 2 << 34
  static let userRegisterWidth: UInt64 = 2 << 32
  /// SD: read-only, set while FS is dirty.
  static let stateIsDirty: UInt64 = 1 << 63

  static let machineWritable =
    supervisorWritable | machineInterruptEnable | machinePreviousInterruptEnable | machinePreviousPrivilege
    | modifyPrivilege | trapVirtualMemory | timeoutWait | trapSupervisorReturn
  static let supervisorWritable =
    supervisorInterruptEnable | supervisorPreviousInterruptEnable | supervisorPreviousPrivilege
    | floatingPoint | supervisorUserMemory | makeExecutableReadable
}

/// Bits of `mip` and `mie` (section 3.1.9).
enum InterruptBits {
  static let supervisorSoftware: UInt64 = 1 << 1
  static let machineSoftware: UInt64 = 1 << 3
  static let supervisorTimer: UInt64 = 1 << 5
  static let machineTimer: UInt64 = 1 << 7
  static let supervisorExternal: UInt64 = 1 << 9
  static let machineExternal: UInt64 = 1 << 11

  static let supervisor = supervisorSoftware | supervisorTimer | supervisorExternal
  static let all = supervisor | machineSoftware | machineTimer | machineExternal

  /// Cause numbers from the most to the least urgent (section 3.1.9).
  static let causesByPriority: [UInt64] = [11, 3, 7, 9, 1, 5]
}

/// Fields of `menvcfg` (section 3.1.18; Sstc).
enum EnvironmentConfiguration {
  static let fenceOfIO: UInt64 = 1
  static let supervisorTimerCompare: UInt64 = 1 << 63
}
