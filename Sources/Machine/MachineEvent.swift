// What the machine can note down while it runs, for whoever tells its story. Recording never influences a run.

/// Something that happened in the machine.
public struct MachineEvent: Codable, Hashable, Sendable {
  /// What happened.
  public enum Kind: Codable, Hashable, Sendable {
    /// A synchronous exception: cause number, trap value, and where it was raised.
    case trap(cause: UInt64, value: UInt64, pc: UInt64, from: Privilege)
    /// An interrupt was taken before the instruction at `pc`.
    case interrupt(cause: UInt64, pc: UInt64, from: Privilege)
    /// An `mret` or `sret` at `pc`, going on at `target`.
    case trapReturn(pc: UInt64, from: Privilege, to: Privilege, target: UInt64)
    /// A write that changed `satp`.
    case addressSpaceSwitch(from: UInt64, to: UInt64)
    /// A load or store that a device answered, at a physical address.
    case deviceAccess(address: UInt64, size: Int, value: UInt64, isWrite: Bool)
    /// The hart waited in `wfi` for a number of `mtime` ticks.
    case wait(ticks: UInt64)
    /// Bytes in one of `Machine.watchedMemory` were written; `pc` is the instruction that was under way.
    case watchedWrite(address: UInt64, count: Int, pc: UInt64, by: MemoryWriter)
  }

  /// The instructions retired before it.
  public let instructionCount: UInt64
  /// What happened.
  public let kind: Kind
}

/// Who wrote to memory.
public enum MemoryWriter: String, Codable, Hashable, Sendable {
  /// A store or atomic instruction.
  case instruction
  /// The hardware's page-table walk, which sets accessed and dirty bits.
  case pageWalk = "page-walk"
  /// A device.
  case device
  /// The host, between two runs.
  case host
}

/// A choice of kinds of events.
public struct EventMask: OptionSet, Hashable, Sendable {
  /// One bit a kind.
  public let rawValue: UInt8

  /// Creates a choice from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Synchronous exceptions.
  public static let traps = EventMask(rawValue: 1)
  /// Interrupts taken.
  public static let interrupts = EventMask(rawValue: 2)
  /// `mret` and `sret`.
  public static let trapReturns = EventMask(rawValue: 4)
  /// Writes that change `satp`.
  public static let addressSpaceSwitches = EventMask(rawValue: 8)
  /// Accesses that devices answer.
  public static let mmio = EventMask(rawValue: 16)
  /// Waits in `wfi`.
  public static let waits = EventMask(rawValue: 32)
  /// Writes to watched memory.
  public static let watchedWrites = EventMask(rawValue: 64)
  /// Everything.
  public static let all = EventMask(rawValue: 127)
}

extension MachineEvent.Kind {
  var mask: EventMask {
    switch self {
    case .trap: .traps
    case .interrupt: .interrupts
    case .trapReturn: .trapReturns
    case .addressSpaceSwitch: .addressSpaceSwitches
    case .deviceAccess: .mmio
    case .wait: .waits
    case .watchedWrite: .watchedWrites
    }
  }
}
