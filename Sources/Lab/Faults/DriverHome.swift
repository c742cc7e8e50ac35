// Where a driver is in a structure: in the kernel, in a task of its own, or in each application's image.

import GuestABI
import Machine

/// A driver's code in one image, and where that lies in memory.
struct DriverHome {
  let driver: FaultCatalogue.Driver
  let program: ProgramImage
  /// The entry point's address and linked bytes.
  let address: UInt64
  let code: [UInt8]
  /// The address space through which the code is found; nil for a program that does not run yet.
  let satp: UInt64?
  /// The address space to which a fault is confined, when several tasks have a copy of the code.
  let space: UInt64?

  /// The physical address of code, which must lie in one page.
  func physical(_ address: UInt64, count: Int, in system: System) throws(LabError) -> UInt64 {
    let found: UInt64?
    if let satp {
      found = system.physical(address, satp: satp)
    } else {
      found = system.archivedText(of: program.name, at: address)
    }
    guard let found, system.machine.memory.bytes(at: found, count: count) != nil,
      address / Layout.pageSize == (address + UInt64(count) - 1) / Layout.pageSize
    else {
      throw LabError(
        .badAddress, "the code of `\(driver.entryPoint)` is not in memory", hint: "`pmap \(driver.name)` shows what is")
    }
    return found
  }
}

extension System {
  /// Finds a driver's code.
  ///
  /// - Parameter task: Which application's, where the driver is linked into applications; a task or a program.
  func driverHome(of driver: FaultCatalogue.Driver, task: String?) throws(LabError) -> DriverHome {
    let images = image.manifest.components.filter {
      $0.name == driver.name && $0.kind == "driver" && $0.entryPoints.contains(driver.entryPoint)
    }.map(\.image)
    guard let first = images.first else { throw absent(driver) }
    if let task { return try home(of: driver, inTask: task, images) }
    // One place for all: the kernel's image, or a server's.
    if images.contains(image.kernel.name) {
      return try home(driver, image.kernel.name, satp: kernelViewSatp, isConfined: false)
    }
    guard images.count > 1 else {
      return try home(driver, first, satp: try space(running: first), isConfined: false)
    }
    return try home(of: driver, inTask: Self.agentName, images)
  }

  private func absent(_ driver: FaultCatalogue.Driver) -> LabError {
    let stand = image.manifest.components.first { row in
      row.kind == "driver" && row.name != driver.name && row.entryPoints.contains(driver.entryPoint)
    }
    return LabError(
      .notAvailable, "driver `\(driver.name)` is not part of \(kernel)",
      hint: stand.map { "in its place there is `\($0.name)`" } ?? "`info components` lists what is")
  }

  private func home(
    of driver: FaultCatalogue.Driver, inTask task: String, _ images: [String]
  ) throws(LabError) -> DriverHome {
    let places = images.joined(separator: " ")
    // A program that is not running gets the fault when it is started next.
    if images.contains(task), taskTable.row(named: task) == nil {
      return try home(driver, task, satp: nil, isConfined: false)
    }
    let (satp, row) = try space(of: task)
    guard let program = row.flatMap({ image.program(at: $0.record.program) }), images.contains(program.name) else {
      throw LabError(
        .badArgument, "task `\(task)` has no driver `\(driver.name)` of its own",
        hint: "it is part of: \(places)")
    }
    return try home(driver, program.name, satp: satp, isConfined: images.count > 1)
  }

  private func home(
    _ driver: FaultCatalogue.Driver, _ name: String, satp: UInt64?, isConfined: Bool
  ) throws(LabError) -> DriverHome {
    guard let program = image.image(name), let symbol = program.elf.symbols[driver.entryPoint],
      let code = program.bytes(at: symbol.address, count: Int(clamping: symbol.size))
    else { throw absent(driver) }
    return DriverHome(
      driver: driver, program: program, address: symbol.address, code: code, satp: satp,
      space: isConfined ? satp : nil)
  }

  /// The address space of the task that runs a program.
  private func space(running program: String) throws(LabError) -> UInt64 {
    let rows = taskTable.rows.filter {
      $0.corruption == nil && image.program(at: $0.record.program)?.name == program
    }
    guard let row = rows.last(where: { $0.space.isTranslated && $0.record.state != TaskState.zombie.rawValue }) else {
      throw LabError(.wrongState, "no task runs the driver's program `\(program)`", hint: "`info tasks` lists them")
    }
    return row.record.satp
  }

  /// Where the boot archive in memory holds a program's text; nil when it does not.
  func archivedText(of program: String, at address: UInt64) -> UInt64? {
    guard let archive = image.kernel.elf.sections.first(where: { $0.name == ".archive" }),
      let index = image.manifest.programs.firstIndex(of: program)
    else { return nil }
    let entry = archive.address + UInt64(ArchiveHeader.stride + index * ArchiveEntry.stride)
    let offset = MemoryLayout<ArchiveEntry>.offset(of: \ArchiveEntry.text).map(UInt64.init) ?? 0
    let size = MemoryLayout<ArchiveSegment>.size
    guard let bytes = machine.memory.bytes(at: entry + offset, count: size) else { return nil }
    let text = bytes.withUnsafeBytes { $0.loadUnaligned(as: ArchiveSegment.self) }
    guard address >= text.address, address - text.address < text.fileSize, text.offset < archive.size else {
      return nil
    }
    return archive.address + text.offset + (address - text.address)
  }
}
