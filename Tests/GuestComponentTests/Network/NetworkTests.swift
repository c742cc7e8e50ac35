// The network service against the machine's built-in host and against itself, on links that lose and repeat frames.

import GuestABI
import GuestUnix
import Interfaces
import Machine
import Testing

private let client: UInt64 = 1
private let hostAddress: UInt64 = 0x0A00_0202

/// A station on a link with the built-in host, and what every test does with it.
private struct Site {
  let link = FakeLink.fresh()
  let station: FakeStation

  init(host: VirtualHost? = VirtualHost()) {
    link.host = host
    station = FakeStation(0x5254_0012_3456, on: link)
  }
}

extension FakeStation {
  fileprivate func connect(_ address: UInt64, _ port: UInt64) -> Int64 {
    result(NET_CONNECT, handle: address, length: port)
  }

  fileprivate func listen(_ port: UInt64) -> Int64 { acting { net_listen(service, 1, port) } }

  /// Writes all of it, however long that takes.
  fileprivate func write(_ handle: UInt64, _ bytes: [UInt8]) -> Bool {
    var written = 0
    while written < bytes.count {
      let result = bytes.withUnsafeBytes { all in
        acting {
          net_write(
            service, 1, handle, UInt64(UInt(bitPattern: all.baseAddress! + written)), UInt64(bytes.count - written))
        }
      }
      if result == ErrorCode.tryAgain.result {
        guard self.result(NET_WRITABLE, handle: handle) == 0 else { return false }
        continue
      }
      guard result > 0 else { return false }
      written += Int(result)
    }
    return true
  }

  /// Reads until the other side has closed; nil after an error.
  fileprivate func readAll(_ handle: UInt64) -> [UInt8]? {
    var all: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 700, alignment: 8)
    defer { buffer.deallocate() }
    while true {
      let count = result(NET_READ, handle: handle, buffer: buffer.baseAddress, length: 700)
      guard count >= 0 else { return nil }
      guard count > 0 else { return all }
      all += buffer[..<Int(count)]
    }
  }

  fileprivate func close(_ handle: UInt64) -> Int64 { acting { net_close(service, 1, handle) } }
}

private let request = Array("GET /hello HTTP/1.1\r\n\r\n".utf8)
/// What tells whether bytes were lost, repeated or swapped.
private let longText = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }

@Suite(.serialized) struct NetworkTests {
  @Test func theAddressComesFromTheServerWithTheFirstUse() {
    let site = Site()
    #expect(site.station.sent.isEmpty, "an unused network is silent")
    #expect(site.station.result(NET_ADDRESS) == 0x0A00_020F)
    #expect(site.station.sent.count == 2, "discover and request")
    #expect(site.station.result(NET_ADDRESS) == 0x0A00_020F)
    #expect(site.station.sent.count == 2)
  }

  @Test func withoutAServerTheAddressIsTheAdaptersOwn() {
    let site = Site(host: nil)
    let second = FakeStation(0x5254_0012_3457, on: site.link)
    #expect(site.station.result(NET_ADDRESS) == 0x0A00_020F)
    #expect(second.result(NET_ADDRESS) == 0x0A00_0210)
    #expect(site.link.now > 15_000_000, "three times half a second")
  }

  @Test func withoutAnAdapterEveryCallIsRefused() {
    let link = FakeLink.fresh()
    let noAdapter = FakeStation(UInt64(bitPattern: Int64(ErrorCode.notFound.result)), on: link, isPresent: false)
    let service = noAdapter.service
    #expect(noAdapter.result(NET_ADDRESS) == ErrorCode.noNetwork.result)
    #expect(noAdapter.connect(hostAddress, 80) == ErrorCode.noNetwork.result)
    #expect(noAdapter.listen(80) == ErrorCode.noNetwork.result)
    net_interrupt(service)
    net_forget(service, 1)
  }

