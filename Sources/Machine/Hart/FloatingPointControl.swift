// The floating-point control and status register and its two parts (unprivileged specification 20191213, section 11.2)
// and what `mstatus`.FS says about them (privileged specification 1.12, section 3.1.6.6).

/// Fields of `fcsr`.
enum FloatingPointControl {
  static let flags: UInt64 = 0x1f
  static let roundingShift: UInt64 = 5
  static let rounding: UInt64 = 7 << roundingShift
}

extension HartState {
  /// False if floating-point instructions and registers are illegal, because FS is off.
  @inline(__always)
  var hasFloatingPoint: Bool { mstatus & HartStatus.floatingPoint != 0 }

  /// True if no instruction can change FS any more.
  @inline(__always)
  var hasDirtyFloatingPoint: Bool { mstatus & HartStatus.floatingPoint == HartStatus.floatingPoint }

  /// True if FS is dirty and `fcsr` asks for rounding to nearest even, as the host's arithmetic does.
  @inline(__always)
  var roundsLikeHost: Bool {
    mstatus & HartStatus.floatingPoint | fcsr & FloatingPointControl.rounding == HartStatus.floatingPoint
  }

  /// What `mstatus` reads as.
  var status: UInt64 { hasDirtyFloatingPoint ? mstatus | HartStatus.stateIsDirty : mstatus }
}

extension Machine {
  /// Writes `fcsr` or one of its parts; reserved rounding modes are kept, and illegal only when used.
  mutating func writeFloatingPointControl(_ number: UInt32, _ value: UInt64) {
    switch number {
    case ControlRegister.fflags:
      hart.fcsr = hart.fcsr & FloatingPointControl.rounding | value & FloatingPointControl.flags
    case ControlRegister.frm:
      hart.fcsr = hart.fcsr & FloatingPointControl.flags | (value & 7) << FloatingPointControl.roundingShift
    default: hart.fcsr = value & (FloatingPointControl.rounding | FloatingPointControl.flags)
    }
    markFloatingPointDirty()
  }
}
