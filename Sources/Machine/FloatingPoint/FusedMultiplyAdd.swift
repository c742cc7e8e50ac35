// Multiplication and addition with one rounding (unprivileged specification 20191213, section 11.6; IEEE 754-2008, section
// 5.4.1). Infinity times zero is invalid even if a quiet NaN is added.

extension SoftFloat {
  /// `left` times `right` plus `addend`.
  mutating func multiplyAdd(_ left: UInt64, _ right: UInt64, _ addend: UInt64) -> UInt64 {
    let (a, b, c) = (unpack(left), unpack(right), unpack(addend))
    noteSignaling(a, b, c)
    switch (a.kind, b.kind) {
    case (.infinity, .zero), (.zero, .infinity): return invalidResult()
    default: break
    }
    if a.isNaN || b.isNaN || c.isNaN { return format.canonicalNaN }
    let isNegative = a.isNegative != b.isNegative
    if a.kind == .infinity || b.kind == .infinity {
      if c.kind == .infinity && c.isNegative != isNegative { return invalidResult() }
      return format.infinity(isNegative: isNegative)
    }
    if c.kind == .infinity { return addend }
    if a.kind == .zero || b.kind == .zero {
      if c.kind == .zero && c.isNegative != isNegative { return zeroOfCancellation }
      return addend
    }
    let product = Self.product(a, b)
    return c.kind == .zero ? round(product) : sum(product, ExactNumber(c))
  }
}
