// Internet packets (RFC 791): one address, one router, no fragments, no options of our own.

import Interfaces

/// The header without options, and the protocols above it.
enum InternetHeader {
  static var size: Int { 20 }
  static var controlMessages: UInt8 { 1 }
  static var transmissionControl: UInt8 { 6 }
  static var datagrams: UInt8 { 17 }
  static var everyone: UInt32 { .max }
}

/// An Internet packet whose header has been checked.
struct InternetPacket {
  let source: UInt32
  let destination: UInt32
  let transport: UInt8
  let payload: Packet

  /// Nil for what is malformed, damaged, or a fragment.
  init?(_ packet: Packet) {
    guard packet.count >= InternetHeader.size, packet.byte(0) >> 4 == 4 else { return nil }
    let header = Int(packet.byte(0) & 15) * 4
    let total = Int(packet.number16(2))
    guard header >= InternetHeader.size, header <= total, total <= packet.count else { return nil }
    // More fragments, or a fragment offset.
    guard packet.number16(6) & 0x3FFF == 0 else { return nil }
    var checksum = Checksum()
    checksum.add(packet.part(0..<header))
    guard checksum.value == 0 else { return nil }
    source = packet.number32(12)
    destination = packet.number32(16)
    transport = packet.byte(9)
    payload = packet.part(header..<total)
  }

  /// The sum of the pseudo header that UDP and TCP add to their own (RFC 9293, section 3.1).
  var pseudoHeader: Checksum {
    Self.pseudoHeader(source, destination, transport, count: payload.count)
  }

  static func pseudoHeader(
    _ source: UInt32, _ destination: UInt32, _ transport: UInt8, count: Int
  ) -> Checksum {
    var checksum = Checksum()
    checksum.add(source)
    checksum.add(destination)
    checksum.add(UInt32(transport) << 16 | UInt32(count))
    return checksum
  }
}

extension Network {
  /// Takes a packet from the link.
  mutating func receiveInternet(_ frame: Packet) {
    guard let packet = InternetPacket(frame) else { return }
    if packet.transport == InternetHeader.datagrams, receiveConfiguration(packet) { return }
    guard address != 0, packet.destination == address else { return }
    switch packet.transport {
    case InternetHeader.controlMessages: receiveControlMessage(packet)
    case InternetHeader.transmissionControl: receiveSegment(packet)
    case InternetHeader.datagrams: refuseDatagram(packet, frame)
    default: break
    }
  }

  /// Room for the payload of a packet.
  ///
  /// Nil when no buffer is free, or when the next station's address is not known yet; then it has been asked for, and
  /// `isUnresolved` says so.
  mutating func room(to destination: UInt32) -> Packet? {
    isUnresolved = false
    if destination == InternetHeader.everyone {
      nextStation = Ethernet.broadcast
    } else {
      let hop = (destination ^ address) & mask == 0 ? destination : router
      guard let station = neighbors.hardware(of: hop) else {
        isUnresolved = true
        ask(for: hop)
        return nil
      }
      nextStation = station
    }
    guard let frame = buffers?.room() else { return nil }
    openFrame = frame
    return frame.from(Ethernet.headerSize + InternetHeader.size)
  }

  /// Sends the packet whose payload was put where `room` said.
  mutating func sendPacket(to destination: UInt32, transport: UInt8, payload: Int) {
    guard let frame = openFrame else { return }
    openFrame = nil
    let header = frame.part(Ethernet.headerSize..<(Ethernet.headerSize + InternetHeader.size))
    header.set(0, number16: 0x4500)
    header.set(2, number16: UInt16(InternetHeader.size + payload))
    // Never a fragment, and 64 hops.
    header.set(4, number32: 0x4000)
    header.set(8, number16: 0x4000 | UInt16(transport))
    header.set(10, number16: 0)
    header.set(12, number32: address)
    header.set(16, number32: destination)
    var checksum = Checksum()
    checksum.add(header)
    header.set(10, number16: checksum.value)
    send(frame, to: nextStation, kind: Ethernet.internet, payload: InternetHeader.size + payload)
  }
}
