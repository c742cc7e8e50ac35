// The core-local interruptor: software interrupt, timer and `mtime` of the one hart.
// It owns no clock. Callers pass the time in and must never let it go backwards, except by restoring a snapshot.

/// The registers of the core-local interruptor, compatible with `sifive,clint0`.
struct CLINT: Sendable {
  private enum Register {
    static let softwareInterrupt: UInt64 = 0x0
    static let softwareInterruptEnd: UInt64 = 0x4000
    static let timeCompare: UInt64 = 0x4000
    static let time: UInt64 = 0xbff8
    static let end: UInt64 = 0xc000
  }

  private(set) var softwareInterruptPending = false
  private(set) var timeCompare = UInt64.max
  /// What a guest's writes to `mtime` added to the machine's own time.
  private(set) var timeOffset: UInt64 = 0

  func timerInterruptPending(now: UInt64) -> Bool {
    now &+ timeOffset >= timeCompare
  }

  /// The tick at which the timer will fire, or `.max` if it has fired already or never will.
  func nextEvent(after now: UInt64) -> UInt64 {
    let time = now &+ timeOffset
    guard time < timeCompare else { return .max }
    let (tick, overflow) = now.addingReportingOverflow(timeCompare - time)
    return overflow ? .max : tick
  }

  func load(offset: UInt64, size: Int, now: UInt64) -> UInt64? {
    if offset < Register.softwareInterruptEnd {
      guard size == 4 else { return nil }
      return offset == Register.softwareInterrupt && softwareInterruptPending ? 1 : 0
    }
    guard offset < Register.end, size == 4 || size == 8 else { return nil }
    let doubleword: UInt64
    switch offset & ~7 {
    case Register.timeCompare: doubleword = timeCompare
    case Register.time: doubleword = now &+ timeOffset
    default: doubleword = 0
    }
    if size == 8 { return doubleword }
    return offset & 4 == 0 ? doubleword & 0xffff_ffff : doubleword >> 32
  }

  mutating func store(offset: UInt64, size: Int, value: UInt64, now: UInt64) -> Bool {
    if offset < Register.softwareInterruptEnd {
      guard size == 4 else { return false }
      if offset == Register.softwareInterrupt { softwareInterruptPending = value & 1 == 1 }
      return true
    }
    guard offset < Register.end, size == 4 || size == 8 else { return false }
    switch offset & ~7 {
    case Register.timeCompare:
      timeCompare = Self.merging(value, into: timeCompare, offset: offset, size: size)
    case Register.time:
      timeOffset = Self.merging(value, into: now &+ timeOffset, offset: offset, size: size) &- now
    default: break
    }
    return true
  }

  private static func merging(_ value: UInt64, into register: UInt64, offset: UInt64, size: Int) -> UInt64 {
    if size == 8 { return value }
    let low = value & 0xffff_ffff
    return offset & 4 == 0 ? register & ~0xffff_ffff | low : register & 0xffff_ffff | low << 32
  }
}
