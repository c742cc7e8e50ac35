// `boot --image`: somebody else's firmware or kernel on a machine of its own. It stands at its first instruction
// afterwards; nothing has run yet.

import Machine

/// How a foreign image is to be booted.
public struct ForeignBoot: Sendable {
  /// What the system is to be called; a number is added when there is one of that name.
  public var name: String
  /// The machine.
  public var configuration: MachineConfiguration
  /// What is put into its memory.
  public var contents: BootContents
  /// The file that the disk's contents came from, if there is a disk.
  public var diskPath: String?
  /// Whether changed sectors go back to that file at `Laboratory.persistDisks()`.
  public var persist = false

  /// A request for a machine with something in its memory.
  public init(name: String, configuration: MachineConfiguration, contents: BootContents) {
    self.name = name
    self.configuration = configuration
    self.contents = contents
  }
}

/// What booting a foreign image answers.
public struct ForeignBootReport: Codable, Equatable, Sendable {
  /// Something that was put into memory.
  public struct Part: Codable, Equatable, Sendable {
    /// `firmware`, `kernel` or `initrd`.
    public var name: String
    /// Its size in bytes.
    public var bytes: Int
    /// The names in it that can be used for places; 0 for raw images and stripped files.
    public var symbols: Int
  }

  /// The system's name in the laboratory.
  public var system: String
  /// `foreign`.
  public var kernel: String
  /// The first instruction.
  public var entry: CodeLocation
  /// What is in memory.
  public var parts: [Part]
  /// RAM in bytes.
  public var memoryBytes: UInt64
  /// The disk's origin.
  public var disk: String
}

extension Laboratory {
  /// Puts a foreign image onto a machine of its own and makes that the current system.
  ///
  /// - Throws: `LabError` when the machine cannot be made or the image does not fit into its memory.
  public func boot(_ request: ForeignBoot) throws(LabError) -> ForeignBootReport {
    let machine = try Self.machine(request)
    let image = BootImage(
      foreignKernel: request.contents.kernel?.file, firmware: request.contents.firmware?.file)
    let configuration = request.configuration
    let boot = BootRequest(
      structure: BootImage.foreign, disk: request.diskPath.map { .file($0) } ?? .absent, persist: request.persist,
      memoryBytes: configuration.memoryBytes, seed: configuration.board.seed, limit: limit)
    let system = System(
      name: freshName(for: request.name), image: image, boot: boot, machine: machine, stopSignal: stopSignal,
      limit: limit, costModel: costModel)
    system.history.limit = historyMemory
    system.keepFirstMoment()
    systems.append(system)
    currentName = system.name
    return ForeignBootReport(
      system: system.name, kernel: system.kernel, entry: system.location(of: system.machine.pc),
      parts: request.contents.parts, memoryBytes: configuration.memoryBytes, disk: boot.disk.description)
  }

  private static func machine(_ request: ForeignBoot) throws(LabError) -> Machine {
    var machine: Machine
    do throws(MachineError) { machine = try Machine(request.configuration) } catch {
      throw LabError(.machine, "\(error)", hint: "`help boot` shows the usual settings")
    }
    do throws(LoadingError) { try machine.load(request.contents) } catch {
      throw LabError(.badFile, "\(error)", hint: "`boot --image FILE --memory 512M` gives it more room")
    }
    return machine
  }
}

extension BootContents {
  fileprivate var parts: [ForeignBootReport.Part] {
    var parts: [ForeignBootReport.Part] = []
    for (name, image) in [("firmware", firmware), ("kernel", kernel)] {
      guard let image else { continue }
      parts.append(.init(name: name, bytes: image.byteCount, symbols: image.file?.symbols.all.count ?? 0))
    }
    if let initialRAMDisk { parts.append(.init(name: "initrd", bytes: initialRAMDisk.count, symbols: 0)) }
    return parts
  }
}
