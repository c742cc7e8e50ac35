// `translate`: one address through the page table, level by level, with a verdict. It changes nothing: no accessed bit,
// no TLB entry, no counter.

import GuestABI
import Machine

extension System {
  /// Walks the page table for one address.
  ///
  /// - Parameters:
  ///   - address: The virtual address.
  ///   - task: A task's name or number, for which the verdict is in U-mode; nil for the current address space and privilege.
  ///   - access: What the address is wanted for.
  /// - Throws: `LabError` when the task is not known.
  public func translate(
    _ address: UInt64, task: String? = nil, access: MemoryAccess = .read
  ) throws(LabError) -> TranslationReport {
    let space = try space(of: task)
    let root = AddressSpaceRoot(satp: space.satp)
    let privilege = task == nil ? machine.privilege : .user
    var report = TranslationReport(
      address: address, access: access, privilege: privilege.letter, task: space.row?.name, asid: root.asid,
      levels: [], tlb: "miss", allowed: true, verdict: "")
    guard root.isTranslated, privilege != .machine else {
      report.tlb = "unused"
      report.physical = address
      report.owner = ownerMap().owner(ofPhysical: address).name
      report.verdict =
        privilege == .machine ? "allowed: M-mode uses physical addresses" : "allowed: translation is off (satp mode 0)"
      return report
    }
    report.root = root.root
    guard root.isCanonical(address) else {
      let bits = root.addressBits
      report.refuse(
        "bits 63 to \(bits) are not copies of bit \(bits - 1), so \(root.modeName) has no such address", access)
      return report
    }
    walk(root, into: &report, row: space.row, privilege: privilege)
    return report
  }

  private func walk(
    _ root: AddressSpaceRoot, into report: inout TranslationReport, row: TaskRow?, privilege: Privilege
  ) {
    var table = root.root
    for level in (0..<root.levels).reversed() {
      let shift = 12 + 9 * UInt64(level)
      let index = report.address >> shift & 511
      let entryAddress = table + index * 8
      guard let bits = physicalWord(entryAddress) else {
        report.refuse("the table at 0x\(String(table, radix: 16)) lies outside RAM", report.access)
        return
      }
      let entry = PageTableEntry(bits: bits)
      let kind = !entry.isValid ? "invalid" : entry.isLeaf ? "page" : "table"
      report.levels.append(
        WalkLevel(
          level: level, index: Int(index), entryAddress: entryAddress, entry: bits, flags: Self.flags(entry), kind: kind
        ))
      guard entry.isValid else {
        report.refuse("the level-\(level) entry is not valid, so nothing is mapped there", report.access)
        return
      }
      if entry.isLeaf {
        judge(entry, level: level, root: root, into: &report, row: row, privilege: privilege)
        return
      }
      table = entry.physicalPage << 12
    }
    report.refuse("the level-0 entry points to another table", report.access)
  }

  private func judge(
    _ entry: PageTableEntry, level: Int, root: AddressSpaceRoot, into report: inout TranslationReport, row: TaskRow?,
    privilege: Privilege
  ) {
    let span: UInt64 = 1 << (12 + 9 * UInt64(level))
    guard entry.physicalPage << 12 & (span - 1) == 0 else {
      report.refuse("the large page is not aligned to its size", report.access)
      return
    }
    let physical = entry.physicalPage << 12 + report.address & (span - 1)
    report.physical = physical
    report.pageSize = span
    let users = row.map { userOwners(of: $0) } ?? (image.isForeign ? .foreign : nil)
    let byUser = entry.isUser ? users.flatMap { $0.owner(of: report.address).name } : nil
    report.owner = byUser ?? ownerMap().owner(ofPhysical: physical).name
    report.tlb = tlbState(report.address, root, entry: entry)
    let permissions = PageMapping.permissions(entry)
    let status = controlRegister(.sstatus)
    let mayReadExecutable = status & 1 << 19 != 0
    let granted =
      switch report.access {
      case .read: entry.isReadable || entry.isExecutable && mayReadExecutable
      case .write: entry.isWritable
      case .execute: entry.isExecutable
      }
    if privilege == .user, !entry.isUser {
      report.refuse("the page is the kernel's (U = 0), and the access comes from U-mode", report.access)
    } else if privilege == .supervisor, entry.isUser, report.access == .execute {
      report.refuse("S-mode never executes a user's page (U = 1)", report.access)
    } else if privilege == .supervisor, entry.isUser, status & 1 << 18 == 0 {
      report.refuse("S-mode may not touch a user's page (U = 1) while sstatus.SUM is 0", report.access)
    } else if !granted {
      report.refuse("the page's permissions are \(permissions)", report.access)
    } else {
      report.verdict = "allowed: \(report.access.rawValue) of a \(permissions) page from \(privilege.letter)-mode"
    }
  }

  /// What the TLB holds for a page, compared with the entry in memory.
  private func tlbState(_ address: UInt64, _ root: AddressSpaceRoot, entry: PageTableEntry) -> String {
    let page = address >> 12 & (1 << UInt64(root.addressBits - 12) - 1)
    let held = machine.tlbEntries().first {
      $0.virtualPage == page && Int($0.levels) == root.levels && ($0.isGlobal || UInt64($0.addressSpace) == root.asid)
    }
    guard let held else { return "miss" }
    let accessedAndDirty: UInt8 = 0xc0
    let sameRights = held.flags & ~accessedAndDirty == entry.flags & ~accessedAndDirty
    let offset = page & (1 << (9 * UInt64(held.level)) - 1)
    return sameRights && held.physicalPage == entry.physicalPage + offset ? "hit" : "stale"
  }

  private static func flags(_ entry: PageTableEntry) -> String {
    let letters: [(Character, Bool)] = [
      ("D", entry.isDirty), ("A", entry.isAccessed), ("G", entry.isGlobal), ("U", entry.isUser),
      ("X", entry.isExecutable), ("W", entry.isWritable), ("R", entry.isReadable), ("V", entry.isValid),
    ]
    return String(letters.map { $0.1 ? $0.0 : "-" })
  }
}

extension TranslationReport {
  fileprivate mutating func refuse(_ why: String, _ access: MemoryAccess) {
    allowed = false
    let fault =
      switch access {
      case .read: "load page fault"
      case .write: "store page fault"
      case .execute: "instruction page fault"
      }
    verdict = "\(fault): \(why)"
  }
}
