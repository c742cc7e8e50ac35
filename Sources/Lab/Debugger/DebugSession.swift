// One conversation with a debugger, from its first packet to its last: requests in, replies out.
//
// It knows bytes and a target, no sockets. The other side is not trusted: whatever it sends is answered or ignored.
// Source: Debugging with GDB, appendix "Remote Serial Protocol".

/// A connection with a debugger.
public protocol DebugLink: AnyObject {
  /// Sends bytes; a connection that is gone swallows them.
  func send(_ bytes: [UInt8])
  /// Bytes that have arrived; empty when there are none, nil when the connection is gone.
  ///
  /// - Parameter waits: Whether to wait for some.
  func receive(waits: Bool) -> [UInt8]?
}

/// A conversation with a debugger about one target.
public struct DebugSession {
  /// How a conversation ended.
  public enum End: String, Codable, Sendable {
    /// The debugger detached: the guest goes on as its user likes.
    case detached
    /// The debugger killed the guest.
    case killed
    /// The guest switched the machine off.
    case exited
    /// The connection was closed without a word.
    case closed
  }

  /// How it ended; nil while it goes on.
  public private(set) var end: End?
  /// Packets understood so far.
  public private(set) var packets = 0
  /// Why the guest stopped last.
  public private(set) var lastStop = DebugStop.trap

  let target: any DebugTarget
  private let link: any DebugLink
  private let monitor: (String) -> String
  private var reader = RemotePacketReader()
  private var waiting: [RemoteElement] = []
  private var lastReply: [UInt8] = []
  private var acknowledges = true
  var probes: Set<DebugProbe> = []
  /// The thread that register and memory packets mean.
  var selectedThread: UInt64?
  /// The symbols that are still to be asked for, the present one first, and those that the debugger knows.
  private var symbolQuestions: [String] = []
  private var knownSymbols: Set<String> = []

  /// Begins a conversation.
  ///
  /// - Parameters:
  ///   - target: What is debugged.
  ///   - link: The connection.
  ///   - monitor: Answers the debugger's `monitor` command with a text.
  public init(target: any DebugTarget, link: any DebugLink, monitor: @escaping (String) -> String) {
    self.target = target
    self.link = link
    self.monitor = monitor
  }

  /// Answers requests until the conversation ends.
  public mutating func run() {
    while end == nil {
      if waiting.isEmpty {
        guard let bytes = link.receive(waits: true) else {
          end = .closed
          return
        }
        take(bytes)
        continue
      }
      handle(waiting.removeFirst())
    }
  }

  private mutating func take(_ bytes: [UInt8]) {
    for byte in bytes {
      if let element = reader.take(byte) { waiting.append(element) }
    }
  }

  private mutating func handle(_ element: RemoteElement) {
    switch element {
    case .acknowledged: break
    case .refused: link.send(lastReply)
    case .damaged: if acknowledges { link.send([UInt8(ascii: "-")]) }
    // The guest is not running.
    case .interrupt: break
    case .packet(let payload):
      packets += 1
      if acknowledges { link.send([UInt8(ascii: "+")]) }
      answer(RemoteRequest(payload))
    }
  }

  private mutating func reply(_ text: String) { reply(bytes: Array(text.utf8)) }

  private mutating func reply(bytes: [UInt8]) {
    lastReply = RemotePacket.framed(bytes)
    link.send(lastReply)
  }

  private mutating func reply(_ isDone: Bool) { reply(isDone ? "OK" : Self.error) }

  // MARK: Requests

  /// Something could not be done; the number means nothing to gdb.
  private static let error = "E01"
  private static let badAddress = "E14"
  private static let features =
    "PacketSize=\(String(RemotePacketReader.maximumPayload, radix: 16));QStartNoAckMode+;qXfer:features:read+;"
    + "qXfer:threads:read+;vContSupported+;swbreak+;hwbreak+;ReverseStep+;ReverseContinue+"

  private var thread: UInt64 { selectedThread ?? target.currentThread }

