// A server of the Dynamic Host Configuration Protocol (RFC 2131, options RFC 2132) that gives each Ethernet address one
// Internet address for ever. No relays, no expiry: the network ends when the machine does.

/// A message of the protocol, as far as the server looks at it.
struct DHCPMessage: Hashable, Sendable {
  enum Kind: UInt8, Sendable {
    case discover = 1
    case offer = 2
    case request = 3
    case acknowledge = 5
    case refuse = 6
    case inform = 8
  }

  enum Option {
    static let pad: UInt8 = 0
    static let subnetMask: UInt8 = 1
    static let router: UInt8 = 3
    static let requestedAddress: UInt8 = 50
    static let leaseTime: UInt8 = 51
    static let kind: UInt8 = 53
    static let server: UInt8 = 54
    static let end: UInt8 = 255
  }

  static let serverPort: UInt16 = 67
  static let clientPort: UInt16 = 68

  private static let optionsOffset = 240
  private static let cookie: [UInt8] = [99, 130, 83, 99]
  private static let request: UInt8 = 1
  private static let reply: UInt8 = 2
  private static let broadcastFlag: UInt16 = 0x8000

  var isReply = false
  var transaction: UInt32
  var wantsBroadcast = false
  var clientAddress = IPv4Address.unspecified
  var yourAddress = IPv4Address.unspecified
  var client: MACAddress
  var kind: Kind
  /// The other options, by number.
  var options: [UInt8: [UInt8]] = [:]

  init(_ kind: Kind, client: MACAddress, transaction: UInt32) {
    self.kind = kind
    self.client = client
    self.transaction = transaction
  }

  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.optionsOffset, bytes[1] == 1, bytes[2] == 6,
      Array(bytes[236..<Self.optionsOffset]) == Self.cookie
    else { return nil }
    isReply = bytes[0] == Self.reply
    transaction = bytes.bigEndian(UInt32.self, at: 4)
    wantsBroadcast = bytes.bigEndian(UInt16.self, at: 10) & Self.broadcastFlag != 0
    clientAddress = IPv4Address(bits: bytes.bigEndian(UInt32.self, at: 12))
    yourAddress = IPv4Address(bits: bytes.bigEndian(UInt32.self, at: 16))
    client = MACAddress(bytes, at: 28)
    var options: [UInt8: [UInt8]] = [:]
    var position = Self.optionsOffset
    while position < bytes.count, bytes[position] != Option.end {
      let option = bytes[position]
      position += 1
      if option == Option.pad { continue }
      guard position < bytes.count, position + 1 + Int(bytes[position]) <= bytes.count else { return nil }
      let count = Int(bytes[position])
      options[option] = Array(bytes[position + 1..<position + 1 + count])
      position += 1 + count
    }
    guard let value = options.removeValue(forKey: Option.kind), value.count == 1, let kind = Kind(rawValue: value[0])
    else { return nil }
    self.kind = kind
    self.options = options
  }

  var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.optionsOffset)
    bytes[0] = isReply ? Self.reply : Self.request
    bytes[1] = 1
    bytes[2] = 6
    bytes.replaceBigEndian(transaction, at: 4)
    bytes.replaceBigEndian(wantsBroadcast ? Self.broadcastFlag : 0, at: 10)
    bytes.replaceBigEndian(clientAddress.bits, at: 12)
    bytes.replaceBigEndian(yourAddress.bits, at: 16)
    bytes.replaceSubrange(28..<34, with: client.bytes)
    bytes.replaceSubrange(236..<Self.optionsOffset, with: Self.cookie)
    bytes += [Option.kind, 1, kind.rawValue]
    for (option, value) in options.sorted(by: { $0.key < $1.key }) {
      bytes += [option, UInt8(truncatingIfNeeded: value.count)] + value
    }
    return bytes + [Option.end]
  }

  /// An option that holds one address.
  func address(_ option: UInt8) -> IPv4Address? {
    guard let value = options[option], value.count == 4 else { return nil }
    return IPv4Address(bits: value.bigEndian(UInt32.self, at: 0))
  }
}

/// The server and who has which address.
struct DHCPServer: Sendable {
  private static let leaseForEver: UInt32 = .max

  private let address: IPv4Address
  private let mask: UInt32
  private let firstLease: IPv4Address
  private let leaseCount: Int
  /// The clients, in order of their addresses.
  private var clients: [MACAddress] = []

  init(_ configuration: VirtualHostConfiguration) {
    address = configuration.address
    mask = configuration.subnetMask
    firstLease = configuration.firstLease
    leaseCount = configuration.leaseCount
  }

  /// The answer to a client's message, or nil if there is none to give.
  mutating func reply(to message: DHCPMessage) -> DHCPMessage? {
    guard !message.isReply else { return nil }
    switch message.kind {
    case .discover:
      guard let lease = lease(for: message.client) else { return nil }
      return reply(.offer, to: message, lease: lease)
    case .request:
      // A client that chose another server is none of ours.
      if let server = message.address(DHCPMessage.Option.server), server != address { return nil }
      guard let lease = lease(for: message.client) else { return reply(.refuse, to: message, lease: nil) }
      let wanted =
        message.address(DHCPMessage.Option.requestedAddress)
        ?? (message.clientAddress == .unspecified ? lease : message.clientAddress)
      return wanted == lease
        ? reply(.acknowledge, to: message, lease: lease) : reply(.refuse, to: message, lease: nil)
    case .inform: return reply(.acknowledge, to: message, lease: nil)
    case .offer, .acknowledge, .refuse: return nil
    }
  }

  /// The first address that was given away, or nil if there was none.
  var firstGiven: IPv4Address? { clients.isEmpty ? nil : firstLease }

  /// Feeds every word of the server's state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(UInt64(clients.count))
    for client in clients { body(client.bits) }
  }

  private mutating func lease(for client: MACAddress) -> IPv4Address? {
    if !clients.contains(client) {
      guard clients.count < leaseCount else { return nil }
      clients.append(client)
    }
    return clients.firstIndex(of: client).map { IPv4Address(bits: firstLease.bits &+ UInt32($0)) }
  }

  private func reply(_ kind: DHCPMessage.Kind, to message: DHCPMessage, lease: IPv4Address?) -> DHCPMessage {
    var reply = DHCPMessage(kind, client: message.client, transaction: message.transaction)
    reply.isReply = true
    reply.wantsBroadcast = message.wantsBroadcast
    reply.options[DHCPMessage.Option.server] = address.bytes
    guard kind != .refuse else { return reply }
    reply.options[DHCPMessage.Option.subnetMask] = mask.bigEndianBytes
    reply.options[DHCPMessage.Option.router] = address.bytes
    if let lease {
      reply.yourAddress = lease
      reply.options[DHCPMessage.Option.leaseTime] = Self.leaseForEver.bigEndianBytes
    } else {
      reply.clientAddress = message.clientAddress
    }
    return reply
  }
}
