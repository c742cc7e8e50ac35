// Decides after each step of the hart whether a debugger's step, range step or watchpoint is done.
//
// It only looks at the machine. An interrupt that comes during a step is run to its end first, as a debugger's user
// steps through a program and not through whatever interrupts it.

import Machine
import RISCV

/// Follows a run that is done step by step.
struct StepJudge {
  /// What a step came to.
  enum Verdict: Equatable {
    case goOn
    case done
    case watched(DebugProbe)
  }

  /// A place in an address space.
  private struct Position: Equatable {
    var pc: UInt64
    var satp: UInt64
    var privilege: Privilege

    /// Machine mode sees physical addresses.
    var dataSpace: UInt64 { privilege == .machine ? 0 : satp }

    init(_ machine: borrowing Machine) {
      pc = machine.pc
      satp = machine.csr(Int(CSR.satp.rawValue)) ?? 0
      privilege = machine.privilege
    }
  }

  /// A watched place, and what was there.
  private struct Watched {
    let probe: DebugProbe
    let physical: UInt64?
    var content: [UInt8]?
  }

  private let manner: DebugRun.Manner
  /// The address space of the thread that steps; nil for whichever runs.
  private let space: UInt64?
  private var watched: [Watched] = []
  private let watchesAccesses: Bool
  private var before: Position
  private var countBefore: UInt64
  private var access: MemoryOperation?
  /// Where the interrupt came that is being run to its end.
  private var interrupted: Position?

  /// Begins to follow a run.
  ///
  /// - Parameters:
  ///   - run: What is asked for.
  ///   - space: The value of `satp` of the thread that steps; nil for whichever runs.
  ///   - machine: The machine before the first step.
  ///   - watched: The value of `satp` that the addresses of watchpoints mean; nil for the machine's own.
  init(_ run: DebugRun, space: UInt64?, machine: borrowing Machine, watching watchedSpace: UInt64? = nil) {
    manner = run.manner
    self.space = space
    before = Position(machine)
    countBefore = machine.instructionCount
    watchesAccesses = run.probes.contains { $0.kind == .readWatchpoint || $0.kind == .accessWatchpoint }
    for probe in run.probes where probe.isWatchpoint {
      let physical = machine.dataAddress(of: probe.address, satp: watchedSpace ?? before.dataSpace)
      watched.append(Watched(probe: probe, physical: physical, content: Self.content(probe, physical, machine)))
    }
    watched.sort { $0.probe.address < $1.probe.address }
    if watchesAccesses { access = MemoryOperation(next: machine) }
  }

  /// Judges the step that was just done.
  mutating func judge(_ machine: borrowing Machine) -> Verdict {
    let now = Position(machine)
    let retired = machine.instructionCount != countBefore
    let last = before
    let lastAccess = retired ? access : nil
    before = now
    countBefore = machine.instructionCount
    if watchesAccesses { access = MemoryOperation(next: machine) }
    if let probe = hit(by: lastAccess, in: last.dataSpace, machine) { return .watched(probe) }
    if let place = interrupted {
      if place == now { interrupted = nil }
      return .goOn
    }
    switch manner {
    case .freely: return .goOn
    case .step, .stepWithin:
      if !retired, Self.tookInterrupt(machine) {
        interrupted = last
        return .goOn
      }
      if let space, now.privilege != .machine, now.satp != space { return .goOn }
      if case .stepWithin(let range) = manner, range.contains(now.pc) { return .goOn }
      return .done
    }
  }

  private static func tookInterrupt(_ machine: borrowing Machine) -> Bool {
    let register = machine.privilege == .machine ? CSR.mcause : CSR.scause
    return (machine.csr(Int(register.rawValue)) ?? 0) >> 63 == 1
  }

  /// The watched place that the last step touched.
  private mutating func hit(
    by access: MemoryOperation?, in space: UInt64, _ machine: borrowing Machine
  ) -> DebugProbe? {
    var found: DebugProbe?
    for index in watched.indices {
      let entry = watched[index]
      let content = Self.content(entry.probe, entry.physical, machine)
      let isChanged = content != entry.content
      watched[index].content = content
      // The same virtual address is other memory in another address space.
      let isTouched =
        access?.touches(entry.probe) == true
        && machine.dataAddress(of: entry.probe.address, satp: space) == entry.physical
      let isHit =
        switch entry.probe.kind {
        case .writeWatchpoint: isChanged
        case .readWatchpoint: isTouched && access?.reads == true
        case .accessWatchpoint: isChanged || isTouched
        case .softwareBreakpoint, .hardwareBreakpoint: false
        }
      if isHit, found == nil { found = entry.probe }
    }
    return found
  }

  private static func content(_ probe: DebugProbe, _ physical: UInt64?, _ machine: borrowing Machine) -> [UInt8]? {
    physical.flatMap { machine.memory.bytes(at: $0, count: Int(clamping: probe.length)) }
  }
}

/// The load or store that an instruction is about to do.
struct MemoryOperation: Equatable {
  let address: UInt64
  let length: UInt64
  let reads: Bool

  /// The operation of the next instruction; nil when it does none.
  init?(next machine: borrowing Machine) {
    let pc = machine.pc
    guard let low = Self.halfword(at: pc, machine) else { return nil }
    var word = UInt32(low)
    if Instruction.length(of: word) == 4 {
      guard let high = Self.halfword(at: pc &+ 2, machine) else { return nil }
      word |= UInt32(high) << 16
    }
    guard let instruction = Instruction.decode(word) else { return nil }
    let offset: Int64
    switch instruction.format {
    case .load, .floatLoad, .store, .floatStore: offset = instruction.immediate
    case .loadReserved, .atomic: offset = 0
    default: return nil
    }
    switch instruction.format {
    case .store, .floatStore: reads = false
    default: reads = true
    }
    address = machine[register: instruction.rs1] &+ UInt64(bitPattern: offset)
    // The width field of loads and stores; bit 2 makes a load unsigned.
    length = 1 << UInt64(instruction.word >> 12 & 3)
  }

  private static func halfword(at address: UInt64, _ machine: borrowing Machine) -> UInt16? {
    let report = machine.translate(address, access: .execute)
    return report.physicalAddress.flatMap { machine.memory.load(UInt16.self, at: $0) }
  }

  /// Whether it covers a byte of a watched place.
  func touches(_ probe: DebugProbe) -> Bool {
    address < probe.address &+ probe.length && probe.address < address &+ length
  }
}

extension Machine {
  /// The physical address behind a virtual one as an address space maps it, whatever the permissions; nil if it does not.
  func dataAddress(of address: UInt64, satp: UInt64) -> UInt64? {
    // Machine mode and an address space without translation see physical addresses.
    let privilege: Privilege = satp == 0 ? .machine : .supervisor
    return translate(address, access: .read, privilege: privilege, satp: satp).physicalAddress
  }
}
