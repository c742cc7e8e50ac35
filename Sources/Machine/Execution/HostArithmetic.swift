// Floating-point results by the host's arithmetic, for the run loop. Each function gives the bits that the reference path
// would put into the destination, or nil to leave the instruction to it; callers have checked that `fcsr` asks for
// rounding to nearest even (where something is rounded) and that FS is dirty, so that no other state changes.
//
// Why the results are equal: IEEE 754 defines sum, difference, product, quotient, square root and fused multiply-add to
// the last bit, and Swift uses the host's instructions for them with its default rounding, to nearest even. What IEEE 754
// leaves open never gets through: results that are NaN or infinite give nil.
//
// Why no flag is missed: a function answers only if the operation raises nothing, or only what `fcsr` holds already.
// Invalid and division by zero give a NaN or an infinity, and so does overflow to nearest: nil. Underflow needs a result
// below the normal numbers or equal to the smallest of them: nil, except for sums, which are exact there. There remains
// inexact: if its flag is set already there is nothing to find out; otherwise the functions below prove the result
// exact or give nil.

enum HostArithmetic {
  private static let doubleInfinity: UInt64 = 0x7ff0_0000_0000_0000
  private static let doubleSign: UInt64 = 1 << 63
  private static let leastNormalDouble: UInt64 = 0x0010_0000_0000_0000
  private static let singleInfinity: UInt32 = 0x7f80_0000
  private static let singleSign: UInt32 = 1 << 31
  private static let leastNormalSingle: UInt32 = 0x0080_0000
  private static let boxing: UInt64 = 0xffff_ffff_0000_0000
  /// Below this, the error of a product of doubles might itself underflow.
  private static let leastWithExactError = 0x1p-900

  // MARK: Sums

  @inline(__always)
  static func addDouble(_ left: UInt64, _ right: UInt64, _ fcsr: UInt64) -> UInt64? {
    let (a, b) = (Double(bitPattern: left), Double(bitPattern: right))
    let sum = a + b
    guard sum.bitPattern & ~doubleSign < doubleInfinity else { return nil }
    if fcsr & FloatingPointFlags.inexact.rawValue == 0 && !isExactSum(sum, a, b) { return nil }
    return sum.bitPattern
  }

  @inline(__always)
  static func addSingle(_ left: UInt64, _ right: UInt64, _ fcsr: UInt64) -> UInt64? {
    guard left & right >= boxing else { return nil }
    let (a, b) = (single(left), single(right))
    let sum = a + b
    guard sum.bitPattern & ~singleSign < singleInfinity else { return nil }
    if fcsr & FloatingPointFlags.inexact.rawValue == 0 && !isExactSum(sum, a, b) { return nil }
    return boxed(sum)
  }

  @inline(__always)
  static func subtractDouble(_ left: UInt64, _ right: UInt64, _ fcsr: UInt64) -> UInt64? {
    addDouble(left, right ^ doubleSign, fcsr)
  }

  @inline(__always)
  static func subtractSingle(_ left: UInt64, _ right: UInt64, _ fcsr: UInt64) -> UInt64? {
    addSingle(left, right ^ UInt64(singleSign), fcsr)
  }

  /// Knuth's two-sum gives the error of a sum exactly unless a step overflows, and then not zero but infinity or NaN.
  @inline(__always)
  private static func isExactSum(_ sum: Double, _ a: Double, _ b: Double) -> Bool {
    let part = sum - a
    return (a - (sum - part)) + (b - part) == 0
  }

  @inline(__always)
  private static func isExactSum(_ sum: Float, _ a: Float, _ b: Float) -> Bool {
    let part = sum - a
    return (a - (sum - part)) + (b - part) == 0
  }

  // MARK: Products, quotients, roots

  @inline(__always)
  static func multiplyDouble(_ left: UInt64, _ right: UInt64, _ fcsr: UInt64) -> UInt64? {
    let (a, b) = (Double(bitPattern: left), Double(bitPattern: right))
    let product = a * b
    if isNormal(product) {
      if fcsr & FloatingPointFlags.inexact.rawValue == 0 && !isExactProduct(product, a, b) { return nil }
      return product.bitPattern
    }
    return product == 0 && (a == 0 || b == 0) ? product.bitPattern : nil
  }

