// An Ethernet switch between machines and built-in hosts, as a value. Each frame takes the same time from port to port.
//
// To join machines without the order of their running mattering, run each of them for at most `latency` ticks, then
// exchange: `send` what each has sent, `advance` by `latency`, give each what `takeArrived` holds for its port. Nothing sent
// in one round can arrive within it, so nobody is told too late. Callers must not send frames older than the last `advance`
// less the latency.

/// A learning switch with a fixed latency.
public struct VirtualSwitch: Sendable {
  /// 100 microseconds in `mtime` ticks.
  public static let defaultLatency: UInt64 = 1000

  private static let mostFramesInFlight = 4096
  private static let mostFramesWaiting = 1024
  private static let mostAddresses = 1024

  private struct Flight: Sendable {
    let arrival: UInt64
    let port: Int
    let bytes: [UInt8]
  }

  /// The time a frame takes from port to port, in ticks; at least 1.
  public let latency: UInt64
  /// How many of a thousand frames are lost, chosen by the seed.
  public var lossPerThousand: UInt64 = 0
  /// Frames dropped since the switch was made: lost on purpose, malformed, or too many at a time.
  public private(set) var droppedFrames: UInt64 = 0
  /// Frames that were sent on.
  public private(set) var forwardedFrames: UInt64 = 0
  /// What has been recorded, or nil while nothing is.
  public private(set) var capture: PacketCapture?

  private var randomState: UInt64
  private var hosts: [VirtualHost?] = []
  private var arrived: [[TimedFrame]] = []
  /// In order of arrival, then of port, then of sending.
  private var flights: [Flight] = []
  private var ports: [MACAddress: Int] = [:]

  /// Makes a switch without ports.
  ///
  /// - Parameters:
  ///   - latency: The time from port to port, in ticks; 0 counts as 1.
  ///   - seed: Chooses which frames are lost, if any are to be.
  public init(latency: UInt64 = defaultLatency, seed: UInt64 = 0) {
    self.latency = max(latency, 1)
    randomState = seed
  }

  /// Adds a port for a machine's network adapter and returns its number.
  public mutating func addPort() -> Int { addPort(nil) }

  /// Puts a built-in host on a port of its own and returns the port's number.
  @discardableResult
  public mutating func attach(_ host: VirtualHost) -> Int { addPort(host) }

  /// The host on a port, or nil if there is no port of this number or a machine is on it.
  public func host(onPort port: Int) -> VirtualHost? { hosts.indices.contains(port) ? hosts[port] : nil }

  /// Sends the host on a port on an errand, in place of the one that it may be on.
  ///
  /// - Parameters:
  ///   - errand: What to do.
  ///   - peer: The address to do it with; nil for the first that the host has given away.
  ///   - port: The port's number.
  ///   - now: The time in `mtime` ticks.
  /// - Returns: False if there is no host on the port.
  public mutating func begin(_ errand: HostErrand, with peer: IPv4Address?, onPort port: Int, at now: UInt64) -> Bool {
    guard hosts.indices.contains(port), hosts[port] != nil else { return false }
    hosts[port]?.begin(errand, with: peer, at: now)
    return true
  }

  /// Starts to record the frames that pass, from now on.
  public mutating func startCapture() { capture = PacketCapture() }

  /// Ends the recording and returns it.
  public mutating func endCapture() -> PacketCapture? {
    defer { capture = nil }
    return capture
  }

  /// The tick at which something will arrive or a host will act, or `.max`.
  public var nextEvent: UInt64 {
    hosts.reduce(flights.first?.arrival ?? .max) { min($0, $1?.nextEvent ?? .max) }
  }

  /// Takes a frame from a port.
  ///
  /// - Parameters:
  ///   - frame: The frame and when it was sent.
  ///   - port: The port's number; frames from ports that do not exist are dropped.
  public mutating func send(_ frame: TimedFrame, from port: Int) {
    let (arrival, overflow) = frame.tick.addingReportingOverflow(latency)
    guard hosts.indices.contains(port), EthernetFrame.isLengthValid(frame.bytes.count), !overflow,
      flights.count < Self.mostFramesInFlight
    else {
      droppedFrames &+= 1
      return
    }
    let flight = Flight(arrival: arrival, port: port, bytes: frame.bytes)
    let place = flights.lastIndex { ($0.arrival, $0.port) <= (arrival, port) }.map { $0 + 1 } ?? 0
    flights.insert(flight, at: place)
  }

  /// Delivers what arrives at or before a tick, hosts' answers included, in order of time.
  public mutating func advance(to now: UInt64) {
    while nextEvent <= now {
      let tick = nextEvent
      if let flight = flights.first, flight.arrival <= tick {
        flights.removeFirst()
        forward(flight)
      } else {
        for port in hosts.indices where (hosts[port]?.nextEvent ?? .max) <= tick {
          for frame in hosts[port]?.advance(to: tick) ?? [] { send(TimedFrame(tick: tick, bytes: frame), from: port) }
        }
      }
    }
  }

  /// Whether frames wait to be taken at a port.
  public func hasArrived(port: Int) -> Bool { arrived.indices.contains(port) && !arrived[port].isEmpty }

  /// Removes and returns the frames that have arrived at a port, with the time of their arrival.
  public mutating func takeArrived(port: Int) -> [TimedFrame] {
    guard arrived.indices.contains(port) else { return [] }
    defer { arrived[port] = [] }
    return arrived[port]
  }

  /// Feeds every word of the switch's state, in a fixed order; what was recorded belongs to the observer and is left out.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    for word in [latency, lossPerThousand, randomState, droppedFrames] { body(word) }
    body(UInt64(flights.count))
    for flight in flights {
      body(UInt64(flight.port))
      TimedFrame(tick: flight.arrival, bytes: flight.bytes).forEachStateWord(body)
    }
    for (address, port) in ports.sorted(by: { $0.key.bits < $1.key.bits }) {
      body(address.bits)
      body(UInt64(port))
    }
    for frames in arrived {
      body(UInt64(frames.count))
      for frame in frames { frame.forEachStateWord(body) }
    }
    for host in hosts { host?.forEachStateWord(body) }
  }

  private mutating func addPort(_ host: VirtualHost?) -> Int {
    hosts.append(host)
    arrived.append([])
    return hosts.count - 1
  }

  private mutating func forward(_ flight: Flight) {
    let frame = TimedFrame(tick: flight.arrival, bytes: flight.bytes)
    guard !loses(), let header = EthernetFrame(flight.bytes) else {
      droppedFrames &+= 1
      return
    }
    capture?.append(frame)
    if !header.source.isGroup, ports[header.source] != nil || ports.count < Self.mostAddresses {
      ports[header.source] = flight.port
    }
    forwardedFrames &+= 1
    let known = header.destination.isGroup ? nil : ports[header.destination]
    if let known {
      if known != flight.port { deliver(frame, to: known) }
    } else {
      for port in hosts.indices where port != flight.port { deliver(frame, to: port) }
    }
  }

  private mutating func deliver(_ frame: TimedFrame, to port: Int) {
    if let answers = hosts[port]?.receive(frame.bytes, at: frame.tick) {
      for answer in answers { send(TimedFrame(tick: frame.tick, bytes: answer), from: port) }
    } else if arrived[port].count < Self.mostFramesWaiting {
      arrived[port].append(frame)
    } else {
      droppedFrames &+= 1
    }
  }

  private mutating func loses() -> Bool {
    guard lossPerThousand > 0 else { return false }
    randomState &+= 0x9e37_79b9_7f4a_7c15
    return StateHash.mix(randomState) % 1000 < lossPerThousand
  }
}
