import Machine
import Testing

@testable import Lab

/// A debugger that sends what it is given and keeps what it gets.
final class ScriptedDebugger: DebugLink {
  private var unsent: [UInt8]
  private(set) var received: [UInt8] = []
  /// Sent as soon as the guest runs.
  var whileRunning: [UInt8] = []

  init(_ bytes: [UInt8]) { unsent = bytes }

  convenience init(packets: [String]) {
    self.init(packets.flatMap { RemotePacket.framed(Array($0.utf8)) })
  }

  func send(_ bytes: [UInt8]) { received += bytes }

  func receive(waits: Bool) -> [UInt8]? {
    if !waits {
      defer { whileRunning = [] }
      return whileRunning
    }
    guard !unsent.isEmpty else { return nil }
    // One packet at a time: the next is sent when the guest has stopped.
    let end = (unsent.firstIndex(of: UInt8(ascii: "#")) ?? unsent.count) + 3
    defer { unsent.removeFirst(min(end, unsent.count)) }
    return Array(unsent.prefix(end))
  }

  /// The payloads that it got.
  var replies: [String] {
    var reader = RemotePacketReader()
    return received.compactMap { byte in
      if case .packet(let payload)? = reader.take(byte) { String(decoding: payload, as: UTF8.self) } else { nil }
    }
  }
}

/// What a target answers to packets.
func replies(_ target: any DebugTarget, _ packets: [String], interrupting: Bool = false) -> [String] {
  let debugger = ScriptedDebugger(packets: packets)
  if interrupting { debugger.whileRunning = [3] }
  var session = DebugSession(target: target, link: debugger) { $0.uppercased() }
  session.run()
  return debugger.replies
}

@Test func aDebuggerLearnsOfFeaturesThreadsAndRegisters() throws {
  let (_, system) = try TinyGuest.boot()
  let target = SystemDebugTarget(system)
  let answers = replies(
    target, ["qSupported:xmlRegisters=i386", "qC", "qfThreadInfo", "qsThreadInfo", "qXfer:threads:read::0,1000", "g"])
  #expect(answers[0].contains("qXfer:features:read+"))
  #expect(answers[1] == "QC1")
  #expect(answers[2].hasPrefix("m1"))
  #expect(answers[3] == "l")
  #expect(answers[4].contains("name=\"agent\""))
  #expect(answers[5].count == 33 * 16)
  #expect(answers[5].hasSuffix(Hexadecimal.register(system.registers().pc)))
}

@Test func theTargetDescriptionNamesEveryRegisterThatCanBeRead() throws {
  let (_, system) = try TinyGuest.boot()
  let target = SystemDebugTarget(system)
  let document = target.registerSet.targetDescription
  for name in ["ra", "fp", "pc", "fa0", "fcsr", "satp", "mstatus", "scause", "priv"] {
    #expect(document.contains("name=\"\(name)\""), "\(name)")
  }
  for part in document.split(separator: "regnum=\"").dropFirst() {
    let number = try #require(UInt64(part.prefix { $0.isNumber }))
    #expect(target.register(number, of: target.currentThread) != nil, "register \(number)")
  }
}

@Test func registersAndMemoryAreReadAndWritten() throws {
  let (_, system) = try TinyGuest.boot()
  let target = SystemDebugTarget(system)
  let mailbox = String(try system.address(of: "agent:agent_mailbox"), radix: 16)
  let answers = replies(
    target,
    [
      "P5=efbeadde00000000", "p5", "P80c0=0000000000000000", "M\(mailbox),4:01020304", "m\(mailbox),4",
      "mffffffff00000000,4", "Mffffffff00000000,1:00", "p7fff",
    ])
  #expect(answers[0] == "OK")
  #expect(answers[1] == "efbeadde00000000")
  #expect(system.registers().registers["t0"] == 0xdead_beef)
  #expect(answers[2] == "E01")
  #expect(replies(target, ["P21=000000000000f03f", "p21"]) == ["OK", "000000000000f03f"], "ft0 = 1.0")
  #expect(answers[3...] == ["OK", "01020304", "E14", "E14", "E01"])
}

