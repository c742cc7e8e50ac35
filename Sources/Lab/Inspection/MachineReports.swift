// Devices, TLB and counters, as listings show them.

import GuestABI
import Machine

extension System {
  /// The board's devices.
  public func devices() -> DeviceList {
    let owners = deviceOwners()
    return DeviceList(
      devices: machine.board.devices.map { device in
        DeviceReport(
          name: device.shortName, kind: device.name, address: device.address, size: device.size,
          interrupt: device.interrupt, owners: owners[device.address] ?? [], status: status(of: device))
      })
  }

  private func status(of device: DeviceDescription) -> String? {
    if MemoryMap.virtioSlot(MemoryMap.virtioBlockSlot).contains(device.address), let disk = machine.board.disk {
      var text = "\(disk.sectorCount.grouped) sectors, \(disk.changedSectors.count) changed"
      if let fault = machine.board.blockFault { text += "; fault \(fault.fault.rawValue)" }
      return text
    }
    if MemoryMap.uart.contains(device.address), machine.board.uart.hasUnreadInput { return "input waits" }
    return nil
  }

  /// By each device's address, who has its registers mapped, by the page tables of all tasks.
  private func deviceOwners() -> [UInt64: [String]] {
    var owners: [UInt64: [String]] = [:]
    let devices = machine.board.devices
    let tasks = taskTable.rows.filter { $0.corruption == nil && $0.space.isTranslated }
    for (task, space) in tasks.map({ ($0.name, $0.space) }) + (hiddenKernelSpace.map { [("kernel", $0)] } ?? []) {
      let walk = PageTableWalk(space) { physicalWord($0) }
      for page in walk.pages where page.physical < MemoryMap.ram {
        let name = page.entry.isUser ? task : "kernel"
        for device in devices
        where device.address < page.physical + page.size && page.physical < device.address + device.size {
          if owners[device.address]?.contains(name) != true { owners[device.address, default: []].append(name) }
        }
      }
    }
    return owners.mapValues { $0.sorted() }
  }

  /// The board's devices by the names that owners are called by.
  var deviceRanges: [(name: String, range: Range<UInt64>)] {
    machine.board.devices.map { ($0.shortName, $0.address..<$0.address + $0.size) }
  }

  /// The architectural TLB.
  public func tlb() -> TLBReport {
    let owners = ownerMap()
    let spaces = taskTable.rows.filter { $0.corruption == nil && $0.space.isTranslated }
    let entries = machine.tlbEntries().map { entry in
      let virtual = AddressSpaceRoot(levels: Int(entry.levels)).canonical(entry.virtualPage << 12)
      let physical = entry.physicalPage << 12
      let bits = PageTableEntry(bits: UInt64(entry.flags))
      let row = spaces.first { $0.space.asid == UInt64(entry.addressSpace) }
      let user = row.map { userOwners(of: $0).owner(of: virtual).name } ?? nil
      return TLBEntryReport(
        address: virtual, physical: physical, pageSize: 1 << (12 + 9 * UInt64(entry.level)),
        asid: UInt64(entry.addressSpace), global: entry.isGlobal, permissions: PageMapping.permissions(bits),
        privilege: bits.isUser ? "U" : "S",
        owner: bits.isUser ? user ?? owners.owner(ofPhysical: physical).name : owners.owner(ofPhysical: physical).name)
    }
    return TLBReport(capacity: machine.configuration.tlb.entries, entries: entries)
  }

  /// The machine's counters since reset.
  public func statistics() -> StatisticsReport {
    let counters = machine.counters
    var call = CallCounters()
    call.take(counters)
    return StatisticsReport(
      instructions: counters.instructions, time: machine.time, traps: counters.traps,
      trapsByCause: Self.byName(counters.trapsByCause, CauseName.exception), interrupts: counters.interrupts,
      interruptsByCause: Self.byName(counters.interruptsByCause, CauseName.interrupt),
      privilegeChanges: counters.privilegeChanges, addressSpaceSwitches: counters.addressSpaceSwitches,
      tlbMisses: counters.tlbMisses, pageTableReads: counters.pageTableReads, mmioAccesses: counters.mmioAccesses,
      cycles: costModel.cycles(of: call), messages: condition.messages.isEmpty ? nil : condition.messages)
  }

  private static func byName(_ counts: [UInt64], _ name: (UInt64) -> String) -> [String: UInt64] {
    var named: [String: UInt64] = [:]
    for (code, count) in counts.enumerated() where count > 0 { named[name(UInt64(code))] = count }
    return named
  }
}

extension DeviceDescription {
  /// A short name that is unique on the board.
  var shortName: String {
    if MemoryMap.virtio.contains(address) {
      return "virtio\((address - MemoryMap.virtio.lowerBound) / MemoryMap.virtioStride)"
    }
    switch address {
    case MemoryMap.finisher.lowerBound: return "finisher"
    case MemoryMap.clint.lowerBound: return "clint"
    case MemoryMap.plic.lowerBound: return "plic"
    case MemoryMap.uart.lowerBound: return "uart"
    case MemoryMap.rtc.lowerBound: return "rtc"
    case MemoryMap.simpleDisk.lowerBound: return "disk"
    case MemoryMap.iommu.lowerBound: return "iommu"
    default: return name
    }
  }
}
