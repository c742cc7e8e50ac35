// `boot`: from a structure's name to a system whose agent waits for work.

import GuestABI
import Machine

extension Laboratory {
  /// Boots a system and makes it the current one.
  ///
  /// - Throws: `LabError` when the structure or the disk cannot be used, or the guest does not come up.
  public func boot(_ request: BootRequest) throws(LabError) -> BootReport {
    let structure = try structure(request.structure)
    if request.application != nil, structure != Self.applicationStructure {
      throw LabError(
        .badArgument, "\(structure) loads programs at run time: no application is linked into its kernel",
        hint: "`boot \(Self.applicationStructure) --app NAME`, or `boot \(structure)` and then `run NAME`")
    }
    let name = request.application.map { freshName($0) } ?? freshName(for: structure)
    let (system, report) = try start(request, structure: structure, name: name)
    systems.append(system)
    currentName = system.name
    return report
  }

  /// Boots without entering the system into the list.
  ///
  /// - Parameter profiled: Whether every instruction is attributed; the system then holds its profiler.
  func start(
    _ request: BootRequest, structure: String, name: String, profiled: Bool = false
  ) throws(LabError) -> (System, BootReport) {
    let system = try make(request, structure: structure, name: name)
    if profiled {
      system.profiler = Profiler()
      system.beginProfile()
    }
    let halt = system.bootToAgent(limit: request.limit)
    // An application may end before the host ever sees it wait.
    guard halt == .parked || halt == .halted && !system.image.hasAgent else {
      let why = system.condition.reason ?? "it was interrupted"
      throw LabError(
        .guestContract, "\(structure) did not come up: \(why)", hint: "boot with more memory or `--limit N`")
    }
    let report = report(of: system, image: system.image)
    for option in kernelOptions where system.kernelOption(option) != nil {
      try system.setKernelOption(option, to: true)
    }
    return (system, report)
  }

  /// Makes a system that stands at reset.
  func make(
    _ request: BootRequest, structure: String, name: String, image given: BootImage? = nil,
    adapter: NetworkAdapter? = nil
  ) throws(LabError) -> System {
    let image: BootImage
    if let given {
      image = given
    } else if let application = request.application {
      image = try linkedApplication(application).image
    } else if let driver = request.driver {
      image = try bootImage(of: structure, driver: driver)
    } else {
      image = try bootImage(of: structure)
    }
    guard request.persist == false || request.disk != .standard else {
      throw LabError(
        .badArgument, "`--persist` needs a disk of your own: the built-in one is never changed",
        hint: "add `--disk FILE`")
    }
    let machine = try Self.machine(image, request, disk: disk(of: request), adapter: adapter ?? request.network.adapter)
    let system = System(
      name: name, image: image, boot: request, machine: machine, stopSignal: stopSignal, limit: limit,
      costModel: costModel)
    system.history.limit = historyMemory
    return system
  }

  private static func machine(
    _ image: BootImage, _ request: BootRequest, disk: DiskImage, adapter: NetworkAdapter?
  ) throws(LabError) -> Machine {
    do {
      var configuration = MachineConfiguration(
        memoryBytes: request.memoryBytes, disk: image.drivesSimpleDisk ? nil : disk)
      if image.drivesSimpleDisk { configuration.board.simpleDisk = disk }
      if let adapter { try configuration.board.place(.network(adapter)) }
      configuration.board.seed = request.seed
      var machine = try Machine(configuration)
      try machine.load(image.kernel.elf)
      return machine
    } catch {
      throw LabError(.machine, "\(error)", hint: "`help boot` shows the usual settings")
    }
  }

  private func report(of system: System, image: BootImage) -> BootReport {
    let rows = system.taskTable.rows.filter { $0.corruption == nil }
    var counters = CallCounters()
    counters.take(system.machine.counters)
    return BootReport(
      system: system.name, kernel: system.kernel, application: image.application,
      instructions: system.machine.instructionCount, time: system.machine.time, cycles: costModel.cycles(of: counters),
      imageBytes: image.loadableBytes, privilegedBytes: image.privilegedBytes, tasks: rows.count,
      addressSpaces: image.isFlat ? 1 : Set(rows.filter { $0.space.isTranslated }.map(\.space.root)).count,
      memoryBytes: system.boot.memoryBytes,
      console: String(decoding: system.condition.console.takeFresh(), as: UTF8.self))
  }

  /// Injects the faults that `source` was given into the current system too (`boot … --same-faults`).
  ///
  /// - Throws: `LabError` when no system is booted, or a fault does not fit the current one.
  public func repeatFaults(of source: System) throws(LabError) -> FaultList {
    let system = try current()
    for fault in source.condition.faults { _ = try system.inject(fault.kind.rawValue, into: fault.driver.name) }
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
      guard case .file(let path) = system.boot.disk,
        let disk = system.machine.board.disk ?? system.machine.board.simpleDisk
      else { continue }
      let sectors = disk.changedSectors.compactMap { number in disk[sector: number].map { (number, $0) } }
      try DiskFile.write(sectors, to: path)
      written[path, default: 0] += sectors.count
    }
    return written
  }
}

extension BootRequest.Network {
  /// The machine's network adapter.
  fileprivate var adapter: NetworkAdapter? {
    switch self {
    case .builtIn: NetworkAdapter()
    case .none: nil
    }
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
    copy.isVirtualMachine = isVirtualMachine
    return copy
  }
}
