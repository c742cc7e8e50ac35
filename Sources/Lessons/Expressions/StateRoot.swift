// The one table that says which command's JSON each name in a check stands for. Callers must not give a check any
// other way to the machine: what a check can read, a student can print with `--json`.

/// A name at the start of a path in a check, and the command whose result it stands for.
///
/// The value is what the command prints with `--json` in `result`, or the member of it named by ``member``. A command
/// that is refused (no system is booted, say) makes the value null.
public enum StateRoot: String, CaseIterable, Sendable {
  /// The current system: `system.state`, `system.reason`.
  case system
  /// All booted systems, found by name or kernel: `systems["micro"]`.
  case systems
  /// The current system's tasks, found by name: `tasks["blk"].restarts`.
  case tasks
  /// The components and where each is linked: `components["fs"].privilege`.
  case components
  /// The board's devices.
  case devices
  /// The machine's counters since reset.
  case stats
  /// Where the hart stands: `hart.pc`, `hart.privilege`, `hart.location?.symbol`.
  case hart
  /// The hart's integer registers by their ABI names: `registers.a0`.
  case registers
  /// The control and status registers, found by name: `csr["scause"].value`.
  case csr
  /// The translations the TLB holds.
  case tlb
  /// The injected faults, found by number: `faults[1].fired`.
  case faults
  /// The breakpoints, found by number.
  case breakpoints
  /// The states that were kept, found by label.
  case checkpoints
  /// Who may reach which memory and devices, found by task: `rights["blk"].devices`.
  case rights
  /// The privileged code that everything depends on, of every structure: `tcb["micro"].privilegedBytes`.
  case tcb
  /// What an exokernel has bound to whom.
  case resources

  /// The command line, run in a forked copy of the current system.
  public var command: String {
    switch self {
    case .system: "info system"
    case .systems: "systems"
    case .tasks: "info tasks"
    case .components: "info components"
    case .devices: "info devices"
    case .stats: "info stats"
    case .hart, .registers: "info registers"
    case .csr: "info csr"
    case .tlb: "info tlb"
    case .faults: "info faults"
    case .breakpoints: "info breakpoints"
    case .checkpoints: "info checkpoints"
    case .rights: "info rights"
    case .tcb: "info tcb --kernels all"
    case .resources: "info resources"
    }
  }

  /// The member of the result that the name stands for; nil for the whole result.
  public var member: String? {
    switch self {
    case .system, .stats, .hart, .resources: nil
    case .systems: "systems"
    case .tasks: "tasks"
    case .components: "components"
    case .devices: "devices"
    case .registers: "registers"
    case .csr: "csrs"
    case .tlb: "entries"
    case .faults: "faults"
    case .breakpoints: "breakpoints"
    case .checkpoints: "checkpoints"
    case .rights: "rows"
    case .tcb: "kernels"
    }
  }
}
