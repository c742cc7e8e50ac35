// Putting faults into a system, watching them fire, and taking them away.
//
// A code fault fires once: when its instructions have executed or trapped, the original ones are put back. `loop` stays
// until the driver is replaced, since a loop that ran once would be none.

import GuestABI
import Machine

extension System {
  /// What can be injected.
  public static var faultTargets: [FaultTarget] { FaultCatalogue.targets }

  /// All faults.
  public func faults() -> FaultList { FaultList(faults: condition.faults.map(\.report)) }

  /// Injects a fault into a driver.
  ///
  /// - Parameters:
  ///   - kind: One of the driver's kinds, such as `null-read`.
  ///   - driver: The driver's component, such as `blk`.
  /// - Throws: `LabError` when there is no such fault, or the driver's code cannot be found in memory.
  public func inject(_ kind: String, into driver: String) throws(LabError) -> FaultReport {
    try requireAgent("take a fault")
    try requireRunning("take a fault")
    guard let entryPoint = FaultCatalogue.entryPoints[driver] else {
      let drivers = FaultCatalogue.entryPoints.keys.sorted()
      throw LabError(
        .unknownName, "there is no driver `\(driver)`\(Nearest.suggestion(for: driver, among: drivers))",
        hint: "drivers: " + drivers.joined(separator: " "))
    }
    guard let kind = FaultCatalogue.Kind(rawValue: kind) else {
      let kinds = FaultCatalogue.Kind.allCases.map(\.rawValue)
      throw LabError(
        .unknownName, "there is no fault `\(kind)`\(Nearest.suggestion(for: kind, among: kinds))",
        hint: "faults: " + kinds.joined(separator: " "))
    }
    let id = (condition.faults.map(\.id).max() ?? 0) + 1
    var fault: InjectedFault
    switch kind.level {
    case .code: fault = try codeFault(id, kind, driver: driver, entryPoint: entryPoint)
    case .device: fault = try deviceFault(id, kind, driver: driver)
    }
    if let patch = fault.patch {
      writePhysical(patch.replacement, at: patch.physical)
      fault.isWatched = true
    }
    condition.faults.append(fault)
    return fault.report
  }

  /// Takes a fault away, restoring what it changed.
  ///
  /// - Throws: `LabError` when there is no fault of that number.
  public func removeFault(_ id: Int) throws(LabError) -> FaultReport {
    guard let index = condition.faults.firstIndex(where: { $0.id == id }) else {
      throw LabError(.unknownName, "there is no fault \(id)", hint: "`info faults` lists them")
    }
    let fault = condition.faults[index]
    if let patch = fault.patch {
      restore(patch)
    } else if fault.kind.stays || fault.isArmed {
      apply(.noBlockFault)
    }
    condition.faults.remove(at: index)
    var report = fault.report
    report.armed = false
    return report
  }

  // MARK: Building

