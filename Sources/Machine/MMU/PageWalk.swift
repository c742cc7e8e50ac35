// Address translation as the hart does it: TLB, walk, permissions, accessed and dirty bits (privileged specification
// 1.12, section 4.3). Both the fast and the reference path come through here for every access that the software TLB does
// not answer. To look without changing anything use `TranslationReport.swift`.

/// A permitted translation.
struct Translation {
  let physicalAddress: UInt64
  /// The place in the architectural TLB; nil if the address was not translated.
  let place: Int?
}

extension Machine {
  /// Translates an address for one access, filling the TLB and setting the accessed and dirty bits.
  mutating func translate(
    _ address: UInt64, _ access: Access, privilege: Privilege
  ) throws(Trap) -> Translation {
    guard privilege != .machine, let mode = TranslationMode(satp: hart.satp) else {
      return Translation(physicalAddress: address, place: nil)
    }
    guard mode.isCanonical(address) else { throw Trap(cause: access.pageFault, value: address) }
    let virtualPage = mode.virtualPage(address)
    let addressSpace = UInt16(truncatingIfNeeded: hart.satp >> 44)
    let place = tlb.lookup(virtualPage: virtualPage, addressSpace: addressSpace, mode: mode)
    if let place, let entry = tlb[place] {
      guard permits(entry.flags, access, privilege) else { throw Trap(cause: access.pageFault, value: address) }
      if access != .write || entry.flags & PageTableEntry.dirty != 0 {
        return Translation(physicalAddress: entry.physicalPage << 12 | address & 0xfff, place: place)
      }
    }
    counts.tlbMisses &+= 1
    let entry = try walk(
      address, virtualPage: virtualPage, addressSpace: addressSpace, mode: mode, access, privilege)
    let filled = tlb.insert(entry, replacing: place)
    softwareTLB.forget(owner: filled)
    return Translation(physicalAddress: entry.physicalPage << 12 | address & 0xfff, place: filled)
  }

  /// Whether the leaf's flags, the privilege, SUM and MXR permit an access.
  @inline(__always)
  func permits(_ flags: UInt8, _ access: Access, _ privilege: Privilege) -> Bool {
    AddressTranslation.permits(flags, access, privilege, mstatus: hart.mstatus)
  }

  private mutating func walk(
    _ address: UInt64, virtualPage: UInt64, addressSpace: UInt16, mode: TranslationMode, _ access: Access,
    _ privilege: Privilege
  ) throws(Trap) -> TLBEntry {
    var table = (hart.satp & TranslationMode.rootMask) << 12
    var level = mode.levels - 1
    while true {
      let location = table + TranslationMode.index(virtualPage, level: level) * 8
      guard protection.allows(.read, at: location, count: 8, privilege: .supervisor),
        let bits = ram.load(UInt64.self, at: location)
      else { throw Trap(cause: access.accessFault, value: address) }
      counts.pageTableReads &+= 1
      let entry = PageTableEntry(bits: bits)
      guard entry.isValid, !entry.isReserved(level: level) else {
        throw Trap(cause: access.pageFault, value: address)
      }
      guard entry.isLeaf else {
        table = entry.physicalPage << 12
        level -= 1
        continue
      }
      guard permits(entry.flags, access, privilege) else { throw Trap(cause: access.pageFault, value: address) }
      let marks = PageTableEntry.accessed | (access == .write ? PageTableEntry.dirty : 0)
      if entry.flags & marks != marks {
        try markUsed(location, bits: bits | UInt64(marks), address: address, access)
      }
      let withinPage = virtualPage & (1 << UInt64(9 * level) - 1)
      return TLBEntry(
        virtualPage: virtualPage, physicalPage: entry.physicalPage | withinPage, addressSpace: addressSpace,
        flags: entry.flags | marks, level: UInt8(level), levels: UInt8(mode.levels))
    }
  }

  private mutating func markUsed(
    _ location: UInt64, bits: UInt64, address: UInt64, _ access: Access
  ) throws(Trap) {
    guard protection.allows(.write, at: location, count: 8, privilege: .supervisor),
      ram.store(bits, at: location)
    else { throw Trap(cause: access.accessFault, value: address) }
    memoryChanged(by: .pageWalk)
  }
}

/// Rules that hold in every mode of translation.
enum AddressTranslation {
  /// Whether a leaf's flags permit an access, given the privilege and the SUM and MXR bits of `mstatus`.
  @inline(__always)
  static func permits(_ flags: UInt8, _ access: Access, _ privilege: Privilege, mstatus: UInt64) -> Bool {
    let isUserPage = flags & PageTableEntry.user != 0
    if privilege == .user {
      guard isUserPage else { return false }
    } else if isUserPage {
      guard access != .execute, mstatus & HartStatus.supervisorUserMemory != 0 else { return false }
    }
    switch access {
    case .execute: return flags & PageTableEntry.executable != 0
    case .write: return flags & PageTableEntry.writable != 0
    case .read:
      if flags & PageTableEntry.readable != 0 { return true }
      return mstatus & HartStatus.makeExecutableReadable != 0 && flags & PageTableEntry.executable != 0
    }
  }
}
