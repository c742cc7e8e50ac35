// Address translation explained step by step, for looking only: it walks the page tables as the hart would but changes
// nothing, neither TLB nor accessed bits nor counters. The hart itself uses `PageWalk.swift`.

/// One step of the walk through the page tables.
public struct TranslationStep: Codable, Hashable, Sendable {
  /// The level of the table: the root's is 2 in Sv39, 3 in Sv48.
  public let level: Int
  /// The index into the table, from the virtual address.
  public let index: Int
  /// The physical address of the page-table entry.
  public let entryAddress: UInt64
  /// The entry; nil if it does not lie in memory or may not be read.
  public let entry: PageTableEntry?
}

/// Why the hart would or would not perform an access.
public enum TranslationVerdict: Codable, Hashable, Sendable {
  /// The access would be performed.
  case permitted
  /// The address's upper bits do not all equal the highest that is translated, 38 in Sv39 and 47 in Sv48.
  case notCanonical
  /// The entry at this level is not valid.
  case invalidEntry(level: Int)
  /// The entry at this level has a reserved form, such as writable but not readable or a misaligned large page.
  case reservedEntry(level: Int)
  /// The entry at this level does not lie in memory, or physical memory protection forbids to read it.
  case unreadableEntry(level: Int)
  /// The page's permission bits do not include this access.
  case missingPermission
  /// The page is the supervisor's, and the access is made in U-mode.
  case supervisorPage
  /// The page is a user's, and the access is made in S-mode without SUM, or is a fetch.
  case userPage
  /// Physical memory protection forbids the access.
  case protected
  /// Neither memory nor a device is at the physical address.
  case nothingThere

  /// The number of the exception that an access of this kind would raise, or nil if it is permitted.
  public func exceptionCause(for access: Access) -> UInt64? {
    switch self {
    case .permitted: nil
    case .unreadableEntry, .protected, .nothingThere: access.accessFault.rawValue
    default: access.pageFault.rawValue
    }
  }
}

/// The answer to "what would this access do?".
public struct TranslationReport: Codable, Hashable, Sendable {
  /// The virtual address asked about.
  public let address: UInt64
  /// The kind of access.
  public let access: Access
  /// The privilege it is checked with.
  public let privilege: Privilege
  /// The value of `satp` it is translated with.
  public let satp: UInt64
  /// True if Sv39 or Sv48 applies; false in M-mode and in bare mode, where the physical address is the virtual one.
  public let isTranslated: Bool
  /// The walk from the root down; empty if nothing is translated.
  public let steps: [TranslationStep]
  /// What the TLB holds for the page in this address space: the hart believes it, even if the page tables differ.
  public let tlbEntry: TLBEntry?
  /// The physical address by the TLB if it holds the page, otherwise by the walk; nil if there is none.
  public let physicalAddress: UInt64?
  /// The physical address by the page tables alone.
  public let walkedAddress: UInt64?
  /// Whether physical memory protection allows the access at the physical address; nil if there is none.
  public let isAllowedByProtection: Bool?
  /// What the hart would do.
  public let verdict: TranslationVerdict
  /// What it would do if the TLB were empty.
  public let walkVerdict: TranslationVerdict
}

