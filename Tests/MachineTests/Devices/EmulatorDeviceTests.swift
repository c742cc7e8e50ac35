// More of the board against QEMU's: the real-time clock, and the network with QEMU's own built-in host at the other end.

import Testing

@testable import Machine

/// The accesses by which a guest drives the network adapter in slot 6.
private struct NetworkScript {
  private static let receiveQueue = MemoryMap.ram + 0x1_0000
  private static let transmitQueue = MemoryMap.ram + 0x1_8000
  private static let receiveBuffer = MemoryMap.ram + 0x2_0000
  private static let transmitBuffer = MemoryMap.ram + 0x2_8000
  private static let headerSize: UInt64 = 12
  private static let received = receiveBuffer + headerSize

  private(set) var accesses: [RegisterAccess] = []
  private var exchanges: UInt64 = 0

  init() {
    for (offset, value): (UInt64, UInt64) in [
      (0x70, 0), (0x70, 3), (0x24, 1), (0x20, 1), (0x24, 0), (0x20, 0), (0x70, 11),
    ] {
      store(Self.register(offset), 4, value)
    }
    for (index, queue) in [Self.receiveQueue, Self.transmitQueue].enumerated() {
      let registers: [(UInt64, UInt64)] = [
        (0x30, UInt64(index)), (0x38, 8), (0x80, queue), (0x84, 0), (0x90, queue + 0x1000), (0x94, 0),
        (0xa0, queue + 0x2000), (0xa4, 0), (0x44, 1),
      ]
      for (offset, value) in registers { store(Self.register(offset), 4, value) }
    }
    store(Self.register(0x70), 4, 15)
    for offset: UInt64 in [0x00, 0x08, 0x70, 0x100, 0x104] { load(Self.register(offset), 4) }
  }

  private static func register(_ offset: UInt64) -> UInt64 { MemoryMap.virtioSlot(6).lowerBound + offset }

  /// Sends a frame and waits for one.
  mutating func exchange(_ frame: [UInt8]) {
    let bytes = [UInt8](repeating: 0, count: Int(Self.headerSize)) + frame
    for offset in stride(from: 0, to: bytes.count, by: 8) {
      let part = Array((bytes[offset...] + [UInt8](repeating: 0, count: 8)).prefix(8))
      store(Self.transmitBuffer + UInt64(offset), 8, part.littleEndian(UInt64.self, at: 0))
    }
    submit(Self.receiveQueue, buffer: Self.receiveBuffer, count: 2048, flags: 2, queue: 0)
    submit(Self.transmitQueue, buffer: Self.transmitBuffer, count: UInt64(bytes.count), flags: 0, queue: 1)
    exchanges += 1
    for queue in [Self.transmitQueue, Self.receiveQueue] {
      accesses.append(RegisterAccess(address: queue + 0x2002, size: 2, awaited: exchanges))
    }
  }

  /// Looks at bytes of the frame that came.
  mutating func look(at offsets: Range<UInt64>) {
    for offset in offsets { load(Self.received + offset, 1) }
  }

  /// Looks at the header but for the number of merged buffers: the specification says 1, QEMU 7.2 gives 0.
  mutating func lookAtHeader() {
    for offset in 0..<10 as Range<UInt64> { load(Self.receiveBuffer + offset, 1) }
  }

  private mutating func submit(_ place: UInt64, buffer: UInt64, count: UInt64, flags: UInt64, queue: UInt64) {
    store(place, 8, buffer)
    store(place + 8, 4, count)
    store(place + 12, 4, flags)
    store(place + 0x1004 + 2 * (exchanges % 8), 2, 0)
    store(place + 0x1002, 2, exchanges + 1)
    store(Self.register(0x50), 4, queue)
  }

  private mutating func store(_ address: UInt64, _ size: Int, _ value: UInt64) {
    accesses.append(RegisterAccess(address: address, size: size, value: value))
  }

  private mutating func load(_ address: UInt64, _ size: Int) {
    accesses.append(RegisterAccess(address: address, size: size))
  }
}

extension EmulatorComparisonTests {
  @Test func realTimeClockAnswersTheSame() throws {
    let base = MemoryMap.rtc.lowerBound
    var accesses = [1, 2, 4, 8].map { RegisterAccess(address: base + 8, size: $0) }
    accesses += [0x18, 0x20, 0x24, 0x28].map { RegisterAccess(address: base + $0, size: 8) }
    accesses += [1, 2, 8].map { RegisterAccess(address: base + 0x18, size: $0, value: 1) }
    let stores: [(UInt64, UInt64)] = [
      // An alarm in the year 2200, cleared; an alarm in the past.
      (0x10, 1), (0x0c, 0x6500_0000), (0x08, 0x1234_5678), (0x14, 1), (0x0c, 0), (0x08, 5), (0x1c, 1), (0x10, 0xfe),
      (0x20, 1),
    ]
    for (offset, value) in stores {
      accesses.append(RegisterAccess(address: base + offset, size: 4, value: value))
      for offset: UInt64 in [0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c, 0x20] {
        accesses.append(RegisterAccess(address: base + offset, size: 4))
      }
      accesses.append(RegisterAccess(address: MemoryMap.plic.lowerBound + 0x1000, size: 4))
    }
    try compare(accesses)
  }

  @Test func networkHostAnswersARPPingAndDHCPTheSame() throws {
    var script = NetworkScript()
    script.exchange(
      TestPackets.arpRequest(from: TestPackets.guestHardware, address: TestPackets.guest, for: TestPackets.host))
    script.lookAtHeader()
    script.look(at: 0..<42)
    script.exchange(TestPackets.echoRequest(Array("how far away are you".utf8)))
    // Addresses, protocols and the message; identification and hops are the host's own affair.
    script.look(at: 0..<18)
    script.look(at: 23..<24)
    script.look(at: 26..<62)
    script.exchange(
      TestPackets.dhcp(DHCPMessage(.discover, client: TestPackets.guestHardware, transaction: 0x1234_5678)))
    // Operation, transaction, the address given, and the first option: it is an offer.
    script.look(at: 42..<50)
    script.look(at: 58..<62)
    script.look(at: 278..<285)
    try compare(script.accesses)
  }
}
