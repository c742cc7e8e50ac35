// A link for network services under test: adapters, the time, and what happens to frames on their way.
//
// The environment's functions know no instance, so one link exists at a time: suites that use it must be serialized.

import GuestABI
import Interfaces
import Machine
import Testing

/// A network service with its adapter.
final class FakeStation {
  let service: OpaquePointer
  let address: UInt64
  fileprivate let link: FakeLink
  fileprivate(set) var alarm: UInt64 = 0
  /// Frames that the service has sent, in order.
  fileprivate(set) var sent: [[UInt8]] = []
  fileprivate var room: [UnsafeMutablePointer<nic_request>] = []
  private var memory: [UnsafeMutableRawPointer] = []
  private var requests: [UnsafeMutablePointer<net_request>] = []

  init(_ address: UInt64, on link: FakeLink, isPresent: Bool = true) {
    self.address = address
    self.link = link
    let place = UnsafeMutableRawPointer.allocate(byteCount: Int(net_size()), alignment: 16)
    memory.append(place)
    service = OpaquePointer(place)
    link.stations.append(self)
    #expect(acting { net_init(service, pointer) } == (isPresent ? 0 : ErrorCode.noNetwork.result))
  }

  deinit {
    for place in memory { place.deallocate() }
    for request in requests { request.deallocate() }
  }

  fileprivate var pointer: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

  /// Does something as this station.
  @discardableResult
  func acting<Result>(_ body: () -> Result) -> Result {
    let before = FakeLink.current.acting
    FakeLink.current.acting = self
    defer { FakeLink.current.acting = before }
    return body()
  }

  /// The Unix call layer's services: all but the network are fakes.
  func services(_ fake: FakeServices) -> unix_services {
    var services = fake.services
    services.network = service
    return services
  }

  fileprivate func pages(_ count: UInt64) -> UnsafeMutableRawPointer {
    let place = UnsafeMutableRawPointer.allocate(byteCount: Int(count) * 4096, alignment: 4096)
    place.initializeMemory(as: UInt8.self, repeating: 0, count: Int(count) * 4096)
    memory.append(place)
    return place
  }

  /// Gives the service a frame, as its adapter would.
  func receive(_ frame: [UInt8]) {
    guard !room.isEmpty, frame.count <= NIC_MAXIMUM_FRAME else { return }
    let request = room.removeFirst()
    frame.withUnsafeBytes { request.pointee.buffer.copyMemory(from: $0.baseAddress!, byteCount: frame.count) }
    request.pointee.base.result = Int64(frame.count)
    request.pointee.base.done = 1
    acting { net_interrupt(service) }
  }

  fileprivate func send(_ request: UnsafeMutablePointer<nic_request>) {
    let bytes = UnsafeRawBufferPointer(start: request.pointee.buffer, count: Int(request.pointee.length))
    sent.append(Array(bytes))
    link.send(Array(bytes), from: self)
    env_complete(&request.pointee.base, 0)
  }

  /// A request that may take until later.
  func submit(
    _ operation: Int, handle: UInt64 = 0, buffer: UnsafeMutableRawPointer? = nil, length: UInt64 = 0,
    client: UInt64 = 1
  ) -> UnsafeMutablePointer<net_request> {
    let request = UnsafeMutablePointer<net_request>.allocate(capacity: 1)
    requests.append(request)
    request.initialize(
      to: net_request(
        base: env_request(client: client, result: 0, done: 0, waiter: 0, next: nil), operation: UInt64(operation),
        handle: handle, buffer: UInt64(UInt(bitPattern: buffer)), length: length, deadline: 0, state: 0))
    let submitted = acting { net_submit(service, request) }
    if submitted < 0 {
      request.pointee.base.result = submitted
      request.pointee.base.done = 1
    }
    return request
  }

  /// The result of a request, for which the link runs on as long as it takes.
  func result(
    _ operation: Int, handle: UInt64 = 0, buffer: UnsafeMutableRawPointer? = nil, length: UInt64 = 0,
    client: UInt64 = 1
  ) -> Int64 {
    let request = submit(operation, handle: handle, buffer: buffer, length: length, client: client)
    link.run { request.pointee.base.done != 0 }
    return request.pointee.base.done == 0 ? .min : request.pointee.base.result
  }
}

/// Everything that the stations share.
final class FakeLink {
  nonisolated(unsafe) static var current = FakeLink()
  static let latency: UInt64 = 1000

