// ICMP (RFC 792): echoes asked for and answered, and the refusal of datagrams that nobody takes.

import Interfaces

/// The messages, and the fields of an echo.
private enum ControlMessage {
  static var headerSize: Int { 8 }
  static var echoReply: UInt8 { 0 }
  static var echoRequest: UInt8 { 8 }
  /// Destination unreachable, because of the port.
  static var portUnreachable: UInt16 { 0x0303 }
  static var checksum: Int { 2 }
  static var identifier: Int { 4 }
  static var sequence: Int { 6 }
  /// The first identifier that echoes of ours have, if nobody else has claimed it: "ka".
  static var firstIdentifier: UInt16 { 0x6B61 }
  /// Bytes behind the header, as other systems send.
  static var echoPayload: Int { 56 }
}

extension Network {
  mutating func receiveControlMessage(_ packet: InternetPacket) {
    let message = packet.payload
    var checksum = Checksum()
    checksum.add(message)
    guard message.count >= ControlMessage.headerSize, checksum.value == 0, message.byte(1) == 0 else { return }
    switch message.byte(0) {
    case ControlMessage.echoRequest:
      guard let reply = room(to: packet.source), message.count <= reply.count else { return }
      reply.copy(message, to: 0)
      reply.set(0, byte: ControlMessage.echoReply)
      finish(reply.part(0..<message.count), to: packet.source)
    case ControlMessage.echoReply where message.number16(ControlMessage.identifier) == echoIdentifier:
      completeEcho(from: packet.source, sequence: message.number16(ControlMessage.sequence))
    default: break
    }
  }

  /// Sends a message that is complete but for its checksum.
  private mutating func finish(_ message: Packet, to destination: UInt32) {
    message.set(ControlMessage.checksum, number16: 0)
    var checksum = Checksum()
    checksum.add(message)
    message.set(ControlMessage.checksum, number16: checksum.value)
    sendPacket(to: destination, transport: InternetHeader.controlMessages, payload: message.count)
  }

  /// Asks an address for an echo; false when nothing could be sent yet.
  mutating func sendEcho(to destination: UInt32, sequence: UInt16) -> Bool {
    guard let room = room(to: destination) else { return false }
    let message = room.part(0..<(ControlMessage.headerSize + ControlMessage.echoPayload))
    message.clear()
    message.set(0, byte: ControlMessage.echoRequest)
    if echoIdentifier == 0 { claimEchoIdentifier() }
    message.set(ControlMessage.identifier, number16: echoIdentifier)
    message.set(ControlMessage.sequence, number16: sequence)
    finish(message, to: destination)
    return true
  }

  private mutating func claimEchoIdentifier() {
    echoIdentifier = ControlMessage.firstIdentifier
    while env_claim(UInt64(ENV_CLAIM_ECHO), UInt64(echoIdentifier)) == ErrorCode.addressInUse.result {
      echoIdentifier &+= 1
    }
  }

  /// Says that nobody listens at the port of a datagram.
  mutating func refuseDatagram(_ packet: InternetPacket, _ original: Packet) {
    guard let room = room(to: packet.source) else { return }
    // The header and eight bytes tell the sender which of its datagrams it was.
    let quoted = min(original.count, InternetHeader.size + 8)
    let message = room.part(0..<(ControlMessage.headerSize + quoted))
    message.clear()
    message.set(0, number16: ControlMessage.portUnreachable)
    message.copy(original.part(0..<quoted), to: ControlMessage.headerSize)
    finish(message, to: packet.source)
  }
}
