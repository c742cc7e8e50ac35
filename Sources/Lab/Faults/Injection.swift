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

  /// Injects a fault into a driver, wherever the structure has it.
  ///
  /// - Parameters:
  ///   - kind: One of the driver's kinds, such as `null-read`.
  ///   - driver: The driver's component, such as `blk`.
  ///   - task: Where the driver is linked into applications: the one that is meant, or a program that runs later. When nil,
  ///     the agent.
  /// - Throws: `LabError` when there is no such fault, or the driver's code cannot be found in memory.
  public func inject(
    _ kind: String, into driver: String, task: String? = nil
  ) throws(LabError) -> FaultReport {
    try requireOurs("take a fault")
    try requireRunning("take a fault")
    guard let target = FaultCatalogue.drivers.first(where: { $0.name == driver }) else {
      let drivers = FaultCatalogue.drivers.map(\.name)
      throw LabError(
        .unknownName, "there is no driver `\(driver)`\(Nearest.suggestion(for: driver, among: drivers))",
        hint: "drivers: " + drivers.joined(separator: " "))
    }
    let kinds = FaultCatalogue.Kind.allCases.filter { target.takes($0) }.map(\.rawValue)
    guard let kind = FaultCatalogue.Kind(rawValue: kind), target.takes(kind) else {
      throw LabError(
        .unknownName, "there is no fault `\(kind)` of `\(driver)`\(Nearest.suggestion(for: kind, among: kinds))",
        hint: "faults: " + kinds.joined(separator: " "))
    }
    let id = (condition.faults.map(\.id).max() ?? 0) + 1
    var fault: InjectedFault
    switch kind.level {
    case .code: fault = try codeFault(id, kind, in: driverHome(of: target, task: task))
    case .device: fault = try deviceFault(id, kind, target)
    }
    if let patch = fault.patch {
      for copy in patch.copies { writePhysical(patch.replacement, at: copy) }
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
    } else if let disk = fault.driver.disk, fault.kind.stays || fault.isArmed {
      apply(.noBlockFault(disk: disk))
    }
    condition.faults.remove(at: index)
    var report = fault.report
    report.armed = false
    return report
  }

  // MARK: Building

  private func codeFault(
    _ id: Int, _ kind: FaultCatalogue.Kind, in home: DriverHome
  ) throws(LabError) -> InjectedFault {
    var offset = 0
    var target: CodeLocation?
    let words: [UInt32]
    switch kind {
    case .nullRead, .loop:
      offset = FaultCode.offsetBehindPrologue(home.code) ?? 0
      words = kind == .loop ? FaultCode.loop : FaultCode.nullRead
    default:
      let record = home.space == nil ? try agentRecordField() : try ownDescriptor(of: home)
      target = record
      words = FaultCode.wildWrite(to: record.address)
    }
    let replacement = FaultCode.bytes(words)
    guard offset + replacement.count <= home.code.count else {
      throw LabError(.guestContract, "`\(home.driver.entryPoint)` is too short for this fault")
    }
    let address = home.address + UInt64(offset)
    let other = condition.faults.first {
      $0.isWatched && $0.driver.name == home.driver.name && $0.patch?.image == home.program.name
    }
    if let other {
      throw LabError(
        .wrongState, "fault \(other.id) is still armed in `\(home.driver.name)`",
        hint: "`fault remove \(other.id)` takes it away")
    }
    let patch = CodePatch(
      image: home.program.name, address: address, original: Array(home.code[offset..<offset + replacement.count]),
      replacement: replacement, copies: [try home.physical(address, count: replacement.count, in: self)],
      space: home.space)
    return InjectedFault(
      id: id, driver: home.driver, kind: kind, patch: patch, location: home.program.location(of: address),
      target: target, isWatched: true)
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

  /// What `wild-write` destroys where the driver is part of an application, which cannot reach the kernel's memory: the
  /// position of the application's descriptor 3, in the library's part of its memory.
  private func ownDescriptor(of home: DriverHome) throws(LabError) -> CodeLocation {
    guard let state = home.program.address(of: Self.callState) else {
      throw LabError(.guestContract, "the library's state in `\(home.program.name)` is not known")
    }
    let address = state + Self.positionOfDescriptor3
    var location = home.program.location(of: address) ?? CodeLocation(address: address)
    location.symbol = "\(home.program.name)'s descriptor 3, position"
    location.offset = nil
    return location
  }

  /// The symbol of the Unix call layer's instance in a program, and the offset of a field in it (Components/unix).
  private static let callState = "library_calls_memory"
  private static let positionOfDescriptor3: UInt64 = 144

  private func deviceFault(
    _ id: Int, _ kind: FaultCatalogue.Kind, _ driver: FaultCatalogue.Driver
  ) throws(LabError) -> InjectedFault {
    // The device holds one fault at a time, and some stay in it after they have struck.
    let other = condition.faults.first {
      $0.driver.disk == driver.disk && $0.kind.level == .device && ($0.kind.stays || $0.isArmed)
    }
    if let other {
      throw LabError(
        .wrongState, "fault \(other.id) is still armed in the device", hint: "`fault remove \(other.id)` takes it away")
    }
    // Page tables do not bind a device: wild DMA reaches what `wild-write` reaches only in a kernel that trusts its driver.
    let target = kind == .wildDMA ? try agentRecordField() : nil
    guard let disk = driver.disk, let fault = kind.deviceFault,
      apply(.blockFault(fault, requests: kind.stays ? nil : 1, disk: disk, wildAddress: target?.address))
    else {
      throw LabError(
        .notAvailable, "the machine has no device for `\(driver.name)`", hint: "`info devices` lists what it has")
    }
    return InjectedFault(
      id: id, driver: driver, kind: kind, patch: nil, location: nil, target: target, isWatched: false)
  }

  private func restore(_ patch: CodePatch) {
    // A restarted driver's old pages may hold something else by now.
    for copy in patch.copies
    where machine.memory.bytes(at: copy, count: patch.replacement.count) == patch.replacement {
      writePhysical(patch.original, at: copy)
    }
  }

  // MARK: Firing

  /// The hart stands at a patched instruction, in the driver's address space.
  ///
  /// - Returns: The stop that the fault's own accesses ask for, where somebody watches the memory.
  func fire(_ id: Int, _ goal: DriveGoal) -> Halt? {
    guard let index = condition.faults.firstIndex(where: { $0.id == id }), var patch = condition.faults[index].patch,
      patch.space == nil || patch.space == currentSatp
    else { return nil }
    // The text was copied from where it was patched when a task was made of it.
    if let here = physical(patch.address, satp: currentSatp), !patch.copies.contains(here) {
      patch.copies.append(here)
      condition.faults[index].patch = patch
    }
    if condition.faults[index].firedAt == nil { markFired(index) }
    guard condition.faults[index].kind != .loop else {
      condition.faults[index].isWatched = false
      plansAreStale = true
      return nil
    }
    var halt: Halt?
    let savedRegister = machine[register: 5]
    for address in patch.instructions where address >= machine.pc {
      if hasReached(goal) { return halt }
      let before = machine.counters
      if case .event(let event) = machine.step() { halt = self.halt(at: event) ?? halt }
      let after = machine.counters
      if after.traps != before.traps { break }
      // Interrupted in the middle of the sequence: the rest follows when the driver runs again.
      if after.interrupts != before.interrupts { return halt }
      if address == patch.instructions.last {
        apply(.programCounter(patch.address))
        apply(.register(5, value: savedRegister))
      }
    }
    restore(patch)
    condition.faults[index].isWatched = false
    plansAreStale = true
    condition.handled = Place(pc: machine.pc, icount: machine.instructionCount)
    return halt
  }

  func markFired(_ index: Int) {
    condition.faults[index].firedAt = machine.instructionCount
    condition.faults[index].isArmed = false
    let fault = condition.faults[index]
    let place = fault.location.map { " at \($0.name)" } ?? ""
    condition.events.append(
      SystemEvent(
        kind: .faultFired, text: "fault \(fault.id) fired: \(fault.kind.rawValue) in \(fault.driver.name)\(place)",
        icount: machine.instructionCount, task: currentTaskName, location: fault.location))
  }
}
