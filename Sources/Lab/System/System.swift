// One booted system: a machine, the image that runs on it, its faults and breakpoints.
//
// Questions change nothing; operations that run the guest are in `Sources/Lab/Calls`. Not safe to share between threads.

import GuestABI
import Machine

/// A booted system.
public final class System {
  /// Its name in the laboratory.
  public let name: String
  /// The kernel structure.
  public let kernel: String

  let image: BootImage
  let boot: BootRequest
  let stopSignal: StopSignal
  var machine: Machine
  var condition = Condition()
  /// The budget in instructions of each operation that runs the guest.
  var limit: UInt64
  var costModel: CostModel
  /// By address space, the task record that had it last; what a fault destroys in the records stays known here.
  ///
  /// Apart from the condition, because it is filled while that is being changed.
  var spaces: [UInt64: KnownSpace] = [:]
  /// The faults or the call's phase changed, so other addresses are to be watched.
  var plansAreStale = false
  /// Whether the names of traps are noted for the command under way.
  var recordsTraps = false
  var trapNames: [String] = []
  /// The address space at the event that is noted next.
  var eventSatp: UInt64 = 0
  /// What is needed to go back.
  var history = History()
  /// Whether it has its turns beside others on one host, on a switch with them.
  var isVirtualMachine = false
  /// Set while the calls of a command are profiled.
  var profiler: Profiler?

  /// Everything about a system that is neither its machine nor fixed: a value, so that a checkpoint is a copy.
  struct Condition {
    var state = SystemState.running
    var reason: String?
    var panic: PanicReport?
    var breakpoints: [Breakpoint] = []
    var watchpoints: [Watchpoint] = []
    var catchpoints: [Catchpoint] = []
    /// Numbers given to breakpoints, watchpoints and catchpoints.
    var breakpointCount = 0
    var faults: [InjectedFault] = []
    /// The kernel has decided to end the agent because of a trap.
    var agentFaulted = false
    /// A call that was stopped before its end.
    var pending: CallRecorder?
    /// Where the host acted last, so that it does not act twice.
    var handled: Place?
    /// The task number of the shell on the console.
    var shell: UInt64?
    var console = ConsoleText()
    /// The messages of the calls that were made for the user.
    var messages = MessageStatistics()
    /// What happened by itself since a command took the list.
    var events: [SystemEvent] = []
  }

  /// What was known of an address space when its task's record was sound.
  struct KnownSpace {
    let record: UInt64
    let program: UInt32
    let name: String
  }

  /// A breakpoint as it is kept: image and address, so that it means one place whatever address space is current.
  struct Breakpoint {
    let id: Int
    /// Nil for a bare address, which stops in every address space.
    let image: String?
    let address: UInt64
    let temporary: Bool
    var hits = 0
  }

  /// A system around a machine that has the image loaded.
  init(
    name: String, image: BootImage, boot: BootRequest, machine: consuming Machine, stopSignal: StopSignal,
    limit: UInt64, costModel: CostModel
  ) {
    self.name = name
    self.kernel = image.manifest.structure
    self.image = image
    self.boot = boot
    self.machine = machine
    self.stopSignal = stopSignal
    self.limit = limit
    self.costModel = costModel
  }

  /// What the guest was heard to say, with a bound on what is kept.
  struct ConsoleText {
    static let kept = 4096
    /// The last bytes of all output.
    private(set) var tail: [UInt8] = []
    /// Output that no command has reported yet.
    private(set) var fresh: [UInt8] = []

    mutating func append(_ bytes: [UInt8]) {
      fresh += bytes
      tail += bytes
      if tail.count > 2 * Self.kept { tail.removeFirst(tail.count - Self.kept) }
    }

    mutating func takeFresh() -> [UInt8] {
      defer { fresh = [] }
      return fresh
    }

    /// The kept text; bytes that are no UTF-8 are shown as replacement characters.
    var text: String { String(decoding: tail.suffix(Self.kept), as: UTF8.self) }
  }
}

extension System {
  /// Instructions since reset.
  public var instructionCount: UInt64 { machine.instructionCount }

  /// What the prompt shows: privilege and task.
  public var position: (privilege: String, task: String?) {
    (machine.privilege.letter, currentTaskName)
  }

  /// What it is doing.
  public var state: SystemState { condition.state }

  /// Names for completion: programs in the boot archive.
  public var programs: [String] { image.manifest.programs }

  /// Names for completion: tasks that exist.
  public var taskNames: [String] { taskTable.rows.filter { $0.corruption == nil }.map(\.name) }

  /// Whether there is a task of that number.
  public func hasTask(_ number: UInt64) -> Bool { taskTable.row(id: number) != nil }

  /// Names for completion: symbols of kernel and programs that begin with a prefix, at most `limit`.
  public func symbols(startingWith prefix: String, limit: Int) -> [String] {
    let parts = prefix.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let images: [ProgramImage]
    let start: Substring
    let qualifier: String
    if parts.count == 2 {
      images = image.image(String(parts[0])).map { [$0] } ?? []
      start = parts[1]
      qualifier = parts[0] + ":"
    } else {
      images = image.privileged
      start = parts.first ?? ""
      qualifier = ""
    }
    let names = Set(
      images.flatMap { $0.elf.symbols.all }
        .filter { $0.kind != .other && $0.name.hasPrefix(start) && !$0.name.hasPrefix("$") }.map { qualifier + $0.name }
    )
    return Array(names.sorted().prefix(limit))
  }

  /// Everything about the system as a whole.
  public func report() -> SystemReport {
    SystemReport(
      system: name, kernel: kernel, state: condition.state, reason: condition.reason, panic: condition.panic,
      instructions: machine.instructionCount, time: machine.time, task: currentTaskName,
      privilege: machine.privilege.letter, memoryBytes: boot.memoryBytes, disk: boot.disk.description,
      console: condition.console.text, faults: condition.faults.isEmpty ? nil : condition.faults.map(\.report),
      options: KernelOption.allCases.filter { kernelOption($0) == true }.map(\.name))
  }

  var summary: SystemSummary {
    SystemSummary(
      system: name, kernel: kernel, current: false, state: condition.state, instructions: machine.instructionCount)
  }
}

extension BootRequest.Disk {
  /// Where the contents came from, for people.
  var description: String {
    switch self {
    case .standard: "built in"
    case .file(let path): path
    case .absent: "none"
    }
  }
}

extension Privilege {
  /// The letter that the specification uses.
  var letter: String {
    switch self {
    case .user: "U"
    case .supervisor: "S"
    case .machine: "M"
    }
  }
}
