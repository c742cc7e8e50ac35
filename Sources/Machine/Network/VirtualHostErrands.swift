// The built-in host as a client: one errand at a time, from the question for the guest's Ethernet address to the result.

extension VirtualHost {
  private static let firstOwnPort: UInt16 = 49152
  private static let echoIdentifier: UInt16 = 0x6b68
  private static let endOfHeader: [UInt8] = Array("\r\n\r\n".utf8)

  /// How the last errand ended; nil while it is under way, and when there was none.
  public var errandResult: HostErrandResult? {
    if case .done(let result) = errand?.phase { return result }
    return nil
  }

  /// When the last errand ended, in `mtime` ticks; nil while it is under way, and when there was none.
  public var errandEnd: UInt64? { errandResult == nil ? nil : errand?.end }

  /// Begins an errand, in place of the one that may be under way.
  ///
  /// - Parameters:
  ///   - errand: What to do.
  ///   - peer: The address to do it with; nil for the first that the host has given away, or would give.
  ///   - now: The time in `mtime` ticks; `advance(to:)` sends the first frame.
  public mutating func begin(_ errand: HostErrand, with peer: IPv4Address?, at now: UInt64) {
    if case .connected(let endpoints) = self.errand?.phase { connections.removeAll { $0.endpoints == endpoints } }
    let target = peer ?? dhcp.firstGiven ?? configuration.firstLease
    self.errand = HostErrandRun(errand: errand, peer: target, nextEvent: now)
  }

  /// Does what the errand's time has come for.
  mutating func advanceErrand(to now: UInt64) -> [[UInt8]] {
    guard let run = errand, run.nextEvent <= now else { return [] }
    switch run.phase {
    case .resolving(let attempts) where attempts < HostErrandRun.mostAttempts:
      errand?.phase = .resolving(attempts: attempts + 1)
      errand?.nextEvent = now &+ HostErrandRun.retryTime
      return [question(for: run.peer)]
    case .resolving: errand?.finish(.failed("nobody has the address \(run.peer)"), at: now)
    case .waitingForEcho: errand?.finish(.failed("no echo came back from \(run.peer)"), at: now)
    case .connected(let endpoints): watch(endpoints, at: now)
    case .done: errand?.nextEvent = .max
    }
    return []
  }

  /// Goes on when the guest has told its Ethernet address.
  mutating func continueErrand(_ sender: IPv4Address, hardware: MACAddress, at now: UInt64) -> [[UInt8]] {
    guard let run = errand, case .resolving = run.phase, run.peer == sender else { return [] }
    switch run.errand {
    case .echo:
      errand?.phase = .waitingForEcho(since: now)
      errand?.nextEvent = now &+ HostErrandRun.echoTime
      return [icmp(ICMPMessage.echoRequest(identifier: Self.echoIdentifier), to: sender, hardware)]
    case .fetch(let path, let port):
      lastPort = max(Self.firstOwnPort, lastPort &+ 1)
      let endpoints = TCPEndpoints(peer: sender, peerPort: port, port: lastPort)
      let request = "GET \(path) HTTP/1.1\r\nHost: \(sender)\r\nConnection: close\r\n\r\n"
      var connection = TCPConnection(
        opening: endpoints, hardware: hardware, sequence: initialSequence(endpoints, at: now),
        request: Array(request.utf8), now: now)
      let segments = connection.flush(now: now)
      connections.append(connection)
      errand?.phase = .connected(endpoints)
      errand?.nextEvent = connection.nextEvent
      return frames(segments, of: connection)
    }
  }

  /// Whether a connection is the errand's.
  func isErrand(_ connection: TCPConnection) -> Bool {
    if case .connected(let endpoints) = errand?.phase { return connection.endpoints == endpoints }
    return false
  }

  /// Looks at what has come on the errand's connection.
  mutating func connectionChanged(of index: Int, at now: UInt64) {
    let connection = connections[index]
    if connection.isRefused {
      errand?.finish(
        .failed("the connection was refused: nobody listens on port \(connection.endpoints.peerPort)"), at: now)
    } else if connection.peerHasClosed {
      connections[index].close()
      errand?.finish(Self.page(connection.received), at: now)
    } else if connection.isOver {
      errand?.finish(.failed("the guest broke the connection"), at: now)
    } else {
      // Should the connection die of silence, somebody has to notice.
      errand?.nextEvent = connection.nextEvent
    }
  }

  /// The errand's connection may have timed out.
  private mutating func watch(_ endpoints: TCPEndpoints, at now: UInt64) {
    guard let connection = connections.first(where: { $0.endpoints == endpoints }), !connection.isOver else {
      errand?.finish(.failed("the guest does not answer"), at: now)
      return
    }
    errand?.nextEvent = max(connection.nextEvent, now &+ 1)
  }

  /// Takes an echo that the errand waits for.
  mutating func finishEcho(_ packet: IPv4Packet, at now: UInt64) -> Bool {
    guard let run = errand, case .waitingForEcho(let start) = run.phase, packet.source == run.peer,
      ICMPMessage.isEchoReply(packet.payload, identifier: Self.echoIdentifier)
    else { return false }
    errand?.finish(.echo(ticks: now &- start), at: now)
    return true
  }

  private func question(for peer: IPv4Address) -> [UInt8] {
    let packet = ARPPacket(
      operation: ARPPacket.Operation.request, senderHardware: configuration.hardwareAddress,
      sender: configuration.address, targetHardware: MACAddress(bits: 0), target: peer)
    return EthernetFrame(
      to: .broadcast, from: configuration.hardwareAddress, payloadType: EthernetFrame.PayloadType.arp,
      payload: packet.bytes
    ).bytes
  }

  /// The status and body of an answer.
  private static func page(_ answer: [UInt8]) -> HostErrandResult {
    let line = String(decoding: answer.prefix { $0 != 13 && $0 != 10 }, as: UTF8.self)
    let words = line.split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/"), let status = Int(words[1]),
      let end = answer.indices.first(where: { answer[$0...].starts(with: endOfHeader) })
    else { return .failed("the guest closed the connection without an answer in HTTP") }
    return .page(status: status, body: Array(answer[(end + endOfHeader.count)...]))
  }
}