@Test func aBreakpointStopsACallAndTheCallIsCompleted() throws {
  let (_, system) = try TinyGuest.boot()
  _ = try system.setBreakpoint(at: "agent:sys_read", temporary: true)
  _ = try system.call(.read, [.number(3), .number(12)])
  let target = SystemDebugTarget(system)
  let place = String(try system.address(of: "blk_submit"), radix: 16)
  let answers = replies(target, ["Z0,\(place),4", "vCont;c", "z0,\(place),4", "vCont;c"])
  #expect(answers[1].hasPrefix("T05swbreak:;thread:1;"))
  #expect(answers[1].contains("20:" + Hexadecimal.register(try system.address(of: "blk_submit"))))
  #expect(answers[3] == "O" + Hexadecimal.text("read returned 12\n".utf8))
  #expect(answers[4].hasPrefix("T05thread:1;"))
  #expect(system.breakpoints().breakpoints.isEmpty, "the debugger's breakpoints go with it")
}

@Test func steppingBackAndForthGivesTheSameStates() throws {
  let (_, system) = try TinyGuest.boot()
  _ = try system.setBreakpoint(at: "blk_submit", temporary: true)
  _ = try system.call(.read, [.number(3), .number(12)])
  let target = SystemDebugTarget(system)
  var hashes = [system.machine.stateHash()]
  var places = [system.registers().pc]
  for _ in 0..<60 {
    #expect(replies(target, ["vCont;s:1"])[0].hasPrefix("T05"))
    hashes.append(system.machine.stateHash())
    places.append(system.registers().pc)
  }
  for index in (40..<60).reversed() {
    _ = replies(target, ["bs"])
    #expect(system.registers().pc == places[index])
    #expect(system.machine.stateHash() == hashes[index], "step \(index)")
  }
  for index in 41...60 {
    _ = replies(target, ["vCont;s:1"])
    #expect(system.machine.stateHash() == hashes[index], "forward again, step \(index)")
  }
  #expect(replies(target, ["bc"])[0].contains("replaylog:begin;"))
  #expect(system.instructionCount == 0, "the system's own history begins at reset")
  #expect(replies(target, ["bs"])[0].contains("replaylog:begin;"))
}

@Test func goingBackReachesTheLastBreakpointAndForwardFromThereTheSameState() throws {
  let (_, system) = try TinyGuest.boot()
  _ = try system.setBreakpoint(at: "agent:sys_read", temporary: true)
  _ = try system.call(.read, [.number(3), .number(12)])
  let target = SystemDebugTarget(system)
  let place = try system.address(of: "blk_submit")
  _ = replies(target, ["vCont;c"])
  let end = system.machine.stateHash()
  let answers = replies(target, ["Z1,\(String(place, radix: 16)),4", "bc"])
  #expect(answers[1].hasPrefix("T05hwbreak:;"))
  #expect(system.registers().pc == place)
  _ = replies(target, ["vCont;c"])
  #expect(system.machine.stateHash() == end)
}

@Test func aMachineIsDebuggedUntilItSwitchesItselfOff() throws {
  let target = try Program.target()
  let answers = replies(
    target, ["qfThreadInfo", "Z0,8000000c,4", "vCont;c", "p6", "m80001000,8", "z0,8000000c,4", "c"])
  #expect(answers[0] == "m1")
  #expect(answers[2].hasPrefix("T05swbreak:;thread:1;"))
  #expect(answers[3] == Hexadecimal.register(0x55))
  #expect(answers[4] == "0000000000000000")
  #expect(answers.last == "W00")
  #expect(target.end == .finished(.pass))
}

@Test func watchpointsStopAfterTheAccess() throws {
  let target = try Program.target()
  let answers = replies(target, ["Z2,80001000,8", "vCont;c", "z2,80001000,8", "Z3,80001000,8", "vCont;c"])
  #expect(answers[1].contains("watch:80001000;"))
  #expect(answers[1].contains("20:" + Hexadecimal.register(0x8000_0010)))
  #expect(answers[4].contains("rwatch:80001000;"))
  #expect(answers[4].contains("20:" + Hexadecimal.register(0x8000_0014)))
  let back = replies(target, ["Z2,80001000,8", "bc"])
  #expect(back[1].contains("watch:80001000;"))
  #expect(target.machine.pc == 0x8000_000c, "before the store")
  let stored = target.machine.memory.load(UInt64.self, at: 0x8000_1000)
  #expect(stored == 0)
}