  @inline(__always)
  static func multiplySingle(_ left: UInt64, _ right: UInt64, _ fcsr: UInt64) -> UInt64? {
    guard left & right >= boxing else { return nil }
    let (a, b) = (single(left), single(right))
    let product = a * b
    if isNormal(product) {
      if fcsr & FloatingPointFlags.inexact.rawValue == 0 && Double(product) != Double(a) * Double(b) { return nil }
      return boxed(product)
    }
    return product == 0 && (a == 0 || b == 0) ? boxed(product) : nil
  }

  @inline(never)
  static func divideDouble(_ left: UInt64, _ right: UInt64, _ fcsr: UInt64) -> UInt64? {
    let (a, b) = (Double(bitPattern: left), Double(bitPattern: right))
    let quotient = a / b
    // An infinite divisor makes no normal quotient.
    guard isNormal(quotient) else { return nil }
    if fcsr & FloatingPointFlags.inexact.rawValue == 0 && !isExactProduct(a, quotient, b) { return nil }
    return quotient.bitPattern
  }

  private static func divideSingle(_ left: UInt64, _ right: UInt64, _ fcsr: UInt64) -> UInt64? {
    guard left & right >= boxing else { return nil }
    let (a, b) = (single(left), single(right))
    let quotient = a / b
    guard isNormal(quotient) else { return nil }
    if fcsr & FloatingPointFlags.inexact.rawValue == 0 && Double(quotient) * Double(b) != Double(a) { return nil }
    return boxed(quotient)
  }

  private static func squareRootDouble(_ operand: UInt64, _ fcsr: UInt64) -> UInt64? {
    let number = Double(bitPattern: operand)
    let root = number.squareRoot()
    guard isNormal(root) else { return nil }
    if fcsr & FloatingPointFlags.inexact.rawValue == 0 && !isExactProduct(number, root, root) { return nil }
    return root.bitPattern
  }

  private static func squareRootSingle(_ operand: UInt64, _ fcsr: UInt64) -> UInt64? {
    guard operand >= boxing else { return nil }
    let number = single(operand)
    let root = number.squareRoot()
    guard isNormal(root) else { return nil }
    if fcsr & FloatingPointFlags.inexact.rawValue == 0 && Double(root) * Double(root) != Double(number) { return nil }
    return boxed(root)
  }

  /// Whether a number is the exact product of two.
  ///
  /// The error of a rounded product is a double itself unless it underflows, and the fused operation finds it.
  @inline(__always)
  private static func isExactProduct(_ product: Double, _ a: Double, _ b: Double) -> Bool {
    product.magnitude > leastWithExactError && (-product).addingProduct(a, b) == 0
  }

  // MARK: Fused multiply-add

  /// One of `fmadd.d`, `fmsub.d`, `fnmsub.d` and `fnmadd.d`.
  @inline(never)
  static func fusedDouble(
    _ registers: UnsafeMutablePointer<UInt64>, _ word: UInt32, _ fcsr: UInt64
  ) -> UInt64? {
    let signs = fusedSigns(word)
    let a = Double(bitPattern: registers[word.rs1] ^ signs.product << 63)
    let b = Double(bitPattern: registers[word.rs2])
    let c = Double(bitPattern: registers[Int(word >> 27)] ^ signs.addend << 63)
    if fcsr & FloatingPointFlags.inexact.rawValue != 0 {
      let result = c.addingProduct(a, b)
      if isNormal(result) { return result.bitPattern }
    }
    // If the product and its sum with the addend are proven exact there is nothing to round.
    guard let product = multiplyDouble(a.bitPattern, b.bitPattern, 0) else { return nil }
    return addDouble(product, c.bitPattern, 0)
  }

