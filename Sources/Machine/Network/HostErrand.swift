// What the built-in host can be asked to do by itself: to fetch a page from a guest, or to see whether it answers.
// Values only; the host's side is in VirtualHostErrands.swift.

/// Something that the built-in host does with a guest because its user wants it.
public enum HostErrand: Hashable, Codable, Sendable {
  /// Fetch a page by HTTP.
  case fetch(path: String, port: UInt16)
  /// Send an ICMP echo request.
  case echo
}

/// How an errand ended.
public enum HostErrandResult: Hashable, Codable, Sendable {
  /// The server's answer: the status code, and the body.
  case page(status: Int, body: [UInt8])
  /// The echo came back after so many `mtime` ticks.
  case echo(ticks: UInt64)
  /// It could not be done, because of this.
  case failed(String)
}

/// An errand and how far it is.
struct HostErrandRun: Sendable {
  enum Phase: Hashable, Sendable {
    /// Asks the link who has the address.
    case resolving(attempts: Int)
    case connected(TCPEndpoints)
    case waitingForEcho(since: UInt64)
    case done(HostErrandResult)
  }

  /// Times that a guest is asked for its Ethernet address, and the time between two, 10 ms: it may just have begun to use
  /// its network.
  static let mostAttempts = 50
  static let retryTime: UInt64 = 100_000
  /// How long an echo is waited for: 1 s.
  static let echoTime: UInt64 = 10_000_000

  let errand: HostErrand
  let peer: IPv4Address
  var phase = Phase.resolving(attempts: 0)
  /// When there is something to do, or `.max`.
  var nextEvent: UInt64

  /// When it ended, in `mtime` ticks; 0 while it is under way.
  private(set) var end: UInt64 = 0

  mutating func finish(_ result: HostErrandResult, at now: UInt64) {
    phase = .done(result)
    nextEvent = .max
    end = now
  }

  /// Feeds every word of the state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(UInt64(peer.bits))
    body(nextEvent)
    body(end)
    switch phase {
    case .resolving(let attempts): body(UInt64(attempts))
    case .connected(let endpoints): body(UInt64(endpoints.port) << 16 | UInt64(endpoints.peerPort))
    case .waitingForEcho(let start): body(start)
    case .done: body(.max)
    }
  }
}
