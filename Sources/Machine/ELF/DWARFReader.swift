// A cursor over DWARF data that cannot leave its range. Internal to the line-table reader.

/// The data is not what it claims to be; the unit it belongs to is useless.
struct DWARFError: Error {}

/// Reads DWARF's basic encodings (DWARF 5, section 7).
struct DWARFReader {
  /// One unit of a section.
  struct Unit {
    let contents: Range<Int>
    /// The size of section offsets: 4, or 8 in the 64-bit format.
    let offsetSize: Int
  }

  let bytes: [UInt8]
  private(set) var position: Int
  let end: Int

  init(bytes: [UInt8], range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position >= end }

  mutating func unit() throws(DWARFError) -> Unit {
    var length = try unsigned(size: 4)
    let offsetSize = length == 0xffff_ffff ? 8 : 4
    if offsetSize == 8 { length = try unsigned(size: 8) }
    guard length <= UInt64(end - position) else { throw DWARFError() }
    return Unit(contents: position..<position + Int(length), offsetSize: offsetSize)
  }

  mutating func byte() throws(DWARFError) -> UInt8 {
    guard position < end else { throw DWARFError() }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func unsigned(size: Int) throws(DWARFError) -> UInt64 {
    guard size <= end - position else { throw DWARFError() }
    var value: UInt64 = 0
    for index in (0..<size).reversed() { value = value << 8 | UInt64(bytes[position + index]) }
    position += size
    return value
  }

  mutating func unsignedLEB128() throws(DWARFError) -> UInt64 {
    try leb128().value
  }

  mutating func signedLEB128() throws(DWARFError) -> Int64 {
    let (value, bits, last) = try leb128()
    let isNegative = last & 0x40 != 0 && bits < 64
    return Int64(bitPattern: isNegative ? value | ~0 << UInt64(bits) : value)
  }

  /// A zero-terminated string; of an unreasonably long one, the beginning.
  mutating func string() throws(DWARFError) -> String {
    guard let terminator = bytes[position..<end].firstIndex(of: 0) else { throw DWARFError() }
    defer { position = terminator + 1 }
    return String(decoding: bytes[position..<terminator].prefix(4096), as: UTF8.self)
  }

  mutating func skip(_ count: UInt64) throws(DWARFError) {
    guard count <= UInt64(end - position) else { throw DWARFError() }
    position += Int(count)
  }

  private mutating func leb128() throws(DWARFError) -> (value: UInt64, bits: Int, last: UInt8) {
    var value: UInt64 = 0
    var bits = 0
    while true {
      let byte = try byte()
      if bits < 64 { value |= UInt64(byte & 0x7f) << UInt64(bits) }
      bits += 7
      if byte & 0x80 == 0 { return (value, bits, byte) }
    }
  }
}
