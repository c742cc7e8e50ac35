// Packets as a guest's network stack makes them, and the guest's end of a TCP connection, for tests of the built-in host.

@testable import Machine

enum TestPackets {
  static let guestHardware = MACAddress(0x52, 0x54, 0x00, 0x12, 0x34, 0x56)
  static let guest = IPv4Address(10, 0, 2, 15)
  static let host = IPv4Address(10, 0, 2, 2)
  static let hostHardware = VirtualHostConfiguration().hardwareAddress

  static func arpRequest(from hardware: MACAddress, address: IPv4Address, for target: IPv4Address) -> [UInt8] {
    let packet = ARPPacket(
      operation: 1, senderHardware: hardware, sender: address, targetHardware: MACAddress(0, 0, 0, 0, 0, 0),
      target: target)
    return EthernetFrame(to: .broadcast, from: hardware, payloadType: 0x0806, payload: packet.bytes).bytes
  }

  static func frame(_ packet: IPv4Packet, to hardware: MACAddress = hostHardware) -> [UInt8] {
    EthernetFrame(to: hardware, from: guestHardware, payloadType: 0x0800, payload: packet.bytes).bytes
  }

  static func echoRequest(_ data: [UInt8]) -> [UInt8] {
    var message: [UInt8] = [8, 0, 0, 0, 0x12, 0x34, 0, 1] + data
    message.replaceBigEndian(InternetChecksum.of(message), at: 2)
    return frame(IPv4Packet(from: guest, to: host, transport: 1, payload: message))
  }

  static func datagram(_ payload: [UInt8], from source: UInt16, to port: UInt16) -> [UInt8] {
    frame(UDPDatagram(from: source, to: port, payload: payload).packet(from: guest, to: host))
  }

  static func dhcp(_ message: DHCPMessage) -> [UInt8] {
    let datagram = UDPDatagram(from: 68, to: 67, payload: message.bytes)
    return frame(datagram.packet(from: .unspecified, to: .broadcast), to: .broadcast)
  }

  static func segment(_ segment: TCPSegment) -> [UInt8] {
    frame(segment.packet(from: guest, to: host))
  }

  /// The packet in a frame from the host.
  static func packet(_ frame: [UInt8]?) -> IPv4Packet? {
    frame.flatMap { EthernetFrame($0) }.flatMap { IPv4Packet($0.payload) }
  }
}

/// The guest's end of a connection: it asks for a page, takes what comes in order, and repeats what is not acknowledged.
struct TestBrowser {
  private(set) var received: [UInt8] = []
  private(set) var hostHasClosed = false
  private(set) var wasReset = false
  private(set) var isConnected = false
  /// How many bytes the guest takes at a time.
  var window: UInt16 = 4096
  private let port: UInt16
  private let request: [UInt8]
  private let segmentSize: UInt16?
  private let initialSequence: UInt32 = 0xffff_fff0
  private var acknowledged: UInt32 = 0
  private var nextExpected: UInt32 = 0

  init(_ request: String, port: UInt16 = 80, segmentSize: UInt16? = 1460) {
    self.request = Array(request.utf8)
    self.port = port
    self.segmentSize = segmentSize
  }

  var response: String { String(decoding: received, as: UTF8.self) }

  /// What the guest sends now, or again after a timeout.
  func outgoing() -> [UInt8] {
    guard isConnected else {
      var segment = make([.synchronize], at: 0)
      segment.acknowledgment = 0
      segment.maximumSegmentSize = segmentSize
      return TestPackets.segment(segment)
    }
    var segment = make([.acknowledge], at: acknowledged)
    segment.payload = Array(request.dropFirst(Int(acknowledged) - 1))
    // Once the host has closed, so does the guest.
    if hostHasClosed { segment.flags.insert(.finish) }
    return TestPackets.segment(segment)
  }

  /// Takes a frame; returns what the guest answers, if anything.
  mutating func receive(_ frame: [UInt8]) -> [UInt8]? {
    guard let packet = TestPackets.packet(frame), let segment = TCPSegment(packet), segment.destinationPort == 40000
    else {
      return nil
    }
    if segment.flags.contains(.reset) {
      wasReset = true
      return nil
    }
    if segment.flags.contains([.synchronize, .acknowledge]) {
      nextExpected = segment.sequence &+ 1
      isConnected = true
    }
    acknowledged = segment.acknowledgment &- initialSequence
    guard segment.sequenceCount > 0 else { return nil }
    if segment.sequence == nextExpected, !hostHasClosed {
      received += segment.payload
      nextExpected &+= segment.sequenceCount
      if segment.flags.contains(.finish) { hostHasClosed = true }
    }
    return outgoing()
  }

  private func make(_ flags: TCPSegment.Flags, at offset: UInt32) -> TCPSegment {
    var segment = TCPSegment(from: 40000, to: port, sequence: initialSequence &+ offset, flags: flags)
    segment.acknowledgment = nextExpected
    segment.window = window
    return segment
  }
}
