// The built-in host's HTTP server over TCP: pages, refusals, losses, closed windows, and peers that break the rules.

import Testing

@testable import Machine

@Suite("HTTP on the built-in host")
struct HTTPTests {
  /// A browser and a host with a line between them that can lose frames.
  private struct Line {
    var host: VirtualHost
    var browser: TestBrowser
    var now: UInt64 = 0
    var lossPercent = 0
    var generator = SeededGenerator(seed: 9)
    private(set) var framesFromHost = 0

    init(_ browser: TestBrowser, pages: [String: String]? = nil) {
      var configuration = VirtualHostConfiguration()
      if let pages { configuration.pages = pages }
      host = VirtualHost(configuration)
      self.browser = browser
    }

    /// Runs until the host has closed the connection or nothing more happens within the given time.
    mutating func run(for time: UInt64 = 2_000_000_000) {
      let end = now + time
      var nextTry = now
      while now < end, !browser.hostHasClosed, !browser.wasReset {
        if nextTry <= now {
          exchange([browser.outgoing()])
          // The guest repeats itself after 300 ms.
          nextTry = now + 3_000_000
        }
        let event = min(host.nextEvent, nextTry)
        now = max(now, event)
        deliver(host.advance(to: now))
      }
    }

    mutating func exchange(_ frames: [[UInt8]]) {
      for frame in frames where !isLost() { deliver(host.receive(frame, at: now)) }
    }

    private mutating func deliver(_ frames: [[UInt8]]) {
      for frame in frames {
        framesFromHost += 1
        guard !isLost() else { continue }
        if let answer = browser.receive(frame) { exchange([answer]) }
      }
    }

    private mutating func isLost() -> Bool { Int.random(in: 0..<100, using: &generator) < lossPercent }
  }

  private static let longPage = (0..<3000).map { "line \($0)\n" }.joined()

  @Test(arguments: [("/", "built-in host"), ("/hello", "hello, guest\n"), ("/hello?x=1", "hello, guest\n")])
  func givesItsPages(path: String, text: String) {
    var line = Line(TestBrowser("GET \(path) HTTP/1.1\r\nHost: 10.0.2.2\r\n\r\n"))
    line.run()
    #expect(line.browser.response.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(line.browser.response.contains(text))
    #expect(line.browser.hostHasClosed)
  }

  @Test(
    arguments: [
      ("GET /nowhere HTTP/1.1\r\n\r\n", "404"), ("POST / HTTP/1.1\r\n\r\n", "405"), ("nonsense\r\n\r\n", "400"),
      ("GET / HTTP/1.1 extra\r\n\r\n", "400"),
    ])
  func refusesWhatItCannotAnswer(request: String, status: String) {
    var line = Line(TestBrowser(request))
    line.run()
    #expect(line.browser.response.hasPrefix("HTTP/1.1 \(status) "))
  }

  @Test func requestWithoutAnEndIsRefusedWhenNoMoreOfItFits() {
    var host = VirtualHost()
    var segment = TCPSegment(from: 9, to: 80, sequence: 99, flags: .synchronize)
    let answer = TestPackets.packet(host.receive(TestPackets.segment(segment), at: 0).first).flatMap { TCPSegment($0) }
    segment.flags = .acknowledge
    segment.acknowledgment = (answer?.sequence ?? 0) &+ 1
    segment.sequence = 100
    segment.window = 4096
    segment.payload = [UInt8](repeating: 120, count: 1000)
    var answers: [TCPSegment] = []
    for _ in 0..<9 {
      answers += host.receive(TestPackets.segment(segment), at: 0).compactMap { TestPackets.packet($0) }
        .compactMap { TCPSegment($0) }
      segment.sequence &+= 1000
    }
    #expect(answers.dropLast().allSatisfy { $0.payload.isEmpty })
    #expect(answers.last?.payload.starts(with: "HTTP/1.1 400 ".utf8) == true)
    #expect(answers.last?.window == 0)
  }

