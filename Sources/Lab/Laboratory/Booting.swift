// `boot`: from a structure's name to a system whose agent waits for work.

import GuestABI
import Machine

extension Laboratory {
  /// Boots a system and makes it the current one.
  ///
  /// - Throws: `LabError` when the structure or the disk cannot be used, or the guest does not come up.
  public func boot(_ request: BootRequest) throws(LabError) -> BootReport {
    let structure = try structure(request.structure)
    let (system, report) = try start(request, structure: structure, name: freshName(for: structure))
    systems.append(system)
    currentName = system.name
    return report
  }

  /// Boots without entering the system into the list.
  func start(
    _ request: BootRequest, structure: String, name: String
  ) throws(LabError) -> (System, BootReport) {
    let image = try bootImage(of: structure)
    guard request.persist == false || request.disk != .standard else {
      throw LabError(
        .badArgument, "`--persist` needs a disk of your own: the built-in one is never changed",
        hint: "add `--disk FILE`")
    }
    let machine = try Self.machine(image, request, disk: disk(of: request))
    let system = System(
      name: name, image: image, boot: request, machine: machine, stopSignal: stopSignal, limit: limit,
      costModel: costModel)
    system.history.limit = historyMemory
    let halt = system.bootToAgent(limit: request.limit)
    guard halt == .parked else {
      let why = system.condition.reason ?? "it was interrupted"
      throw LabError(
        .guestContract, "\(structure) did not come up: \(why)", hint: "boot with more memory or `--limit N`")
    }
    return (system, report(of: system, image: image))
  }

  private static func machine(
    _ image: BootImage, _ request: BootRequest, disk: DiskImage
  ) throws(LabError) -> Machine {
    do {
      var machine = try Machine(MachineConfiguration(memoryBytes: request.memoryBytes, disk: disk))
      try machine.load(image.kernel.elf)
      return machine
    } catch {
      throw LabError(.machine, "\(error)", hint: "`help boot` shows the usual settings")
    }
  }

  private func report(of system: System, image: BootImage) -> BootReport {
    let rows = system.taskTable.rows.filter { $0.corruption == nil }
    return BootReport(
      system: system.name, kernel: system.kernel, instructions: system.machine.instructionCount,
      imageBytes: image.loadableBytes, privilegedBytes: image.privilegedBytes, tasks: rows.count,
      addressSpaces: Set(rows.filter { $0.space.isTranslated }.map(\.space.root)).count,
      memoryBytes: system.boot.memoryBytes,
      console: String(decoding: system.condition.console.takeFresh(), as: UTF8.self))
  }

  /// Injects the faults that `source` was given into the current system too (`boot … --same-faults`).
  ///
  /// - Throws: `LabError` when no system is booted, or a fault does not fit the current one.
  public func repeatFaults(of source: System) throws(LabError) -> FaultList {
    let system = try current()
    for fault in source.condition.faults { _ = try system.inject(fault.kind.rawValue, into: fault.driver) }
    return system.faults()
  }

  // MARK: Disks

  private func disk(of request: BootRequest) throws(LabError) -> DiskImage {
    let contents: [UInt8]
    switch request.disk {
    case .absent:
      throw LabError(.badArgument, "\(request.structure) needs a disk", hint: "leave the disk out for the built-in one")
    case .standard: contents = try images.disk()
    case .file(let path): contents = try DiskFile.read(path)
    }
    do {
      return try DiskImage(contents: contents)
    } catch {
      throw LabError(
        .badFile, "\(request.disk.description): \(error)", hint: "`boot` without `--disk` uses the built-in disk")
    }
  }

  /// Writes changed sectors of disks booted with `persist` back to their files.
  ///
  /// - Returns: The number of sectors written, by file.
  /// - Throws: `LabError` when a file cannot be written.
  public func persistDisks() throws(LabError) -> [String: Int] {
    var written: [String: Int] = [:]
    for system in systems where system.boot.persist {
      guard case .file(let path) = system.boot.disk, let disk = system.machine.board.disk else { continue }
      let sectors = disk.changedSectors.compactMap { number in disk[sector: number].map { (number, $0) } }
      try DiskFile.write(sectors, to: path)
      written[path, default: 0] += sectors.count
    }
    return written
  }
}

extension System {
  /// Runs from reset until the agent waits for the host for the first time.
  func bootToAgent(limit: UInt64) -> Halt { drive(DriveGoal(budget: limit)) }

  /// An independent copy; memory is shared until written.
  func fork() -> System {
    let copy = System(
      name: name, image: image, boot: boot, machine: Machine(forking: machine.checkpoint()), stopSignal: stopSignal,
      limit: limit, costModel: costModel)
    copy.condition = condition
    copy.spaces = spaces
    copy.history = history
    return copy
  }
}
