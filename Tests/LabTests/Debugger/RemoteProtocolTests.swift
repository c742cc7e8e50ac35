import Testing

@testable import Lab

/// The elements in some bytes.
private func elements(_ bytes: some Sequence<UInt8>) -> [RemoteElement] {
  var reader = RemotePacketReader()
  return bytes.compactMap { reader.take($0) }
}

@Test func aPacketIsReadFromItsFrameAndEscapes() {
  #expect(elements("+$m10,4#2e\u{3}-".utf8) == [.acknowledged, .packet(Array("m10,4".utf8)), .interrupt, .refused])
  let payload: [UInt8] = [0x23, 0x24, 0x7d, 0x2a, 0, 255, 0x41]
  #expect(elements(RemotePacket.framed(payload)) == [.packet(payload)])
  #expect(RemotePacket.framed(Array("OK".utf8)) == Array("$OK#9a".utf8))
}

@Test func aDamagedPacketIsNamedAndTheNextOneIsRead() {
  #expect(elements("$g#00$?#3f".utf8) == [.damaged, .packet([0x3f])])
  #expect(elements("$g#zz$?#3f".utf8) == [.damaged, .packet([0x3f])])
  #expect(elements("$half$?#3f".utf8) == [.packet([0x3f])], "a packet that was cut off")
  let long = RemotePacket.framed([UInt8](repeating: 0x61, count: RemotePacketReader.maximumPayload + 1))
  #expect(elements(long) == [.damaged])
}

@Test func requestsAreReadAsValues() {
  let cases: [(String, RemoteRequest)] = [
    ("m80000000,10", .readMemory(address: 0x8000_0000, count: 16)),
    ("M10,2:abCD", .writeMemory(address: 16, [0xab, 0xcd])),
    ("X10,3:abc", .writeMemory(address: 16, Array("abc".utf8))),
    ("p20", .readRegister(32)),
    ("P1=0100000000000000", .writeRegister(1, [1, 0, 0, 0, 0, 0, 0, 0])),
    ("Z0,10b62,2", .insert(DebugProbe(kind: .softwareBreakpoint, address: 0x10b62, length: 2))),
    ("z2,ff,8", .remove(DebugProbe(kind: .writeWatchpoint, address: 255, length: 8))),
    ("Hg0", .selectThread(.any)), ("Hg-1", .selectThread(.all)), ("Hg1f", .selectThread(.one(31))),
    ("vCont;c", .resume(ResumeRequest(manner: .go))),
    ("vCont;s:3;c", .resume(ResumeRequest(manner: .step, thread: 3))),
    ("vCont;c;s:3", .resume(ResumeRequest(manner: .step, thread: 3))),
    ("vCont;r10,20:-1", .resume(ResumeRequest(manner: .stepWithin(16..<32)))),
    ("c80", .resume(ResumeRequest(manner: .go, address: 128))),
    ("bs", .reverseStep), ("bc", .reverseContinue),
    (
      "qXfer:features:read:target.xml:0,ffb",
      .transfer(object: "features", annex: "target.xml", offset: 0, count: 0xffb)
    ),
    ("qRcmd,6869", .monitor("hi")), ("vMustReplyEmpty", .unknown), ("", .unknown), ("vCont;", .malformed),
    ("vCont;r20,10", .malformed), ("m10", .malformed), ("M10,2:ab", .malformed), ("P1=0", .malformed),
    ("Z9,0,0", .malformed), ("m11112222333344445,1", .malformed), ("Hx1", .malformed),
  ]
  for (text, request) in cases { #expect(RemoteRequest(Array(text.utf8)) == request, "\(text)") }
}

@Test func randomBytesAreAlwaysReadAsSomething() {
  var random = SplitMix(state: 42)
  let alphabet = Array("$#}*+-gGmMXpPzZvCont;srbqHTXfer:features,0123456789abcdef-=?\u{3}".utf8)
  var reader = RemotePacketReader()
  var packets = 0
  for round in 0..<200_000 {
    let byte =
      round % 3 == 0 ? UInt8.random(in: 0...255, using: &random) : alphabet.randomElement(using: &random) ?? 0
    if case .packet? = reader.take(byte) { packets += 1 }
  }
  for _ in 0..<20_000 {
    let count = Int.random(in: 0...24, using: &random)
    let payload = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
    let framed = RemotePacket.framed(payload)
    #expect(elements(framed) == [.packet(payload)])
    _ = RemoteRequest(payload)
  }
  #expect(packets < 200_000 / 4)
}

/// Repeatable random numbers (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
