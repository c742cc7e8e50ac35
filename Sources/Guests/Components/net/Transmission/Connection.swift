// One TCP connection (RFC 9293): its state, and what an acknowledgment or data do to it. What it sends, and when, is in
// Sending.swift. Left out: urgent data, selective acknowledgment, window scaling, congestion control; data that arrives
// out of order is dropped, and comes again.

import Interfaces

/// How far a connection is.
enum ConnectionPhase: UInt8 {
  case free
  /// SYN sent.
  case opening
  /// SYN received and answered.
  case answering
  case open
  /// Closed by both; answers what is repeated for a while.
  case lingering
  /// Failed, and its owner has not closed it yet.
  case failed
}

/// One row of the table.
struct Connection {
  /// 200 ms, doubled with each attempt.
  static var firstTimeout: UInt64 { 2_000_000 }
  static var longestTimeout: UInt64 { 64_000_000 }
  /// Times that the same is sent again.
  static var maximumAttempts: UInt8 { 5 }
  /// 1 s.
  static var lingerTime: UInt64 { 10_000_000 }
  /// How long the other side may leave its half open, once this side's owner is gone: 10 s.
  static var orphanTime: UInt64 { 100_000_000 }
  /// What a peer takes that does not say (section 3.7.1), and what fits into a frame.
  static var defaultSegmentSize: UInt16 { 536 }
  static var largestSegment: UInt16 { 1460 }
  static var smallestSegment: UInt16 { 64 }

  var phase = ConnectionPhase.free
  /// Whether a client holds it: not while it waits to be accepted, nor after it was closed.
  var isOwned = false
  var client: UInt64 = 0
  /// The listening socket in whose queue it waits; -1: none.
  var listener = -1
  /// The order of arrival in that queue.
  var order: UInt64 = 0
  var failure = ErrorCode.inputOutput

  var peer: UInt32 = 0
  var peerPort: UInt16 = 0
  var port: UInt16 = 0

  /// What the owner has written and the peer has not acknowledged.
  var outgoing = Ring()
  /// The sequence number of its first byte, once SYN is acknowledged.
  var front: UInt32 = 0
  var acknowledged: UInt32 = 0
  var next: UInt32 = 0
  /// The highest number sent, which `next` falls behind when something is sent again.
  var furthest: UInt32 = 0
  var peerWindow = 0
  var segmentSize = Int(Self.defaultSegmentSize)
  /// The owner will write nothing more: FIN follows the last byte.
  var isClosing = false

  /// What the peer has sent and the owner has not read.
  var incoming = Ring()
  var expected: UInt32 = 0
  /// The end of the window that the peer was told last.
  var promised: UInt32 = 0
  var peerHasClosed = false
  /// The peer closed before this side did, so it is the peer that lingers.
  var peerClosedFirst = false

  var owesAcknowledgment = false
  /// A closed window is tried with one byte.
  var isProbing = false
  /// Something could not be sent because the station's Ethernet address was not known.
  var waitsForAddress = false
  var attempts: UInt8 = 0
  var timeout = Self.firstTimeout
  /// When something must be sent again, or the row be freed; 0: never.
  var deadline: UInt64 = 0

  /// The number of FIN: behind the last byte.
  var end: UInt32 { front &+ UInt32(outgoing.count) }
  /// Whether the peer has acknowledged SYN.
  var isSynchronized: Bool { acknowledged &- front < 0x8000_0000 }
  /// Whether the peer has acknowledged FIN.
  var isFinished: Bool { isClosing && acknowledged == end &+ 1 }

  /// Prepares a row for a new connection; its buffers stay.
  mutating func reset() {
    let memory = (outgoing.memory, incoming.memory)
    self = Connection()
    outgoing.memory = memory.0
    incoming.memory = memory.1
  }

  /// Numbers from `sequence` on: SYN first, then the data.
  mutating func begin(_ phase: ConnectionPhase, sequence: UInt32) {
    self.phase = phase
    acknowledged = sequence
    next = sequence
    furthest = sequence
    front = sequence &+ 1
  }

  /// Takes the maximum segment size that a SYN offers.
  mutating func limitSegments(to offered: UInt16?) {
    segmentSize = Int(min(max(offered ?? Self.defaultSegmentSize, Self.smallestSegment), Self.largestSegment))
  }

  /// Takes an acknowledgment; false when it is of something that was never sent.
  mutating func acknowledge(_ number: UInt32, window: Int, now: UInt64) -> Bool {
    let advance = Int(Int32(bitPattern: number &- acknowledged))
    guard advance <= Int(furthest &- acknowledged) else { return false }
    guard advance >= 0 else { return true }
    // What tried a closed window was not taken.
    if peerWindow == 0, window > 0, isSynchronized { next = acknowledged }
    peerWindow = window
    // A peer that has no room is there all the same.
    if window == 0 { attempts = 0 }
    guard advance > 0 else { return true }
    acknowledged = number
    if Int32(bitPattern: next &- number) < 0 { next = number }
    let data = min(max(Int(Int32(bitPattern: number &- front)), 0), outgoing.count)
    outgoing.drop(data)
    front = front &+ UInt32(data)
    if phase == .answering { phase = .open }
    attempts = 0
    timeout = Self.firstTimeout
    deadline = next == acknowledged ? 0 : now &+ timeout
    return true
  }

  /// Takes data and the end of data if they are the next in order; the rest comes again.
  mutating func takeData(_ data: Packet, sequence: UInt32, finishes: Bool) {
    let offset = Int(Int32(bitPattern: sequence &- expected))
    if data.count > 0 || finishes || offset < 0 { owesAcknowledgment = true }
    guard !peerHasClosed, offset <= 0, -offset <= data.count else { return }
    let fresh = data.from(-offset)
    // Nobody will read what comes after the owner has gone.
    let taken = isOwned || listener >= 0 ? incoming.append(fresh) : fresh.count
    expected = expected &+ UInt32(taken)
    guard finishes, taken == fresh.count else { return }
    expected = expected &+ 1
    peerHasClosed = true
    if !isClosing { peerClosedFirst = true }
  }

  /// Ends the connection with an error for its owner; without one the row is free.
  mutating func fail(_ error: ErrorCode) {
    phase = isOwned ? .failed : .free
    failure = error
    deadline = 0
    listener = -1
  }
}
