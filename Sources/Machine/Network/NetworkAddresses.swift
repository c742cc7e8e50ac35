// Ethernet and Internet addresses as values, and big-endian fields of packets. Offsets must be within the array: check
// lengths before use.

/// An Ethernet address (IEEE 802 MAC-48).
public struct MACAddress: Hashable, Codable, Sendable, CustomStringConvertible {
  /// The six bytes in transmission order, the first in bits 47 to 40.
  let bits: UInt64

  /// All stations.
  public static let broadcast = MACAddress(bits: 0xffff_ffff_ffff)

  /// Makes an address from its six bytes in transmission order.
  public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ e: UInt8, _ f: UInt8) {
    bits = [a, b, c, d, e, f].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Reads the usual notation, six hexadecimal bytes with colons between; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let bytes = parts.compactMap { $0.count <= 2 ? UInt8($0, radix: 16) : nil }
    guard parts.count == 6, bytes.count == 6 else { return nil }
    bits = bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Makes an address from its number, of which the lower 48 bits count.
  public init(bits: UInt64) {
    self.bits = bits & 0xffff_ffff_ffff
  }

  /// Reads six bytes of a packet that is long enough.
  init(_ packet: [UInt8], at offset: Int) {
    bits = packet[offset..<offset + 6].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The six bytes in transmission order.
  public var bytes: [UInt8] { (0..<6).reversed().map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) } }

  /// Whether the address names a group of stations, all of them included.
  public var isGroup: Bool { bits >> 40 & 1 == 1 }

  /// The usual notation.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }
}

/// An Internet address of version 4.
public struct IPv4Address: Hashable, Codable, Sendable, CustomStringConvertible {
  /// The address as a number.
  public let bits: UInt32

  /// All stations on the link.
  public static let broadcast = IPv4Address(bits: .max)
  /// "This host", of one that does not know its address yet.
  public static let unspecified = IPv4Address(bits: 0)

  /// Makes an address from its four bytes.
  public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    bits = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
  }

  /// Reads the usual notation, four decimal numbers with dots between; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let bytes = parts.compactMap { part in
      part.allSatisfy { ("0"..."9").contains($0) } && part.count <= 3 ? UInt8(part) : nil
    }
    guard parts.count == 4, bytes.count == 4 else { return nil }
    self.init(bytes[0], bytes[1], bytes[2], bytes[3])
  }

  /// Makes an address from its number.
  public init(bits: UInt32) {
    self.bits = bits
  }

  /// The four bytes in order.
  public var bytes: [UInt8] { bits.bigEndianBytes }

  /// The usual notation, four decimal numbers with dots between.
  public var description: String { bytes.map(String.init).joined(separator: ".") }
}

extension [UInt8] {
  /// The big-endian integer at an offset.
  func bigEndian<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T {
    self[offset..<offset + MemoryLayout<T>.size].reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
  }

  /// Overwrites the bytes at an offset with a big-endian integer.
  mutating func replaceBigEndian<T: FixedWidthInteger>(_ value: T, at offset: Int) {
    replaceSubrange(offset..<offset + MemoryLayout<T>.size, with: value.bigEndianBytes)
  }
}