  private func codeFault(
    _ id: Int, _ kind: FaultCatalogue.Kind, driver: String, entryPoint: String
  ) throws(LabError) -> InjectedFault {
    let component = image.manifest.components.first {
      $0.name == driver && $0.kind == "driver" && $0.entryPoints.contains(entryPoint)
    }
    guard let component, let program = image.image(component.image),
      let symbol = program.elf.symbols[entryPoint],
      let code = program.bytes(at: symbol.address, count: Int(clamping: symbol.size))
    else {
      throw LabError(
        .notAvailable, "driver `\(driver)` is not part of \(kernel)", hint: "`info components` lists what is")
    }
    var offset = 0
    var target: CodeLocation?
    let words: [UInt32]
    switch kind {
    case .nullRead, .loop:
      guard let found = FaultCode.offsetBehindPrologue(code) else {
        throw LabError(.guestContract, "`\(entryPoint)` has no instruction of four bytes behind its prologue")
      }
      offset = found
      words = kind == .loop ? FaultCode.loop : FaultCode.nullRead
    default:
      let record = try agentRecordField()
      target = record
      words = FaultCode.wildWrite(to: record.address)
    }
    let replacement = FaultCode.bytes(words)
    guard offset + replacement.count <= code.count else {
      throw LabError(.guestContract, "`\(entryPoint)` is too short for this fault")
    }
    let address = symbol.address + UInt64(offset)
    if let other = condition.faults.first(where: { $0.isWatched && $0.patch?.image == program.name }) {
      throw LabError(
        .wrongState, "fault \(other.id) is still armed in `\(driver)`",
        hint: "`fault remove \(other.id)` takes it away")
    }
    let satp = try driverSpace(component.image)
    guard let physical = physical(address, satp: satp), machine.memory.bytes(at: physical, count: 4) != nil,
      address / Layout.pageSize == (address + UInt64(replacement.count) - 1) / Layout.pageSize
    else {
      throw LabError(
        .badAddress, "the code of `\(entryPoint)` is not in memory", hint: "`pmap \(driver)` shows what is")
    }
    let patch = CodePatch(
      image: program.name, address: address, original: Array(code[offset..<offset + replacement.count]),
      replacement: replacement, physical: physical)
    return InjectedFault(
      id: id, driver: driver, kind: kind, patch: patch, location: program.location(of: address), target: target,
      isWatched: true)
  }

  /// The address space in which an image's text is mapped.
  private func driverSpace(_ image: String) throws(LabError) -> UInt64 {
    guard image != self.image.kernel.name else { return currentSatp }
    let rows = taskTable.rows.filter {
      $0.corruption == nil && self.image.program(at: $0.record.program)?.name == image
    }
    guard let row = rows.last(where: { $0.space.isTranslated && $0.record.state != TaskState.zombie.rawValue }) else {
      throw LabError(.wrongState, "no task runs the driver's program `\(image)`", hint: "`info tasks` lists them")
    }
    return row.record.satp
  }

  /// What `wild-write` and `wild-dma` destroy: the address-space field of the agent's task record.
  private func agentRecordField() throws(LabError) -> CodeLocation {
    guard let row = agentRow else {
      throw LabError(.guestContract, "the agent has no valid task record", hint: "`info tasks` shows the table")
    }
    let address = row.address + UInt64(MemoryLayout<TaskRecord>.offset(of: \TaskRecord.satp) ?? 0)
    var location = image.kernel.location(of: address) ?? CodeLocation(address: address)
    location.symbol = "agent's task record, satp"
    location.offset = nil
    return location
  }

  private func deviceFault(
    _ id: Int, _ kind: FaultCatalogue.Kind, driver: String
  ) throws(LabError) -> InjectedFault {
    // The device holds one fault at a time, and some stay in it after they have struck.
    if let other = condition.faults.first(where: { $0.kind.level == .device && ($0.kind.stays || $0.isArmed) }) {
      throw LabError(
        .wrongState, "fault \(other.id) is still armed in the device", hint: "`fault remove \(other.id)` takes it away")
    }
    // Page tables do not bind a device: wild DMA reaches what `wild-write` reaches only in a kernel that trusts its driver.
    let target = kind == .wildDMA ? try agentRecordField() : nil
    let input = kind.deviceFault.map {
      HostInput.blockFault($0, requests: kind.stays ? nil : 1, wildAddress: target?.address)
    }
    guard let input, apply(input) else {
      throw LabError(.notAvailable, "the machine has no disk", hint: "`info devices` lists what it has")
    }
    return InjectedFault(
      id: id, driver: driver, kind: kind, patch: nil, location: nil, target: target, isWatched: false)
  }

  private func restore(_ patch: CodePatch) {
    // A restarted driver's old pages may hold something else by now.
    guard machine.memory.bytes(at: patch.physical, count: patch.replacement.count) == patch.replacement else { return }
    writePhysical(patch.original, at: patch.physical)
  }

