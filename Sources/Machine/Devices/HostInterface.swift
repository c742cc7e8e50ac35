// HTIF, the host-target interface of the RISC-V test programs: two words in the guest's RAM, `tohost` and `fromhost`, by
// which a program ends or talks to its host. Only present when the image has these symbols. The hart reports stores to
// `tohost`; nothing here may look at memory at any other time, or runs would depend on when.

/// The two words of the host-target interface, and what the host owes the guest.
struct HostInterface: Sendable {
  private enum Device {
    static let system: UInt64 = 0
    static let console: UInt64 = 1
  }

  private enum ConsoleCommand {
    static let read: UInt64 = 0
    static let write: UInt64 = 1
  }

  /// The calls of the RISC-V proxy kernel that a program without one makes (numbers as in Linux).
  private enum SystemCall {
    static let write: UInt64 = 64
    static let exit: UInt64 = 93
  }

  private static let payloadMask: UInt64 = 1 << 48 - 1
  /// Console replies carry the byte with this bit set.
  private static let byteIsValid: UInt64 = 0x100
  private static let mostBytesWritten: UInt64 = 1 << 16
  /// `-ENOSYS`.
  private static let notImplemented = UInt64(bitPattern: -38)

  /// The physical address of `tohost`.
  let toHost: UInt64
  /// The physical address of `fromhost`, if the image has it.
  let fromHost: UInt64?
  /// The guest has asked for a byte and not been given one.
  private(set) var wantsInput = false
  /// Only the lower half of `tohost` has been stored to.
  private var isHalfWritten = false

  init(toHost: UInt64, fromHost: UInt64?) {
    self.toHost = toHost
    self.fromHost = fromHost
  }

  /// What a request asks of the rest of the board.
  enum Effect: Equatable {
    case nothing
    case end(code: UInt64)
    case output([UInt8])
  }

  /// Answers a store of the guest that touched `tohost`.
  ///
  /// The test programs store 32 bits at a time, lower half first. A lower half alone is a request only when it is stored
  /// again without an upper half in between: older programs repeat it forever.
  mutating func stored(at address: UInt64, size: Int, memory: inout PhysicalMemory) -> Effect {
    guard address < toHost &+ 8, address &+ UInt64(size) > toHost, let request = memory.load(UInt64.self, at: toHost)
    else { return .nothing }
    let isLowerHalf = address == toHost && size == 4
    if isLowerHalf && !isHalfWritten {
      isHalfWritten = true
      return .nothing
    }
    isHalfWritten = false
    guard request != 0 else { return .nothing }
    _ = memory.store(UInt64(0), at: toHost)
    return perform(request, memory: &memory)
  }

  /// Gives the guest the byte it waits for.
  mutating func give(_ byte: UInt8, memory: inout PhysicalMemory) {
    wantsInput = false
    reply(Self.byteIsValid | UInt64(byte), to: Device.console << 56 | ConsoleCommand.read << 48, memory: &memory)
  }

  /// Feeds every word of the state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(toHost)
    body(fromHost ?? 0)
    body((wantsInput ? 1 : 0) | (isHalfWritten ? 2 : 0))
  }

  private mutating func perform(_ request: UInt64, memory: inout PhysicalMemory) -> Effect {
    let payload = request & Self.payloadMask
    switch (request >> 56, request >> 48 & 0xff) {
    case (Device.system, 0) where payload & 1 == 1: return .end(code: payload >> 1)
    case (Device.system, 0): return systemCall(at: payload, memory: &memory)
    case (Device.console, ConsoleCommand.write):
      reply(Self.byteIsValid | payload & 0xff, to: request, memory: &memory)
      return .output([UInt8(truncatingIfNeeded: payload)])
    case (Device.console, ConsoleCommand.read):
      wantsInput = true
      return .nothing
    default: return .nothing
    }
  }

  /// A call whose number and arguments are eight bytes each in memory; the result replaces the number.
  private func systemCall(at address: UInt64, memory: inout PhysicalMemory) -> Effect {
    guard let words = memory.bytes(at: address, count: 32) else { return .nothing }
    let arguments = (0..<4).map { words.littleEndian(UInt64.self, at: 8 * $0) }
    var effect = Effect.nothing
    var result = Self.notImplemented
    switch arguments[0] {
    case SystemCall.exit: return .end(code: arguments[1])
    case SystemCall.write:
      let count = min(arguments[3], Self.mostBytesWritten)
      if let bytes = memory.bytes(at: arguments[2], count: Int(count)) {
        effect = .output(bytes)
        result = count
      }
    default: break
    }
    _ = memory.store(result, at: address)
    reply(1, to: 0, memory: &memory)
    return effect
  }

  private func reply(_ payload: UInt64, to request: UInt64, memory: inout PhysicalMemory) {
    guard let fromHost else { return }
    _ = memory.store(request & ~Self.payloadMask | payload, at: fromHost)
  }
}
