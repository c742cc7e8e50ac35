// The switch: where frames go, when they get there, what is lost, and that it ends in the same state every time.

import Testing

@testable import Machine

@Suite("Virtual switch")
struct VirtualSwitchTests {
  private let a = MACAddress(2, 0, 0, 0, 0, 1)
  private let b = MACAddress(2, 0, 0, 0, 0, 2)

  private func frame(from source: MACAddress, to destination: MACAddress, _ mark: UInt8 = 0) -> [UInt8] {
    EthernetFrame(to: destination, from: source, payloadType: 0x88b5, payload: [mark]).bytes
  }

  @Test func unknownAddressesAreFloodedAndKnownOnesAreNot() {
    var network = VirtualSwitch(latency: 10)
    let ports = (0..<3).map { _ in network.addPort() }
    network.send(TimedFrame(tick: 0, bytes: frame(from: a, to: b)), from: ports[0])
    #expect(network.nextEvent == 10)
    network.advance(to: 9)
    #expect(!network.hasArrived(port: ports[1]))
    network.advance(to: 10)
    #expect(network.takeArrived(port: ports[1]) == [TimedFrame(tick: 10, bytes: frame(from: a, to: b))])
    #expect(network.takeArrived(port: ports[2]).count == 1)
    #expect(network.takeArrived(port: ports[0]).isEmpty)
    network.send(TimedFrame(tick: 20, bytes: frame(from: b, to: a)), from: ports[1])
    network.advance(to: 30)
    #expect(network.takeArrived(port: ports[0]).count == 1)
    #expect(network.takeArrived(port: ports[2]).isEmpty)
    network.send(TimedFrame(tick: 40, bytes: frame(from: a, to: .broadcast)), from: ports[0])
    network.advance(to: 50)
    #expect(network.hasArrived(port: ports[1]) && network.hasArrived(port: ports[2]))
  }

  @Test func framesArriveInOrderOfTimeThenPortWhateverTheOrderOfSending() {
    func marks(_ order: [(tick: UInt64, port: Int)]) -> [UInt8] {
      var network = VirtualSwitch(latency: 10)
      for _ in 0..<3 { _ = network.addPort() }
      for (tick, port) in order {
        let bytes = frame(from: port == 0 ? a : b, to: .broadcast, UInt8(tick) * 16 + UInt8(port))
        network.send(TimedFrame(tick: tick, bytes: bytes), from: port)
      }
      network.advance(to: 100)
      return network.takeArrived(port: 2).compactMap(\.bytes.last)
    }
    #expect(marks([(1, 0), (1, 1), (2, 0), (3, 1)]) == [0x10, 0x11, 0x20, 0x31])
    #expect(marks([(3, 1), (1, 1), (1, 0), (2, 0)]) == [0x10, 0x11, 0x20, 0x31])
  }

  @Test func lossIsAboutWhatWasAskedForAndTheSameEveryTime() {
    func arrived(seed: UInt64) -> [UInt8] {
      var network = VirtualSwitch(latency: 1, seed: seed)
      _ = network.addPort()
      let port = network.addPort()
      network.lossPerThousand = 300
      for index in 0..<1000 {
        network.send(TimedFrame(tick: UInt64(index), bytes: frame(from: a, to: b, UInt8(index % 256))), from: 0)
      }
      network.advance(to: 2000)
      return network.takeArrived(port: port).compactMap(\.bytes.last)
    }
    let first = arrived(seed: 1)
    #expect((600...800).contains(first.count))
    #expect(first == arrived(seed: 1))
    #expect(first != arrived(seed: 2))
  }

  @Test func framesFromNowhereAndOfImpossibleLengthAreDropped() {
    var network = VirtualSwitch()
    let port = network.addPort()
    network.send(TimedFrame(tick: 0, bytes: frame(from: a, to: b)), from: 5)
    network.send(TimedFrame(tick: 0, bytes: [1, 2, 3]), from: port)
    network.send(TimedFrame(tick: .max, bytes: frame(from: a, to: b)), from: port)
    #expect(network.droppedFrames == 3)
    #expect(network.nextEvent == .max)
    #expect(network.takeArrived(port: 9).isEmpty)
    #expect(network.host(onPort: 9) == nil)
  }

  @Test func queuesAreBounded() {
    var network = VirtualSwitch()
    let port = network.addPort()
    let other = network.addPort()
    for index in 0..<20_000 {
      network.send(TimedFrame(tick: UInt64(index), bytes: frame(from: a, to: b)), from: port)
      if index % 100 == 0 { network.advance(to: UInt64(index)) }
    }
    network.advance(to: 1_000_000)
    #expect(network.takeArrived(port: other).count <= 1024)
    #expect(network.droppedFrames >= 18_000)
  }

  @Test func hostOnTheSwitchAnswersAMachine() {
    var network = VirtualSwitch(latency: 10)
    let machine = network.addPort()
    network.attach(VirtualHost())
    network.startCapture()
    network.send(TimedFrame(tick: 0, bytes: TestPackets.echoRequest([1])), from: machine)
    network.advance(to: 20)
    #expect(network.takeArrived(port: machine).map(\.tick) == [20])
    #expect(network.endCapture()?.frames.count == 2)
  }
}
