// What a TCP connection sends, and what happens when nothing comes back.

import Interfaces

extension Network {
  /// Sends what the connection may and must send now, and sets the time of the next look at it.
  mutating func flush(_ index: Int) {
    let phase = connections[index].phase
    guard phase != .free, phase != .failed else { return }
    connections[index].waitsForAddress = false
    if !connections[index].isSynchronized {
      if connections[index].next == connections[index].acknowledged { sendSynchronize(index) }
    } else {
      while let (length, finishes) = nextSegment(index) {
        var flags = SegmentFlags.acknowledge
        if length > 0 { flags.insert(.push) }
        if finishes { flags.insert(.finish) }
        guard send(flags, length: length, of: index) else { break }
        connections[index].next = connections[index].next &+ UInt32(length + (finishes ? 1 : 0))
      }
      if connections[index].owesAcknowledgment { _ = send(.acknowledge, length: 0, of: index) }
    }
    connections[index].isProbing = false
    if Int32(bitPattern: connections[index].next &- connections[index].furthest) > 0 {
      connections[index].furthest = connections[index].next
    }
    if connections[index].deadline == 0, isWaiting(index) {
      connections[index].deadline = now &+ connections[index].timeout
    }
  }

  /// Whether the peer still has to acknowledge or take something.
  private mutating func isWaiting(_ index: Int) -> Bool {
    if !connections[index].isSynchronized { return true }
    let end = connections[index].isClosing ? connections[index].end &+ 1 : connections[index].end
    return connections[index].acknowledged != end
  }

  private mutating func sendSynchronize(_ index: Int) {
    var flags = SegmentFlags.synchronize
    if connections[index].phase == .answering { flags.insert(.acknowledge) }
    if send(flags, length: 0, of: index) { connections[index].next = connections[index].front }
  }

  /// The length of the next segment with data or FIN, and whether it has FIN; nil when there is nothing to send, or the
  /// peer has no room.
  private mutating func nextSegment(_ index: Int) -> (length: Int, finishes: Bool)? {
    let count = connections[index].outgoing.count
    let sent = Int(connections[index].next &- connections[index].front)
    guard sent <= count else { return nil }
    let window = max(connections[index].peerWindow, connections[index].isProbing ? 1 : 0)
    let allowed = window - Int(connections[index].next &- connections[index].acknowledged)
    let length = max(min(count - sent, allowed, connections[index].segmentSize), 0)
    let finishes = connections[index].isClosing && sent + length == count
    return length > 0 || finishes ? (length, finishes) : nil
  }

  /// Sends a segment that begins at `next`; false when it could not be sent now.
  private mutating func send(_ flags: SegmentFlags, length: Int, of index: Int) -> Bool {
    guard let room = room(to: connections[index].peer) else {
      connections[index].waitsForAddress = isUnresolved
      return false
    }
    let options = flags.contains(.synchronize) ? SegmentField.maximumSegmentSizeLength : 0
    let header = SegmentField.headerSize + options
    let segment = room.part(0..<(header + length))
    let window = connections[index].incoming.room
    segment.set(0, number16: connections[index].port)
    segment.set(2, number16: connections[index].peerPort)
    segment.set(SegmentField.sequence, number32: connections[index].next)
    segment.set(
      SegmentField.acknowledgment, number32: flags.contains(.acknowledge) ? connections[index].expected : 0)
    segment.set(SegmentField.window, number16: UInt16(window))
    segment.set(SegmentField.checksum, number32: 0)
    if options > 0 {
      segment.set(
        SegmentField.headerSize,
        number32: UInt32(SegmentField.maximumSegmentSize) << 24 | 4 << 16 | UInt32(Connection.largestSegment))
    }
    if length > 0 {
      connections[index].outgoing.copy(
        at: Int(connections[index].next &- connections[index].front), to: segment.from(header))
    }
    connections[index].promised = connections[index].expected &+ UInt32(window)
    connections[index].owesAcknowledgment = false
    finish(segment, flags, header: header, to: connections[index].peer)
    return true
  }

  /// Sends a segment that is complete but for its flags and checksum.
  mutating func finish(
    _ segment: Packet, _ flags: SegmentFlags, header: Int = SegmentField.headerSize, to peer: UInt32
  ) {
    segment.set(SegmentField.dataOffset, byte: UInt8(header / 4) << 4)
    segment.set(SegmentField.flags, byte: flags.rawValue)
    var checksum = InternetPacket.pseudoHeader(
      address, peer, InternetHeader.transmissionControl, count: segment.count)
    checksum.add(segment)
    segment.set(SegmentField.checksum, number16: checksum.value)
    sendPacket(to: peer, transport: InternetHeader.transmissionControl, payload: segment.count)
  }

  /// The time of a connection has come: something is sent again, or the row is free.
  mutating func connectionTimedOut(_ index: Int) {
    connections[index].deadline = 0
    if connections[index].phase == .lingering || (connections[index].phase == .open && connections[index].isFinished) {
      connections[index].phase = .free
      return
    }
    connections[index].attempts += 1
    guard connections[index].attempts <= Connection.maximumAttempts else {
      let isKnown = !connections[index].waitsForAddress
      abort(index)
      return connections[index].fail(isKnown ? .timedOut : .hostUnreachable)
    }
    connections[index].timeout = min(connections[index].timeout * 2, Connection.longestTimeout)
    connections[index].next = connections[index].acknowledged
    // A closed window may have opened unheard; one byte finds out.
    connections[index].isProbing = connections[index].peerWindow == 0
    flush(index)
  }

  /// Tells the peer that the connection is no more.
  mutating func abort(_ index: Int) {
    guard connections[index].phase == .open || connections[index].phase == .answering else { return }
    _ = send([.reset, .acknowledge], length: 0, of: index)
  }

  /// Where a connection's numbers begin (section 3.4.1): a clock of 4 microseconds, and something of each row's own.
  mutating func initialSequence(_ index: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: now / 40) &+ UInt32(truncatingIfNeeded: hardware) &* 0x9E37_79B1 &+ UInt32(index) << 24
  }
}
