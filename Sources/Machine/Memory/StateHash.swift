// A small deterministic hash for comparing machine states between runs and hosts. Not for hash tables, not
// cryptographic: callers must not use it against an adversary.

/// Accumulates 64-bit words into a hash that is the same on every host and in every process.
struct StateHash {
  private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// Adds one word; the order of words matters.
  mutating func combine(_ word: UInt64) {
    value = Self.mix(value ^ word) &+ 0x9e37_79b9_7f4a_7c15
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection that spreads every bit.
  static func mix(_ word: UInt64) -> UInt64 {
    var mixed = word
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
