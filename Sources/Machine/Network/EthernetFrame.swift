// Ethernet frames (IEEE 802.3) and ARP (RFC 826). Bytes from a guest are untrusted: `init?` gives nil for what is too short
// or is something else.

/// A frame without preamble and checksum.
struct EthernetFrame: Hashable, Sendable {
  /// The protocol of the payload.
  enum PayloadType {
    static let ipv4: UInt16 = 0x0800
    static let arp: UInt16 = 0x0806
  }

  static let headerSize = 14
  /// The longest frame: a header and 1500 bytes.
  static let longest = 1514

  /// Whether a frame can be so long; frames are not padded to Ethernet's minimum.
  static func isLengthValid(_ count: Int) -> Bool { (headerSize...longest).contains(count) }

  var destination: MACAddress
  var source: MACAddress
  var payloadType: UInt16
  var payload: [UInt8]

  init(to destination: MACAddress, from source: MACAddress, payloadType: UInt16, payload: [UInt8]) {
    self.destination = destination
    self.source = source
    self.payloadType = payloadType
    self.payload = payload
  }

  init?(_ bytes: [UInt8]) {
    guard Self.isLengthValid(bytes.count) else { return nil }
    destination = MACAddress(bytes, at: 0)
    source = MACAddress(bytes, at: 6)
    payloadType = bytes.bigEndian(UInt16.self, at: 12)
    payload = Array(bytes[Self.headerSize...])
  }

  var bytes: [UInt8] { destination.bytes + source.bytes + payloadType.bigEndianBytes + payload }
}

/// An ARP packet for Ethernet and IPv4.
struct ARPPacket: Hashable, Sendable {
  enum Operation {
    static let request: UInt16 = 1
    static let reply: UInt16 = 2
  }

  private static let size = 28
  /// Ethernet, IPv4, addresses of six and four bytes.
  private static let prefix: [UInt8] = [0, 1, 8, 0, 6, 4]

  var operation: UInt16
  var senderHardware: MACAddress
  var sender: IPv4Address
  var targetHardware: MACAddress
  var target: IPv4Address

  init(
    operation: UInt16, senderHardware: MACAddress, sender: IPv4Address, targetHardware: MACAddress,
    target: IPv4Address
  ) {
    self.operation = operation
    self.senderHardware = senderHardware
    self.sender = sender
    self.targetHardware = targetHardware
    self.target = target
  }

  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.size, bytes.starts(with: Self.prefix) else { return nil }
    operation = bytes.bigEndian(UInt16.self, at: 6)
    senderHardware = MACAddress(bytes, at: 8)
    sender = IPv4Address(bits: bytes.bigEndian(UInt32.self, at: 14))
    targetHardware = MACAddress(bytes, at: 18)
    target = IPv4Address(bits: bytes.bigEndian(UInt32.self, at: 24))
  }

  var bytes: [UInt8] {
    Self.prefix + operation.bigEndianBytes + senderHardware.bytes + sender.bytes + targetHardware.bytes + target.bytes
  }
}
