// The monitor's own state: which systems it runs, its clock, and the switch between them. A value, so that undo is a copy.

import Machine

/// What runs several systems in turn.
struct Monitor {
  /// One of the systems.
  struct Guest {
    let name: String
    /// Its port on the switch.
    let port: Int
    /// Its Ethernet address.
    let address: MACAddress
    /// The monitor's time when it was reset: its own clock began at 0 then.
    let joined: UInt64
    /// Instructions and ticks from reset to its first program being ready.
    var ready: (instructions: UInt64, ticks: UInt64)?
    var turns: UInt64 = 0
    /// Nothing was given to it since its last turn, so that its history needs no new beginning.
    var isContinuing = false
  }

  /// In ticks of 100 ns.
  private(set) var now: UInt64 = 0
  private(set) var network: VirtualSwitch
  var guests: [Guest] = []

  init() {
    network = VirtualSwitch()
    network.attach(VirtualHost(VirtualHostConfiguration()))
  }

  /// The most time that a guest runs in one turn.
  ///
  /// Nothing sent in one round can arrive within it, so that the order of turns does not matter.
  var quantum: UInt64 { network.latency }

  /// Takes a system in and gives it a port.
  mutating func add(_ name: String) -> Guest {
    let port = network.addPort()
    let guest = Guest(
      name: name, port: port,
      address: MACAddress(0x52, 0x54, 0x00, 0x12, 0x34, 0x56 &+ UInt8(truncatingIfNeeded: port)),
      joined: now)
    guests.append(guest)
    return guest
  }

  /// The frames that have arrived for a guest, in its own time.
  mutating func takeArrived(for guest: Guest) -> [TimedFrame] {
    network.takeArrived(port: guest.port).map {
      TimedFrame(tick: $0.tick &- guest.joined, bytes: $0.bytes)
    }
  }

  /// Whether frames wait for a guest.
  func hasArrived(for guest: Guest) -> Bool { network.hasArrived(port: guest.port) }

  /// Takes what a guest has sent, in its own time.
  mutating func send(_ frames: [TimedFrame], from guest: Guest) {
    for frame in frames {
      network.send(TimedFrame(tick: frame.tick &+ guest.joined, bytes: frame.bytes), from: guest.port)
    }
  }

  /// The round is over.
  mutating func endRound() { pass(quantum) }

  /// Nobody has anything to do before a moment: the clock goes on to the round in which it lies.
  mutating func skip(to tick: UInt64) {
    guard tick > now else { return }
    pass((tick - now) / quantum * quantum)
  }

  private mutating func pass(_ ticks: UInt64) {
    now &+= ticks
    network.advance(to: now)
  }
}
