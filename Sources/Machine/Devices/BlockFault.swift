// Faults of a disk that the host can arm, at the level of the device: the driver's code stays intact.
// A fault survives the driver's reset of the device; only the host takes it away.

/// A way in which a disk can misbehave.
public enum BlockFault: String, CaseIterable, Hashable, Codable, Sendable {
  /// Requests complete with the status "I/O error" and transfer nothing.
  case ioError = "io-error"
  /// Requests are taken and never completed.
  case dead
  /// Requests are carried out and completed, but no interrupt says so.
  case lostInterrupt = "lost-interrupt"
  /// An interrupt that the driver has acknowledged is raised again at once; each time counts.
  case interruptStorm = "interrupt-storm"
  /// Reads transfer only the first half of the data, and complete with success.
  case shortRead = "short-read"
  /// Registers that the driver reads show garbage; each register read counts.
  case garbageRegisters = "garbage-registers"
  /// Data transfers use an address of the fault's own instead of the driver's buffer, and complete with success.
  case wildDMA = "wild-dma"

  /// A number other than 0 that stands for the fault in state hashes.
  var stateWord: UInt64 {
    var number: UInt64 = 0
    for byte in rawValue.utf8 { number = number << 5 ^ number >> 59 ^ UInt64(byte) }
    return number
  }
}

/// A fault together with how often it may strike and has struck.
public struct ArmedBlockFault: Hashable, Codable, Sendable {
  /// Where wild DMA goes if nobody says otherwise: the beginning of RAM, where kernels are.
  public static let defaultWildAddress = MemoryMap.ram

  /// What goes wrong.
  public let fault: BlockFault
  /// How many more times it will strike; nil means every time until the fault is removed.
  public internal(set) var remaining: UInt64?
  /// How often it has struck.
  public internal(set) var fired: UInt64 = 0
  /// Where wild DMA goes: a bus address; nil for the other faults.
  public let wildAddress: UInt64?

  init(_ fault: BlockFault, requests: UInt64?, wildAddress: UInt64) {
    self.fault = fault
    self.remaining = requests
    self.wildAddress = fault == .wildDMA ? wildAddress : nil
  }

  /// Whether the fault strikes at an occasion of the given kind; if so, the hit is counted.
  mutating func strikes(_ kind: BlockFault) -> Bool {
    guard fault == kind, remaining != 0 else { return false }
    if let remaining { self.remaining = remaining - 1 }
    fired &+= 1
    return true
  }

  /// What a register shows while registers are garbage: the same in every run.
  func garbage(offset: UInt64) -> UInt64 {
    StateHash.mix(fired << 16 ^ offset)
  }

  /// Feeds every word of the fault's state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(fault.stateWord)
    body(remaining ?? .max)
    body(fired)
    body(wildAddress ?? 0)
  }
}

extension ArmedBlockFault? {
  /// Which fault hits a new request, if any; the hit is counted.
  mutating func strike(usesDMA: Bool, isRead: Bool) -> BlockFault? {
    switch self?.fault {
    case .ioError, .dead, .lostInterrupt: break
    case .shortRead: guard isRead else { return nil }
    case .wildDMA: guard usesDMA else { return nil }
    case .interruptStorm, .garbageRegisters, nil: return nil
    }
    guard let kind = self?.fault, self?.strikes(kind) == true else { return nil }
    return kind
  }

  /// The garbage that a register shows, if registers are garbage.
  mutating func strikeRegister(offset: UInt64) -> UInt64? {
    guard self?.strikes(.garbageRegisters) == true else { return nil }
    return self?.garbage(offset: offset)
  }
}
