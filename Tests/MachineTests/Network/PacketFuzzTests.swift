// Damaged and random packets: whatever a guest sends, the host and the switch go on, and stay within their bounds.

import Testing

@testable import Machine

@Suite("Network under random guests")
struct PacketFuzzTests {
  private static let samples: [[UInt8]] = {
    var discover = DHCPMessage(.discover, client: TestPackets.guestHardware, transaction: 5)
    discover.options[55] = [1, 3, 6]
    var synchronize = TCPSegment(from: 40000, to: 80, sequence: 7, flags: .synchronize)
    synchronize.maximumSegmentSize = 1460
    var data = TCPSegment(from: 40000, to: 80, sequence: 8, flags: [.acknowledge, .push])
    data.payload = Array("GET / HTTP/1.1\r\n\r\n".utf8)
    return [
      TestPackets.arpRequest(from: TestPackets.guestHardware, address: TestPackets.guest, for: TestPackets.host),
      TestPackets.echoRequest([1, 2, 3, 4]), TestPackets.datagram([5, 6], from: 7000, to: 7),
      TestPackets.dhcp(discover),
      TestPackets.segment(synchronize), TestPackets.segment(data),
    ]
  }()

  @Test func damagedFramesNeverCrashTheHost() {
    var generator = SeededGenerator(seed: 11)
    var host = VirtualHost()
    var answered = 0
    for round in 0..<60_000 {
      var frame = Self.samples.randomElement(using: &generator) ?? []
      for _ in 0..<Int.random(in: 0...4, using: &generator) {
        frame[.random(in: frame.indices, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      if Int.random(in: 0..<6, using: &generator) == 0 {
        frame = Array(frame.prefix(.random(in: 0...frame.count, using: &generator)))
      }
      if Bool.random(using: &generator) { Self.repairChecksums(&frame) }
      answered += host.receive(frame, at: UInt64(round) * 1000).count
      if round % 64 == 0 { _ = host.advance(to: UInt64(round) * 1000) }
    }
    #expect(answered > 10_000)
  }

  @Test func randomSegmentsOfOneConnectionNeverCrashTheHost() {
    var generator = SeededGenerator(seed: 12)
    var answers = 0
    for _ in 0..<600 {
      var host = VirtualHost()
      var now: UInt64 = 0
      var hostSequence: UInt32 = 0
      for step in 0..<60 {
        var segment = TCPSegment(
          from: 40000, to: 80, sequence: 100 &+ UInt32.random(in: 0...30, using: &generator),
          flags: TCPSegment.Flags(rawValue: UInt8.random(in: 0...31, using: &generator)))
        if step == 0 { segment = TCPSegment(from: 40000, to: 80, sequence: 99, flags: .synchronize) }
        if step > 0, Int.random(in: 0..<4, using: &generator) > 0 { segment.flags = .acknowledge }
        if Int.random(in: 0..<20, using: &generator) == 0 { segment.sequence = generator.next32() }
        segment.acknowledgment = hostSequence &+ UInt32.random(in: 0...300, using: &generator)
        segment.window = [0, 1, 100, 65535].randomElement(using: &generator) ?? 0
        segment.payload = Array("GET / HTTP/1.1\r\n\r\n".utf8.prefix(.random(in: 0...18, using: &generator)))
        let frames = host.receive(TestPackets.segment(segment), at: now)
        answers += frames.count
        if let answer = TestPackets.packet(frames.first).flatMap({ TCPSegment($0) }), step == 0 {
          hostSequence = answer.sequence
        }
        now += .random(in: 0...3_000_000, using: &generator)
        _ = host.advance(to: now)
      }
    }
    #expect(answers > 5000)
  }

  @Test func randomBytesAreNoPackets() {
    var generator = SeededGenerator(seed: 13)
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...400, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      #expect(DHCPMessage(bytes) == nil)
      if let packet = IPv4Packet(bytes) { _ = (UDPDatagram(packet), TCPSegment(packet)) }
      _ = EthernetFrame(bytes).flatMap { ARPPacket($0.payload) }
    }
  }

  /// Makes the damage survive the checksums, so that it reaches the code behind them.
  private static func repairChecksums(_ frame: inout [UInt8]) {
    guard frame.count >= 34, frame[12] == 8, frame[13] == 0 else { return }
    let headerCount = Int(frame[14] & 15) * 4
    guard headerCount >= 20, frame.count >= 14 + headerCount else { return }
    frame.replaceBigEndian(UInt16(0), at: 24)
    frame.replaceBigEndian(InternetChecksum.of(frame[14..<14 + headerCount]), at: 24)
    guard let packet = IPv4Packet(Array(frame[14...])) else { return }
    let place = 14 + headerCount + (packet.transport == 6 ? 16 : packet.transport == 17 ? 6 : 2)
    guard place + 2 <= 14 + headerCount + packet.payload.count else { return }
    frame.replaceBigEndian(UInt16(0), at: place)
    let payload = Array(frame[14 + headerCount..<14 + headerCount + packet.payload.count])
    let checksum =
      packet.transport == 1
      ? InternetChecksum.of(payload)
      : InternetChecksum.of(payload, from: packet.source, to: packet.destination, transport: packet.transport)
    frame.replaceBigEndian(checksum, at: place)
  }
}

extension SeededGenerator {
  mutating func next32() -> UInt32 { UInt32(truncatingIfNeeded: next()) }
}
