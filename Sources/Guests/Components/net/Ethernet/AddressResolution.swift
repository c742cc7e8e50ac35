// Which Ethernet address an Internet address has: ARP (RFC 826).

import Interfaces

/// The fields of a packet for Ethernet and Internet addresses.
private enum Field {
  static var size: Int { 28 }
  /// Ethernet, Internet, addresses of six and four bytes.
  static var kinds: UInt64 { 0x0001_0800_0604 }
  static var operation: Int { 6 }
  static var senderHardware: Int { 8 }
  static var sender: Int { 14 }
  static var targetHardware: Int { 18 }
  static var target: Int { 24 }
  static var request: UInt16 { 1 }
  static var reply: UInt16 { 2 }
}

/// A station on the link.
private struct Neighbor {
  /// Its Internet address; 0: the row is free.
  var address: UInt32 = 0
  var hardware: UInt64 = 0
}

/// The stations whose addresses are known.
struct Neighbors {
  private static var capacity: Int { 8 }
  private var rows = InlineArray<8, Neighbor>(repeating: Neighbor())
  /// The row that a new station takes.
  private var next = 0

  mutating func hardware(of address: UInt32) -> UInt64? {
    for index in 0..<Self.capacity where rows[index].address == address { return rows[index].hardware }
    return nil
  }

  /// Notes a station's address; a new one only if `adding`.
  mutating func learn(_ address: UInt32, _ hardware: UInt64, adding: Bool) {
    for index in 0..<Self.capacity where rows[index].address == address {
      rows[index].hardware = hardware
      return
    }
    guard adding else { return }
    rows[next] = Neighbor(address: address, hardware: hardware)
    next = (next + 1) % Self.capacity
  }
}

extension Network {
  /// Takes a packet of the protocol: learns from it, and answers when it asks for us.
  mutating func receiveAddressResolution(_ packet: Packet) {
    guard packet.count >= Field.size, packet.number48(0) == Field.kinds else { return }
    let sender = packet.number32(Field.sender)
    let hardware = packet.number48(Field.senderHardware)
    guard sender != 0, hardware >> 40 & 1 == 0 else { return }
    let isForUs = address != 0 && packet.number32(Field.target) == address
    neighbors.learn(sender, hardware, adding: isForUs)
    guard isForUs else { return }
    if packet.number16(Field.operation) == Field.request {
      sendAddressResolution(Field.reply, to: hardware, sender)
    }
  }

  /// Asks the link who has an Internet address.
  mutating func ask(for target: UInt32) { sendAddressResolution(Field.request, to: Ethernet.broadcast, target) }

  private mutating func sendAddressResolution(_ operation: UInt16, to destination: UInt64, _ target: UInt32) {
    guard let frame = buffers?.room() else { return }
    let packet = frame.part(Ethernet.headerSize..<(Ethernet.headerSize + Field.size))
    packet.set(0, number48: Field.kinds)
    packet.set(Field.operation, number16: operation)
    packet.set(Field.senderHardware, number48: hardware)
    packet.set(Field.sender, number32: address)
    packet.set(Field.targetHardware, number48: operation == Field.reply ? destination : 0)
    packet.set(Field.target, number32: target)
    send(frame, to: destination, kind: Ethernet.addressResolution, payload: Field.size)
  }

  /// Puts the header in front of a frame's payload and sends it.
  mutating func send(_ frame: Packet, to destination: UInt64, kind: UInt16, payload: Int) {
    frame.set(0, number48: destination)
    frame.set(6, number48: hardware)
    frame.set(12, number16: kind)
    buffers?.send(Ethernet.headerSize + payload)
  }
}
