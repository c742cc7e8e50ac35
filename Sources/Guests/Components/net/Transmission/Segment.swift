// TCP segments as they lie in packets (RFC 9293, section 3.1).

import Interfaces

/// What a segment's bits say.
struct SegmentFlags: OptionSet {
  let rawValue: UInt8
  static var finish: SegmentFlags { SegmentFlags(rawValue: 1) }
  static var synchronize: SegmentFlags { SegmentFlags(rawValue: 2) }
  static var reset: SegmentFlags { SegmentFlags(rawValue: 4) }
  static var push: SegmentFlags { SegmentFlags(rawValue: 8) }
  static var acknowledge: SegmentFlags { SegmentFlags(rawValue: 16) }
}

/// Offsets in the header.
enum SegmentField {
  static var headerSize: Int { 20 }
  static var sequence: Int { 4 }
  static var acknowledgment: Int { 8 }
  static var dataOffset: Int { 12 }
  static var flags: Int { 13 }
  static var window: Int { 14 }
  static var checksum: Int { 16 }
  /// The option that SYN carries: kind 2, four bytes, and the size.
  static var maximumSegmentSize: UInt8 { 2 }
  static var maximumSegmentSizeLength: Int { 4 }
}

/// A segment that was received, its checksum verified.
struct Segment {
  let sourcePort: UInt16
  let port: UInt16
  let sequence: UInt32
  let acknowledgment: UInt32
  let flags: SegmentFlags
  let window: Int
  let maximumSegmentSize: UInt16?
  let data: Packet

  /// Nil for what is malformed or damaged.
  init?(_ packet: InternetPacket) {
    let bytes = packet.payload
    guard bytes.count >= SegmentField.headerSize else { return nil }
    let header = Int(bytes.byte(SegmentField.dataOffset) >> 4) * 4
    var checksum = packet.pseudoHeader
    checksum.add(bytes)
    guard header >= SegmentField.headerSize, header <= bytes.count, checksum.value == 0 else { return nil }
    sourcePort = bytes.number16(0)
    port = bytes.number16(2)
    sequence = bytes.number32(SegmentField.sequence)
    acknowledgment = bytes.number32(SegmentField.acknowledgment)
    flags = SegmentFlags(rawValue: bytes.byte(SegmentField.flags) & 0x1F)
    window = Int(bytes.number16(SegmentField.window))
    maximumSegmentSize = Self.maximumSegmentSize(bytes.part(SegmentField.headerSize..<header))
    data = bytes.from(header)
  }

  private static func maximumSegmentSize(_ options: Packet) -> UInt16? {
    var offset = 0
    while offset < options.count {
      let kind = options.byte(offset)
      if kind == 0 { return nil }
      if kind == 1 {
        offset += 1
        continue
      }
      guard offset + 1 < options.count else { return nil }
      let length = Int(options.byte(offset + 1))
      guard length >= 2, offset + length <= options.count else { return nil }
      if kind == SegmentField.maximumSegmentSize, length == SegmentField.maximumSegmentSizeLength {
        return options.number16(offset + 2)
      }
      offset += length
    }
    return nil
  }
}
