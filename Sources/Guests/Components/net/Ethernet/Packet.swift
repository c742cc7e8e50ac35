// Bytes of a frame. Everything that comes from the wire is read through here: an access outside the bytes is a bug of
// this component and traps; callers must have compared the count with what they are about to read.

/// A run of bytes whose numbers are big-endian.
struct Packet {
  let start: UnsafeMutableRawPointer
  let count: Int

  /// The bytes of `range`, which must lie within these.
  @inline(__always)
  func part(_ range: Range<Int>) -> Packet {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return Packet(start: start + range.lowerBound, count: range.count)
  }

  /// The bytes from `offset` on.
  func from(_ offset: Int) -> Packet { part(offset..<count) }

  func byte(_ offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < count)
    return start.load(fromByteOffset: offset, as: UInt8.self)
  }

  func number16(_ offset: Int) -> UInt16 { UInt16(byte(offset)) << 8 | UInt16(byte(offset + 1)) }

  func number32(_ offset: Int) -> UInt32 { UInt32(number16(offset)) << 16 | UInt32(number16(offset + 2)) }

  /// Six bytes, as a number of 48 bits.
  func number48(_ offset: Int) -> UInt64 { UInt64(number16(offset)) << 32 | UInt64(number32(offset + 2)) }

  func set(_ offset: Int, byte: UInt8) {
    precondition(offset >= 0 && offset < count)
    start.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
  }

  func set(_ offset: Int, number16 value: UInt16) {
    set(offset, byte: UInt8(truncatingIfNeeded: value >> 8))
    set(offset + 1, byte: UInt8(truncatingIfNeeded: value))
  }

  func set(_ offset: Int, number32 value: UInt32) {
    set(offset, number16: UInt16(truncatingIfNeeded: value >> 16))
    set(offset + 2, number16: UInt16(truncatingIfNeeded: value))
  }

  func set(_ offset: Int, number48 value: UInt64) {
    set(offset, number16: UInt16(truncatingIfNeeded: value >> 32))
    set(offset + 2, number32: UInt32(truncatingIfNeeded: value))
  }

  func clear() { start.initializeMemory(as: UInt8.self, repeating: 0, count: count) }

  /// Copies the bytes of `other`, which must fit, to `offset`.
  func copy(_ other: Packet, to offset: Int) {
    part(offset..<(offset + other.count)).start.copyMemory(from: other.start, byteCount: other.count)
  }
}

/// The Internet checksum (RFC 1071): the complement of the ones'-complement sum of 16-bit words.
struct Checksum {
  /// Of words in the machine's own byte order, which the sum does not depend on.
  private var sum: UInt64 = 0

  /// Adds bytes that begin at an even offset of what is summed.
  mutating func add(_ packet: Packet) {
    let start = UnsafeRawPointer(packet.start)
    var offset = 0
    if UInt(bitPattern: start) & 3 == 0 {
      while offset + 4 <= packet.count {
        sum &+= UInt64(start.load(fromByteOffset: offset, as: UInt32.self))
        offset += 4
      }
    }
    while offset + 2 <= packet.count {
      sum &+= UInt64(packet.byte(offset)) | UInt64(packet.byte(offset + 1)) << 8
      offset += 2
    }
    if offset < packet.count { sum &+= UInt64(packet.byte(offset)) }
  }

  /// Adds a number of up to 32 bits, as if its bytes stood in the packet.
  mutating func add(_ number: UInt32) { sum &+= UInt64(number.byteSwapped) }

  /// The checksum; over bytes that hold their own checksum, 0 says that they are intact.
  var value: UInt16 {
    var folded = sum
    while folded >> 16 != 0 { folded = folded & 0xFFFF &+ folded >> 16 }
    return ~UInt16(truncatingIfNeeded: folded).byteSwapped
  }
}