  /// One of `fmadd.s`, `fmsub.s`, `fnmsub.s` and `fnmadd.s`.
  @inline(never)
  static func fusedSingle(
    _ registers: UnsafeMutablePointer<UInt64>, _ word: UInt32, _ fcsr: UInt64
  ) -> UInt64? {
    let signs = fusedSigns(word)
    let left = registers[word.rs1] ^ signs.product << 31
    let right = registers[word.rs2]
    let addend = registers[Int(word >> 27)] ^ signs.addend << 31
    guard left & right & addend >= boxing else { return nil }
    if fcsr & FloatingPointFlags.inexact.rawValue != 0 {
      let result = single(addend).addingProduct(single(left), single(right))
      if isNormal(result) { return boxed(result) }
    }
    guard let product = multiplySingle(left, right, 0) else { return nil }
    return addSingle(product, addend, 0)
  }

  private static func fusedSigns(_ word: UInt32) -> (product: UInt64, addend: UInt64) {
    (UInt64(word >> 3 & 1), UInt64(word >> 2 & 1))
  }

  // MARK: Comparisons

  /// 1, 0, or nil if one of the numbers is a NaN.
  @inline(__always)
  static func isLessDouble(_ left: UInt64, _ right: UInt64) -> UInt64? {
    let (a, b) = (Double(bitPattern: left), Double(bitPattern: right))
    return a < b ? 1 : a >= b ? 0 : nil
  }

  @inline(__always)
  static func isLessOrEqualDouble(_ left: UInt64, _ right: UInt64) -> UInt64? {
    let (a, b) = (Double(bitPattern: left), Double(bitPattern: right))
    return a <= b ? 1 : a > b ? 0 : nil
  }

  @inline(__always)
  static func isEqualDouble(_ left: UInt64, _ right: UInt64) -> UInt64? {
    let (a, b) = (Double(bitPattern: left), Double(bitPattern: right))
    return a == b ? 1 : a < b || a > b ? 0 : nil
  }

  // MARK: The other operations

  /// An operation that has no code of its own in the run loop, with the registers that begin at f0.
  ///
  /// Integer sources are in `integers`. The result goes to the destination the decoder named.
  @inline(never)
  static func other(
    _ registers: UnsafeMutablePointer<UInt64>, integers: UnsafeMutablePointer<UInt64>, _ word: UInt32, _ fcsr: UInt64
  ) -> UInt64? {
    let left = registers[word.rs1]
    let right = registers[word.rs2]
    switch word.funct7 {
    case 0x0c: return divideSingle(left, right, fcsr)
    case 0x2c: return squareRootSingle(left, fcsr)
    case 0x2d: return squareRootDouble(left, fcsr)
    case 0x10:
      guard left & right >= boxing else { return nil }
      return FloatingPointFormat.single.injectSign(left, right, function: word.funct3)
    case 0x14: return extremeSingle(left, right, isMaximum: word.funct3 == 1)
    case 0x15: return extremeDouble(left, right, isMaximum: word.funct3 == 1)
    case 0x20: return narrow(left, fcsr)
    case 0x21: return left >= boxing ? widen(single(left)) : nil
    case 0x50: return compareSingles(left, right, function: word.funct3)
    case 0x60: return left >= boxing ? integer(Double(single(left)), word.rs2, fcsr) : nil
    case 0x61: return integer(Double(bitPattern: left), word.rs2, fcsr)
    case 0x68: return singleFromInteger(integers[word.rs1], word.rs2, fcsr)
    case 0x69: return doubleFromInteger(integers[word.rs1], word.rs2, fcsr)
    default: return nil
    }
  }

  private static func extremeDouble(_ left: UInt64, _ right: UInt64, isMaximum: Bool) -> UInt64? {
    let (a, b) = (Double(bitPattern: left), Double(bitPattern: right))
    // Equal numbers may be zeros with different signs, and unordered ones are NaNs.
    if a < b { return isMaximum ? right : left }
    return a > b ? (isMaximum ? left : right) : nil
  }

  private static func extremeSingle(_ left: UInt64, _ right: UInt64, isMaximum: Bool) -> UInt64? {
    guard left & right >= boxing else { return nil }
    let (a, b) = (single(left), single(right))
    if a < b { return isMaximum ? right : left }
    return a > b ? (isMaximum ? left : right) : nil
  }

