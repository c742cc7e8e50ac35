// Internet packets (RFC 791), the checksum they share with the protocols above (RFC 1071), and ICMP (RFC 792).
// Bytes from a guest are untrusted: `init?` gives nil for what is malformed, and for fragments, which nobody here joins.

/// The Internet checksum.
enum InternetChecksum {
  /// The complement of the ones'-complement sum of the bytes taken as big-endian 16-bit words; 0 over a valid packet.
  static func of(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var sum: UInt64 = 0
    var isUpper = true
    for byte in bytes {
      sum += isUpper ? UInt64(byte) << 8 : UInt64(byte)
      isUpper.toggle()
    }
    while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(sum)
  }

  /// The checksum of a transport protocol's packet, which covers a pseudo-header of the packet below it.
  static func of(
    _ bytes: [UInt8], from source: IPv4Address, to destination: IPv4Address, transport: UInt8
  ) -> UInt16 {
    of(
      source.bytes + destination.bytes + [0, transport] + UInt16(truncatingIfNeeded: bytes.count).bigEndianBytes + bytes
    )
  }
}

/// A packet with a header of 20 bytes to send, or with options, which are ignored, when received.
struct IPv4Packet: Hashable, Sendable {
  /// The protocol of the payload.
  enum Transport {
    static let icmp: UInt8 = 1
    static let tcp: UInt8 = 6
    static let udp: UInt8 = 17
  }

  static let headerSize = 20
  /// The most bytes of payload that fit into one Ethernet frame.
  static let longestPayload = 1480

  var source: IPv4Address
  var destination: IPv4Address
  var transport: UInt8
  var payload: [UInt8]

  init(from source: IPv4Address, to destination: IPv4Address, transport: UInt8, payload: [UInt8]) {
    self.source = source
    self.destination = destination
    self.transport = transport
    self.payload = payload
  }

  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.headerSize, bytes[0] >> 4 == 4 else { return nil }
    let headerCount = Int(bytes[0] & 15) * 4
    let totalCount = Int(bytes.bigEndian(UInt16.self, at: 2))
    guard headerCount >= Self.headerSize, headerCount <= totalCount, totalCount <= bytes.count else { return nil }
    // More fragments, or a fragment offset.
    guard bytes.bigEndian(UInt16.self, at: 6) & 0x3fff == 0 else { return nil }
    guard InternetChecksum.of(bytes[..<headerCount]) == 0 else { return nil }
    transport = bytes[9]
    source = IPv4Address(bits: bytes.bigEndian(UInt32.self, at: 12))
    destination = IPv4Address(bits: bytes.bigEndian(UInt32.self, at: 16))
    payload = Array(bytes[headerCount..<totalCount])
  }

  /// The packet; its payload must not be longer than `longestPayload`.
  var bytes: [UInt8] {
    var header: [UInt8] = [0x45, 0]
    header += UInt16(Self.headerSize + payload.count).bigEndianBytes
    // Never a fragment, and 64 hops.
    header += [0, 0, 0x40, 0, 64, transport, 0, 0]
    header += source.bytes + destination.bytes
    header.replaceBigEndian(InternetChecksum.of(header), at: 10)
    return header + payload
  }
}

/// The messages of ICMP that the built-in host knows.
enum ICMPMessage {
  private static let headerSize = 8
  private static let echoReply: UInt8 = 0
  private static let destinationUnreachable: UInt8 = 3
  private static let echoRequest: UInt8 = 8
  private static let portUnreachable: UInt8 = 3

  /// The answer to an echo request, or nil for any other message.
  static func echoReply(to message: [UInt8]) -> [UInt8]? {
    guard message.count >= headerSize, message[0] == echoRequest, message[1] == 0, InternetChecksum.of(message) == 0
    else { return nil }
    var reply = message
    reply[0] = echoReply
    reply.replaceBigEndian(UInt16(0), at: 2)
    reply.replaceBigEndian(InternetChecksum.of(reply), at: 2)
    return reply
  }

  /// An echo request with 56 bytes of zeros, as other systems send.
  static func echoRequest(identifier: UInt16) -> [UInt8] {
    var message = [UInt8](repeating: 0, count: headerSize + 56)
    message[0] = echoRequest
    message.replaceBigEndian(identifier, at: 4)
    message.replaceBigEndian(InternetChecksum.of(message), at: 2)
    return message
  }

  /// Whether a message is the intact answer to an echo request.
  static func isEchoReply(_ message: [UInt8], identifier: UInt16) -> Bool {
    message.count >= headerSize && message[0] == echoReply && InternetChecksum.of(message) == 0
      && message.bigEndian(UInt16.self, at: 4) == identifier
  }

  /// Says that nobody listens at the port a packet was sent to.
  static func portUnreachable(_ packet: IPv4Packet) -> [UInt8] {
    var message: [UInt8] = [destinationUnreachable, portUnreachable, 0, 0, 0, 0, 0, 0]
    message +=
      IPv4Packet(
        from: packet.source, to: packet.destination, transport: packet.transport,
        payload: Array(packet.payload.prefix(8))
      ).bytes
    message.replaceBigEndian(InternetChecksum.of(message), at: 2)
    return message
  }
}
