// Where the address comes from: DHCP (RFC 2131, options RFC 2132) with the first use of the network; where no server
// answers in time, a fixed address as on QEMU's user network. A lease is not renewed: no run lasts as long.

import Interfaces

/// How far the configuration has come.
enum ConfigurationPhase: UInt8 {
  case none
  /// A server is looked for.
  case discovering
  /// A server's offer was taken.
  case requesting
  case done
}

/// The fields of a message, from the first byte of the datagram's payload on.
private enum Message {
  static var optionsOffset: Int { 240 }
  /// Room for our own options.
  static var size: Int { 300 }
  static var hardware: Int { 28 }
  static var transaction: Int { 4 }
  static var flags: Int { 10 }
  static var yourAddress: Int { 16 }
  static var cookieOffset: Int { 236 }
  static var cookie: UInt32 { 0x6382_5363 }
  static var request: UInt32 { 0x0101_0600 }
  static var reply: UInt8 { 2 }

  static var discover: UInt8 { 1 }
  static var offer: UInt8 { 2 }
  static var requestKind: UInt8 { 3 }
  static var acknowledge: UInt8 { 5 }
  static var refuse: UInt8 { 6 }
}

private enum Option {
  static var pad: UInt8 { 0 }
  static var subnetMask: UInt8 { 1 }
  static var router: UInt8 { 3 }
  static var requestedAddress: UInt8 { 50 }
  static var kind: UInt8 { 53 }
  static var server: UInt8 { 54 }
  static var end: UInt8 { 255 }
}

private enum Datagram {
  static var headerSize: Int { 8 }
  static var serverPort: UInt16 { 67 }
  static var clientPort: UInt16 { 68 }
}

/// What a server's message says.
private struct Answer {
  var kind: UInt8 = 0
  var address: UInt32 = 0
  var mask: UInt32 = 0xFFFF_FF00
  var router: UInt32 = 0
  var server: UInt32 = 0

  /// Nil for anything but a well-formed answer to `transaction`.
  init?(_ message: Packet, transaction: UInt32) {
    guard message.count >= Message.optionsOffset, message.byte(0) == Message.reply,
      message.number32(Message.transaction) == transaction, message.number32(Message.cookieOffset) == Message.cookie
    else { return nil }
    address = message.number32(Message.yourAddress)
    var offset = Message.optionsOffset
    while offset < message.count, message.byte(offset) != Option.end {
      let option = message.byte(offset)
      offset += 1
      if option == Option.pad { continue }
      guard offset < message.count else { return nil }
      let length = Int(message.byte(offset))
      offset += 1
      guard offset + length <= message.count else { return nil }
      if option == Option.kind, length == 1 { kind = message.byte(offset) }
      if option == Option.subnetMask, length == 4 { mask = message.number32(offset) }
      if option == Option.router, length >= 4 { router = message.number32(offset) }
      if option == Option.server, length == 4 { server = message.number32(offset) }
      offset += length
    }
  }
}

extension Network {
  /// How long a server has for an answer, and how often it is asked: 0.5 s, three times.
  private static var patience: UInt64 { 5_000_000 }
  private static var attempts: Int { 3 }

  /// Begins to use the network, if nobody has: takes buffers and looks for an address.
  mutating func configure() throws(ErrorCode) {
    guard let driver else { throw .noNetwork }
    guard phase == .none else { return }
    if buffers == nil { buffers = FrameBuffers(driver) }
    guard buffers != nil else { throw .noMemory }
    transaction = UInt32(truncatingIfNeeded: hardware) ^ UInt32(truncatingIfNeeded: env_time())
    configurationAttempts = 0
    beginDiscovery()
  }

  private mutating func beginDiscovery() {
    // All that look for an address on this adapter hear the answers to each.
    _ = env_claim(UInt64(ENV_CLAIM_DATAGRAM), UInt64(Datagram.clientPort))
    phase = .discovering
    configurationAttempts += 1
    configurationDeadline = env_time() &+ Self.patience
    sendConfiguration(Message.discover, wanted: 0, server: 0)
  }