extension Machine {
  /// Explains how the hart would translate an address and whether it would permit an access; changes nothing.
  ///
  /// - Parameters:
  ///   - address: The virtual address of one byte.
  ///   - access: The kind of access.
  ///   - privilege: The privilege to check with; nil for the one the hart would use now.
  ///   - satp: The address space, as a value of `satp`; nil for the present one.
  ///   - status: The value of `mstatus` whose SUM and MXR bits apply; nil for the present one.
  public func translate(
    _ address: UInt64, access: Access, privilege: Privilege? = nil, satp: UInt64? = nil, status: UInt64? = nil
  ) -> TranslationReport {
    let privilege = privilege ?? (access == .execute ? hart.privilege : hart.dataPrivilege)
    let satp = satp ?? hart.satp
    let status = status ?? hart.mstatus
    let mode = privilege == .machine ? nil : TranslationMode(satp: satp)
    var steps: [TranslationStep] = []
    var walked: Leaf?
    var tlbEntry: TLBEntry?
    var walkVerdict = TranslationVerdict.permitted
    if let mode {
      (steps, walked, walkVerdict) = inspect(address, satp: satp, mode: mode)
      let place = tlb.lookup(
        virtualPage: mode.virtualPage(address), addressSpace: UInt16(truncatingIfNeeded: satp >> 44), mode: mode)
      if mode.isCanonical(address) { tlbEntry = place.flatMap { tlb[$0] } }
    } else {
      walked = Leaf(physicalAddress: address, flags: nil)
    }
    func judge(_ leaf: Leaf) -> TranslationVerdict {
      if let flags = leaf.flags,
        let refusal = Self.refusal(flags, access, privilege, status: status)
      {
        return refusal
      }
      guard protection.allows(access, at: leaf.physicalAddress, count: 1, privilege: privilege) else {
        return .protected
      }
      return isPresent(leaf.physicalAddress, access) ? .permitted : .nothingThere
    }
    if let walked { walkVerdict = judge(walked) }
    let cached = tlbEntry.map { Leaf(physicalAddress: $0.physicalPage << 12 | address & 0xfff, flags: $0.flags) }
    let leaf = cached ?? walked
    return TranslationReport(
      address: address, access: access, privilege: privilege, satp: satp, isTranslated: mode != nil, steps: steps,
      tlbEntry: tlbEntry, physicalAddress: leaf?.physicalAddress, walkedAddress: walked?.physicalAddress,
      isAllowedByProtection: leaf.map {
        protection.allows(access, at: $0.physicalAddress, count: 1, privilege: privilege)
      },
      verdict: cached.map(judge) ?? walkVerdict, walkVerdict: walkVerdict)
  }

  /// Where a walk ended: an address and the flags of its page, nil without translation.
  private struct Leaf {
    let physicalAddress: UInt64
    let flags: UInt8?
  }

  private func inspect(_ address: UInt64, satp: UInt64, mode: TranslationMode) -> (
    [TranslationStep], Leaf?, TranslationVerdict
  ) {
    guard mode.isCanonical(address) else { return ([], nil, .notCanonical) }
    let virtualPage = mode.virtualPage(address)
    var table = (satp & TranslationMode.rootMask) << 12
    var steps: [TranslationStep] = []
    for level in stride(from: mode.levels - 1, through: 0, by: -1) {
      let index = TranslationMode.index(virtualPage, level: level)
      let location = table + index * 8
      let isReadable = protection.allows(.read, at: location, count: 8, privilege: .supervisor)
      let entry = isReadable ? ram.load(UInt64.self, at: location).map(PageTableEntry.init) : nil
      steps.append(TranslationStep(level: level, index: Int(index), entryAddress: location, entry: entry))
      guard let entry else { return (steps, nil, .unreadableEntry(level: level)) }
      guard entry.isValid else { return (steps, nil, .invalidEntry(level: level)) }
      guard !entry.isReserved(level: level) else { return (steps, nil, .reservedEntry(level: level)) }
      if entry.isLeaf {
        let inPage = address & (1 << UInt64(12 + 9 * level) - 1)
        return (steps, Leaf(physicalAddress: entry.physicalPage << 12 | inPage, flags: entry.flags), .permitted)
      }
      table = entry.physicalPage << 12
    }
    return (steps, nil, .reservedEntry(level: 0))
  }

  private static func refusal(
    _ flags: UInt8, _ access: Access, _ privilege: Privilege, status: UInt64
  ) -> TranslationVerdict? {
    if AddressTranslation.permits(flags, access, privilege, mstatus: status) { return nil }
    let isUserPage = flags & PageTableEntry.user != 0
    if privilege == .user && !isUserPage { return .supervisorPage }
    let mayUseUserPages = access != .execute && status & HartStatus.supervisorUserMemory != 0
    if privilege == .supervisor && isUserPage && !mayUseUserPages { return .userPage }
    return .missingPermission
  }

  /// Whether memory, or for loads and stores a device, is at a physical address.
  private func isPresent(_ physical: UInt64, _ access: Access) -> Bool {
    if ram.contains(physical, count: 1) { return true }
    guard access != .execute else { return false }
    return MemoryMap.virtio.contains(physical)
      || board.devices.contains { physical >= $0.address && physical - $0.address < $0.size }
  }
}
