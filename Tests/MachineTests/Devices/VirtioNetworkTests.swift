// The virtio network adapter, driven as a guest drives it, on the built-in switch and on an external link.

import Testing

@testable import Machine

@Suite("Virtio network device")
struct VirtioNetworkTests {
  private static let slot = 6
  private static let address = MACAddress(0x52, 0x54, 0x00, 0x12, 0x34, 0x56)
  private static let header = [UInt8](repeating: 0, count: 12)

  private func harness(_ link: NetworkAdapter.Link = .builtIn) throws -> BoardHarness {
    var configuration = BoardConfiguration()
    try configuration.place(.network(NetworkAdapter(link: link)), slot: Self.slot)
    return BoardHarness(configuration)
  }

  private func arpRequest(from sender: MACAddress = address) -> [UInt8] {
    TestPackets.arpRequest(from: sender, address: IPv4Address(10, 0, 2, 15), for: IPv4Address(10, 0, 2, 2))
  }

  @Test func showsItsAddressAndThatTheLinkIsUp() throws {
    let driver = VirtioDriver(try harness(), slot: Self.slot, queues: 2)
    #expect(driver.read(0x08) == 1)
    #expect((0..<6).map { UInt8(driver.read(0x100 + $0, size: 1)) } == Self.address.bytes)
    #expect(driver.read(0x106, size: 2) == 1)
  }

  @Test func builtInHostAnswersARPAfterTwiceTheLatency() throws {
    let harness = try harness()
    let driver = VirtioDriver(harness, slot: Self.slot, queues: 2)
    driver.offer(queue: 0, index: 3)
    driver.send(Self.header + arpRequest(), queue: 1)
    #expect(driver.takeUsed(queue: 1).map(\.index) == [0])
    harness.advanceThroughEvents(until: 1999)
    #expect(driver.takeUsed(queue: 0).isEmpty)
    harness.advanceThroughEvents(until: 2000)
    let received = driver.takeUsed(queue: 0)
    try #require(received.count == 1 && received[0].index == 3)
    // One merged buffer, as the header of a device without merging says.
    #expect(Array(received[0].bytes[..<12]) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0])
    let frame = try #require(EthernetFrame(Array(received[0].bytes[12...])))
    #expect(frame.destination == Self.address)
    #expect(ARPPacket(frame.payload)?.operation == 2)
    #expect(ARPPacket(frame.payload)?.sender == IPv4Address(10, 0, 2, 2))
    #expect(driver.read(0x60) == 1)
  }

  @Test func driverWithoutVersion1UsesTheShortHeader() throws {
    let harness = try harness()
    let driver = VirtioDriver(harness, slot: Self.slot, queues: 2, features: 0)
    driver.offer(queue: 0, index: 0)
    driver.send(Array(Self.header.prefix(10)) + arpRequest(), queue: 1)
    harness.advanceThroughEvents(until: 2000)
    let received = driver.takeUsed(queue: 0)
    #expect(received.first?.bytes.count == 10 + 42)
  }

  @Test func frameWaitsForABufferAndIsDeliveredOnce() throws {
    let harness = try harness()
    let driver = VirtioDriver(harness, slot: Self.slot, queues: 2)
    driver.send(Self.header + arpRequest(), queue: 1)
    harness.advanceThroughEvents(until: 5000)
    #expect(harness.board.nextEvent == .max)
    driver.offer(queue: 0, index: 0)
    #expect(driver.takeUsed(queue: 0).count == 1)
    driver.offer(queue: 0, index: 1)
    harness.advanceThroughEvents(until: 10000)
    #expect(driver.takeUsed(queue: 0).isEmpty)
  }

