// The built-in host on a virtual switch: it answers ARP, ICMP echo, DHCP, UDP echo and HTTP, so that a guest's network
// stack has company without any real network, and runs errands (VirtualHostErrands.swift). A value without a clock:
// callers pass the time in and must call `advance(to:)` when `nextEvent` is due.

/// What distinguishes one built-in host from another.
public struct VirtualHostConfiguration: Hashable, Sendable {
  /// The host's Ethernet address; by default the one of QEMU's user network.
  public var hardwareAddress = MACAddress(0x52, 0x55, 0x0a, 0x00, 0x02, 0x02)
  /// The host's Internet address.
  public var address = IPv4Address(10, 0, 2, 2)
  /// The mask of the network that it is in.
  public var subnetMask: UInt32 = 0xffff_ff00
  /// The first address that DHCP gives away; further ones follow it.
  public var firstLease = IPv4Address(10, 0, 2, 15)
  /// How many addresses DHCP gives away.
  public var leaseCount = 64
  /// The pages of the HTTP server, by path.
  public var pages = [
    "/": "This is the built-in host. Packets to it never leave the machine.\nTry /hello\n", "/hello": "hello, guest\n",
  ]
  /// Where initial sequence numbers start from.
  public var seed: UInt64 = 0

  /// The defaults: 10.0.2.2, leases from 10.0.2.15 on, as on QEMU's user network.
  public init() {}
}

/// A small host behind an Ethernet port.
public struct VirtualHost: Sendable {
  /// How many connections it keeps at a time.
  static let mostConnections = 64
  private static let echoPort: UInt16 = 7

  /// What it was made with.
  public let configuration: VirtualHostConfiguration
  private let http: HTTPResponder
  private(set) var dhcp: DHCPServer
  /// In order of their opening, so that runs are repeatable.
  var connections: [TCPConnection] = []
  /// What the host was asked to do last.
  var errand: HostErrandRun?
  /// The port that the host's own connections were given last.
  var lastPort: UInt16 = 0

  /// Makes a host that has not talked to anybody yet.
  public init(_ configuration: VirtualHostConfiguration = VirtualHostConfiguration()) {
    self.configuration = configuration
    http = HTTPResponder(pages: configuration.pages)
    dhcp = DHCPServer(configuration)
  }

  /// The tick at which the host will do something by itself, or `.max`.
  public var nextEvent: UInt64 { connections.reduce(errand?.nextEvent ?? .max) { min($0, $1.nextEvent) } }

  /// Takes a frame from the wire.
  ///
  /// - Returns: The frames it sends in answer.
  public mutating func receive(_ bytes: [UInt8], at now: UInt64) -> [[UInt8]] {
    guard let frame = EthernetFrame(bytes), !frame.source.isGroup,
      frame.destination == configuration.hardwareAddress || frame.destination == .broadcast
    else { return [] }
    switch frame.payloadType {
    case EthernetFrame.PayloadType.arp: return receiveARP(frame, at: now)
    case EthernetFrame.PayloadType.ipv4:
      guard let packet = IPv4Packet(frame.payload) else { return [] }
      return receive(packet, from: frame.source, at: now)
    default: return []
    }
  }

