// Misses of the software TLB, answered without leaving the run loop: the usual case of what `PageWalk.swift` and
// `MemoryAccess.swift` do, with the same counts and the same replacement. Whatever is unusual (a fault, an accessed or
// dirty bit to set, a device, a watched page, protection that differs within the page) is refused before anything has
// changed; then the reference path performs the access.

extension Machine {
  /// Enters the page of a load or store into the software TLB.
  ///
  /// - Returns: false, with nothing changed, if the reference path must perform the access.
  @inline(never)
  mutating func refill(_ address: UInt64, _ access: Access) -> Bool {
    let privilege = hart.dataPrivilege
    // The largest access from here on must end within the page, or the run loop would ask again and again.
    guard address & 0xfff <= 0x1000 - 8 else { return false }
    guard privilege != .machine, let mode = TranslationMode(satp: hart.satp) else {
      guard let host = hostPage(of: address, access, privilege) else { return false }
      enter(host, address: address, access, owner: nil)
      return true
    }
    guard mode.isCanonical(address) else { return false }
    let virtualPage = mode.virtualPage(address)
    let addressSpace = UInt16(truncatingIfNeeded: hart.satp >> 44)
    if let place = tlb.lookup(virtualPage: virtualPage, addressSpace: addressSpace, mode: mode) {
      guard let entry = tlb[place], answers(entry.flags, access, privilege),
        let host = hostPage(of: entry.physicalPage << 12, access, privilege)
      else { return false }
      enter(host, address: address, access, owner: place)
      return true
    }
    // The page of the next instruction would have to be looked up anew.
    let place = tlb.nextPlace(for: virtualPage)
    guard !softwareTLB.answersFetches(owner: place),
      let (entry, reads) = find(virtualPage, addressSpace: addressSpace, mode: mode, access, privilege),
      let host = hostPage(of: entry.physicalPage << 12, access, privilege)
    else { return false }
    counts.tlbMisses &+= 1
    counts.pageTableReads &+= reads
    tlb.replaceOldest(place, with: entry)
    softwareTLB.forget(owner: place)
    enter(host, address: address, access, owner: place)
    // What is loaded is often stored to next.
    let other: Access = access == .read ? .write : .read
    if answers(entry.flags, other, privilege), let host = hostPage(of: entry.physicalPage << 12, other, privilege) {
      enter(host, address: address, other, owner: place)
    }
    return true
  }

  /// Whether a translation with these flags answers an access without a new walk.
  @inline(__always)
  private func answers(_ flags: UInt8, _ access: Access, _ privilege: Privilege) -> Bool {
    flags & access.marks == access.marks && permits(flags, access, privilege)
  }

  @inline(__always)
  private mutating func enter(
    _ host: UnsafeMutableRawPointer, address: UInt64, _ access: Access, owner: Int?
  ) {
    softwareTLB.insert(
      table: access == .write ? SoftwareTLB.storeTable : 0, page: address >> 12, key: softwareTLB.dataKey,
      value: UInt64(UInt(bitPattern: host)) &- (address & ~0xfff), owner: owner)
  }

  /// Where the page of a physical address is on the host, if all of the page may be accessed there without more ado.
  @inline(__always)
  private func hostPage(of physical: UInt64, _ access: Access, _ privilege: Privilege) -> UnsafeMutableRawPointer? {
    let start = physical & ~0xfff
    guard ram.contains(start, count: 0x1000),
      protection.allows(access, at: start, count: 0x1000, privilege: privilege)
    else { return nil }
    let page = pageNumber(start)
    guard access == .write else { return UnsafeMutableRawPointer(mutating: ram.readPointer(page: page)) }
    guard !ram.notesWrites(page: page), !board.observesStores(toPageOf: start) else { return nil }
    return ram.ownedPointer(page: page)
  }

  /// Reads a page-table entry, which never crosses a page, at an address that is known to lie in RAM.
  @inline(__always)
  private func entryBits(at location: UInt64) -> UInt64 {
    let page = ram.readPointer(page: pageNumber(location))
    return UInt64(littleEndian: page.load(fromByteOffset: Int(location & 0xfff), as: UInt64.self))
  }

  /// Walks the page tables to a leaf that permits the access and needs no mark.
  ///
  /// - Returns: what the TLB shall hold, and the entries read on the way.
  @inline(__always)
  private func find(
    _ virtualPage: UInt64, addressSpace: UInt16, mode: TranslationMode, _ access: Access, _ privilege: Privilege
  ) -> (entry: TLBEntry, reads: UInt64)? {
    var table = (hart.satp & TranslationMode.rootMask) << 12
    var level = mode.levels - 1
    while true {
      let location = table + TranslationMode.index(virtualPage, level: level) * 8
      guard protection.allows(.read, at: location, count: 8, privilege: .supervisor), ram.contains(location, count: 8)
      else { return nil }
      let entry = PageTableEntry(bits: entryBits(at: location))
      guard entry.isValid, !entry.isReserved(level: level) else { return nil }
      if entry.isLeaf {
        guard answers(entry.flags, access, privilege) else { return nil }
        let withinPage = virtualPage & (1 << UInt64(9 * level) - 1)
        let found = TLBEntry(
          virtualPage: virtualPage, physicalPage: entry.physicalPage | withinPage, addressSpace: addressSpace,
          flags: entry.flags, level: UInt8(level), levels: UInt8(mode.levels))
        return (found, UInt64(mode.levels - level))
      }
      table = entry.physicalPage << 12
      level -= 1
    }
  }
}

extension Access {
  /// The flags of a page-table entry that an access sets.
  var marks: UInt8 { PageTableEntry.accessed | (self == .write ? PageTableEntry.dirty : 0) }
}
