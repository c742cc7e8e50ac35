// The built-in host: what it answers, what it leaves unanswered, and that its packets are right to the last checksum.

import Testing

@testable import Machine

@Suite("Built-in host")
struct VirtualHostTests {
  @Test func checksumsAgreeWithPublishedExamples() {
    // RFC 1071, section 3.
    #expect(InternetChecksum.of([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]) == ~0xddf2)
    // The header used as an example by Wikipedia's article on the checksum of IPv4 headers.
    let header: [UInt8] = [
      0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00,
      0xc7,
    ]
    #expect(InternetChecksum.of(header) == 0)
    #expect(InternetChecksum.of([1]) == ~0x0100)
  }

  @Test func addressesAreReadAndWrittenInTheUsualNotation() {
    #expect(MACAddress("52:54:00:12:34:56")?.description == "52:54:00:12:34:56")
    #expect(MACAddress("52:54:00:12:34") == nil)
    #expect(MACAddress("52:54:00:12:34:g0") == nil)
    #expect(MACAddress("52:54:00:12:34:567") == nil)
    #expect(MACAddress("1:0:0:0:0:0")?.isGroup == true)
    #expect(IPv4Address(10, 0, 2, 15).description == "10.0.2.15")
  }

  @Test func answersARPForItsOwnAddressOnly() throws {
    var host = VirtualHost()
    let request = TestPackets.arpRequest(
      from: TestPackets.guestHardware, address: TestPackets.guest, for: TestPackets.host)
    let answers = host.receive(request, at: 5)
    let reply = try #require(answers.first.flatMap { EthernetFrame($0) })
    #expect(reply.destination == TestPackets.guestHardware)
    #expect(
      ARPPacket(reply.payload)
        == ARPPacket(
          operation: 2, senderHardware: TestPackets.hostHardware, sender: TestPackets.host,
          targetHardware: TestPackets.guestHardware, target: TestPackets.guest))
    let other = TestPackets.arpRequest(
      from: TestPackets.guestHardware, address: TestPackets.guest, for: IPv4Address(10, 0, 2, 3))
    #expect(host.receive(other, at: 6).isEmpty)
  }

  @Test func answersPingWithTheSameData() throws {
    var host = VirtualHost()
    let data = Array("abcdefg".utf8)
    let reply = try #require(TestPackets.packet(host.receive(TestPackets.echoRequest(data), at: 0).first))
    #expect(reply.source == TestPackets.host && reply.destination == TestPackets.guest)
    #expect(reply.payload[0] == 0 && InternetChecksum.of(reply.payload) == 0)
    #expect(Array(reply.payload[4...]) == [0x12, 0x34, 0, 1] + data)
  }

  @Test func packetsWithWrongChecksumsOrForOthersAreIgnored() {
    var host = VirtualHost()
    let good = TestPackets.echoRequest([1, 2, 3])
    for place in [24, 26, 35, 43] {
      var bad = good
      bad[place] ^= 0x55
      #expect(host.receive(bad, at: 0).isEmpty, "byte \(place)")
    }
    var fragment = good
    fragment[20] = 0x20
    fragment.replaceSubrange(24..<26, with: [0, 0])
    fragment.replaceBigEndian(InternetChecksum.of(fragment[14..<34]), at: 24)
    #expect(host.receive(fragment, at: 0).isEmpty)
    var forAnother = good
    forAnother[5] ^= 1
    #expect(host.receive(forAnother, at: 0).isEmpty)
  }

  @Test func echoesDatagramsAndSaysWhereNobodyListens() throws {
    var host = VirtualHost()
    let echo = try #require(
      TestPackets.packet(host.receive(TestPackets.datagram([9, 8, 7], from: 5000, to: 7), at: 0).first))
    #expect(UDPDatagram(echo) == UDPDatagram(from: 7, to: 5000, payload: [9, 8, 7]))
    let refused = try #require(
      TestPackets.packet(host.receive(TestPackets.datagram([9, 8, 7], from: 5000, to: 9), at: 0).first))
    #expect(refused.transport == 1 && refused.payload.prefix(2) == [3, 3])
    #expect(InternetChecksum.of(refused.payload) == 0)
    // The header of what was refused and its first eight bytes.
    #expect(refused.payload.count == 8 + 20 + 8)
  }

  // MARK: DHCP

  private func exchange(_ host: inout VirtualHost, _ message: DHCPMessage) -> DHCPMessage? {
    TestPackets.packet(host.receive(TestPackets.dhcp(message), at: 0).first).flatMap { UDPDatagram($0) }
      .flatMap { DHCPMessage($0.payload) }
  }

  @Test func givesEachClientAnAddressOfItsOwnAndKeepsIt() throws {
    var host = VirtualHost()
    let clients = [MACAddress(2, 0, 0, 0, 0, 1), MACAddress(2, 0, 0, 0, 0, 2)]
    for (index, client) in (clients + clients).enumerated() {
      let offer = try #require(exchange(&host, DHCPMessage(.discover, client: client, transaction: 77)))
      #expect(offer.kind == .offer && offer.transaction == 77 && offer.client == client)
      #expect(offer.yourAddress == IPv4Address(10, 0, 2, 15 + UInt8(index % 2)))
      var request = DHCPMessage(.request, client: client, transaction: 78)
      request.options[DHCPMessage.Option.requestedAddress] = offer.yourAddress.bytes
      request.options[DHCPMessage.Option.server] = TestPackets.host.bytes
      let answer = try #require(exchange(&host, request))
      #expect(answer.kind == .acknowledge && answer.yourAddress == offer.yourAddress)
      #expect(answer.address(DHCPMessage.Option.subnetMask) == IPv4Address(255, 255, 255, 0))
      #expect(answer.address(DHCPMessage.Option.router) == TestPackets.host)
      #expect(answer.options[DHCPMessage.Option.leaseTime]?.count == 4)
    }
  }

  @Test func refusesAnotherAddressAndIgnoresClientsOfOtherServers() throws {
    var host = VirtualHost()
    var request = DHCPMessage(.request, client: TestPackets.guestHardware, transaction: 1)
    request.options[DHCPMessage.Option.requestedAddress] = [10, 0, 2, 200]
    #expect(exchange(&host, request)?.kind == .refuse)
    request.options[DHCPMessage.Option.server] = [10, 0, 2, 9]
    #expect(exchange(&host, request) == nil)
  }

  @Test func givesNoMoreAddressesThanItHas() throws {
    var configuration = VirtualHostConfiguration()
    configuration.leaseCount = 2
    var host = VirtualHost(configuration)
    let offers = (1...3).map {
      exchange(&host, DHCPMessage(.discover, client: MACAddress(2, 0, 0, 0, 0, $0), transaction: 1))?.yourAddress
    }
    #expect(offers == [IPv4Address(10, 0, 2, 15), IPv4Address(10, 0, 2, 16), nil])
  }

  @Test func broadcastsOnlyToClientsThatAskForIt() throws {
    var host = VirtualHost()
    var discover = DHCPMessage(.discover, client: TestPackets.guestHardware, transaction: 1)
    let direct = try #require(host.receive(TestPackets.dhcp(discover), at: 0).first)
    #expect(EthernetFrame(direct)?.destination == TestPackets.guestHardware)
    discover.wantsBroadcast = true
    let broadcast = try #require(host.receive(TestPackets.dhcp(discover), at: 0).first)
    #expect(EthernetFrame(broadcast)?.destination == .broadcast)
    #expect(TestPackets.packet(broadcast)?.destination == .broadcast)
  }
}
