// One end of a TCP connection (RFC 9293): it takes the other end's bytes in order, sends its own with retransmission, and
// closes. Left out, because nothing here needs it: urgent data, selective acknowledgment, window scaling.
// Callers must call `timer(at:)` when `nextEvent` is due and drop the connection when `isOver`.

/// Which connection a segment belongs to, seen from the built-in host.
struct TCPEndpoints: Hashable, Sendable {
  let peer: IPv4Address
  let peerPort: UInt16
  let port: UInt16
}

/// One connection, opened by a guest or by the host.
struct TCPConnection: Sendable {
  /// The times and limits of the protocol; times in `mtime` ticks.
  enum Limit {
    /// 200 ms, Linux's least timeout.
    static let firstTimeout: UInt64 = 2_000_000
    static let longestTimeout: UInt64 = 64_000_000
    static let retransmissions = 8
    /// 30 s without progress end a connection.
    static let idleTime: UInt64 = 300_000_000
    /// How long a closed connection still answers retransmissions, 1 s.
    static let lingerTime: UInt64 = 10_000_000
    static let receiveWindow = 8192
    /// The longest answer that is taken from a guest.
    static let longestAnswer = 1 << 20
    /// The size that RFC 9293, section 3.7.1, assumes of a peer that does not say.
    static let defaultSegmentSize: UInt16 = 536
    static let largestSegment = UInt16(IPv4Packet.longestPayload - TCPSegment.headerSize)
    static let smallestSegment: UInt16 = 64
    /// Segments on the way at a time; in place of congestion control, of which one link has no need.
    static let segmentsInFlight = 8
  }

  let endpoints: TCPEndpoints
  let hardware: MACAddress
  /// What the peer has sent, in order.
  private(set) var received: [UInt8] = []
  /// Whether the peer has said that it will send nothing more.
  private(set) var peerHasClosed = false
  /// Whether the connection is of no more use.
  private(set) var isOver = false

  /// Whether the peer has refused to open it.
  private(set) var isRefused = false

  private let initialSequence: UInt32
  private let receiveLimit: Int
  private var segmentSize: Int
  /// The peer has not answered our SYN yet.
  private var isOpening = false
  private var nextExpected: UInt32
  private var peerWindow: Int
  private var outgoing: [UInt8] = []
  private var isClosing = false
  // Counted in sequence numbers from the initial one: 0 is SYN, 1 to n are the data, n + 1 is FIN.
  private var acknowledged = 0
  private var sent = 0
  private var furthestSent = 0
  private var timeout = Limit.firstTimeout
  private var attempts = 0
  private var isProbing = false
  private var retransmissionTick: UInt64?
  private var expiryTick: UInt64

  /// Takes up the connection that a SYN asks for; `flush` then sends the answer.
  init(accepting segment: TCPSegment, from peer: IPv4Address, hardware: MACAddress, sequence: UInt32, now: UInt64) {
    endpoints = TCPEndpoints(peer: peer, peerPort: segment.sourcePort, port: segment.destinationPort)
    self.hardware = hardware
    initialSequence = sequence
    receiveLimit = Limit.receiveWindow
    segmentSize = Self.segmentSize(segment)
    nextExpected = segment.sequence &+ 1
    peerWindow = Int(segment.window)
    expiryTick = now &+ Limit.idleTime
  }

  /// Begins a connection with a request to send once it is open; `flush` sends the SYN.
  init(opening endpoints: TCPEndpoints, hardware: MACAddress, sequence: UInt32, request: [UInt8], now: UInt64) {
    self.endpoints = endpoints
    self.hardware = hardware
    initialSequence = sequence
    receiveLimit = Limit.longestAnswer
    segmentSize = Int(Limit.defaultSegmentSize)
    nextExpected = 0
    peerWindow = 0
    isOpening = true
    outgoing = request
    expiryTick = now &+ Limit.idleTime
  }

  /// When `timer(at:)` wants to be called.
  var nextEvent: UInt64 { min(retransmissionTick ?? .max, expiryTick) }

  /// Whether an answer has been given.
  var isAnswered: Bool { isClosing }

  /// Queues the answer, after which the connection will be closed.
  mutating func answer(_ bytes: [UInt8]) {
    guard !isClosing else { return }
    outgoing = bytes
    isClosing = true
  }

  /// Sends nothing more than what is queued.
  mutating func close() { isClosing = true }

  /// Takes a segment of this connection.
  ///
  /// - Returns: Whether the peer must be given an acknowledgment even if there is nothing else to send.
  mutating func receive(_ segment: TCPSegment, now: UInt64) -> Bool {
    if isOpening { return receiveAnswer(segment, now: now) }
    let offset = Int(Int32(bitPattern: segment.sequence &- nextExpected))
    if segment.flags.contains(.reset) {
      if (0..<max(window, 1)).contains(offset) { isOver = true }
      return false
    }
    if segment.flags.contains(.synchronize) {
      // The peer has not seen the answer to its SYN; otherwise an acknowledgment tells it where we are.
      if acknowledged == 0 && offset == -1 { sent = 0 }
      return acknowledged > 0
    }
    guard segment.flags.contains(.acknowledge) else { return false }
    let advance = Int(Int32(bitPattern: segment.acknowledgment &- (initialSequence &+ UInt32(acknowledged))))
    guard advance <= furthestSent - acknowledged, acknowledged > 0 || advance > 0 else { return true }
    if advance >= 0 { peerWindow = Int(segment.window) }
    if advance > 0 { accept(acknowledgments: advance, now: now) }
    guard acknowledged > 0 else { return false }
    let isExpected = takeData(of: segment, offset: offset)
    if isExpected { expiryTick = now &+ (isFinished ? Limit.lingerTime : Limit.idleTime) }
    return segment.sequenceCount > 0
  }