  private mutating func answer(_ request: RemoteRequest) {
    switch request {
    case .supportedFeatures: reply(Self.features)
    case .stopAcknowledging:
      reply("OK")
      acknowledges = false
    case .whyStopped: reply(stopReply(lastStop))
    case .currentThread: reply("QC" + String(target.currentThread, radix: 16))
    case .isAttached: reply("1")
    case .threadList(let isFirst):
      let list = target.threads.map { String($0.id, radix: 16) }.joined(separator: ",")
      reply(isFirst ? "m" + list : "l")
    case .threadDetail(let id):
      let text = target.threads.first { $0.id == id }.map { "\($0.name): \($0.detail)" }
      reply(text.map { Hexadecimal.text($0.utf8) } ?? Self.error)
    case .isThreadAlive(let id): reply(target.threads.contains { $0.id == id })
    case .selectThread(let choice): select(choice)
    case .selectThreadToRun: reply("OK")
    case .transfer(let object, let annex, let offset, let count): transfer(object, annex, offset, count)
    case .readRegisters: reply(registers())
    case .writeRegisters(let bytes): reply(setRegisters(bytes))
    case .readRegister(let number):
      reply(target.register(number, of: thread).map { Hexadecimal.register($0) } ?? Self.error)
    case .writeRegister(let number, let bytes): reply(setRegister(number, bytes))
    case .readMemory(let address, let count): readMemory(address, count)
    case .writeMemory(let address, let bytes):
      reply(target.write(bytes, at: address, thread: thread) ? "OK" : Self.badAddress)
    case .insert(let probe): insert(probe)
    case .remove(let probe):
      probes.remove(probe)
      reply("OK")
    case .resumptionSupport: reply("vCont;c;C;s;S;r")
    case .resume(let request): resume(request)
    case .reverseStep: move(DebugRun(manner: .step, probes: probes), isReverse: true)
    case .reverseContinue: move(DebugRun(manner: .freely, probes: probes), isReverse: true)
    case .monitor(let command): reply(Hexadecimal.text((monitor(command) + "\n").utf8))
    case .detach:
      reply("OK")
      end = .detached
    case .kill:
      // `k` has no reply, `vKill` this one; gdb is gone in the first case.
      reply("OK")
      end = .killed
    case .offersSymbols:
      symbolQuestions = target.wantedSymbols
      knownSymbols = []
      askForSymbol()
    case .symbol(let name, let isKnown):
      if isKnown { knownSymbols.insert(name) }
      symbolQuestions = Array(symbolQuestions.drop { $0 != name }.dropFirst())
      askForSymbol()
    case .unknown: reply("")
    case .malformed: reply(Self.error)
    }
  }

  /// Asks for the next symbol; after the last one, tells the target.
  private mutating func askForSymbol() {
    guard let name = symbolQuestions.first else {
      target.noteSymbols(knownSymbols)
      return reply("OK")
    }
    reply("qSymbol:" + Hexadecimal.text(name.utf8))
  }

  private mutating func select(_ choice: ThreadChoice) {
    switch choice {
    case .any, .all: selectedThread = nil
    case .one(let id):
      guard target.threads.contains(where: { $0.id == id }) else { return reply(false) }
      selectedThread = id == target.currentThread ? nil : id
    }
    reply("OK")
  }

  private mutating func transfer(_ object: String, _ annex: String, _ offset: UInt64, _ count: UInt64) {
    let document: String
    switch (object, annex) {
    case ("features", "target.xml"): document = target.registerSet.targetDescription
    case ("threads", ""): document = threadDocument()
    case ("features", _), ("threads", _): return reply("E00")
    default: return reply("")
    }
    let bytes = Array(document.utf8)
    guard offset < UInt64(bytes.count) else { return reply(offset == UInt64(bytes.count) ? "l" : Self.error) }
    let rest = bytes.dropFirst(Int(offset))
    // Escapes can double the length of a payload.
    let piece = rest.prefix(Int(min(count, UInt64(RemotePacketReader.maximumPayload / 2))))
    reply(bytes: [UInt8(ascii: piece.count < rest.count ? "m" : "l")] + piece)
  }

  private func threadDocument() -> String {
    let lines = target.threads.map {
      "<thread id=\"\(String($0.id, radix: 16))\" core=\"0\" name=\"\(Self.escaped($0.name))\">"
        + "\(Self.escaped($0.detail))</thread>"
    }
    return "<?xml version=\"1.0\"?>\n<threads>\n" + lines.joined(separator: "\n") + "\n</threads>\n"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }

  // MARK: Registers and memory

  private static let generalRegisters = DebugRegisterSet.Number.integer.lowerBound...DebugRegisterSet.Number.pc

  private func registers() -> String {
    Self.generalRegisters.map { number in
      // `x` marks a register whose value is not known.
      target.register(number, of: thread).map { Hexadecimal.register($0) } ?? String(repeating: "x", count: 16)
    }.joined()
  }

  private func setRegisters(_ bytes: [UInt8]) -> Bool {
    guard bytes.count == Self.generalRegisters.count * 8 else { return false }
    for (index, number) in Self.generalRegisters.enumerated() {
      guard let value = bytes.word(at: index * 8), target.setRegister(number, of: thread, to: value) else {
        return false
      }
    }
    return true
  }

