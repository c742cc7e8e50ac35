// Segments of the Transmission Control Protocol (RFC 9293, section 3.1). Bytes from a guest are untrusted: `init?` gives
// nil for what is malformed.

/// A segment with its ports; of the options only the maximum segment size is looked at.
struct TCPSegment: Hashable, Sendable {
  struct Flags: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    static let finish = Flags(rawValue: 1)
    static let synchronize = Flags(rawValue: 2)
    static let reset = Flags(rawValue: 4)
    static let push = Flags(rawValue: 8)
    static let acknowledge = Flags(rawValue: 16)
  }

  private enum Option {
    static let end: UInt8 = 0
    static let noOperation: UInt8 = 1
    static let maximumSegmentSize: UInt8 = 2
  }

  static let headerSize = 20

  var sourcePort: UInt16
  var destinationPort: UInt16
  var sequence: UInt32
  var acknowledgment: UInt32 = 0
  var flags: Flags
  var window: UInt16 = 0
  var maximumSegmentSize: UInt16?
  var payload: [UInt8] = []

  init(from sourcePort: UInt16, to destinationPort: UInt16, sequence: UInt32, flags: Flags) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.sequence = sequence
    self.flags = flags
  }

  init?(_ packet: IPv4Packet) {
    let bytes = packet.payload
    guard bytes.count >= Self.headerSize else { return nil }
    let headerCount = Int(bytes[12] >> 4) * 4
    guard (Self.headerSize...bytes.count).contains(headerCount),
      InternetChecksum.of(
        bytes, from: packet.source, to: packet.destination, transport: IPv4Packet.Transport.tcp) == 0
    else { return nil }
    sourcePort = bytes.bigEndian(UInt16.self, at: 0)
    destinationPort = bytes.bigEndian(UInt16.self, at: 2)
    sequence = bytes.bigEndian(UInt32.self, at: 4)
    acknowledgment = bytes.bigEndian(UInt32.self, at: 8)
    flags = Flags(rawValue: bytes[13] & 0x1f)
    window = bytes.bigEndian(UInt16.self, at: 14)
    payload = Array(bytes[headerCount...])
    maximumSegmentSize = Self.maximumSegmentSize(Array(bytes[Self.headerSize..<headerCount]))
  }

  /// How far the segment moves the sequence number on.
  var sequenceCount: UInt32 {
    UInt32(payload.count) + (flags.contains(.synchronize) ? 1 : 0) + (flags.contains(.finish) ? 1 : 0)
  }

  /// The segment in a packet between two addresses.
  func packet(from source: IPv4Address, to destination: IPv4Address) -> IPv4Packet {
    var options: [UInt8] = []
    if let maximumSegmentSize { options = [Option.maximumSegmentSize, 4] + maximumSegmentSize.bigEndianBytes }
    var bytes = sourcePort.bigEndianBytes + destinationPort.bigEndianBytes + sequence.bigEndianBytes
    bytes += acknowledgment.bigEndianBytes + [UInt8((Self.headerSize + options.count) / 4) << 4, flags.rawValue]
    bytes += window.bigEndianBytes + [0, 0, 0, 0] + options + payload
    bytes.replaceBigEndian(
      InternetChecksum.of(bytes, from: source, to: destination, transport: IPv4Packet.Transport.tcp), at: 16)
    return IPv4Packet(from: source, to: destination, transport: IPv4Packet.Transport.tcp, payload: bytes)
  }

  /// What refuses a segment for which there is no connection (RFC 9293, section 3.5.2); nil if it is a reset itself.
  static func refusal(of segment: TCPSegment) -> TCPSegment? {
    guard !segment.flags.contains(.reset) else { return nil }
    var reset = TCPSegment(from: segment.destinationPort, to: segment.sourcePort, sequence: 0, flags: .reset)
    if segment.flags.contains(.acknowledge) {
      reset.sequence = segment.acknowledgment
    } else {
      reset.flags.insert(.acknowledge)
      reset.acknowledgment = segment.sequence &+ segment.sequenceCount
    }
    return reset
  }

  private static func maximumSegmentSize(_ options: [UInt8]) -> UInt16? {
    var position = 0
    while position < options.count, options[position] != Option.end {
      if options[position] == Option.noOperation {
        position += 1
        continue
      }
      guard position + 1 < options.count, options[position + 1] >= 2,
        position + Int(options[position + 1]) <= options.count
      else { return nil }
      if options[position] == Option.maximumSegmentSize, options[position + 1] == 4 {
        return options.bigEndian(UInt16.self, at: position + 2)
      }
      position += Int(options[position + 1])
    }
    return nil
  }
}
