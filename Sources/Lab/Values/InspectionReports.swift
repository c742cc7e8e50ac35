// What is said about the machine: registers, control registers, devices, TLB, counters, memory, code.
//
// Field names are part of the program's JSON output: add, never rename.

/// What `info registers` answers.
public struct RegisterReport: Codable, Equatable, Sendable {
  /// The program counter.
  public var pc: UInt64
  /// Where it points.
  public var location: CodeLocation
  /// `M`, `S` or `U`.
  public var privilege: String
  /// The current task.
  public var task: String?
  /// The integer registers by their ABI names, `zero` to `t6`.
  public var registers: [String: UInt64]
}

/// One field of a control register.
public struct CSRField: Codable, Equatable, Sendable {
  /// The field's name in the specification.
  public var name: String
  /// Its value, shifted down.
  public var value: UInt64
  /// What the value means.
  public var meaning: String?
}

/// One control and status register.
public struct CSRValue: Codable, Equatable, Sendable {
  /// The register's name.
  public var name: String
  /// Its number.
  public var number: UInt16
  /// Its value.
  public var value: UInt64
  /// What the whole value means, such as a trap cause's name.
  public var meaning: String?
  /// Decoded fields, for those that have any.
  public var fields: [CSRField]
}

/// What `info csr` answers.
public struct CSRReport: Codable, Equatable, Sendable {
  /// In the order of their numbers.
  public var csrs: [CSRValue]
}

/// One device of the board.
public struct DeviceReport: Codable, Equatable, Sendable {
  /// The device's name, such as `virtio0`.
  public var name: String
  /// What it is.
  public var kind: String
  /// Physical address of its first register.
  public var address: UInt64
  /// Bytes of its register window.
  public var size: UInt64
  /// Its line at the interrupt controller.
  public var interrupt: Int?
  /// The task or `kernel` that its registers are mapped for, by the page tables.
  public var owners: [String]
  /// What it is doing, in words.
  public var status: String?
}

/// What `info devices` answers.
public struct DeviceList: Codable, Equatable, Sendable {
  /// In the order of their addresses.
  public var devices: [DeviceReport]
}

/// One entry of the architectural TLB.
public struct TLBEntryReport: Codable, Equatable, Sendable {
  /// Virtual address of the page's first byte.
  public var address: UInt64
  /// Physical address of the page's first byte.
  public var physical: UInt64
  /// Bytes of the page.
  public var pageSize: UInt64
  /// Address-space number.
  public var asid: UInt64
  /// Valid in every address space.
  public var global: Bool
  /// Such as `r-x`.
  public var permissions: String
  /// `U` or `S`.
  public var privilege: String
  /// What lies there.
  public var owner: String?
}

/// What `info tlb` answers.
public struct TLBReport: Codable, Equatable, Sendable {
  /// How many entries there are room for.
  public var capacity: Int
  /// Valid entries.
  public var entries: [TLBEntryReport]
}

/// What `info stats` answers: the machine's counters since reset.
public struct StatisticsReport: Codable, Equatable, Sendable {
  /// Retired instructions.
  public var instructions: UInt64
  /// `mtime`, in ticks of 100 ns.
  public var time: UInt64
  /// Synchronous exceptions.
  public var traps: UInt64
  /// By name of the cause.
  public var trapsByCause: [String: UInt64]
  /// Interrupts taken.
  public var interrupts: UInt64
  /// By name of the cause.
  public var interruptsByCause: [String: UInt64]
  /// Changes between M, S and U.
  public var privilegeChanges: UInt64
  /// Writes of `satp` that change it.
  public var addressSpaceSwitches: UInt64
  /// Misses of the architectural TLB.
  public var tlbMisses: UInt64
  /// Page-table entries read by walks.
  public var pageTableReads: UInt64
  /// Loads and stores of device registers.
  public var mmioAccesses: UInt64
  /// The modelled price of all of it.
  public var cycles: UInt64
  /// The messages of the calls that were made for the user since the boot; nil when there were none.
  public var messages: MessageStatistics?
}

/// Which way messages took, in the calls that were made for the user.
public struct MessageStatistics: Codable, Equatable, Sendable {
  /// Transfers in one direction by their way: `fast`, `slow`, `interrupt`, `fault`.
  public var ways: [String: Int] = [:]
  /// Calls and replies that did not take the kernel's fastpath, by the condition that they missed.
  public var fastpathMisses: [String: Int] = [:]

  /// Whether there was no message.
  public var isEmpty: Bool { ways.isEmpty && fastpathMisses.isEmpty }

  /// Makes a statistics without messages.
  public init() {}

  static func += (left: inout MessageStatistics, right: MessageStatistics) {
    left.ways.merge(right.ways, uniquingKeysWith: +)
    left.fastpathMisses.merge(right.fastpathMisses, uniquingKeysWith: +)
  }
}

/// How `x` shows memory, after gdb.
public struct ExamineFormat: Equatable, Sendable {
  /// The ways to show a unit.
  public enum Style: Character, Sendable, CaseIterable {
    case hexadecimal = "x"
    case decimal = "d"
    case unsigned = "u"
    case binary = "t"
    case character = "c"
    /// An address with its symbol.
    case address = "a"
    case string = "s"
    case instruction = "i"
  }
  /// How many units.
  public var count: Int
  /// How each is shown.
  public var style: Style
  /// Bytes of a unit: 1, 2, 4 or 8.
  public var unit: Int

  /// Makes a format.
  public init(count: Int = 1, style: Style = .hexadecimal, unit: Int = 8) {
    self.count = count
    self.style = style
    self.unit = unit
  }
}

/// One unit of memory.
public struct ExaminedUnit: Codable, Equatable, Sendable {
  /// Its address.
  public var address: UInt64
  /// Its value; nil for strings.
  public var value: UInt64?
  /// As the format asks for.
  public var text: String
  /// The symbol at that address, or for style `a` at the value.
  public var location: CodeLocation?
}

/// What `x` and `xp` answer.
public struct ExamineReport: Codable, Equatable, Sendable {
  /// The first address.
  public var address: UInt64
  /// Whether addresses are physical.
  public var physical: Bool
  /// The task whose address space was read.
  public var task: String?
  /// In the order of their addresses.
  public var units: [ExaminedUnit]
  /// Why the list is shorter than asked for.
  public var stopped: String?
}

/// One disassembled instruction.
public struct DisassembledInstruction: Codable, Equatable, Sendable {
  /// Its address.
  public var address: UInt64
  /// Its encoding; 16 bits for a compressed one.
  public var encoding: UInt32
  /// Bytes: 2 or 4.
  public var length: Int
  /// In the assembler's notation.
  public var text: String
  /// Symbol, component and source line.
  public var location: CodeLocation
  /// Whether the hart executes it next.
  public var current: Bool
  /// The breakpoint there.
  public var breakpoint: Int?
}

/// What `disassemble` answers.
public struct DisassemblyReport: Codable, Equatable, Sendable {
  /// The task whose address space was read.
  public var task: String?
  /// In the order of their addresses.
  public var instructions: [DisassembledInstruction]
}