  @Test func aPageIsFetched() throws {
    let site = Site()
    let handle = site.station.connect(hostAddress, 80)
    try #require(handle >= 0)
    #expect(site.station.write(UInt64(handle), request))
    let answer = String(decoding: try #require(site.station.readAll(UInt64(handle))), as: UTF8.self)
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("hello, guest\n"))
    #expect(site.station.close(UInt64(handle)) == 0)
    #expect(site.station.close(UInt64(handle)) == ErrorCode.badDescriptor.result)
  }

  @Test(arguments: 2...6) func aPageIsFetchedOverALinkThatLosesFrames(period: Int) throws {
    let site = Site()
    site.link.fate = { $0 % period == 0 ? 0 : $0 % 7 == 0 ? 2 : 1 }
    // Every other frame lost can be too much for one try.
    for _ in 0..<3 {
      let handle = site.station.connect(hostAddress, 80)
      guard handle >= 0 else { continue }
      guard site.station.write(UInt64(handle), request), let answer = site.station.readAll(UInt64(handle)) else {
        continue
      }
      #expect(String(decoding: answer, as: UTF8.self).hasSuffix("hello, guest\n"))
      return
    }
    Issue.record("three tries failed")
  }

  @Test func refusalsAndSilenceAreToldApart() {
    let site = Site()
    #expect(site.station.connect(hostAddress, 81) == ErrorCode.connectionRefused.result)
    #expect(site.station.connect(0x0A00_0263, 80) == ErrorCode.hostUnreachable.result)
    #expect(site.station.connect(hostAddress, 0) == ErrorCode.invalid.result)
    #expect(site.station.connect(hostAddress, 65536) == ErrorCode.invalid.result)
  }

  @Test func anEchoTakesTheLinksTimeTwice() {
    let site = Site()
    _ = site.station.result(NET_PING, handle: hostAddress)
    let time = site.station.result(NET_PING, handle: hostAddress)
    #expect(time == Int64(2 * FakeLink.latency / 10))
    #expect(site.station.result(NET_PING, handle: 0x0A00_0263) == ErrorCode.hostUnreachable.result)
    site.link.fate = { _ in 0 }
    #expect(site.station.result(NET_PING, handle: hostAddress) == ErrorCode.timedOut.result)
  }

  @Test func twoStationsReachEachOther() throws {
    let site = Site()
    let server = FakeStation(0x5254_0012_3457, on: site.link)
    let listener = server.listen(80)
    try #require(listener >= 0)
    #expect(server.listen(80) == ErrorCode.addressInUse.result)
    let address = UInt64(server.result(NET_ADDRESS))
    #expect(site.station.result(NET_PING, handle: address) > 0)
    let handle = site.station.connect(address, 80)
    try #require(handle >= 0)
    let accepted = server.result(NET_ACCEPT, handle: UInt64(listener))
    try #require(accepted >= 0)
    #expect(site.station.write(UInt64(handle), [1, 2, 3]))
    #expect(site.station.close(UInt64(handle)) == 0)
    #expect(server.readAll(UInt64(accepted)) == [1, 2, 3])
    #expect(server.close(UInt64(accepted)) == 0)
    #expect(server.close(UInt64(listener)) == 0)
    #expect(site.station.connect(address, 80) == ErrorCode.connectionRefused.result)
  }