  /// Acts on the passing of time.
  mutating func timer(at now: UInt64) -> [TCPSegment] {
    guard now < expiryTick else {
      isOver = true
      return []
    }
    guard let tick = retransmissionTick, tick <= now else { return [] }
    attempts += 1
    guard attempts <= Limit.retransmissions else {
      isOver = true
      return [segment(at: sent, flags: [.reset, .acknowledge])]
    }
    retransmissionTick = nil
    timeout = min(timeout * 2, Limit.longestTimeout)
    sent = acknowledged
    // A closed window may have opened unheard; one byte finds out.
    isProbing = peerWindow == 0
    return flush(now: now)
  }

  /// Sends what may be sent.
  mutating func flush(now: UInt64) -> [TCPSegment] {
    var segments: [TCPSegment] = []
    if acknowledged == 0 {
      if sent == 0 {
        var answer = segment(at: 0, flags: isOpening ? .synchronize : [.synchronize, .acknowledge])
        answer.maximumSegmentSize = Limit.largestSegment
        segments.append(answer)
        sent = 1
      }
    } else {
      let allowed = max(min(peerWindow, Limit.segmentsInFlight * segmentSize), isProbing ? 1 : 0)
      while let next = nextSegment(before: acknowledged + allowed) { segments.append(next) }
    }
    furthestSent = max(furthestSent, sent)
    isProbing = false
    let isWaiting = sent > acknowledged || (acknowledged > 0 && sent < endOfSequence)
    if !isWaiting { retransmissionTick = nil } else if retransmissionTick == nil { retransmissionTick = now &+ timeout }
    return segments
  }

  /// An acknowledgment of what has been received.
  var acknowledgment: TCPSegment { segment(at: sent, flags: .acknowledge) }

  /// Feeds every word of the connection's state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(UInt64(endpoints.peer.bits) << 32 | UInt64(endpoints.peerPort) << 16 | UInt64(endpoints.port))
    for word in [hardware.bits, UInt64(initialSequence), UInt64(nextExpected), timeout, expiryTick] { body(word) }
    body(retransmissionTick ?? .max)
    for number in [segmentSize, peerWindow, acknowledged, sent, furthestSent, attempts] { body(UInt64(number)) }
    body((peerHasClosed ? 1 : 0) | (isClosing ? 2 : 0) | (isOpening ? 4 : 0) | (isRefused ? 8 : 0))
    for bytes in [received, outgoing] {
      body(UInt64(bytes.count))
      for byte in bytes { body(UInt64(byte)) }
    }
  }

  private var window: Int { min(receiveLimit - received.count, Limit.receiveWindow) }

  private static func segmentSize(_ segment: TCPSegment) -> Int {
    let offered = segment.maximumSegmentSize ?? Limit.defaultSegmentSize
    return Int(min(max(offered, Limit.smallestSegment), Limit.largestSegment))
  }

  /// Takes what may be the answer to our SYN.
  private mutating func receiveAnswer(_ segment: TCPSegment, now: UInt64) -> Bool {
    guard segment.flags.contains(.acknowledge), segment.acknowledgment == initialSequence &+ 1, sent == 1 else {
      return false
    }
    if segment.flags.contains(.reset) {
      isRefused = true
      isOver = true
      return false
    }
    guard segment.flags.contains(.synchronize) else { return false }
    isOpening = false
    nextExpected = segment.sequence &+ 1
    peerWindow = Int(segment.window)
    segmentSize = Self.segmentSize(segment)
    accept(acknowledgments: 1, now: now)
    return true
  }

  /// The number after the last that will be used.
  private var endOfSequence: Int { 1 + outgoing.count + (isClosing ? 1 : 0) }

  private var isFinished: Bool { isClosing && acknowledged == endOfSequence && peerHasClosed }

  private mutating func accept(acknowledgments advance: Int, now: UInt64) {
    acknowledged += advance
    sent = max(sent, acknowledged)
    attempts = 0
    timeout = Limit.firstTimeout
    retransmissionTick = nil
    expiryTick = now &+ (isFinished ? Limit.lingerTime : Limit.idleTime)
  }

  /// Takes data and the end of data if they are the next in order.
  private mutating func takeData(of segment: TCPSegment, offset: Int) -> Bool {
    guard !peerHasClosed, offset <= 0, -offset <= segment.payload.count else { return false }
    let fresh = segment.payload[(-offset)...]
    let taken = fresh.prefix(window)
    received += taken
    nextExpected &+= UInt32(taken.count)
    if segment.flags.contains(.finish), taken.count == fresh.count {
      peerHasClosed = true
      nextExpected &+= 1
    }
    return true
  }

  private mutating func nextSegment(before limit: Int) -> TCPSegment? {
    let dataEnd = 1 + outgoing.count
    let start = sent
    let end = min(start + segmentSize, dataEnd, limit)
    let hasData = start < end
    // FIN goes with the last data, or alone; it needs no room in the window.
    let finishes = isClosing && (hasData ? end == dataEnd : start == dataEnd)
    guard hasData || finishes else { return nil }
    var segment = segment(at: start, flags: .acknowledge)
    if hasData {
      segment.payload = Array(outgoing[start - 1..<end - 1])
      sent = end
      if end == dataEnd { segment.flags.insert(.push) }
    }
    if finishes {
      segment.flags.insert(.finish)
      sent += 1
    }
    return segment
  }

  private func segment(at offset: Int, flags: TCPSegment.Flags) -> TCPSegment {
    var segment = TCPSegment(
      from: endpoints.port, to: endpoints.peerPort, sequence: initialSequence &+ UInt32(offset), flags: flags)
    segment.acknowledgment = nextExpected
    segment.window = UInt16(window)
    return segment
  }
}