@Test func nobodyIsToldOfWhatIsRepeated() throws {
  let told = Told()
  let target = try Program.target { machine, _ in
    told.count += 1
    return !machine.board.uart.takeOutput().isEmpty
  }
  _ = replies(target, ["vCont;s:1", "vCont;s:1", "vCont;s:1"])
  let before = told.count
  #expect(before > 0)
  _ = replies(target, ["bs", "Z0,80000000,4", "bc", "bs"])
  #expect(told.count == before)
  #expect(target.machine.pc == 0x8000_0000)
}

@Test func aRangeStepEndsOutsideTheRange() throws {
  let target = try Program.target()
  #expect(replies(target, ["vCont;r80000000,80000008:1"])[0].hasPrefix("T05thread:1;"))
  #expect(target.machine.pc == 0x8000_0008)
}

@Test func aRunningGuestCanBeInterrupted() throws {
  let target = try Program.target(words: [0x0000_006f])  // jump to itself
  #expect(replies(target, ["vCont;c"], interrupting: true)[0].hasPrefix("T02"))
}

@Test func randomPacketsNeverEndASessionBadly() throws {
  var random = SplitMix(state: 7)
  let (_, system) = try TinyGuest.boot()
  let starts = [
    "m", "M", "X", "p", "P", "g", "G", "Z0,", "Z2,", "z1,", "H", "T", "vCont;s", "vCont;r", "qXfer:features:read:",
    "qXfer:threads:read::", "qThreadExtraInfo,", "b", "bs", "?", "v", "q", "Q",
  ]
  let alphabet = Array("0123456789abcdef,:;=-".utf8)
  for _ in 0..<300 {
    let target = SystemDebugTarget(system)
    var bytes: [UInt8] = []
    for _ in 0..<10 {
      let tail = (0..<Int.random(in: 0...20, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      bytes += RemotePacket.framed(Array((starts.randomElement(using: &random) ?? "").utf8) + tail)
      if Bool.random(using: &random) { bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 0x11 }
    }
    let debugger = ScriptedDebugger(bytes + RemotePacket.framed([UInt8(ascii: "?")]))
    debugger.whileRunning = [3]
    var session = DebugSession(target: target, link: debugger) { $0 }
    session.run()
    #expect(session.end != nil)
  }
  #expect(replies(SystemDebugTarget(system), ["?"])[0].hasPrefix("T"))
}

@Test func detachingKillingAndHangingUpAreToldApart() throws {
  for (packets, end) in [(["D"], DebugSession.End.detached), (["vKill;1"], .killed), ([], .closed)] {
    var session = DebugSession(target: try Program.target(), link: ScriptedDebugger(packets: packets)) { $0 }
    session.run()
    #expect(session.end == end)
  }
}

/// How often a machine's owner was asked.
private final class Told {
  var count = 0
}

/// A few instructions in machine mode.
private enum Program {
  /// `li t1, 0x55; lui t0, …; store; load; switch off`, at the start of RAM.
  static let words: [UInt32] = [
    0x0550_0313,  // 00: addi t1, zero, 0x55
    0x0000_1297,  // 04: auipc t0, 1
    0xffc2_8293,  // 08: addi t0, t0, -4: 0x80001000
    0x0062_b023,  // 0c: sd t1, 0(t0)
    0x0002_b383,  // 10: ld t2, 0(t0)
    0x0010_0e37,  // 14: lui t3, 0x100: the test finisher
    0x0000_5eb7,  // 18: lui t4, 0x5
    0x555e_8e9b,  // 1c: addiw t4, t4, 0x555: pass
    0x01de_2023,  // 20: sw t4, 0(t3)
  ]

  static func target(
    words: [UInt32] = words, attendedBy attend: @escaping MachineDebugTarget.Attendance = { _, _ in false }
  ) throws -> MachineDebugTarget {
    var machine = try Machine(MachineConfiguration(memoryBytes: 1 << 20))
    for (index, word) in words.enumerated() {
      let isStored = machine.memory.store(word, at: Machine.memoryBase + UInt64(index * 4))
      #expect(isStored)
    }
    return MachineDebugTarget(machine, attendedBy: attend)
  }
}
