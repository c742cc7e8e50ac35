// What a received TCP segment does (RFC 9293, section 3.10.7): to its connection, to a listening socket, or to nobody.

import Interfaces

extension Network {
  mutating func receiveSegment(_ packet: InternetPacket) {
    guard let segment = Segment(packet) else { return }
    if let index = connection(packet.source, segment) {
      receive(segment, by: index)
    } else if segment.flags == .synchronize, let listener = listener(onPort: segment.port) {
      accept(segment, from: packet.source, listener)
    } else if !segment.flags.contains(.reset) {
      refuse(segment, from: packet.source)
    }
  }

  private mutating func connection(_ peer: UInt32, _ segment: Segment) -> Int? {
    for index in 0..<NET_CONNECTIONS
    where connections[index].phase != .free && connections[index].phase != .failed
      && connections[index].peer == peer && connections[index].peerPort == segment.sourcePort
      && connections[index].port == segment.port
    {
      return index
    }
    return nil
  }

  /// Takes up the connection that a SYN asks a listening socket for; without room for one, the peer will ask again.
  private mutating func accept(_ segment: Segment, from peer: UInt32, _ listener: Int) {
    guard let index = freeConnection() else { return }
    arrivals += 1
    connections[index].peer = peer
    connections[index].peerPort = segment.sourcePort
    connections[index].port = segment.port
    connections[index].listener = listener
    connections[index].order = arrivals
    connections[index].expected = segment.sequence &+ 1
    connections[index].peerWindow = segment.window
    connections[index].limitSegments(to: segment.maximumSegmentSize)
    connections[index].begin(.answering, sequence: initialSequence(index))
    touched |= 1 << UInt32(index)
  }

  private mutating func receive(_ segment: Segment, by index: Int) {
    touched |= 1 << UInt32(index)
    if connections[index].phase == .opening { return receiveAnswer(segment, by: index) }
    if segment.flags.contains(.reset) {
      let offset = Int(Int32(bitPattern: segment.sequence &- connections[index].expected))
      if offset >= 0, offset < max(connections[index].incoming.room, 1) {
        connections[index].fail(.connectionAborted)
      }
      return
    }
    if segment.flags.contains(.synchronize) {
      // The peer has not seen the answer to its SYN; any other SYN learns from an acknowledgment where we are.
      if connections[index].phase == .answering {
        connections[index].next = connections[index].acknowledged
      } else {
        connections[index].owesAcknowledgment = true
      }
      return
    }
    guard segment.flags.contains(.acknowledge) else { return }
    guard connections[index].acknowledge(segment.acknowledgment, window: segment.window, now: now) else {
      connections[index].owesAcknowledgment = true
      return
    }
    guard connections[index].phase != .answering else { return }
    connections[index].takeData(
      segment.data, sequence: segment.sequence, finishes: segment.flags.contains(.finish))
    finishIfDone(index)
  }

  /// The answer to our own SYN.
  private mutating func receiveAnswer(_ segment: Segment, by index: Int) {
    let isOurs = segment.flags.contains(.acknowledge) && segment.acknowledgment == connections[index].front
    if segment.flags.contains(.reset) {
      if isOurs { connections[index].fail(.connectionRefused) }
      return
    }
    guard segment.flags.contains(.synchronize), isOurs else { return }
    connections[index].expected = segment.sequence &+ 1
    connections[index].limitSegments(to: segment.maximumSegmentSize)
    connections[index].phase = .open
    connections[index].owesAcknowledgment = true
    // An answer can only be to what was sent, so it is accepted.
    _ = connections[index].acknowledge(segment.acknowledgment, window: segment.window, now: now)
  }

  /// Lets go of a connection that both sides have closed.
  mutating func finishIfDone(_ index: Int) {
    guard connections[index].phase == .open, connections[index].isFinished else { return }
    if !connections[index].peerHasClosed {
      if connections[index].deadline == 0 { connections[index].deadline = now &+ Connection.orphanTime }
    } else if connections[index].peerClosedFirst {
      connections[index].phase = .free
      connections[index].deadline = 0
    } else {
      connections[index].phase = .lingering
      connections[index].deadline = now &+ Connection.lingerTime
    }
  }

  /// Tells the sender of a segment that there is no such connection (section 3.5.2).
  private mutating func refuse(_ segment: Segment, from peer: UInt32) {
    guard let room = room(to: peer) else { return }
    let reset = room.part(0..<SegmentField.headerSize)
    reset.clear()
    reset.set(0, number16: segment.port)
    reset.set(2, number16: segment.sourcePort)
    var flags = SegmentFlags.reset
    if segment.flags.contains(.acknowledge) {
      reset.set(SegmentField.sequence, number32: segment.acknowledgment)
    } else {
      flags.insert(.acknowledge)
      let extra: UInt32 =
        (segment.flags.contains(.synchronize) ? 1 : 0) + (segment.flags.contains(.finish) ? 1 : 0)
      reset.set(SegmentField.acknowledgment, number32: segment.sequence &+ UInt32(segment.data.count) &+ extra)
    }
    finish(reset, flags, to: peer)
  }
}
