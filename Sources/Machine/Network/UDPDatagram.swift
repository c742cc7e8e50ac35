// User datagrams (RFC 768). Bytes from a guest are untrusted: `init?` gives nil for what is malformed.

/// A datagram with its ports.
struct UDPDatagram: Hashable, Sendable {
  private static let headerSize = 8

  var sourcePort: UInt16
  var destinationPort: UInt16
  var payload: [UInt8]

  init(from sourcePort: UInt16, to destinationPort: UInt16, payload: [UInt8]) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.payload = payload
  }

  init?(_ packet: IPv4Packet) {
    let bytes = packet.payload
    guard bytes.count >= Self.headerSize else { return nil }
    let count = Int(bytes.bigEndian(UInt16.self, at: 4))
    guard (Self.headerSize...bytes.count).contains(count) else { return nil }
    let datagram = Array(bytes[..<count])
    // A sender may leave the checksum out.
    guard
      datagram.bigEndian(UInt16.self, at: 6) == 0
        || InternetChecksum.of(
          datagram, from: packet.source, to: packet.destination, transport: IPv4Packet.Transport.udp) == 0
    else { return nil }
    sourcePort = bytes.bigEndian(UInt16.self, at: 0)
    destinationPort = bytes.bigEndian(UInt16.self, at: 2)
    payload = Array(datagram[Self.headerSize...])
  }

  /// The datagram in a packet between two addresses.
  func packet(from source: IPv4Address, to destination: IPv4Address) -> IPv4Packet {
    var bytes = sourcePort.bigEndianBytes + destinationPort.bigEndianBytes
    bytes += UInt16(Self.headerSize + payload.count).bigEndianBytes + [0, 0] + payload
    let checksum = InternetChecksum.of(
      bytes, from: source, to: destination, transport: IPv4Packet.Transport.udp)
    // A checksum of 0 would say that there is none; its complement means the same.
    bytes.replaceBigEndian(checksum == 0 ? 0xffff : checksum, at: 6)
    return IPv4Packet(from: source, to: destination, transport: IPv4Packet.Transport.udp, payload: bytes)
  }
}
