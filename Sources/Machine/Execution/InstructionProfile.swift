// Counting every instruction by its address, for whoever attributes a run to its functions. A machine with a profile
// executes on the reference path; one without pays nothing. Profiling never influences a run.

/// How often each instruction address was executed, apart for each privilege and context.
///
/// A virtual address means different things in different address spaces: the profile's owner numbers them with `context`
/// and changes it when the machine stops at an address-space switch or a return from a trap.
public struct InstructionProfile: Sendable {
  /// The instructions of one page, in one privilege and one context.
  private struct Key: Hashable {
    let page: UInt64
    let privilege: Privilege
    let context: Int
  }

  /// Instructions begin at even addresses.
  private static let slotsOfPage = 2048

  /// What the owner calls the address space that is in force.
  public var context = 0
  private var indices: [Key: Int] = [:]
  private var counts: [UInt64] = []
  private var lastKey: Key?
  private var lastStart = 0
  /// While set: the number of traps and interrupts at which counting was suspended.
  fileprivate var suspendedSince: UInt64?

  /// An empty profile.
  public init() {}

  /// The instructions counted.
  public var total: UInt64 { counts.reduce(0, &+) }

  /// Calls a function with each address that was executed and its count, in no particular order.
  public func forEach(_ body: (_ pc: UInt64, _ privilege: Privilege, _ context: Int, _ count: UInt64) -> Void) {
    for (key, start) in indices {
      for slot in 0..<Self.slotsOfPage where counts[start + slot] > 0 {
        body(key.page << 12 | UInt64(slot) << 1, key.privilege, key.context, counts[start + slot])
      }
    }
  }

  /// Counts the instruction at `pc`, which has retired.
  mutating func count(pc: UInt64, privilege: Privilege, entries: UInt64) {
    if let since = suspendedSince {
      guard entries != since else { return }
      suspendedSince = nil
    }
    let key = Key(page: pc >> 12, privilege: privilege, context: context)
    if key != lastKey {
      lastKey = key
      lastStart = start(of: key)
    }
    counts[lastStart + Int(pc & 0xfff) >> 1] &+= 1
  }

  private mutating func start(of key: Key) -> Int {
    if let known = indices[key] { return known }
    let start = counts.count
    counts += [UInt64](repeating: 0, count: Self.slotsOfPage)
    indices[key] = start
    return start
  }
}

extension Machine {
  /// Counts nothing in the profile until the next exception or interrupt is taken.
  public mutating func suspendProfileUntilTrap() {
    profile?.suspendedSince = counts.traps &+ counts.interrupts
  }

  /// Executes instructions as `runDecoded` does, on the reference path, and counts each that retires.
  mutating func runProfiled(until deadline: UInt64) -> RunLoopExit {
    while hart.instructionCount < deadline && !needsBoundary {
      if hasProbes && canFetch() && stopsAtProbe(pc: hart.pc, instructionCount: hart.instructionCount) {
        return .probe
      }
      performProfiled()
    }
    return .boundary
  }

  /// Executes one instruction on the reference path and counts it when it retires.
  mutating func performProfiled() {
    let (pc, privilege, before) = (hart.pc, hart.privilege, hart.instructionCount)
    let entries = counts.traps &+ counts.interrupts
    performFromMemory()
    if hart.instructionCount != before { profile?.count(pc: pc, privilege: privilege, entries: entries) }
  }
}
