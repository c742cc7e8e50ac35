// Checkpoints by name: the whole state of one system, faults and breakpoints included.

import Machine

/// A system's state under a name.
struct SavedCheckpoint {
  let name: String
  let system: String
  let image: BootImage
  let boot: BootRequest
  let machine: Checkpoint
  let condition: System.Condition
  let spaces: [UInt64: System.KnownSpace]
  let history: History

  var report: CheckpointReport {
    CheckpointReport(name: name, system: system, icount: machine.instructionCount)
  }
}

extension Laboratory {
  /// Keeps the current system's whole state under a name; an older checkpoint of that name is replaced.
  ///
  /// - Throws: `LabError` when no system is booted.
  public func checkpoint(_ name: String) throws(LabError) -> CheckpointReport {
    let system = try current()
    let saved = SavedCheckpoint(
      name: name, system: system.name, image: system.image, boot: system.boot, machine: system.machine.checkpoint(),
      condition: system.condition, spaces: system.spaces, history: system.history)
    savedCheckpoints.removeAll { $0.name == name }
    savedCheckpoints.append(saved)
    return saved.report
  }

  /// Puts the system of the checkpoint back and makes it current.
  ///
  /// - Throws: `LabError` when there is no checkpoint of that name.
  public func restore(_ name: String) throws(LabError) -> CheckpointReport {
    let saved = try savedCheckpoint(name)
    let system = system(from: saved)
    if let index = systems.firstIndex(where: { $0.name == saved.system }) {
      systems[index] = system
    } else {
      systems.append(system)
    }
    currentName = saved.system
    return saved.report
  }

  /// A copy of the system that a checkpoint holds, for questions; the laboratory does not know it.
  ///
  /// - Throws: `LabError` when there is no checkpoint of that name.
  func system(in checkpoint: String) throws(LabError) -> System { system(from: try savedCheckpoint(checkpoint)) }

  private func savedCheckpoint(_ name: String) throws(LabError) -> SavedCheckpoint {
    if let saved = savedCheckpoints.last(where: { $0.name == name }) { return saved }
    let names = savedCheckpoints.map(\.name)
    throw LabError(
      .unknownName, "there is no checkpoint `\(name)`\(Nearest.suggestion(for: name, among: names))",
      hint: names.isEmpty ? "`checkpoint NAME` makes one" : "checkpoints: " + names.joined(separator: " "))
  }

  private func system(from saved: SavedCheckpoint) -> System {
    let system = System(
      name: saved.system, image: saved.image, boot: saved.boot, machine: Machine(forking: saved.machine),
      stopSignal: stopSignal, limit: limit, costModel: costModel)
    system.condition = saved.condition
    system.spaces = saved.spaces
    system.history = saved.history
    system.history.limit = historyMemory
    return system
  }

  /// All checkpoints.
  public func checkpoints() -> CheckpointList { CheckpointList(checkpoints: savedCheckpoints.map(\.report)) }
}
