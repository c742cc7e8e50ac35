// What the machine counts. The counts are exact, the same on both execution paths, and never influence a run.

/// Events counted since reset, or between two moments by subtraction.
public struct Counters: Codable, Equatable, Sendable {
  /// Instructions retired; one that traps does not retire.
  public internal(set) var instructions: UInt64 = 0
  /// Synchronous exceptions.
  public internal(set) var traps: UInt64 = 0
  /// Synchronous exceptions by cause number, 0 to 15.
  public internal(set) var trapsByCause = [UInt64](repeating: 0, count: 16)
  /// Interrupts taken.
  public internal(set) var interrupts: UInt64 = 0
  /// Interrupts taken by cause number, 0 to 15.
  public internal(set) var interruptsByCause = [UInt64](repeating: 0, count: 16)
  /// Changes from one privilege mode to another.
  public internal(set) var privilegeChanges: UInt64 = 0
  /// Writes of `satp` that changed it.
  public internal(set) var addressSpaceSwitches: UInt64 = 0
  /// Translations that the TLB did not hold, or held without the dirty bit that a store must set.
  public internal(set) var tlbMisses: UInt64 = 0
  /// Page-table entries read by the hardware walk.
  public internal(set) var pageTableReads: UInt64 = 0
  /// Loads and stores that a device answered.
  public internal(set) var mmioAccesses: UInt64 = 0
  /// `wfi` instructions that made the hart wait.
  public internal(set) var waits: UInt64 = 0

  /// What a monitor that runs the machine as a virtual one would have to be entered for: accesses to devices, calls from
  /// S-mode to what lies below it, and waiting.
  public var virtualMachineExits: UInt64 {
    let callFromSupervisor = 9
    return mmioAccesses &+ waits &+ trapsByCause[callFromSupervisor]
  }

  /// All counts zero.
  public init() {}

  /// What was counted after `earlier` and up to `later`.
  public static func - (later: Counters, earlier: Counters) -> Counters {
    var difference = Counters()
    difference.instructions = later.instructions &- earlier.instructions
    difference.traps = later.traps &- earlier.traps
    difference.trapsByCause = zip(later.trapsByCause, earlier.trapsByCause).map { $0 &- $1 }
    difference.interrupts = later.interrupts &- earlier.interrupts
    difference.interruptsByCause = zip(later.interruptsByCause, earlier.interruptsByCause).map { $0 &- $1 }
    difference.privilegeChanges = later.privilegeChanges &- earlier.privilegeChanges
    difference.addressSpaceSwitches = later.addressSpaceSwitches &- earlier.addressSpaceSwitches
    difference.tlbMisses = later.tlbMisses &- earlier.tlbMisses
    difference.pageTableReads = later.pageTableReads &- earlier.pageTableReads
    difference.mmioAccesses = later.mmioAccesses &- earlier.mmioAccesses
    difference.waits = later.waits &- earlier.waits
    return difference
  }
}
