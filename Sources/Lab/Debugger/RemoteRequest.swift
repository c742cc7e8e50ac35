// The requests of gdb's remote serial protocol as values.
//
// Values only: reading a request does nothing. Every payload has a meaning here, if only `.unknown` or `.malformed`.
// Source: Debugging with GDB, appendix "Remote Serial Protocol", sections "Packets" and "General Query Packets".

/// What a debugger asks for.
enum RemoteRequest: Equatable {
  case supportedFeatures
  case stopAcknowledging
  case whyStopped
  case currentThread
  case isAttached
  case threadList(isFirst: Bool)
  case threadDetail(UInt64)
  case isThreadAlive(UInt64)
  /// The thread that register and memory packets mean.
  case selectThread(ThreadChoice)
  /// The thread of `c` and `s`; `vCont` names its own.
  case selectThreadToRun(ThreadChoice)
  /// Part of a document such as `features`.
  case transfer(object: String, annex: String, offset: UInt64, count: UInt64)
  case readRegisters
  case writeRegisters([UInt8])
  case readRegister(UInt64)
  case writeRegister(UInt64, [UInt8])
  case readMemory(address: UInt64, count: UInt64)
  case writeMemory(address: UInt64, [UInt8])
  case insert(DebugProbe)
  case remove(DebugProbe)
  case resumptionSupport
  case resume(ResumeRequest)
  case reverseStep
  case reverseContinue
  case monitor(String)
  /// The debugger has read a file and would answer questions for symbols.
  case offersSymbols
  /// The answer to such a question.
  case symbol(name: String, isKnown: Bool)
  case detach
  case kill
  /// Must be answered by an empty packet: gdb learns that the stub does not know it.
  case unknown
  /// A packet that this stub knows, with arguments that make no sense.
  case malformed
}

/// Which thread a packet means.
enum ThreadChoice: Equatable {
  case any
  case all
  case one(UInt64)
}

/// How the guest is to go on.
struct ResumeRequest: Equatable {
  /// For one thread, or for all that no other action names.
  enum Manner: Equatable {
    case go
    case step
    /// Step until the thread leaves a range of addresses.
    case stepWithin(Range<UInt64>)
  }

  var manner: Manner
  /// The thread that steps; nil for the one that runs.
  var thread: UInt64?
  /// Where to go on, when not where it stopped.
  var address: UInt64?
}

/// A place that a debugger watches.
public struct DebugProbe: Hashable, Sendable {
  /// The protocol's kinds, by their number.
  public enum Kind: UInt64, Sendable {
    case softwareBreakpoint = 0
    case hardwareBreakpoint = 1
    case writeWatchpoint = 2
    case readWatchpoint = 3
    case accessWatchpoint = 4
  }

  /// What makes it stop.
  public let kind: Kind
  /// A virtual address.
  public let address: UInt64
  /// Bytes watched; of a breakpoint, the length of the instruction.
  public let length: UInt64

  /// Whether it watches data.
  public var isWatchpoint: Bool { kind.rawValue >= Kind.writeWatchpoint.rawValue }
}

extension RemoteRequest {
  /// Reads a packet's payload.
  init(_ payload: [UInt8]) {
    guard let first = payload.first else {
      self = .unknown
      return
    }
    var rest = RequestScanner(payload.dropFirst())
    switch first {
    case UInt8(ascii: "?"): self = .whyStopped
    case UInt8(ascii: "g"): self = .readRegisters
    case UInt8(ascii: "G"): self = Hexadecimal.decoded(rest.remaining).map { .writeRegisters($0) } ?? .malformed
    case UInt8(ascii: "p"): self = rest.number().map { .readRegister($0) } ?? .malformed
    case UInt8(ascii: "P"):
      guard let number = rest.number(), rest.skip("="), let bytes = Hexadecimal.decoded(rest.remaining) else {
        self = .malformed
        return
      }
      self = .writeRegister(number, bytes)
    case UInt8(ascii: "m"):
      guard let address = rest.number(), rest.skip(","), let count = rest.number() else {
        self = .malformed
        return
      }
      self = .readMemory(address: address, count: count)
    case UInt8(ascii: "M"), UInt8(ascii: "X"): self = Self.memoryWrite(&rest, isBinary: first == UInt8(ascii: "X"))
    case UInt8(ascii: "Z"): self = Self.probe(&rest).map { .insert($0) } ?? .malformed
    case UInt8(ascii: "z"): self = Self.probe(&rest).map { .remove($0) } ?? .malformed
    case UInt8(ascii: "H"): self = Self.threadSelection(&rest)
    case UInt8(ascii: "T"): self = rest.thread().flatMap { $0.number }.map { .isThreadAlive($0) } ?? .malformed
    case UInt8(ascii: "c"): self = .resume(ResumeRequest(manner: .go, address: rest.number()))
    case UInt8(ascii: "s"): self = .resume(ResumeRequest(manner: .step, address: rest.number()))
    case UInt8(ascii: "b"): self = Self.backwards(rest)
    case UInt8(ascii: "D"): self = .detach
    case UInt8(ascii: "k"): self = .kill
    case UInt8(ascii: "v"): self = Self.verbose(rest)
    case UInt8(ascii: "q"), UInt8(ascii: "Q"): self = Self.query(payload)
    default: self = .unknown
    }
  }

  private static func memoryWrite(_ rest: inout RequestScanner, isBinary: Bool) -> RemoteRequest {
    guard let address = rest.number(), rest.skip(","), let count = rest.number(), rest.skip(":") else {
      return .malformed
    }
    guard let bytes = isBinary ? Array(rest.remaining) : Hexadecimal.decoded(rest.remaining),
      UInt64(bytes.count) == count
    else { return .malformed }
    return .writeMemory(address: address, bytes)
  }