  /// The server has been silent for too long.
  mutating func configurationTimedOut() {
    if configurationAttempts < Self.attempts { return beginDiscovery() }
    // The host part is the adapter's: two systems without a server shall not have the same address.
    let host = 15 &+ (UInt32(truncatingIfNeeded: hardware) &- 0x56) & 63
    take(0x0A00_0200 | host, mask: 0xFFFF_FF00, router: 0x0A00_0202)
  }

  private mutating func take(_ address: UInt32, mask: UInt32, router: UInt32) {
    self.address = address
    self.mask = mask
    self.router = router
    phase = .done
    configurationDeadline = 0
    env_disclaim(UInt64(ENV_CLAIM_DATAGRAM), UInt64(Datagram.clientPort))
    // Refused, it could send nothing, as with any address that is not its own; and one answers others' echoes for all.
    _ = env_claim(UInt64(ENV_CLAIM_ADDRESS), UInt64(address))
    _ = env_claim(UInt64(ENV_CLAIM_ECHO), 0)
  }

  /// Takes a datagram from a DHCP server; false when it is something else.
  mutating func receiveConfiguration(_ packet: InternetPacket) -> Bool {
    let datagram = packet.payload
    guard phase == .discovering || phase == .requesting, datagram.count >= Datagram.headerSize,
      datagram.number16(2) == Datagram.clientPort, Int(datagram.number16(4)) <= datagram.count,
      Int(datagram.number16(4)) >= Datagram.headerSize
    else { return false }
    let isChecked = datagram.number16(6) != 0
    var checksum = packet.pseudoHeader
    checksum.add(datagram)
    guard !isChecked || checksum.value == 0,
      let answer = Answer(
        datagram.part(Datagram.headerSize..<Int(datagram.number16(4))), transaction: transaction)
    else { return true }
    if phase == .discovering, answer.kind == Message.offer, answer.address != 0 {
      phase = .requesting
      configurationDeadline = env_time() &+ Self.patience
      sendConfiguration(Message.requestKind, wanted: answer.address, server: answer.server)
    } else if phase == .requesting, answer.kind == Message.acknowledge, answer.address != 0 {
      take(answer.address, mask: answer.mask, router: answer.router)
    } else if phase == .requesting, answer.kind == Message.refuse {
      configurationTimedOut()
    }
    return true
  }

  private mutating func sendConfiguration(_ kind: UInt8, wanted: UInt32, server: UInt32) {
    guard let room = room(to: InternetHeader.everyone) else { return }
    let datagram = room.part(0..<(Datagram.headerSize + Message.size))
    datagram.clear()
    datagram.set(0, number16: Datagram.clientPort)
    datagram.set(2, number16: Datagram.serverPort)
    datagram.set(4, number16: UInt16(datagram.count))
    let message = datagram.from(Datagram.headerSize)
    message.set(0, number32: Message.request)
    message.set(Message.transaction, number32: transaction)
    // Whoever has no address yet hears broadcasts best.
    message.set(Message.flags, number16: 0x8000)
    message.set(Message.hardware, number48: hardware)
    message.set(Message.cookieOffset, number32: Message.cookie)
    message.set(Message.optionsOffset, byte: Option.kind)
    message.set(Message.optionsOffset + 1, byte: 1)
    message.set(Message.optionsOffset + 2, byte: kind)
    var offset = Message.optionsOffset + 3
    if wanted != 0 {
      offset = add(Option.requestedAddress, wanted, to: message, at: offset)
      offset = add(Option.server, server, to: message, at: offset)
    }
    message.set(offset, byte: Option.end)
    // Without a checksum (RFC 768): the frame has its own.
    sendPacket(to: InternetHeader.everyone, transport: InternetHeader.datagrams, payload: datagram.count)
  }

  private func add(_ option: UInt8, _ value: UInt32, to message: Packet, at offset: Int) -> Int {
    message.set(offset, byte: option)
    message.set(offset + 1, byte: 4)
    message.set(offset + 2, number32: value)
    return offset + 6
  }
}