  var now: UInt64 = 1
  fileprivate var stations: [FakeStation] = []
  fileprivate var acting: FakeStation?
  /// The built-in host of the machine, when the test wants it there.
  var host: VirtualHost?
  /// What becomes of a frame: none, one or several copies.
  var fate: (_ number: Int) -> Int = { _ in 1 }
  /// Done after each step, such as reading what has come.
  var whenever: () -> Void = {}
  private var frames = 0
  private var flights: [(tick: UInt64, from: FakeStation?, bytes: [UInt8])] = []

  /// A link of its own for a test.
  static func fresh() -> FakeLink {
    current = FakeLink()
    return current
  }

  fileprivate func send(_ bytes: [UInt8], from station: FakeStation?) {
    frames += 1
    for _ in 0..<fate(frames) { flights.append((now + Self.latency, station, bytes)) }
  }

  /// Lets time pass until the condition holds, at most a simulated minute.
  func run(until condition: () -> Bool) {
    let end = now + 600_000_000
    while !condition(), step(before: end) {}
  }

  /// Lets that much time pass.
  func run(for ticks: UInt64) {
    let end = now + ticks
    while step(before: end) {}
    now = max(now, end)
  }

  /// Does the next thing that is due; false when nothing is before `end`.
  private func step(before end: UInt64) -> Bool {
    defer { whenever() }
    var next = flights.map(\.tick).min() ?? .max
    for station in stations where station.alarm != 0 { next = min(next, station.alarm) }
    if let host { next = min(next, host.nextEvent) }
    guard next < end else { return false }
    now = max(now, next)
    if let index = flights.firstIndex(where: { $0.tick <= now }) {
      let flight = flights.remove(at: index)
      for station in stations where station !== flight.from { station.receive(flight.bytes) }
      if flight.from != nil { for answer in host?.receive(flight.bytes, at: now) ?? [] { send(answer, from: nil) } }
      return true
    }
    for answer in host?.advance(to: now) ?? [] { send(answer, from: nil) }
    for station in stations where station.alarm != 0 && station.alarm <= now {
      station.alarm = 0
      station.acting { net_interrupt(station.service) }
    }
    return true
  }
}

// MARK: The environment and the driver

@c @implementation
func env_time() -> UInt64 { FakeLink.current.now }

@c @implementation
func env_set_alarm(_ time: UInt64) { FakeLink.current.acting?.alarm = time }

@c @implementation
func env_claim(_ kind: UInt64, _ value: UInt64) -> Int64 { 0 }

@c @implementation
func env_disclaim(_ kind: UInt64, _ value: UInt64) {}

@c @implementation
func env_pages(_ count: UInt64) -> UnsafeMutableRawPointer? { FakeLink.current.acting?.pages(count) }

@c @implementation
func env_device_pages(_ count: UInt64) -> UnsafeMutableRawPointer? { FakeLink.current.acting?.pages(count) }

@c @implementation
func env_complete(_ request: UnsafeMutablePointer<env_request>, _ result: Int64) {
  #expect(request.pointee.done == 0, "a request is completed once")
  request.pointee.result = result
  request.pointee.done = 1
}

/// Addresses of clients are those of the test itself; 0 stands for a bad one.
@c @implementation
func env_copy_in(
  _ client: UInt64, _ destination: UnsafeMutableRawPointer, _ source: user_address, _ length: UInt64
) -> Int64 {
  guard let place = UnsafeRawPointer(bitPattern: UInt(source)) else { return ErrorCode.badAddress.result }
  destination.copyMemory(from: place, byteCount: Int(length))
  return 0
}

@c @implementation
func env_copy_out(
  _ client: UInt64, _ destination: user_address, _ source: UnsafeRawPointer, _ length: UInt64
) -> Int64 {
  guard let place = UnsafeMutableRawPointer(bitPattern: UInt(destination)) else { return ErrorCode.badAddress.result }
  place.copyMemory(from: source, byteCount: Int(length))
  return 0
}

private func station(_ driver: OpaquePointer) -> FakeStation {
  Unmanaged<FakeStation>.fromOpaque(UnsafeRawPointer(driver)).takeUnretainedValue()
}

@c @implementation
func nic_address(_ driver: OpaquePointer) -> Int64 { Int64(bitPattern: station(driver).address) }

@c @implementation
func nic_submit(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<nic_request>) -> Int64 {
  station(driver).send(request)
  return 0
}

@c @implementation
func nic_receive(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<nic_request>) -> Int64 {
  station(driver).room.append(request)
  return 0
}
