// What is said about a booted system as a whole: boot, state, events, checkpoints.
//
// Field names are part of the program's JSON output: add, never rename.

/// What a system is doing, judged from outside.
public enum SystemState: String, Codable, Sendable, CaseIterable {
  case running
  /// The kernel entered its panic function.
  case panicked
  /// The machine was switched off by its guest.
  case halted
  /// A command's instruction budget was used up, or nothing can ever happen again.
  case hung
}

/// How `boot` is to be done.
public struct BootRequest: Equatable, Sendable {
  /// Where the disk's contents come from.
  public enum Disk: Equatable, Sendable {
    /// The disk that was built with the guests.
    case standard
    /// A file of 512-byte sectors.
    case file(String)
    /// No disk.
    case absent
  }

  /// Where the link of the machine's network adapter leads.
  public enum Network: Equatable, Sendable {
    /// A switch of its own, with the built-in host on it.
    case builtIn
    /// There is no adapter.
    case none
  }

  /// A kernel structure's name or an unambiguous prefix of it.
  public var structure: String
  /// A linked image, or a program to be linked with the usual choices, that is the structure's only application; nil: the
  /// image that was built with this program.
  public var application: String?
  /// The object that drives the disk, such as `sdisk`; nil: the usual one.
  ///
  /// The board has the disk that it drives.
  public var driver: String?
  /// The disk; always a copy-on-write view.
  public var disk: Disk
  /// Whether changed sectors go back to the disk's file at `Laboratory.persistDisks()`.
  public var persist: Bool
  /// RAM in bytes, a multiple of 4096.
  public var memoryBytes: UInt64
  /// What every pseudo-random choice starts from.
  public var seed: UInt64
  /// The network that the machine is on.
  public var network = Network.builtIn
  /// The most instructions that the boot may take.
  public var limit: UInt64

  /// A request with the usual settings.
  public init(
    structure: String, application: String? = nil, driver: String? = nil, disk: Disk = .standard, persist: Bool = false,
    memoryBytes: UInt64 = 64 << 20, seed: UInt64 = 1,
    limit: UInt64 = Laboratory.defaultLimit
  ) {
    self.structure = structure
    self.application = application
    self.driver = driver
    self.disk = disk
    self.persist = persist
    self.memoryBytes = memoryBytes
    self.seed = seed
    self.limit = limit
  }
}

/// What `boot` answers.
public struct BootReport: Codable, Equatable, Sendable {
  /// The system's name in the laboratory.
  public var system: String
  /// The kernel structure.
  public var kernel: String
  /// The one application of the image, when it has no other programs.
  public var application: String?
  /// From reset to the first program being ready.
  public var instructions: UInt64
  /// The same in ticks of 100 ns of simulated time.
  public var time: UInt64
  /// The same, priced by the cost model.
  public var cycles: UInt64
  /// Loadable bytes of the image, no debug sections.
  public var imageBytes: UInt64
  /// Text, constants and data of everything linked to run in M- or S-mode, without zero-filled data.
  public var privilegedBytes: UInt64
  /// Tasks that exist when the first program is ready.
  public var tasks: Int
  /// Distinct address spaces among them.
  public var addressSpaces: Int
  /// RAM in bytes.
  public var memoryBytes: UInt64
  /// What the guest wrote to its console while booting.
  public var console: String
}

/// One row of the list of systems.
public struct SystemSummary: Codable, Equatable, Sendable {
  /// The system's name.
  public var system: String
  /// The kernel structure.
  public var kernel: String
  /// Whether commands go to this one.
  public var current: Bool
  /// What it is doing.
  public var state: SystemState
  /// Instructions retired since reset.
  public var instructions: UInt64
}

/// All systems, in the order of their boot.
public struct SystemList: Codable, Equatable, Sendable {
  /// One row a system.
  public var systems: [SystemSummary]
}

/// Why a kernel could not go on, from the trap's registers at its panic function.
public struct PanicReport: Codable, Equatable, Sendable {
  /// The trap's name, such as `load page fault`, or the kernel's own reason.
  public var cause: String
  /// `scause`; nil when the kernel panicked by its own decision.
  public var code: UInt64?
  /// `stval`: the address that could not be reached, for faults of memory.
  public var address: UInt64?
  /// `S` or `U`: where the trap came from.
  public var privilege: String
  /// The instruction, from `sepc`.
  public var location: CodeLocation
  /// The component calls that had not returned, innermost first.
  public var backtrace: [CodeLocation]
  /// The task that was current.
  public var task: String?
}

/// What `info system` answers.
public struct SystemReport: Codable, Equatable, Sendable {
  /// The system's name.
  public var system: String
  /// The kernel structure.
  public var kernel: String
  /// What it is doing.
  public var state: SystemState
  /// Why it is not running, one sentence.
  @ExplicitNull public var reason: String?
  /// The panic, when there was one.
  public var panic: PanicReport?
  /// Instructions retired since reset.
  public var instructions: UInt64
  /// `mtime`, in ticks of 100 ns.
  public var time: UInt64
  /// The task whose code runs next.
  public var task: String?
  /// The privilege in which it runs: `M`, `S` or `U`.
  public var privilege: String
  /// RAM in bytes.
  public var memoryBytes: UInt64
  /// The disk's origin.
  public var disk: String
  /// The last 4096 bytes that the guest wrote to its console.
  public var console: String
  /// The faults that were injected, with what came of them; nil when there are none.
  public var faults: [FaultReport]?
  /// The options of the kernel that are switched on.
  public var options: [String]
}

/// Something that happened in a system by itself while a command ran.
public struct SystemEvent: Codable, Equatable, Sendable {
  /// The kinds of events.
  public enum Kind: String, Codable, Sendable {
    case faultFired
    case taskFault
    case restart
    case panic
    case halt
  }
  /// What happened.
  public var kind: Kind
  /// One sentence.
  public var text: String
  /// Instructions since reset.
  public var icount: UInt64
  /// The task concerned.
  public var task: String?
  /// Where, for faults.
  public var location: CodeLocation?
}

/// What `checkpoint` and `restore` answer.
public struct CheckpointReport: Codable, Equatable, Sendable {
  /// The checkpoint's name.
  public var name: String
  /// The system it belongs to.
  public var system: String
  /// Instructions since reset.
  public var icount: UInt64
}

/// The checkpoints of all systems.
public struct CheckpointList: Codable, Equatable, Sendable {
  /// In the order in which they were made.
  public var checkpoints: [CheckpointReport]
}
