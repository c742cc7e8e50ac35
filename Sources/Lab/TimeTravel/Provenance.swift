// `why`: the instruction that last wrote a register or some memory. Memory is found by watching it while the intervals are
// replayed in which its page changed; registers by letting the machine note their last writer, the newest steps first.

import Machine
import RISCV

extension System {
  /// Steps looked at before the whole interval is.
  private static let firstWindow: UInt64 = 1 << 16

  /// Who last wrote a register, or memory at a place.
  ///
  /// - Parameters:
  ///   - target: A register's name, `$` before it or not, or a place as for watchpoints.
  ///   - length: Bytes of memory; 8 when not given.
  /// - Throws: `LabError` when there is no such register or place.
  public func why(_ target: String, length: UInt64? = nil) throws(LabError) -> ProvenanceReport {
    let name = target.hasPrefix("$") ? String(target.dropFirst()) : target
    if length == nil, let register = try register(named: name) { return why(register, target: target) }
    let bytes = length ?? 8
    let physical = try memory(at: target, length: bytes).physical
    return why(physical, target: target)
  }

  // MARK: Memory

  private func why(_ physical: Range<UInt64>, target: String) -> ProvenanceReport {
    var report = emptyReport(target)
    report.physical = physical.lowerBound
    report.length = UInt64(physical.count)
    let watchpoint = Watchpoint(id: 0, name: target, address: physical.lowerBound, physical: physical)
    let result = lastSighting(of: SearchGoal(watchpoints: [watchpoint]), before: moment) {
      $0.first.mayDiffer(from: $0.last, inPageOf: physical.lowerBound)
    }
    let host = history.lastInput(before: moment) {
      guard case .memory(let address, let bytes) = $0 else { return false }
      return physical.overlaps(address..<address + UInt64(bytes.count))
    }
    switch result {
    case .interrupted: report.isInterrupted = true
    case .found(let sighting) where sighting.step >= host?.step ?? 0:
      guard case .watchpoint(_, let writer) = sighting.kind, let copy = replica(at: history.moment(at: sighting.step))
      else {
        report.isInterrupted = true
        return report
      }
      copy.describe(in: &report)
      report.writer = writer.rawValue
      report.before = copy.value(at: physical)
      _ = copy.machine.step()
      report.after = copy.value(at: physical)
    case .found, .none:
      guard let host else { return report }
      describe(hostInput: host.step, in: &report)
    }
    return report
  }

  /// Up to eight bytes as a number.
  private func value(at physical: Range<UInt64>) -> UInt64? {
    guard physical.count <= 8, let bytes = machine.memory.bytes(at: physical.lowerBound, count: physical.count) else {
      return nil
    }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  // MARK: Registers

  /// A register that can be asked about.
  fileprivate enum Register {
    case integer(Int)
    case floatingPoint(Int)
    case control(CSR)

    var watched: WatchedRegister {
      switch self {
      case .integer(let number): .integer(number)
      case .floatingPoint(let number): .floatingPoint(number)
      case .control(let register): .control(Int(register.rawValue))
      }
    }
  }

  private func register(named name: String) throws(LabError) -> Register? {
    if name == "pc" {
      throw LabError(
        .badArgument, "`pc` is changed by every instruction", hint: "`reverse-stepi` shows where it came from")
    }
    if let number = RegisterName.integerNumber(name) {
      guard number != 0 else { throw LabError(.badArgument, "`\(name)` is always 0", hint: "`why a0`") }
      return .integer(number)
    }
    if let number = RegisterName.floatingPointNumber(name) { return .floatingPoint(number) }
    if let register = CSR(named: name), machine.csr(Int(register.rawValue)) != nil { return .control(register) }
    return nil
  }

  private func why(_ register: Register, target: String) -> ProvenanceReport {
    var report = emptyReport(target)
    let end = moment
    guard var index = history.entryIndex(atOrBefore: end) else { return report }
    let host = history.lastInput(before: end) { $0.writes(register) }
    var bound = end
    var found: UInt64?
    defer { stopSignal.noteSearch(at: nil) }
    search: while found == nil {
      let entry = history.entries[index]
      stopSignal.noteSearch(at: entry.machine.instructionCount)
      // The writer is often near, and finding out is cheap.
      if bound.step - entry.moment.step > Self.firstWindow {
        let middle = history.moment(at: bound.step - Self.firstWindow)
        let copy = replica(at: entry)
        guard copy.replay(to: middle), let last = copy.lastWrite(of: register, to: bound) else {
          report.isInterrupted = true
          return report
        }
        found = last.step
      }
      if found == nil {
        guard let last = replica(at: entry).lastWrite(of: register, to: bound) else {
          report.isInterrupted = true
          return report
        }
        found = last.step
      }
      // Whatever is older than the host's own write does not matter.
      guard index > 0, host.map({ $0.step < entry.moment.step }) ?? true else { break search }
      bound = entry.moment
      index -= 1
    }
    if let host, host.step >= found ?? 0 {
      describe(hostInput: host.step, in: &report)
    } else if let found, let copy = replica(at: history.moment(at: found)) {
      copy.describe(in: &report)
      report.before = copy.value(of: register)
      let count = copy.machine.instructionCount
      _ = copy.machine.step()
      report.writer = copy.machine.instructionCount > count ? "instruction" : "trap"
      report.after = copy.value(of: register)
    }
    return report
  }

  /// The last step of a copy up to a moment that writes a register, nil inside if none does; nil when interrupted.
  ///
  /// Of control and floating-point registers only writes that change them are seen.
  private func lastWrite(of register: Register, to end: Moment) -> (step: UInt64?, Void)? {
    let watched = register.watched
    guard watched.canBeWatched else { return lastChange(of: register, to: end) }
    machine.watchedRegister = watched
    defer { machine.watchedRegister = nil }
    guard replay(to: end) else { return nil }
    return (machine.lastRegisterWrite, ())
  }

  /// The same by single steps, for registers that change by themselves; those that do change often.
  private func lastChange(of register: Register, to end: Moment) -> (step: UInt64?, Void)? {
    var last: UInt64?
    var before = value(of: register)
    let isComplete = replaySteps(to: end) { step in
      let now = value(of: register)
      if now != before { last = step }
      before = now
    }
    return isComplete ? (last, ()) : nil
  }

  private func value(of register: Register) -> UInt64 {
    switch register {
    case .integer(let number): machine[register: number]
    case .floatingPoint(let number): machine[floatingPointRegister: number]
    case .control(let register): controlRegister(register)
    }
  }

  // MARK: Telling

  private func emptyReport(_ target: String) -> ProvenanceReport {
    ProvenanceReport(
      target: target, first: history.entries.first?.machine.instructionCount ?? machine.instructionCount,
      isInterrupted: false)
  }

  private func describe(in report: inout ProvenanceReport) {
    report.icount = machine.instructionCount
    report.location = location(of: machine.pc)
    report.instruction = instructionText(at: machine.pc)
    report.privilege = machine.privilege.letter
    report.task = currentTaskName
  }

  private func describe(hostInput step: UInt64, in report: inout ProvenanceReport) {
    report.writer = MemoryWriter.host.rawValue
    guard let copy = replica(at: history.moment(at: step)) else { return }
    copy.describe(in: &report)
    report.instruction = nil
  }
}

extension HostInput {
  fileprivate func writes(_ register: System.Register) -> Bool {
    switch (self, register) {
    case (.register(let mine, _), .integer(let number)): mine == number
    case (.controlRegister(let mine, _), .control(let register)): mine == Int(register.rawValue)
    default: false
    }
  }
}