  /// Lets time pass.
  ///
  /// - Returns: The frames it sends by itself, such as retransmissions.
  public mutating func advance(to now: UInt64) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    for index in connections.indices where connections[index].nextEvent <= now {
      let segments = connections[index].timer(at: now)
      frames += self.frames(segments, of: connections[index])
    }
    frames += advanceErrand(to: now)
    connections.removeAll(where: \.isOver)
    return frames
  }

  /// Feeds every word of the host's state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    dhcp.forEachStateWord(body)
    body(UInt64(connections.count))
    for connection in connections { connection.forEachStateWord(body) }
    errand?.forEachStateWord(body)
  }

  private mutating func receiveARP(_ frame: EthernetFrame, at now: UInt64) -> [[UInt8]] {
    guard let packet = ARPPacket(frame.payload), packet.target == configuration.address else { return [] }
    guard packet.operation == ARPPacket.Operation.request else {
      return continueErrand(packet.sender, hardware: packet.senderHardware, at: now)
    }
    let reply = ARPPacket(
      operation: ARPPacket.Operation.reply, senderHardware: configuration.hardwareAddress,
      sender: configuration.address,
      targetHardware: packet.senderHardware, target: packet.sender)
    return [
      EthernetFrame(
        to: packet.senderHardware, from: configuration.hardwareAddress, payloadType: EthernetFrame.PayloadType.arp,
        payload: reply.bytes
      ).bytes
    ]
  }

  private mutating func receive(_ packet: IPv4Packet, from hardware: MACAddress, at now: UInt64) -> [[UInt8]] {
    let isForMe = packet.destination == configuration.address
    let isForAll =
      packet.destination == .broadcast
      || packet.destination.bits == configuration.address.bits | ~configuration.subnetMask
    guard isForMe || isForAll else { return [] }
    switch packet.transport {
    case IPv4Packet.Transport.udp: return receiveDatagram(packet, from: hardware, isForMe: isForMe)
    case IPv4Packet.Transport.icmp where isForMe:
      if finishEcho(packet, at: now) { return [] }
      return ICMPMessage.echoReply(to: packet.payload).map { [icmp($0, to: packet.source, hardware)] } ?? []
    case IPv4Packet.Transport.tcp where isForMe:
      guard let segment = TCPSegment(packet) else { return [] }
      return receive(segment, from: packet.source, hardware, at: now)
    default: return []
    }
  }

  private mutating func receiveDatagram(
    _ packet: IPv4Packet, from hardware: MACAddress, isForMe: Bool
  ) -> [[UInt8]] {
    guard let datagram = UDPDatagram(packet) else { return [] }
    if datagram.destinationPort == DHCPMessage.serverPort {
      guard let message = DHCPMessage(datagram.payload), let reply = dhcp.reply(to: message) else { return [] }
      return [frame(dhcpReply: reply)]
    }
    guard isForMe else { return [] }
    // An echo to an echo port would go on for ever.
    guard datagram.destinationPort == Self.echoPort, datagram.sourcePort != Self.echoPort else {
      return [icmp(ICMPMessage.portUnreachable(packet), to: packet.source, hardware)]
    }
    let echo = UDPDatagram(from: Self.echoPort, to: datagram.sourcePort, payload: datagram.payload)
    return [frame(echo.packet(from: configuration.address, to: packet.source), to: hardware)]
  }

  /// A client without an address hears a broadcast, or what is sent to its Ethernet address (RFC 2131, section 4.1).
  private func frame(dhcpReply reply: DHCPMessage) -> [UInt8] {
    let target = reply.yourAddress == .unspecified ? reply.clientAddress : reply.yourAddress
    let isBroadcast = reply.wantsBroadcast || target == .unspecified
    let datagram = UDPDatagram(from: DHCPMessage.serverPort, to: DHCPMessage.clientPort, payload: reply.bytes)
    return frame(
      datagram.packet(from: configuration.address, to: isBroadcast ? .broadcast : target),
      to: isBroadcast ? .broadcast : reply.client)
  }

  private mutating func receive(
    _ segment: TCPSegment, from peer: IPv4Address, _ hardware: MACAddress, at now: UInt64
  ) -> [[UInt8]] {
    let endpoints = TCPEndpoints(peer: peer, peerPort: segment.sourcePort, port: segment.destinationPort)
    var known = connections.firstIndex { $0.endpoints == endpoints }
    var mustAcknowledge = false
    if let index = known {
      mustAcknowledge = connections[index].receive(segment, now: now)
    } else if segment.flags == .synchronize, endpoints.port == HTTPResponder.port,
      connections.count < Self.mostConnections
    {
      known = connections.count
      connections.append(
        TCPConnection(
          accepting: segment, from: peer, hardware: hardware, sequence: initialSequence(endpoints, at: now), now: now))
    }
    guard let index = known else {
      guard let refusal = TCPSegment.refusal(of: segment) else { return [] }
      return [frame(refusal.packet(from: configuration.address, to: peer), to: hardware)]
    }
    if isErrand(connections[index]) { connectionChanged(of: index, at: now) } else { answerRequest(of: index) }
    var segments = connections[index].isOver ? [] : connections[index].flush(now: now)
    if segments.isEmpty && mustAcknowledge { segments = [connections[index].acknowledgment] }
    let frames = frames(segments, of: connections[index])
    connections.removeAll(where: \.isOver)
    return frames
  }

  private mutating func answerRequest(of index: Int) {
    guard !connections[index].isAnswered else { return }
    let request = connections[index].received
    let isAll = connections[index].peerHasClosed || request.count >= TCPConnection.Limit.receiveWindow
    if let response = http.response(to: request, isAll: isAll) { connections[index].answer(response) }
  }

  /// RFC 9293, section 3.4.1: a clock of 4 microseconds, and something of its own for each pair of ends.
  func initialSequence(_ endpoints: TCPEndpoints, at now: UInt64) -> UInt32 {
    let ends = UInt64(endpoints.peer.bits) << 32 | UInt64(endpoints.peerPort) << 16 | UInt64(endpoints.port)
    return UInt32(truncatingIfNeeded: StateHash.mix(ends ^ StateHash.mix(configuration.seed)) &+ now / 40)
  }

  func frames(_ segments: [TCPSegment], of connection: TCPConnection) -> [[UInt8]] {
    segments.map {
      frame($0.packet(from: configuration.address, to: connection.endpoints.peer), to: connection.hardware)
    }
  }

  func icmp(_ message: [UInt8], to peer: IPv4Address, _ hardware: MACAddress) -> [UInt8] {
    frame(
      IPv4Packet(from: configuration.address, to: peer, transport: IPv4Packet.Transport.icmp, payload: message),
      to: hardware)
  }

  private func frame(_ packet: IPv4Packet, to hardware: MACAddress) -> [UInt8] {
    EthernetFrame(
      to: hardware, from: configuration.hardwareAddress, payloadType: EthernetFrame.PayloadType.ipv4,
      payload: packet.bytes
    ).bytes
  }
}
