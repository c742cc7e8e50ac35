// What one call into a system cost and which way it took.
//
// Field names are part of the program's JSON output: add, never rename.

/// The machine's counters over one call.
///
/// All exact, but for `cycles`, which `CostModel` prices afterwards. Idle instructions are not in it.
public struct CallCounters: Codable, Equatable, Sendable {
  /// Retired instructions.
  public var instructions: UInt64 = 0
  /// Synchronous exceptions.
  public var traps: UInt64 = 0
  /// Writes of `satp` that change it.
  public var addressSpaceSwitches: UInt64 = 0
  /// Misses of the architectural TLB.
  public var tlbMisses: UInt64 = 0
  /// Page-table entries read by walks.
  public var pageTableReads: UInt64 = 0
  /// Loads and stores of device registers.
  public var mmioAccesses: UInt64 = 0
  /// Interrupts taken.
  public var interrupts: UInt64 = 0
  /// Times that a monitor would be entered if the machine were a virtual one: device accesses, calls out of S-mode, `wfi`.
  public var vmExits: UInt64 = 0
  /// Calls from one component into another.
  public var calls: UInt64 = 0
  /// Messages, each one transfer in one direction, those for interrupts and faults included.
  public var messages: UInt64 = 0
  /// Bytes copied between address spaces, or between caller and service.
  public var bytesCopied: UInt64 = 0
  /// The modelled price.
  public var cycles: UInt64 = 0

  /// Counters of nothing.
  public init() {}

  /// The sum, field by field.
  public static func + (left: CallCounters, right: CallCounters) -> CallCounters {
    var sum = left
    sum.instructions += right.instructions
    sum.traps += right.traps
    sum.addressSpaceSwitches += right.addressSpaceSwitches
    sum.tlbMisses += right.tlbMisses
    sum.pageTableReads += right.pageTableReads
    sum.mmioAccesses += right.mmioAccesses
    sum.interrupts += right.interrupts
    sum.vmExits += right.vmExits
    sum.calls += right.calls
    sum.messages += right.messages
    sum.bytesCopied += right.bytesCopied
    sum.cycles += right.cycles
    return sum
  }
}

/// One step on the way of a call.
public struct PathStep: Codable, Equatable, Sendable {
  /// The kinds of steps.
  public enum Kind: String, Codable, Sendable {
    case libraryCall
    case trap
    case interrupt
    /// An entry point of a component was reached from another component.
    case call
    case message
    case addressSpaceSwitch
    /// The library function is about to return.
    case `return`
  }
  /// What kind of step it is.
  public var kind: Kind
  /// The function, the cause, or `sender → receiver`.
  public var name: String
  /// `M`, `S` or `U`, in which the step's first instruction runs.
  public var privilege: String
  /// The task whose address space is current; nil for none.
  public var task: String?
  /// Instructions since the call's first one.
  public var icount: UInt64
  /// The component called.
  public var component: String?
  /// More about a message or switch: `fast`, `slow`, `interrupt`, `fault`, or the address-space numbers.
  public var detail: String?
}

/// One argument of a library call, as typed.
public enum CallArgument: Equatable, Sendable {
  /// A word or a quoted string.
  case text(String)
  /// A number.
  case number(Int64)
  /// Raw bytes to write.
  case bytes([UInt8])
}

/// A directory entry that `readdir` found.
public struct DirectoryEntry: Codable, Equatable, Sendable {
  /// The file's name.
  public var name: String
  /// `file` or `directory`.
  public var kind: String
  /// The inode's number.
  public var inode: UInt64
}

/// What `stat` found.
public struct FileInformation: Codable, Equatable, Sendable {
  /// `file` or `directory`.
  public var kind: String
  /// In bytes.
  public var size: UInt64
  /// The inode's number.
  public var inode: UInt64
}

/// What `sys` and `trace` answer.
public struct CallReport: Codable, Equatable, Sendable {
  /// The call's name, such as `read`.
  public var call: String
  /// The result word; nil when the call did not return.
  @ExplicitNull public var returned: Int64?
  /// The error's symbolic name, when the result is one.
  @ExplicitNull public var errno: String?
  /// The error in words.
  public var errorText: String?
  /// The bytes read, when they are valid UTF-8.
  public var data: String?
  /// The bytes read, when they are not text.
  public var dataBase64: String?
  /// What `readdir` found.
  public var entries: [DirectoryEntry]?
  /// What `stat` found.
  public var status: FileInformation?
  /// The descriptors of a new pipe: the one to read from, then the one to write to.
  public var descriptors: [UInt64]?
  /// What the call cost, from the library function's first instruction to its return.
  public var counters: CallCounters
  /// Instructions of the idle loop in that time, not in `counters`.
  public var idleInstructions: UInt64
  /// The way the call took.
  public var path: [PathStep]
  /// Steps beyond the recorder's limit, not in `path`.
  public var pathOmitted: Int
  /// Messages that did not take the kernel's fastpath, by the condition that they missed; nil when all took it.
  public var fastpathMisses: [String: Int]?
  /// The system's state afterwards.
  public var state: SystemState
  /// Why the guest stopped, when the call did not return.
  public var stopped: Interruption?
  /// What the guest wrote to its console meanwhile.
  public var console: String
  /// What happened by itself meanwhile.
  public var events: [SystemEvent]
}

/// Prices a run in modelled cycles afterwards; never feeds back into it.
public struct CostModel: Codable, Equatable, Sendable {
  /// Of one instruction.
  public var instruction: UInt64 = 1
  /// Of one TLB miss, its page-table reads apart.
  public var tlbMiss: UInt64 = 5
  /// Of one page-table entry read by a walk.
  public var pageTableRead: UInt64 = 20
  /// Of entering a trap or interrupt handler and returning: the pipeline is emptied twice.
  public var trap: UInt64 = 60
  /// Of one write of `satp` that changes it.
  public var addressSpaceSwitch: UInt64 = 30
  /// Of one access to a device's register.
  public var mmioAccess: UInt64 = 200

  /// The model's usual prices.
  public init() {}

  /// The price of what was counted, in modelled cycles.
  public func cycles(of counters: CallCounters) -> UInt64 {
    instruction &* counters.instructions
      &+ tlbMiss &* counters.tlbMisses
      &+ pageTableRead &* counters.pageTableReads
      &+ trap &* (counters.traps &+ counters.interrupts)
      &+ addressSpaceSwitch &* counters.addressSpaceSwitches
      &+ mmioAccess &* counters.mmioAccesses
  }
}