  @Test(arguments: [1, 3, 5, 11]) func longTextsArriveWhole(period: Int) throws {
    let site = Site()
    let server = FakeStation(0x5254_0012_3457, on: site.link)
    let listener = UInt64(server.listen(80))
    let address = UInt64(server.result(NET_ADDRESS))
    let handle = site.station.connect(address, 80)
    try #require(handle >= 0)
    let accepted = UInt64(server.result(NET_ACCEPT, handle: listener))
    if period > 1 { site.link.fate = { $0 % period == 0 ? 0 : $0 % 4 == 0 ? 2 : 1 } }
    // More than both buffers hold: the writer has to wait for the reader, who comes late.
    var received: [UInt8] = []
    var written = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 900, alignment: 8)
    defer { buffer.deallocate() }
    while received.count < longText.count {
      while written < longText.count {
        let result = longText.withUnsafeBytes { all in
          site.station.acting {
            net_write(
              site.station.service, client, UInt64(handle), UInt64(UInt(bitPattern: all.baseAddress! + written)),
              UInt64(longText.count - written))
          }
        }
        guard result > 0 else { break }
        written += Int(result)
      }
      if written == longText.count { _ = site.station.close(UInt64(handle)) }
      site.link.run(for: 20_000_000)
      let count = server.result(NET_READ, handle: accepted, buffer: buffer.baseAddress, length: 900)
      try #require(count > 0)
      received += buffer[..<Int(count)]
    }
    #expect(received == longText)
    #expect(server.result(NET_READ, handle: accepted, buffer: buffer.baseAddress, length: 900) == 0)
  }

  @Test func socketsBelongToTheirClients() throws {
    let site = Site()
    let handle = UInt64(site.station.connect(hostAddress, 80))
    #expect(site.station.acting { net_close(site.station.service, 2, handle) } == ErrorCode.badDescriptor.result)
    #expect(site.station.result(NET_READ, handle: handle, client: 2) == ErrorCode.badDescriptor.result)
    #expect(site.station.result(NET_ACCEPT, handle: handle) == ErrorCode.invalid.result)
    #expect(site.station.result(NET_ACCEPT, handle: 16) == ErrorCode.badDescriptor.result)
    #expect(site.station.result(NET_READ, handle: .max) == ErrorCode.badDescriptor.result)
    let pending = site.station.submit(NET_READ, handle: handle, length: 1)
    #expect(pending.pointee.base.done == 0)
    site.station.acting { net_forget(site.station.service, 1) }
    #expect(pending.pointee.base.result == ErrorCode.noSuchTask.result)
    #expect(site.station.close(handle) == ErrorCode.badDescriptor.result)
  }

  @Test func aBadAddressIsAnErrorAndLosesNothing() throws {
    let site = Site()
    let handle = UInt64(site.station.connect(hostAddress, 80))
    #expect(
      site.station.acting { net_write(site.station.service, 1, handle, 0, 5) } == ErrorCode.badAddress.result)
    #expect(site.station.write(handle, request))
    site.link.run(for: 10_000_000)
    #expect(site.station.result(NET_READ, handle: handle, length: 10) == ErrorCode.badAddress.result)
    #expect(site.station.readAll(handle).map { String(decoding: $0, as: UTF8.self) }?.hasSuffix("guest\n") == true)
  }

  @Test func rowsAreFreeAgainAfterManyConnections() throws {
    let site = Site()
    for _ in 0..<60 {
      let handle = site.station.connect(hostAddress, 80)
      try #require(handle >= 0)
      #expect(site.station.write(UInt64(handle), request))
      #expect(site.station.readAll(UInt64(handle)) != nil)
      #expect(site.station.close(UInt64(handle)) == 0)
    }
  }

  @Test func readinessFollowsTheData() throws {
    let site = Site()
    let handle = UInt64(site.station.connect(hostAddress, 80))
    func ready() -> Int64 { site.station.acting { net_ready(site.station.service, 1, handle) } }
    #expect(ready() == Int64(NET_READY_WRITE))
    #expect(site.station.write(handle, request))
    site.link.run(for: 10_000_000)
    #expect(ready() == Int64(NET_READY_READ | NET_READY_WRITE))
  }

  @Test func descriptorsOfSocketsAreReadWrittenAndClosedLikeFiles() throws {
    let site = Site()
    let calls = UnixCallLayer(site.station)
    #expect(calls.acting { unix_address($0, 1) } == 0x0A00_020F)
    let descriptor = UInt64(calls.acting { unix_connect($0, 1, hostAddress, 80) })
    #expect(descriptor == 3)
    let written = request.withUnsafeBytes { bytes in
      calls.acting { unix_write($0, 1, descriptor, UInt64(UInt(bitPattern: bytes.baseAddress)), UInt64(bytes.count)) }
    }
    #expect(written == Int64(request.count))
    var answer = [UInt8](repeating: 0, count: 400)
    let count = answer.withUnsafeMutableBytes { bytes in
      calls.acting { unix_read($0, 1, descriptor, UInt64(UInt(bitPattern: bytes.baseAddress)), 400) }
    }
    #expect(String(decoding: answer.prefix(Int(count)), as: UTF8.self).hasSuffix("hello, guest\n"))
    #expect(calls.acting { unix_seek($0, 1, descriptor, 0) } == ErrorCode.invalid.result)
    #expect(calls.acting { unix_accept($0, 1, descriptor) } == ErrorCode.invalid.result)
    #expect(calls.acting { unix_close($0, 1, descriptor) } == 0)
    #expect(calls.acting { unix_close($0, 1, descriptor) } == ErrorCode.badDescriptor.result)
    #expect(calls.acting { unix_connect($0, 1, hostAddress, 99) } == ErrorCode.connectionRefused.result)
    #expect(calls.acting { unix_connect($0, 1, 1 << 32, 80) } == ErrorCode.invalid.result)
    #expect(calls.acting { unix_listen($0, 1, 80) } == 3, "a failed call takes no descriptor")
    #expect(calls.acting { unix_accept($0, 1, 0) } == ErrorCode.invalid.result)
    #expect(calls.acting { unix_ping($0, 1, hostAddress) } > 0)
  }

  @Test func moreThanTheBuffersHoldIsWrittenInOneCall() throws {
    let site = Site()
    let server = FakeStation(0x5254_0012_3457, on: site.link)
    let listener = UInt64(server.listen(80))
    let address = UInt64(server.result(NET_ADDRESS))
    let calls = UnixCallLayer(site.station)
    let descriptor = UInt64(calls.acting { unix_connect($0, 1, address, 80) })
    let accepted = UInt64(server.result(NET_ACCEPT, handle: listener))
    // A reader that takes what comes, whenever it comes.
    var received: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 900, alignment: 8)
    defer { buffer.deallocate() }
    var pending = server.submit(NET_READ, handle: accepted, buffer: buffer.baseAddress, length: 900)
    site.link.whenever = {
      while pending.pointee.base.done != 0, pending.pointee.base.result > 0 {
        received += buffer[..<Int(pending.pointee.base.result)]
        pending = server.submit(NET_READ, handle: accepted, buffer: buffer.baseAddress, length: 900)
      }
    }
    let written = longText.withUnsafeBytes { bytes in
      calls.acting { unix_write($0, 1, descriptor, UInt64(UInt(bitPattern: bytes.baseAddress)), UInt64(bytes.count)) }
    }
    #expect(written == Int64(longText.count))
    site.link.run(for: 10_000_000)
    #expect(received == longText)
  }

  @Test func randomFramesDoNoHarm() throws {
    let site = Site()
    var generator = SeededGenerator(state: 17)
    let listener = site.station.listen(80)
    #expect(listener >= 0)
    _ = site.station.result(NET_ADDRESS)
    let samples = site.station.sent
    for _ in 0..<4000 {
      var frame = samples[Int(generator.next() % UInt64(samples.count))]
      for _ in 0..<(generator.next() % 6) {
        frame[Int(generator.next() % UInt64(frame.count))] = UInt8(truncatingIfNeeded: generator.next())
      }
      frame.replaceSubrange(0..<6, with: [0x52, 0x54, 0x00, 0x12, 0x34, 0x56])
      site.station.receive(Array(frame.prefix(14 + Int(generator.next() % UInt64(frame.count - 13)))))
    }
    let handle = site.station.connect(hostAddress, 80)
    #expect(handle >= 0, "and everything works afterwards")
  }
}

/// One task's Unix call layer over a station.
private final class UnixCallLayer {
  private let fake = FakeServices()
  private let station: FakeStation
  private let memory = UnsafeMutableRawPointer.allocate(byteCount: Int(unix_size()), alignment: 16)

  init(_ station: FakeStation) {
    self.station = station
    var services = station.services(fake)
    unix_init(OpaquePointer(memory), &services)
  }
  deinit { memory.deallocate() }

  func acting(_ body: (OpaquePointer) -> Int64) -> Int64 { station.acting { body(OpaquePointer(memory)) } }
}

/// A generator with a seed (splitmix64), so that a failure can be repeated.
private struct SeededGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
