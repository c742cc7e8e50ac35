// Page tables and regions of any task, whether it is the current one or not.

import GuestABI
import Machine

extension System {
  /// The page table of a task (nil: the current address space).
  ///
  /// - Throws: `LabError` when the task is not known or translation is off.
  public func pageTable(of task: String? = nil) throws(LabError) -> PageTableReport {
    let space = try translatedSpace(of: task)
    let walk = PageTableWalk(space.root) { physicalWord($0) }
    return PageTableReport(
      task: space.name, asid: space.root.asid, root: space.root.root, tables: walk.tables,
      ranges: ranges(of: walk, row: space.row), truncated: walk.truncated)
  }

  /// The regions of a task's address space (nil: the current one).
  ///
  /// - Throws: `LabError` when the task is not known or translation is off.
  public func regions(of task: String? = nil) throws(LabError) -> RegionReport {
    if image.isFlat {
      let row = try space(of: task).row
      return RegionReport(task: row?.name ?? kernel, asid: 0, regions: flatRegions())
    }
    let space = try translatedSpace(of: task)
    let walk = PageTableWalk(space.root) { physicalWord($0) }
    return RegionReport(
      task: space.name, asid: space.root.asid, regions: PageRuns.regions(of: ranges(of: walk, row: space.row)))
  }

  func translatedSpace(
    of task: String?
  ) throws(LabError) -> (root: AddressSpaceRoot, row: TaskRow?, name: String) {
    let space = try space(of: task)
    let root = AddressSpaceRoot(satp: space.satp)
    guard root.isTranslated else {
      throw LabError(
        .wrongState, "address translation is off: every address is physical",
        hint: image.isFlat ? "`pmap` shows what lies where" : "`pmap TASK` shows a task's space")
    }
    return (root, space.row, space.row?.name ?? "address space \(root.asid)")
  }

  func ranges(of walk: PageTableWalk, row: TaskRow?) -> [PageRange] {
    let user =
      row.map { userOwners(of: $0) } ?? (image.isForeign ? .foreign : UserOwnerMap(program: nil, name: "unknown"))
    return PageRuns.ranges(of: walk.pages, owners: ownerMap(), user: user)
  }

  /// Names for physical addresses.
  func ownerMap() -> OwnerMap {
    var spaces = taskTable.rows.filter { $0.corruption == nil && $0.space.isTranslated }.map(\.space)
    if let hidden = hiddenKernelSpace { spaces.insert(hidden, at: 0) }
    // A foreign kernel's other address spaces are not known.
    if image.isForeign { spaces = [AddressSpaceRoot(satp: currentSatp)] }
    return OwnerMap(
      images: image.privileged, modules: image.modules, devices: deviceRanges, ram: ram,
      spaces: spaces.map { space in PageTableWalk(space) { physicalWord($0) } }, isForeign: image.isForeign)
  }

  /// Names for a task's user addresses.
  func userOwners(of row: TaskRow) -> UserOwnerMap {
    UserOwnerMap(program: image.program(at: row.record.program), name: row.name)
  }
}
