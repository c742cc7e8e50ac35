// Control and status registers: numbers, names and the access rights that their numbers encode
// (RISC-V Privileged Architecture, chapter 2). Which of them a hart implements is the hart's business.

/// The number of a control and status register.
public struct CSR: RawRepresentable, Hashable, Codable, Sendable {
  /// The number, 0 to 4095.
  public let rawValue: UInt16

  /// Names a register by its number; only the lowest 12 bits count.
  public init(rawValue: UInt16) {
    self.rawValue = rawValue & 0xfff
  }

  /// Names a register by its name, such as `mstatus`; nil if there is none of that name.
  public init?(named name: String) {
    guard let number = Self.numbersByName[name] else { return nil }
    self.init(rawValue: number)
  }

  /// The name by the specification, or nil for a number without one.
  public var name: String? { Self.namesByNumber[rawValue] }

  /// Whether writes are illegal, by the two highest bits of the number.
  public var isReadOnly: Bool { rawValue >> 10 == 3 }

  /// The lowest privilege that may access the register: 0 user, 1 supervisor, 2 hypervisor, 3 machine.
  public var lowestPrivilege: UInt8 { UInt8(rawValue >> 8 & 3) }

  /// Every register with a name, in ascending order of number.
  public static let allNamed: [CSR] = namesByNumber.keys.sorted().map { CSR(rawValue: $0) }

  private static let namesByNumber: [UInt16: String] = {
    var names = single
    for group in groups {
      for index in group.indices { names[group.number(of: index)] = "\(group.prefix)\(index)" }
    }
    return names
  }()

  private static let numbersByName = [String: UInt16](
    uniqueKeysWithValues: namesByNumber.map { ($0.value, $0.key) })

  private struct Group {
    let prefix: String
    let start: UInt16
    let indices: [Int]

    func number(of index: Int) -> UInt16 { start + UInt16(index) }
  }

  private static let groups = [
    Group(prefix: "hpmcounter", start: 0xc00, indices: Array(3...31)),
    Group(prefix: "mhpmcounter", start: 0xb00, indices: Array(3...31)),
    Group(prefix: "mhpmevent", start: 0x320, indices: Array(3...31)),
    // On RV64 only the even configuration registers exist.
    Group(prefix: "pmpcfg", start: 0x3a0, indices: Array(stride(from: 0, to: 16, by: 2))),
    Group(prefix: "pmpaddr", start: 0x3b0, indices: Array(0...63)),
  ]

  private static let single: [UInt16: String] = [
    0x001: "fflags", 0x002: "frm", 0x003: "fcsr",
    0xc00: "cycle", 0xc01: "time", 0xc02: "instret",
    0x100: "sstatus", 0x104: "sie", 0x105: "stvec", 0x106: "scounteren", 0x10a: "senvcfg", 0x120: "scountinhibit",
    0x140: "sscratch", 0x141: "sepc", 0x142: "scause", 0x143: "stval", 0x144: "sip", 0x14d: "stimecmp", 0x180: "satp",
    0xda0: "scountovf", 0x5a8: "scontext",
    0x10c: "sstateen0", 0x10d: "sstateen1", 0x10e: "sstateen2", 0x10f: "sstateen3",
    0x200: "vsstatus", 0x204: "vsie", 0x205: "vstvec", 0x240: "vsscratch", 0x241: "vsepc", 0x242: "vscause",
    0x243: "vstval", 0x244: "vsip", 0x24d: "vstimecmp", 0x280: "vsatp",
    0x600: "hstatus", 0x602: "hedeleg", 0x603: "hideleg", 0x604: "hie", 0x605: "htimedelta", 0x606: "hcounteren",
    0x607: "hgeie", 0x60a: "henvcfg", 0x643: "htval", 0x644: "hip", 0x645: "hvip", 0x64a: "htinst", 0x680: "hgatp",
    0x6a8: "hcontext", 0xe12: "hgeip",
    0xf11: "mvendorid", 0xf12: "marchid", 0xf13: "mimpid", 0xf14: "mhartid", 0xf15: "mconfigptr",
    0x300: "mstatus", 0x301: "misa", 0x302: "medeleg", 0x303: "mideleg", 0x304: "mie", 0x305: "mtvec",
    0x306: "mcounteren", 0x30a: "menvcfg", 0x320: "mcountinhibit", 0x340: "mscratch", 0x341: "mepc", 0x342: "mcause",
    0x343: "mtval", 0x344: "mip", 0x34a: "mtinst", 0x34b: "mtval2",
    0x30c: "mstateen0", 0x30d: "mstateen1", 0x30e: "mstateen2", 0x30f: "mstateen3",
    0x740: "mnscratch", 0x741: "mnepc", 0x742: "mncause", 0x744: "mnstatus", 0x747: "mseccfg",
    0xb00: "mcycle", 0xb02: "minstret",
    0x7a0: "tselect", 0x7a1: "tdata1", 0x7a2: "tdata2", 0x7a3: "tdata3", 0x7a4: "tinfo", 0x7a5: "tcontrol",
    0x7a8: "mcontext", 0x7b0: "dcsr", 0x7b1: "dpc", 0x7b2: "dscratch0", 0x7b3: "dscratch1",
  ]
}

