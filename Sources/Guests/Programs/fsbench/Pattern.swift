// What the benchmark writes, and how it knows it again.
//
// Both are the same in every run and every structure.

/// A sum over bytes in their order (FNV-1a, 64 bits).
struct Checksum: Equatable {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
}

/// Bytes that look like noise (xorshift; Marsaglia 2003).
struct Pattern {
  private var state: UInt64

  /// The bytes of file `number`.
  init(file number: UInt64) { state = (number + 1) &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt8 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt8(truncatingIfNeeded: state >> 32)
  }
}
