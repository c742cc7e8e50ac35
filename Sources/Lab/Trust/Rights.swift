// `info rights`: what each task's code could reach, by what the MMU would grant, and what its devices could reach for it.
//
// Page tables are walked from outside; that a program never makes use of a right does not matter here.

import GuestABI
import Machine

extension System {
  /// Who can reach which memory and device.
  ///
  /// - Parameter task: Only this task, or `kernel`; everyone when nil.
  /// - Throws: `LabError` when there is no such task.
  public func rights(of task: String? = nil) throws(LabError) -> RightsReport {
    let rows = taskTable.rows.filter { $0.corruption == nil && $0.record.state != TaskState.zombie.rawValue }
    let spaces = rows.filter(\.space.isTranslated).map { row in
      ReachableSpace(row: row, ranges: ranges(of: PageTableWalk(row.space) { physicalWord($0) }, row: row))
    }
    let sharing = PageSharing(spaces, ram: ram)
    var report = RightsReport(
      system: name, kernel: kernel, iommu: iommuState, memoryBytes: boot.memoryBytes,
      rows: [kernelRights(in: spaces)]
        + spaces.map { rights(of: $0, privilege: "U", name: $0.row.name, id: $0.row.record.id, sharing) })
    guard let task, task != image.kernel.name else {
      if task != nil { report.rows = Array(report.rows.prefix(1)) }
      return report
    }
    let id = try space(of: task).row?.record.id
    report.rows = report.rows.filter { $0.id != 0 && $0.id == id }
    return report
  }

  private var iommuState: String {
    guard let iommu = machine.board.iommu else { return "absent" }
    return iommu.isEnabled ? "on" : "off"
  }

  /// The kernel is mapped alike in every address space; without any, it has all of memory.
  private func kernelRights(in spaces: [ReachableSpace]) -> RightsRow {
    if let hidden = hiddenKernelSpace {
      let ranges = ranges(of: PageTableWalk(hidden) { physicalWord($0) }, row: nil)
      return rights(ofRanges: ranges, privilege: "S", name: image.kernel.name, id: 0, nil)
    }
    if let space = spaces.first { return rights(of: space, privilege: "S", name: image.kernel.name, id: 0, nil) }
    var row = RightsRow(
      task: image.kernel.name, id: 0, privilege: "S", readableBytes: boot.memoryBytes,
      writableBytes: boot.memoryBytes, executableBytes: boot.memoryBytes,
      memory: [
        MemoryRight(owner: "all RAM, untranslated", permissions: "rwx", bytes: boot.memoryBytes, sharedWith: [])
      ],
      devices: deviceRanges.map(\.name), dma: [])
    row.dma = dmaRights(ofDevices: row.devices)
    return row
  }

  private func rights(
    of space: ReachableSpace, privilege: String, name: String, id: UInt32, _ sharing: PageSharing?
  ) -> RightsRow { rights(ofRanges: space.ranges, privilege: privilege, name: name, id: id, sharing) }

  private func rights(
    ofRanges ranges: [PageRange], privilege: String, name: String, id: UInt32, _ sharing: PageSharing?
  ) -> RightsRow {
    var row = RightsRow(
      task: name, id: id, privilege: privilege, readableBytes: 0, writableBytes: 0, executableBytes: 0, memory: [],
      devices: [], dma: [])
    for range in ranges where range.privilege == privilege {
      let bytes = range.end &- range.start
      guard ram.contains(range.physical) else {
        let reached = range.physical..<range.physical + bytes
        for device in deviceRanges where device.range.overlaps(reached) && !row.devices.contains(device.name) {
          row.devices.append(device.name)
        }
        continue
      }
      row.add(range, bytes: bytes, sharedWith: sharing?.others(than: id, in: range) ?? [])
    }
    row.dma = dmaRights(ofDevices: row.devices)
    return row
  }

  // MARK: DMA

  /// What devices can reach by themselves, for those of the named ones that do DMA at all.
  private func dmaRights(ofDevices names: [String]) -> [DMARight] {
    machine.board.devices.compactMap { device in
      guard names.contains(device.shortName), let number = dmaNumber(of: device) else { return nil }
      guard let iommu = machine.board.iommu, iommu.isEnabled else {
        return DMARight(
          device: device.shortName, kind: device.name, unlimited: true, bytes: boot.memoryBytes, windows: [])
      }
      let windows = iommu.windows(device: number).compactMap { dmaWindow($0) }
      return DMARight(
        device: device.shortName, kind: device.name, unlimited: false,
        bytes: OwnerRanges(windows.map { ($0.start..<$0.start + $0.bytes, "") }).coveredBytes, windows: windows)
    }
  }

  /// The part of an IOMMU's window that leads to RAM.
  private func dmaWindow(_ window: IOMMUWindow) -> DMAWindow? {
    let (end, overflows) = window.target.addingReportingOverflow(window.size)
    let range = (window.target..<(overflows ? .max : end)).clamped(to: ram)
    guard !range.isEmpty, window.isReadable || window.isWritable else { return nil }
    return DMAWindow(
      start: range.lowerBound, bytes: UInt64(range.count),
      permissions: (window.isReadable ? "r" : "-") + (window.isWritable ? "w" : "-"))
  }

  /// The number by which the IOMMU knows a device; nil for one that does no DMA.
  private func dmaNumber(of device: DeviceDescription) -> Int? {
    if device.address == MemoryMap.simpleDisk.lowerBound { return IOMMU.simpleDiskDevice }
    guard MemoryMap.virtio.contains(device.address) else { return nil }
    let slot = Int((device.address - MemoryMap.virtio.lowerBound) / MemoryMap.virtioStride)
    return machine.configuration.board.virtioDevices[slot] == nil ? nil : slot
  }
}

/// One task's address space with its ranges.
private struct ReachableSpace {
  let row: TaskRow
  let ranges: [PageRange]
}

/// Which tasks' own code can reach a physical page.
private struct PageSharing {
  private var tasks: [UInt64: [(id: UInt32, name: String)]] = [:]

  init(_ spaces: [ReachableSpace], ram: Range<UInt64>) {
    for space in spaces {
      for range in space.ranges where range.privilege == "U" && ram.contains(range.physical) {
        for page in Self.pages(of: range) where tasks[page]?.last?.id != space.row.record.id {
          tasks[page, default: []].append((space.row.record.id, space.row.name))
        }
      }
    }
  }

  private static func pages(of range: PageRange) -> StrideTo<UInt64> {
    let start = range.physical & ~(Layout.pageSize - 1)
    return stride(from: start, to: range.physical + (range.end &- range.start), by: Int(Layout.pageSize))
  }

  func others(than id: UInt32, in range: PageRange) -> [String] {
    var names: [String] = []
    for page in Self.pages(of: range) {
      for task in tasks[page] ?? [] where task.id != id && !names.contains(task.name) { names.append(task.name) }
    }
    return names
  }
}

extension RightsRow {
  fileprivate mutating func add(_ range: PageRange, bytes: UInt64, sharedWith others: [String]) {
    if range.permissions.contains("r") { readableBytes += bytes }
    if range.permissions.contains("w") { writableBytes += bytes }
    if range.permissions.contains("x") { executableBytes += bytes }
    if let index = memory.firstIndex(where: { $0.owner == range.owner && $0.permissions == range.permissions }) {
      memory[index].bytes += bytes
      for other in others where !memory[index].sharedWith.contains(other) { memory[index].sharedWith.append(other) }
    } else {
      memory.append(
        MemoryRight(owner: range.owner, permissions: range.permissions, bytes: bytes, sharedWith: others))
    }
  }
}
