// Finding the last writer of a register while running at full speed: instructions that may write the watched register are
// decoded for the reference path, and that notes when they did. Watching changes nothing that a guest could notice.

/// A register whose writes can be watched.
public enum WatchedRegister: Hashable, Sendable {
  /// An integer register, from 1 to 31: every write counts, even of the same value.
  case integer(Int)
  /// A floating-point register, from 0 to 31: writes that change it count.
  case floatingPoint(Int)
  /// A control and status register: changes count, by instructions and by traps.
  ///
  /// Registers that change by themselves or with floating-point arithmetic cannot be watched; see `canBeWatched`.
  case control(Int)

  /// Whether every change is seen.
  ///
  /// Counters, pending interrupts and floating-point status change without an instruction that names them.
  public var canBeWatched: Bool {
    switch self {
    case .integer(let number): (1...31).contains(number)
    case .floatingPoint(let number): (0...31).contains(number)
    case .control(let number):
      switch number {
      // fflags, frm, fcsr; sstatus and mstatus, which sum the floating-point state up; sip and mip.
      case 0x001...0x003, 0x100, 0x300, 0x144, 0x344: false
      // mcycle to mhpmcounter31, cycle to hpmcounter31.
      case 0xb00...0xb1f, 0xc00...0xc1f: false
      default: (0..<4096).contains(number)
      }
    }
  }
}

extension Machine {
  mutating func watchedRegisterChanged() {
    lastRegisterWrite = nil
    switch watchedRegister {
    case .integer(let number), .floatingPoint(let number): decodedCode.watchedDestination = number & 31
    case .control, nil: decodedCode.watchedDestination = nil
    }
    watchedRegisterValue = currentWatchedValue
    dropDecodedCode()
  }

  private var currentWatchedValue: UInt64 {
    switch watchedRegister {
    case .floatingPoint(let number): registers[Self.floatingPointBase + number & 31]
    case .control(let number): csr(number) ?? 0
    case .integer, nil: 0
    }
  }

  /// What the host has written between two runs does not count.
  mutating func beginWatchedRun() {
    registers[Self.writtenMask] = 0
    watchedRegisterValue = currentWatchedValue
  }

  /// Looks whether the instruction or trap that is just done wrote the watched register.
  mutating func noteRegisterWrite() {
    if case .integer(let number)? = watchedRegister {
      if registers[Self.writtenMask] >> UInt64(number & 31) & 1 != 0 { lastRegisterWrite = stepCount &- 1 }
      registers[Self.writtenMask] = 0
    } else {
      let value = currentWatchedValue
      if value != watchedRegisterValue { lastRegisterWrite = stepCount &- 1 }
      watchedRegisterValue = value
    }
  }
}
