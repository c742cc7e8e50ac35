// Comparison, minimum and maximum (unprivileged specification 20191213, sections 11.6 and 11.8).

extension SoftFloat {
  /// Quiet: only signaling NaNs are invalid.
  mutating func isEqual(_ left: UInt64, _ right: UInt64) -> Bool {
    let (a, b) = (unpack(left), unpack(right))
    noteSignaling(a, b)
    if a.isNaN || b.isNaN { return false }
    return left == right || a.kind == .zero && b.kind == .zero
  }

  /// Signaling: every NaN is invalid.
  mutating func isLess(_ left: UInt64, _ right: UInt64) -> Bool {
    if isUnordered(left, right) { return false }
    return isBelow(left, right) && !(unpack(left).kind == .zero && unpack(right).kind == .zero)
  }

  /// Signaling: every NaN is invalid.
  mutating func isLessOrEqual(_ left: UInt64, _ right: UInt64) -> Bool {
    if isUnordered(left, right) { return false }
    return !isLess(right, left)
  }

  mutating func minimum(_ left: UInt64, _ right: UInt64) -> UInt64 {
    onlyNumber(left, right) ?? (isBelow(left, right) ? left : right)
  }

  mutating func maximum(_ left: UInt64, _ right: UInt64) -> UInt64 {
    onlyNumber(left, right) ?? (isBelow(left, right) ? right : left)
  }

  private mutating func isUnordered(_ left: UInt64, _ right: UInt64) -> Bool {
    guard unpack(left).isNaN || unpack(right).isNaN else { return false }
    flags.insert(.invalid)
    return true
  }

  /// The order of numbers in which -0 is below +0: sign, then magnitude.
  private func isBelow(_ left: UInt64, _ right: UInt64) -> Bool {
    switch (left & format.signBit != 0, right & format.signBit != 0) {
    case (true, false): true
    case (false, true): false
    case (false, false): left < right
    case (true, true): left > right
    }
  }

  /// If one operand is a NaN, the other one; if both are, the canonical NaN; otherwise nil.
  private mutating func onlyNumber(_ left: UInt64, _ right: UInt64) -> UInt64? {
    let (a, b) = (unpack(left), unpack(right))
    noteSignaling(a, b)
    switch (a.isNaN, b.isNaN) {
    case (true, true): return format.canonicalNaN
    case (true, false): return right
    case (false, true): return left
    case (false, false): return nil
    }
  }
}