  private func setRegister(_ number: UInt64, _ bytes: [UInt8]) -> Bool {
    guard bytes.count == 8, let value = bytes.word(at: 0) else { return false }
    return target.setRegister(number, of: thread, to: value)
  }

  private mutating func readMemory(_ address: UInt64, _ count: UInt64) {
    let most = UInt64(RemotePacketReader.maximumPayload / 2)
    let bytes = target.read(address, count: Int(min(count, most)), thread: thread)
    reply(bytes.isEmpty && count > 0 ? Self.badAddress : Hexadecimal.text(bytes))
  }

  // MARK: Running

  /// The most places watched at once, and the most bytes of one.
  private static let probeLimit = 1000
  private static let watchLimit: UInt64 = 4096

  private mutating func insert(_ probe: DebugProbe) {
    let isSound = !probe.isWatchpoint || (1...Self.watchLimit).contains(probe.length)
    guard isSound, probes.count < Self.probeLimit else { return reply(false) }
    probes.insert(probe)
    reply("OK")
  }

  private mutating func resume(_ request: ResumeRequest) {
    if let address = request.address,
      !target.setRegister(DebugRegisterSet.Number.pc, of: target.currentThread, to: address)
    {
      return reply(false)
    }
    var run = DebugRun(manner: .freely, thread: request.thread, probes: probes)
    switch request.manner {
    case .go: break
    case .step: run.manner = .step
    case .stepWithin(let range): run.manner = .stepWithin(range)
    }
    if run.manner != .freely, run.thread == nil { run.thread = target.currentThread }
    move(run, isReverse: false)
  }

  private mutating func move(_ run: DebugRun, isReverse: Bool) {
    let (target, link) = (target, link)
    var arrived: [UInt8] = []
    var isClosed = false
    var reader = reader
    var elements: [RemoteElement] = []
    let poll: (_ console: [UInt8]) -> Bool = { console in
      if !console.isEmpty { link.send(RemotePacket.framed([UInt8(ascii: "O")] + Hexadecimal.bytes(console))) }
      guard let bytes = link.receive(waits: false) else {
        isClosed = true
        return true
      }
      arrived = bytes
      for byte in arrived {
        if let element = reader.take(byte) { elements.append(element) }
      }
      // Any packet means that the debugger has stopped waiting.
      return elements.contains { $0 != .acknowledged }
    }
    let stop = isReverse ? target.reverse(run, poll: poll) : target.run(run, poll: poll)
    self.reader = reader
    waiting += elements.filter { $0 != .interrupt }
    selectedThread = nil
    if isClosed {
      end = .closed
      return
    }
    lastStop = stop
    if case .broken(let reason) = stop {
      link.send(RemotePacket.framed([UInt8(ascii: "O")] + Hexadecimal.bytes((reason + "\n").utf8)))
    }
    reply(stopReply(stop))
    if case .exited = stop { end = .exited }
  }

  /// Signals by gdb's numbers.
  private enum Signal {
    static let interrupt = 2
    static let trap = 5
    static let abort = 6
  }

  private func stopReply(_ stop: DebugStop) -> String {
    let signal: Int
    var reason = ""
    switch stop {
    case .exited(let code): return "W" + Hexadecimal.text([code])
    case .trap: signal = Signal.trap
    case .breakpoint(let address):
      signal = Signal.trap
      let kinds = probes.filter { $0.address == address && !$0.isWatchpoint }.map(\.kind)
      if kinds.contains(.softwareBreakpoint) {
        reason = "swbreak:;"
      } else if kinds.contains(.hardwareBreakpoint) {
        reason = "hwbreak:;"
      }
    case .watchpoint(let probe):
      signal = Signal.trap
      let word =
        switch probe.kind {
        case .readWatchpoint: "rwatch"
        case .accessWatchpoint: "awatch"
        default: "watch"
        }
      reason = "\(word):\(String(probe.address, radix: 16));"
    case .interrupted: signal = Signal.interrupt
    case .historyBegins:
      signal = Signal.trap
      reason = "replaylog:begin;"
    case .broken: signal = Signal.abort
    }
    let current = target.currentThread
    var text = "T" + Hexadecimal.text([UInt8(signal)]) + reason + "thread:\(String(current, radix: 16));"
    for number in [2, DebugRegisterSet.Number.pc] {
      guard let value = target.register(number, of: current) else { continue }
      text += "\(String(number, radix: 16)):\(Hexadecimal.register(value));"
    }
    return text
  }
}
