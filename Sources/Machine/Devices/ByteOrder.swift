// Little-endian fields in byte arrays and halves of registers, for devices and file formats. Offsets must be within the array: check before use.

extension [UInt8] {
  /// The little-endian integer at an offset.
  func littleEndian<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T {
    var value: T = 0
    for index in (0..<MemoryLayout<T>.size).reversed() {
      value = value << 8 | T(truncatingIfNeeded: self[offset + index])
    }
    return value
  }

  /// Overwrites the bytes at an offset with a little-endian integer.
  mutating func replaceLittleEndian<T: FixedWidthInteger>(_ value: T, at offset: Int) {
    for index in 0..<MemoryLayout<T>.size { self[offset + index] = UInt8(truncatingIfNeeded: value >> T(8 * index)) }
  }
}

extension UInt64 {
  /// Replaces the lower 32 bits, as a write to the first of two registers does.
  mutating func setLowHalf(_ value: UInt32) {
    self = self & ~0xffff_ffff | UInt64(value)
  }

  /// Replaces the upper 32 bits.
  mutating func setHighHalf(_ value: UInt32) {
    self = self & 0xffff_ffff | UInt64(value) << 32
  }
}
