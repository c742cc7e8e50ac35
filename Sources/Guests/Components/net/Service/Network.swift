// The network service: a link, an address on it, and the connections of its clients.
//
// Its state changes in three ways: a client's call, what the driver has completed, and the passing of time. After each,
// `settle` sends what is due, completes the requests that have an answer now, and sets the alarm. Nothing here waits.
// Methods are mutating, so that they work in place: one that only looks would get a copy of the whole table.

import Interfaces

/// A socket that listens.
struct Listener {
  var isUsed = false
  var client: UInt64 = 0
  var port: UInt16 = 0
}

/// The service's state.
struct Network {
  // The link.
  var driver: OpaquePointer?
  /// Taken with the first use: a network that nobody uses costs nothing.
  var buffers: FrameBuffers?
  var hardware: UInt64 = 0
  var neighbors = Neighbors()
  /// Whether there is an adapter.
  var isPresent: Bool { driver != nil }

  // The address and what leads to it.
  var address: UInt32 = 0
  var mask: UInt32 = 0
  var router: UInt32 = 0
  var phase = ConfigurationPhase.none
  var transaction: UInt32 = 0
  var configurationAttempts = 0
  /// 0: none.
  var configurationDeadline: UInt64 = 0

  // The packet that is being made.
  var openFrame: Packet?
  var nextStation: UInt64 = 0
  var isUnresolved = false

  // Sockets.
  var connections = InlineArray<16, Connection>(repeating: Connection())
  var listeners = InlineArray<4, Listener>(repeating: Listener())
  /// Connections with something to send, a bit each.
  var touched: UInt32 = 0
  var arrivals: UInt64 = 0
  var lastPort: UInt16 = 0
  var lastEcho: UInt16 = 0
  /// By which echoes of ours are known; 0: none was sent.
  var echoIdentifier: UInt16 = 0

  // Pending requests in the order of their arrival.
  var firstRequest: UnsafeMutablePointer<env_request>?
  var lastRequest: UnsafeMutablePointer<env_request>?

  /// The time at which the work under way began.
  var now: UInt64 = 0
  /// What the alarm is set to; 0: it is not.
  private var alarm: UInt64 = 0

  mutating func start(_ driver: OpaquePointer) throws(ErrorCode) {
    let address = nic_address(driver)
    guard address >= 0 else { throw .noNetwork }
    hardware = UInt64(address)
    self.driver = driver
  }

  /// Takes the frames that have arrived.
  mutating func receiveFrames() {
    while let frame = buffers?.received {
      let destination = frame.number48(0)
      if destination == hardware || destination == Ethernet.broadcast {
        let payload = frame.from(Ethernet.headerSize)
        let kind = frame.number16(12)
        if kind == Ethernet.internet { receiveInternet(payload) }
        if kind == Ethernet.addressResolution { receiveAddressResolution(payload) }
      }
      buffers?.release()
    }
  }

  /// Does what is due by now.
  mutating func passTime() {
    now = env_time()
    if configurationDeadline != 0, configurationDeadline <= now { configurationTimedOut() }
    for index in 0..<NET_CONNECTIONS
    where connections[index].deadline != 0 && connections[index].deadline <= now {
      connectionTimedOut(index)
    }
    if alarm <= now { alarm = 0 }
  }

  /// Completes and sends what can be completed and sent now.
  mutating func settle() {
    settleRequests()
    for index in 0..<NET_CONNECTIONS
    where touched >> UInt32(index) & 1 != 0
      || (connections[index].waitsForAddress && neighbors.hardware(of: hop(to: connections[index].peer)) != nil)
    {
      flush(index)
    }
    touched = 0
    setAlarm()
  }

  /// The station to which packets for an address go.
  mutating func hop(to destination: UInt32) -> UInt32 { (destination ^ address) & mask == 0 ? destination : router }

  /// An alarm that comes too early is cheaper than one that is moved with every acknowledgment.
  private mutating func setAlarm() {
    var next = UInt64.max
    if configurationDeadline != 0 { next = configurationDeadline }
    for index in 0..<NET_CONNECTIONS where connections[index].deadline != 0 {
      next = min(next, connections[index].deadline)
    }
    var place = firstRequest
    while let request = place {
      let deadline = netRequest(request).pointee.deadline
      if deadline != 0 { next = min(next, deadline) }
      place = request.pointee.next
    }
    guard next != .max, alarm == 0 || next < alarm else { return }
    alarm = next
    env_set_alarm(next)
  }
}

/// The whole request around its base.
func netRequest(_ base: UnsafeMutablePointer<env_request>) -> UnsafeMutablePointer<net_request> {
  UnsafeMutableRawPointer(base).assumingMemoryBound(to: net_request.self)
}