  private static func probe(_ rest: inout RequestScanner) -> DebugProbe? {
    guard let number = rest.number(), let kind = DebugProbe.Kind(rawValue: number), rest.skip(","),
      let address = rest.number(), rest.skip(","), let length = rest.number()
    else { return nil }
    return DebugProbe(kind: kind, address: address, length: length)
  }

  private static func threadSelection(_ rest: inout RequestScanner) -> RemoteRequest {
    if rest.skip("g") { return rest.thread().map { .selectThread($0) } ?? .malformed }
    if rest.skip("c") { return rest.thread().map { .selectThreadToRun($0) } ?? .malformed }
    return .malformed
  }

  private static func backwards(_ rest: RequestScanner) -> RemoteRequest {
    switch rest.text {
    case "s": .reverseStep
    case "c": .reverseContinue
    default: .unknown
    }
  }

  private static func verbose(_ scanner: RequestScanner) -> RemoteRequest {
    var rest = scanner
    if rest.text == "Cont?" { return .resumptionSupport }
    if rest.skip("Kill") { return .kill }
    guard rest.skip("Cont;") else { return .unknown }
    return resumption(rest.remaining).map { .resume($0) } ?? .malformed
  }

  /// The actions of `vCont`: the first that steps decides, because one hart can only do one thing.
  private static func resumption(_ text: ArraySlice<UInt8>) -> ResumeRequest? {
    var request: ResumeRequest?
    for action in text.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false) {
      var rest = RequestScanner(action)
      let manner: ResumeRequest.Manner
      if rest.skip("c") {
        manner = .go
      } else if rest.skip("s") {
        manner = .step
      } else if rest.skip("C") {
        // A signal means nothing to a machine.
        guard rest.number() != nil else { return nil }
        manner = .go
      } else if rest.skip("S") {
        guard rest.number() != nil else { return nil }
        manner = .step
      } else if rest.skip("r") {
        guard let start = rest.number(), rest.skip(","), let end = rest.number(), start <= end else { return nil }
        manner = .stepWithin(start..<end)
      } else {
        return nil
      }
      var thread: UInt64?
      if rest.skip(":") {
        guard let choice = rest.thread() else { return nil }
        thread = choice.number
      }
      guard rest.isAtEnd else { return nil }
      if request == nil || (request?.manner == .go && manner != .go) {
        request = ResumeRequest(manner: manner, thread: manner == .go ? nil : thread)
      }
    }
    return request
  }

  private static func query(_ payload: [UInt8]) -> RemoteRequest {
    var rest = RequestScanner(payload[...])
    switch rest.text {
    case "qC": return .currentThread
    case "QStartNoAckMode": return .stopAcknowledging
    case "qfThreadInfo": return .threadList(isFirst: true)
    case "qsThreadInfo": return .threadList(isFirst: false)
    default: break
    }
    if rest.skip("qSupported") { return .supportedFeatures }
    if rest.skip("qAttached") { return .isAttached }
    if rest.skip("qThreadExtraInfo,") { return rest.thread()?.number.map { .threadDetail($0) } ?? .malformed }
    if rest.skip("qRcmd,") {
      return Hexadecimal.decoded(rest.remaining).map { .monitor(String(decoding: $0, as: UTF8.self)) } ?? .malformed
    }
    if rest.skip("qXfer:") { return transfer(rest.remaining) }
    if rest.skip("qSymbol:") { return symbol(rest.remaining) }
    return .unknown
  }

  /// `qSymbol::` offers answers; `qSymbol:VALUE:NAME` is one, without a value when the symbol is not known.
  private static func symbol(_ text: ArraySlice<UInt8>) -> RemoteRequest {
    let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 2 else { return .malformed }
    guard !parts[1].isEmpty else { return .offersSymbols }
    guard let name = Hexadecimal.decoded(parts[1]) else { return .malformed }
    return .symbol(name: String(decoding: name, as: UTF8.self), isKnown: !parts[0].isEmpty)
  }

  private static func transfer(_ text: ArraySlice<UInt8>) -> RemoteRequest {
    let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 4, parts[1].elementsEqual("read".utf8) else { return .unknown }
    var range = RequestScanner(parts[3])
    guard let offset = range.number(), range.skip(","), let count = range.number() else { return .malformed }
    return .transfer(
      object: String(decoding: parts[0], as: UTF8.self), annex: String(decoding: parts[2], as: UTF8.self),
      offset: offset, count: count)
  }
}

extension ThreadChoice {
  /// The thread's number, when one is meant.
  var number: UInt64? {
    if case .one(let number) = self { number } else { nil }
  }
}

/// Reads the parts of a payload from left to right.
private struct RequestScanner {
  private(set) var remaining: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { remaining = bytes }

  var isAtEnd: Bool { remaining.isEmpty }
  var text: String { String(decoding: remaining, as: UTF8.self) }

  /// Takes a word if it comes next.
  mutating func skip(_ word: StaticString) -> Bool {
    let matches = word.withUTF8Buffer { remaining.starts(with: $0) }
    if matches { remaining = remaining.dropFirst(word.utf8CodeUnitCount) }
    return matches
  }

  /// Takes a number in base 16; nil if none comes next or it is longer than 64 bits.
  mutating func number() -> UInt64? {
    let digits = remaining.prefix { Hexadecimal.digit($0) != nil }
    guard let value = Hexadecimal.number(digits) else { return nil }
    remaining = remaining.dropFirst(digits.count)
    return value
  }

  /// Takes a thread: `-1` for all, 0 for any, or its number.
  mutating func thread() -> ThreadChoice? {
    if skip("-1") { return .all }
    return number().map { $0 == 0 ? .any : .one($0) }
  }
}
