// Results of multiplication and division where RISC-V differs from what Swift's operators do (unprivileged specification
// 20191213, chapter 7): no operation traps.

enum Arithmetic {
  @inline(__always)
  static func multiplyHigh(_ left: UInt64, _ right: UInt64) -> UInt64 {
    UInt64(bitPattern: Int64(bitPattern: left).multipliedFullWidth(by: Int64(bitPattern: right)).high)
  }

  @inline(__always)
  static func multiplyHighUnsigned(_ left: UInt64, _ right: UInt64) -> UInt64 {
    left.multipliedFullWidth(by: right).high
  }

  @inline(__always)
  static func multiplyHighSignedUnsigned(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let high = left.multipliedFullWidth(by: right).high
    return Int64(bitPattern: left) < 0 ? high &- right : high
  }

  @inline(__always)
  static func divide(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (dividend, divisor) = (Int64(bitPattern: left), Int64(bitPattern: right))
    if divisor == 0 { return .max }
    if divisor == -1 { return UInt64(bitPattern: 0 &- dividend) }
    return UInt64(bitPattern: dividend / divisor)
  }

  @inline(__always)
  static func remainder(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (dividend, divisor) = (Int64(bitPattern: left), Int64(bitPattern: right))
    if divisor == 0 { return left }
    if divisor == -1 { return 0 }
    return UInt64(bitPattern: dividend % divisor)
  }

  @inline(__always)
  static func divideUnsigned(_ left: UInt64, _ right: UInt64) -> UInt64 { right == 0 ? .max : left / right }

  @inline(__always)
  static func remainderUnsigned(_ left: UInt64, _ right: UInt64) -> UInt64 { right == 0 ? left : left % right }

  @inline(__always)
  static func divideWord(_ left: UInt64, _ right: UInt64) -> UInt64 {
    signExtendedWord(divide(signExtendedWord(left), signExtendedWord(right)))
  }

  @inline(__always)
  static func remainderWord(_ left: UInt64, _ right: UInt64) -> UInt64 {
    signExtendedWord(remainder(signExtendedWord(left), signExtendedWord(right)))
  }

  @inline(__always)
  static func divideWordUnsigned(_ left: UInt64, _ right: UInt64) -> UInt64 {
    signExtendedWord(divideUnsigned(left & 0xffff_ffff, right & 0xffff_ffff))
  }

  /// Division by zero leaves the dividend, sign-extended like every 32-bit result.
  @inline(__always)
  static func remainderWordUnsigned(_ left: UInt64, _ right: UInt64) -> UInt64 {
    signExtendedWord(remainderUnsigned(left & 0xffff_ffff, right & 0xffff_ffff))
  }
}
