// Tasks and components, as listings show them.

import GuestABI
import Machine

extension System {
  /// The task table.
  public func tasks() -> TaskList {
    let current = currentTask?.address
    return TaskList(tasks: taskTable.rows.map { report(of: $0, current: current) })
  }

  private func report(of row: TaskRow, current: UInt64?) -> TaskReport {
    let record = row.record
    if let corruption = row.corruption {
      return TaskReport(
        name: row.name, id: record.id, state: "corrupt at 0x" + String(corruption, radix: 16), privilege: "?",
        addressSpace: row.space.asid, pageTable: row.space.root, restarts: record.restarts, parent: record.parent,
        record: row.address, current: false)
    }
    let state = TaskState(rawValue: record.state)
    let reason = WaitReason(rawValue: record.waitReason)
    let program = image.program(at: record.program)
    return TaskReport(
      name: row.name, id: record.id, state: state.map { "\($0)" } ?? "?",
      waitsFor: state == .blocked ? reason.map { "\($0)" } : nil, privilege: program == nil ? "S" : "U",
      addressSpace: row.space.asid, pageTable: row.space.root, restarts: record.restarts, program: program?.name,
      parent: record.parent, exitStatus: state == .zombie ? record.exitStatus : nil, record: row.address,
      current: row.address == current)
  }

  private func privilege(ofImage name: String, loaded: [String]) -> String {
    if name == image.kernel.name || loaded.contains(name) { return "S" }
    return image.manifest.modules.contains(name) ? "-" : "U"
  }

  /// What is linked where.
  public func components() -> ComponentList {
    let loaded = loadedModules.map(\.name)
    return ComponentList(
      components: image.manifest.components.map { component in
        let program = image.image(component.image)
        let size = program.map { image.size(of: component.name, in: $0) } ?? (0, 0, 0)
        return ComponentReport(
          name: component.name, kind: component.kind, image: component.image,
          privilege: privilege(ofImage: component.image, loaded: loaded), textBytes: size.0, constantBytes: size.1,
          dataBytes: size.2, entryPoints: component.entryPoints)
      })
  }
}