  @Test func headGivesNoBody() {
    var line = Line(TestBrowser("HEAD /hello HTTP/1.0\r\n\r\n"))
    line.run()
    #expect(line.browser.response.contains("Content-Length: 13\r\n"))
    #expect(line.browser.response.hasSuffix("\r\n\r\n"))
  }

  @Test(arguments: [nil, 100, 536, 1460] as [UInt16?])
  func longPageArrivesWholeInSegmentsOfThePeersSize(segmentSize: UInt16?) {
    var line = Line(
      TestBrowser("GET /long HTTP/1.1\r\n\r\n", segmentSize: segmentSize), pages: ["/long": Self.longPage])
    line.run()
    #expect(line.browser.response.hasSuffix(Self.longPage))
    #expect(line.framesFromHost >= Self.longPage.utf8.count / Int(segmentSize ?? 536))
  }

  @Test(arguments: [5, 20, 35])
  func longPageArrivesWholeOverALineThatLosesFrames(percent: Int) {
    var line = Line(TestBrowser("GET /long HTTP/1.1\r\n\r\n"), pages: ["/long": Self.longPage])
    line.lossPercent = percent
    line.run()
    #expect(line.browser.response.hasSuffix(Self.longPage))
    #expect(!line.browser.wasReset)
  }

  @Test func closedWindowIsProbedUntilItOpens() {
    var browser = TestBrowser("GET /hello HTTP/1.1\r\n\r\n")
    browser.window = 0
    var line = Line(browser)
    line.run(for: 10_000_000)
    #expect(line.browser.response.count < 10)
    line.browser.window = 100
    line.run()
    #expect(line.browser.response.hasSuffix("hello, guest\n"))
  }

  @Test func portWhereNobodyListensIsRefused() {
    var line = Line(TestBrowser("", port: 81))
    line.run()
    #expect(line.browser.wasReset)
    #expect(!line.browser.isConnected)
  }

  @Test func silentPeerIsGivenUpAfterAWhile() {
    var host = VirtualHost()
    let browser = TestBrowser("")
    #expect(host.receive(browser.outgoing(), at: 0).count == 1)
    var retransmissions = 0
    var last: IPv4Packet?
    while host.nextEvent != .max {
      let frames = host.advance(to: host.nextEvent)
      retransmissions += frames.count
      last = TestPackets.packet(frames.last) ?? last
    }
    #expect(retransmissions > 4)
    #expect(last != nil)
  }

  @Test func connectionsAreBoundedAndFreedAgain() {
    var host = VirtualHost()
    func open(_ port: UInt16, at now: UInt64) -> TCPSegment? {
      let segment = TCPSegment(from: port, to: 80, sequence: 1, flags: .synchronize)
      return TestPackets.packet(host.receive(TestPackets.segment(segment), at: now).first).flatMap { TCPSegment($0) }
    }
    for port in 0..<UInt16(VirtualHost.mostConnections) {
      #expect(open(1000 + port, at: 0)?.flags == [.synchronize, .acknowledge])
    }
    #expect(open(5000, at: 0)?.flags.contains(.reset) == true)
    while host.nextEvent != .max { _ = host.advance(to: host.nextEvent) }
    #expect(open(5000, at: 4_000_000_000)?.flags == [.synchronize, .acknowledge])
  }

  @Test func resetEndsAConnectionOnlyInTheWindow() {
    var host = VirtualHost()
    var segment = TCPSegment(from: 9, to: 80, sequence: 100, flags: .synchronize)
    _ = host.receive(TestPackets.segment(segment), at: 0)
    segment.flags = .reset
    segment.sequence = 99_999
    _ = host.receive(TestPackets.segment(segment), at: 0)
    #expect(host.nextEvent != .max)
    segment.sequence = 101
    _ = host.receive(TestPackets.segment(segment), at: 0)
    #expect(host.nextEvent == .max)
  }
}