  private static func compareSingles(_ left: UInt64, _ right: UInt64, function: UInt32) -> UInt64? {
    guard left & right >= boxing else { return nil }
    let (a, b) = (single(left), single(right))
    guard a == b || a < b || a > b else { return nil }
    switch function {
    case 0: return a <= b ? 1 : 0
    case 1: return a < b ? 1 : 0
    case 2: return a == b ? 1 : 0
    default: return nil
    }
  }

  private static func widen(_ number: Float) -> UInt64? {
    number.bitPattern & ~singleSign < singleInfinity ? Double(number).bitPattern : nil
  }

  private static func narrow(_ bits: UInt64, _ fcsr: UInt64) -> UInt64? {
    let number = Double(bitPattern: bits)
    let result = Float(number)
    if number == 0 { return boxed(result) }
    guard isNormal(result), fcsr & FloatingPointFlags.inexact.rawValue != 0 || Double(result) == number else {
      return nil
    }
    return boxed(result)
  }

  /// Truncates a number; the decoder has seen to it that the instruction rounds toward zero.
  private static func integer(_ number: Double, _ type: Int, _ fcsr: UInt64) -> UInt64? {
    let isInexact = number.rounded(.towardZero) != number
    guard !isInexact || fcsr & FloatingPointFlags.inexact.rawValue != 0 else { return nil }
    switch type {
    case 0 where number > -0x1p31 - 1 && number < 0x1p31: return UInt64(bitPattern: Int64(number))
    case 1 where number > -1 && number < 0x1p32: return signExtendedWord(UInt64(number))
    case 2 where number >= -0x1p63 && number < 0x1p63: return UInt64(bitPattern: Int64(number))
    case 3 where number > -1 && number < 0x1p64: return UInt64(number)
    default: return nil
    }
  }

  private static func doubleFromInteger(_ value: UInt64, _ type: Int, _ fcsr: UInt64) -> UInt64? {
    switch type {
    case 0: return Double(Int32(truncatingIfNeeded: value)).bitPattern
    case 1: return Double(UInt32(truncatingIfNeeded: value)).bitPattern
    case 2:
      let number = Int64(bitPattern: value)
      let isKnown = fcsr & FloatingPointFlags.inexact.rawValue != 0 || number.magnitude <= 1 << 53
      return isKnown ? Double(number).bitPattern : nil
    default:
      let isKnown = fcsr & FloatingPointFlags.inexact.rawValue != 0 || value <= 1 << 53
      return isKnown ? Double(value).bitPattern : nil
    }
  }

  private static func singleFromInteger(_ value: UInt64, _ type: Int, _ fcsr: UInt64) -> UInt64? {
    let isInexactKnown = fcsr & FloatingPointFlags.inexact.rawValue != 0
    func isKnown(_ magnitude: UInt64) -> Bool { isInexactKnown || magnitude <= 1 << 24 }
    switch type {
    case 0:
      let number = Int32(truncatingIfNeeded: value)
      return isKnown(UInt64(number.magnitude)) ? boxed(Float(number)) : nil
    case 1:
      let number = UInt32(truncatingIfNeeded: value)
      return isKnown(UInt64(number)) ? boxed(Float(number)) : nil
    case 2:
      let number = Int64(bitPattern: value)
      return isKnown(number.magnitude) ? boxed(Float(number)) : nil
    default: return isKnown(value) ? boxed(Float(value)) : nil
    }
  }

  // MARK: Bits

  /// Whether a number is finite and above the smallest normal one in magnitude.
  @inline(__always)
  private static func isNormal(_ number: Double) -> Bool {
    number.bitPattern & ~doubleSign &- (leastNormalDouble + 1) < doubleInfinity - (leastNormalDouble + 1)
  }

  @inline(__always)
  private static func isNormal(_ number: Float) -> Bool {
    number.bitPattern & ~singleSign &- (leastNormalSingle + 1) < singleInfinity - (leastNormalSingle + 1)
  }

  @inline(__always)
  private static func single(_ register: UInt64) -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: register)) }

  @inline(__always)
  private static func boxed(_ number: Float) -> UInt64 { boxing | UInt64(number.bitPattern) }
}