  // MARK: Firing

  /// The hart stands at a patched instruction, in the driver's address space.
  func fire(_ id: Int, _ goal: DriveGoal) {
    guard let index = condition.faults.firstIndex(where: { $0.id == id }), let patch = condition.faults[index].patch
    else {
      return
    }
    if condition.faults[index].firedAt == nil { markFired(index) }
    guard condition.faults[index].kind != .loop else {
      condition.faults[index].isWatched = false
      plansAreStale = true
      return
    }
    let savedRegister = machine[register: 5]
    for address in patch.instructions where address >= machine.pc {
      if hasReached(goal) { return }
      let before = machine.counters
      _ = machine.step()
      let after = machine.counters
      if after.traps != before.traps { break }
      // Interrupted in the middle of the sequence: the rest follows when the driver runs again.
      if after.interrupts != before.interrupts { return }
      if address == patch.instructions.last {
        apply(.programCounter(patch.address))
        apply(.register(5, value: savedRegister))
      }
    }
    restore(patch)
    condition.faults[index].isWatched = false
    plansAreStale = true
    condition.handled = Place(pc: machine.pc, icount: machine.instructionCount)
  }

  private func markFired(_ index: Int) {
    condition.faults[index].firedAt = machine.instructionCount
    condition.faults[index].isArmed = false
    let fault = condition.faults[index]
    let place = fault.location.map { " at \($0.name)" } ?? ""
    condition.events.append(
      SystemEvent(
        kind: .faultFired, text: "fault \(fault.id) fired: \(fault.kind.rawValue) in \(fault.driver)\(place)",
        icount: machine.instructionCount, task: currentTaskName, location: fault.location))
  }

  // MARK: Judging

  /// Somebody noticed that something is wrong; the newest fault without a detector is what they noticed.
  func detected(by detector: String, task: String?) {
    guard
      let index = condition.faults.lastIndex(where: { $0.firedAt != nil && $0.detector == nil })
    else { return }
    condition.faults[index].detector = detector
  }

  /// A service has a new incarnation, with fresh text.
  func restarted(_ service: String) {
    noteDeviceFaults()
    for index in condition.faults.indices where condition.faults[index].driver == service {
      if condition.faults[index].firedAt != nil {
        if condition.faults[index].detector == nil {
          condition.faults[index].detector = "the reincarnation server (no answer)"
        }
        condition.faults[index].outcome = "contained: \(service) was restarted"
      } else if condition.faults[index].patch != nil, condition.faults[index].isArmed {
        condition.faults[index].isArmed = false
        condition.faults[index].isWatched = false
        condition.faults[index].outcome = "not activated: \(service) was restarted before"
        plansAreStale = true
      }
    }
  }

  /// Looks whether the device has misbehaved yet.
  private func noteDeviceFaults() {
    for index in condition.faults.indices
    where condition.faults[index].kind.level == .device && condition.faults[index].firedAt == nil {
      guard let fault = machine.board.blockFault, fault.fired > 0 else { continue }
      markFired(index)
    }
  }

  /// Names who noticed the faults that have fired and that nobody noticed before.
  func attributeFaults(to detector: String) {
    noteDeviceFaults()
    for index in condition.faults.indices
    where condition.faults[index].firedAt != nil && condition.faults[index].detector == nil {
      condition.faults[index].detector = detector
    }
  }

  /// Looks at the devices' faults and at the system's state when a command has run.
  func judgeFaults() {
    noteDeviceFaults()
    for index in condition.faults.indices where condition.faults[index].firedAt != nil {
      switch condition.state {
      case .panicked: condition.faults[index].outcome = "system crash"
      case .hung:
        condition.faults[index].outcome = "system hang"
      case .running, .halted:
        if condition.faults[index].outcome == nil { condition.faults[index].outcome = "the system runs on" }
      }
    }
  }
}