extension CSR {
  /// Floating-point exception flags.
  public static let fflags = CSR(rawValue: 0x001)
  /// Floating-point rounding mode.
  public static let frm = CSR(rawValue: 0x002)
  /// Floating-point control and status.
  public static let fcsr = CSR(rawValue: 0x003)
  /// Cycle counter, user view.
  public static let cycle = CSR(rawValue: 0xc00)
  /// Timer, user view.
  public static let time = CSR(rawValue: 0xc01)
  /// Retired-instructions counter, user view.
  public static let instret = CSR(rawValue: 0xc02)
  /// Supervisor status.
  public static let sstatus = CSR(rawValue: 0x100)
  /// Supervisor interrupt enable.
  public static let sie = CSR(rawValue: 0x104)
  /// Supervisor trap vector.
  public static let stvec = CSR(rawValue: 0x105)
  /// Supervisor scratch.
  public static let sscratch = CSR(rawValue: 0x140)
  /// Supervisor exception program counter.
  public static let sepc = CSR(rawValue: 0x141)
  /// Supervisor trap cause.
  public static let scause = CSR(rawValue: 0x142)
  /// Supervisor trap value.
  public static let stval = CSR(rawValue: 0x143)
  /// Supervisor interrupt pending.
  public static let sip = CSR(rawValue: 0x144)
  /// Supervisor timer compare.
  public static let stimecmp = CSR(rawValue: 0x14d)
  /// Supervisor address translation and protection.
  public static let satp = CSR(rawValue: 0x180)
  /// Hart identifier.
  public static let mhartid = CSR(rawValue: 0xf14)
  /// Machine status.
  public static let mstatus = CSR(rawValue: 0x300)
  /// Instruction set and extensions.
  public static let misa = CSR(rawValue: 0x301)
  /// Machine exception delegation.
  public static let medeleg = CSR(rawValue: 0x302)
  /// Machine interrupt delegation.
  public static let mideleg = CSR(rawValue: 0x303)
  /// Machine interrupt enable.
  public static let mie = CSR(rawValue: 0x304)
  /// Machine trap vector.
  public static let mtvec = CSR(rawValue: 0x305)
  /// Machine environment configuration.
  public static let menvcfg = CSR(rawValue: 0x30a)
  /// Machine scratch.
  public static let mscratch = CSR(rawValue: 0x340)
  /// Machine exception program counter.
  public static let mepc = CSR(rawValue: 0x341)
  /// Machine trap cause.
  public static let mcause = CSR(rawValue: 0x342)
  /// Machine trap value.
  public static let mtval = CSR(rawValue: 0x343)
  /// Machine interrupt pending.
  public static let mip = CSR(rawValue: 0x344)
}