  @Test func externalLinkHandsFramesOverWithTheirTimes() throws {
    let harness = try harness(.external)
    let driver = VirtioDriver(harness, slot: Self.slot, queues: 2)
    harness.advance(by: 77)
    driver.send(Self.header + arpRequest(), queue: 1)
    #expect(harness.board.takeSentFrames(slot: Self.slot) == [TimedFrame(tick: 77, bytes: arpRequest())])
    #expect(harness.board.takeSentFrames(slot: Self.slot) == [])
    driver.offer(queue: 0, index: 0)
    let frame = TimedFrame(tick: 100, bytes: arpRequest())
    #expect(harness.give(.frame(frame, slot: Self.slot)))
    #expect(harness.board.nextEvent == 100)
    harness.advanceThroughEvents(until: 99)
    #expect(driver.takeUsed(queue: 0).isEmpty)
    harness.advanceThroughEvents(until: 100)
    #expect(driver.takeUsed(queue: 0).first?.bytes.suffix(42) == frame.bytes[...])
  }

  @Test func framesForSlotsWithoutAnExternalLinkAreRefused() throws {
    let harness = try harness()
    let frame = TimedFrame(tick: 0, bytes: arpRequest())
    #expect(!harness.give(.frame(frame, slot: Self.slot)))
    #expect(!harness.give(.frame(frame, slot: 0)))
    #expect(!harness.give(.frame(frame, slot: 99)))
    #expect(harness.board.takeSentFrames(slot: Self.slot) == nil)
  }

  @Test func framesWithoutADriverBuffersOrAPossibleLengthAreLostAndCounted() throws {
    let harness = try harness(.external)
    #expect(harness.give(.frame(TimedFrame(tick: 0, bytes: arpRequest()), slot: Self.slot)))
    #expect(harness.board.lostFrames(slot: Self.slot) == 1)
    let driver = VirtioDriver(harness, slot: Self.slot, queues: 2)
    for _ in 0..<300 { _ = harness.board.receive(TimedFrame(tick: 0, bytes: arpRequest()), slot: Self.slot) }
    #expect(harness.board.lostFrames(slot: Self.slot) == 1 + 300 - UInt64(VirtioNetwork.backlog))
    driver.send(Self.header + [UInt8](repeating: 0, count: 1515), queue: 1)
    driver.send(Self.header + [UInt8](repeating: 0, count: 13), queue: 1, index: 1)
    #expect(driver.takeUsed(queue: 1).count == 2)
    #expect(harness.board.takeSentFrames(slot: Self.slot) == [])
    #expect(harness.board.lostFrames(slot: Self.slot) == 3 + 300 - UInt64(VirtioNetwork.backlog))
  }

  @Test func bufferTooSmallForAFrameLosesTheFrameAndStaysWithTheDevice() throws {
    let harness = try harness(.external)
    let driver = VirtioDriver(harness, slot: Self.slot, queues: 2)
    driver.offer(queue: 0, index: 0, count: 40)
    _ = harness.board.receive(TimedFrame(tick: 1, bytes: arpRequest()), slot: Self.slot)
    _ = harness.board.receive(TimedFrame(tick: 2, bytes: Array(arpRequest().prefix(20))), slot: Self.slot)
    harness.advanceThroughEvents(until: 10)
    #expect(driver.takeUsed(queue: 0).map(\.bytes.count) == [32])
    #expect(harness.board.lostFrames(slot: Self.slot) == 1)
  }

  @Test func readableReceiveBufferNeedsAReset() throws {
    let driver = VirtioDriver(try harness(), slot: Self.slot, queues: 2)
    driver.send(Self.header, queue: 0)
    #expect(driver.needsReset)
  }

  @Test func copyOfTheBoardContinuesTheSameConversation() throws {
    let harness = try harness()
    let driver = VirtioDriver(harness, slot: Self.slot, queues: 2)
    driver.offer(queue: 0, index: 0)
    driver.send(Self.header + arpRequest(), queue: 1)
    harness.advanceThroughEvents(until: 1500)
    let saved = (board: harness.board, words: harness.stateWords(), memory: harness.memory.snapshot())
    harness.advanceThroughEvents(until: 3000)
    let later = harness.stateWords()
    #expect(later != saved.words)
    harness.board = saved.board
    harness.memory.restore(saved.memory)
    harness.now = 1500
    #expect(harness.stateWords() == saved.words)
    harness.advanceThroughEvents(until: 3000)
    #expect(harness.stateWords() == later)
    #expect(driver.takeUsed(queue: 0).count == 1)
  }

