// The real-time clock: Google's goldfish RTC as on QEMU's `virt`. It tells simulated time: a configured start plus what
// `mtime` counted, so a run can be repeated; callers must not expect the host's time of day.

/// The registers of the real-time clock, compatible with `google,goldfish-rtc`.
struct RTC: Sendable {
  private enum Register {
    static let timeLow: UInt64 = 0x00
    static let timeHigh: UInt64 = 0x04
    static let alarmLow: UInt64 = 0x08
    static let alarmHigh: UInt64 = 0x0c
    static let interruptEnable: UInt64 = 0x10
    static let clearAlarm: UInt64 = 0x14
    static let alarmStatus: UInt64 = 0x18
    static let clearInterrupt: UInt64 = 0x1c
    /// As on QEMU, accesses from here on fault.
    static let end: UInt64 = 0x24
  }

  private static let nanosecondsPerTick = 1_000_000_000 / UInt64(MemoryMap.timebaseFrequency)

  /// Nanoseconds since 1970 at tick 0, moved by the guest's writes to the time.
  private var start: UInt64
  /// The upper half of the time when the lower was last read.
  private var latchedHigh: UInt32 = 0
  private var alarm: UInt64 = 0
  /// The tick at which the alarm will go off; nil if it is not set.
  private var alarmTick: UInt64?
  private var interruptEnabled = false
  private var interruptPending = false

  /// Makes a clock that shows the given time, in seconds since 1970, at tick 0.
  init(epoch: UInt64) {
    start = epoch &* 1_000_000_000
  }

  /// Whether the interrupt line is high.
  var interrupts: Bool { interruptEnabled && interruptPending }

  /// The tick at which the alarm goes off, or `.max`.
  var nextEvent: UInt64 { alarmTick ?? .max }

  mutating func advance(to now: UInt64) {
    guard let tick = alarmTick, tick <= now else { return }
    alarmTick = nil
    interruptPending = true
  }

  /// Reads a register of 32 bits, or, as on QEMU's bus, two of them.
  mutating func load(offset: UInt64, size: Int, now: UInt64) -> UInt64? {
    guard offset + UInt64(size) <= Register.end else { return nil }
    switch size {
    case 4: return word(at: offset, now: now)
    case 8:
      // In this order, since reading the lower half of the time latches the upper.
      let low = word(at: offset, now: now)
      return low | word(at: offset + 4, now: now) << 32
    default: return nil
    }
  }

  mutating func store(offset: UInt64, size: Int, value: UInt64, now: UInt64) -> Bool {
    guard size == 4 || size == 8, offset + UInt64(size) <= Register.end else { return false }
    setWord(UInt32(truncatingIfNeeded: value), at: offset, now: now)
    if size == 8 { setWord(UInt32(truncatingIfNeeded: value >> 32), at: offset + 4, now: now) }
    return true
  }

  private mutating func word(at offset: UInt64, now: UInt64) -> UInt64 {
    switch offset {
    case Register.timeLow:
      let time = time(at: now)
      latchedHigh = UInt32(time >> 32)
      return time & 0xffff_ffff
    case Register.timeHigh: return UInt64(latchedHigh)
    case Register.alarmLow: return alarm & 0xffff_ffff
    case Register.alarmHigh: return alarm >> 32
    case Register.interruptEnable: return interruptEnabled ? 1 : 0
    case Register.alarmStatus: return alarmTick == nil ? 0 : 1
    default: return 0
    }
  }

  private mutating func setWord(_ value: UInt32, at offset: UInt64, now: UInt64) {
    switch offset {
    case Register.timeLow:
      var time = time(at: now)
      time.setLowHalf(value)
      setTime(time, at: now)
    case Register.timeHigh:
      var time = time(at: now)
      time.setHighHalf(value)
      setTime(time, at: now)
    case Register.alarmLow:
      alarm.setLowHalf(value)
      setAlarm(at: now)
    // The lower half sets the alarm, so drivers write this one first.
    case Register.alarmHigh: alarm.setHighHalf(value)
    case Register.interruptEnable: interruptEnabled = value & 1 == 1
    case Register.clearAlarm: alarmTick = nil
    case Register.clearInterrupt: interruptPending = false
    default: break
    }
  }

  /// Feeds every word of the clock's state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(start)
    body(UInt64(latchedHigh))
    body(alarm)
    body(alarmTick ?? .max)
    body((interruptEnabled ? 1 : 0) | (interruptPending ? 2 : 0))
  }

  private func time(at now: UInt64) -> UInt64 { start &+ now &* Self.nanosecondsPerTick }

  private mutating func setTime(_ time: UInt64, at now: UInt64) {
    start = time &- now &* Self.nanosecondsPerTick
  }

  private mutating func setAlarm(at now: UInt64) {
    let time = time(at: now)
    guard alarm > time else {
      alarmTick = nil
      interruptPending = true
      return
    }
    let distance = alarm - time
    let ticks = distance / Self.nanosecondsPerTick + (distance % Self.nanosecondsPerTick == 0 ? 0 : 1)
    let (tick, overflow) = now.addingReportingOverflow(ticks)
    alarmTick = overflow ? .max - 1 : tick
  }
}
