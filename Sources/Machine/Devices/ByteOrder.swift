// Little-endian fields in byte arrays, for devices and file formats. Offsets must be within the array: check before use.

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