  @Test func captureHoldsBothDirections() throws {
    let harness = try harness()
    let isCapturing = harness.board.startCapture()
    #expect(isCapturing)
    let driver = VirtioDriver(harness, slot: Self.slot, queues: 2)
    driver.send(Self.header + arpRequest(), queue: 1)
    harness.advanceThroughEvents(until: 5000)
    let ended = harness.board.endCapture()
    let capture = try #require(ended)
    #expect(capture.frames.map(\.tick) == [1000, 2000])
    #expect(capture.frames.first?.bytes == arpRequest())
    let file = capture.fileContents
    #expect(file.count == 24 + 2 * (16 + 42))
    #expect(file[..<4] == [0x4d, 0x3c, 0xb2, 0xa1])
    // 1000 ticks of 100 ns.
    #expect(file[24..<32] == [0, 0, 0, 0, 0xa0, 0x86, 0x01, 0])
    #expect(harness.board.endCapture() == nil)
  }

  @Test func twoBoardsOnOneSwitchTalkWhicheverIsAskedFirst() throws {
    func conversation(order: [Int]) throws -> [[UInt64]] {
      let addresses = [MACAddress(2, 0, 0, 0, 0, 1), MACAddress(2, 0, 0, 0, 0, 2)]
      var network = VirtualSwitch()
      let ports = [network.addPort(), network.addPort()]
      let harnesses = try addresses.map { address in
        var configuration = BoardConfiguration()
        try configuration.place(.network(NetworkAdapter(address: address, link: .external)), slot: Self.slot)
        return BoardHarness(configuration)
      }
      let drivers = harnesses.map { VirtioDriver($0, slot: Self.slot, queues: 2) }
      for driver in drivers { for index in 0..<4 { driver.offer(queue: 0, index: UInt16(index)) } }
      for round in 1...4 {
        for index in order {
          if round == 1 {
            drivers[index].send(Self.header + arpRequest(from: addresses[index]), queue: 1)
          }
          harnesses[index].advanceThroughEvents(until: UInt64(round) * network.latency)
        }
        for index in order {
          for frame in harnesses[index].board.takeSentFrames(slot: Self.slot) ?? [] {
            network.send(frame, from: ports[index])
          }
        }
        network.advance(to: UInt64(round + 1) * network.latency)
        for index in order {
          for frame in network.takeArrived(port: ports[index]) {
            #expect(harnesses[index].give(.frame(frame, slot: Self.slot)))
          }
        }
      }
      for driver in drivers { #expect(driver.takeUsed(queue: 0).count == 1) }
      return harnesses.map { $0.stateWords() }
    }
    #expect(try conversation(order: [0, 1]) == conversation(order: [1, 0]))
  }

  @Test func randomReceiveAndTransmitRequestsNeverCrash() throws {
    var generator = SeededGenerator(seed: 31)
    var served = 0
    var refused = 0
    for _ in 0..<1500 {
      let harness = try harness(Bool.random(using: &generator) ? .builtIn : .external)
      let driver = VirtioDriver(harness, slot: Self.slot, queues: 2)
      for _ in 0..<8 {
        let queue = Int.random(in: 0...1, using: &generator)
        let index = UInt16.random(in: 0...7, using: &generator)
        let isRight = Int.random(in: 0..<8, using: &generator) > 0
        if (queue == 0) == isRight {
          driver.offer(
            queue: queue, index: index, count: [0, 11, 12, 13, 60, 1600].randomElement(using: &generator) ?? 0)
        } else {
          let bytes = (0..<Int.random(in: 0...1700, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
          }
          driver.send(
            Int.random(in: 0...1, using: &generator) == 0 ? bytes : Self.header + arpRequest(), queue: queue,
            index: index)
        }
        _ = harness.board.receive(TimedFrame(tick: harness.now, bytes: arpRequest()), slot: Self.slot)
        harness.advanceThroughEvents(until: harness.now + 700)
      }
      served += driver.takeUsed(queue: 0).count
      if driver.needsReset { refused += 1 }
    }
    #expect(served > 300)
    #expect(refused > 300)
  }
}
