// Turning thousands of mapped pages into the few ranges that a person reads.

import GuestABI
import Machine

/// Splits pages where the owner changes and joins neighbours that are alike.
enum PageRuns {
  /// The mapped ranges with their owners, physically contiguous each.
  ///
  /// - Parameters:
  ///   - pages: In the order of their virtual addresses.
  ///   - owners: Names for physical addresses.
  ///   - user: Names for the user half.
  static func ranges(of pages: [PageMapping], owners: OwnerMap, user: UserOwnerMap) -> [PageRange] {
    var ranges: [PageRange] = []
    for page in pages {
      var offset: UInt64 = 0
      while offset < page.size {
        let virtual = page.virtual + offset
        let (name, length) = owner(at: virtual, page: page, offset: offset, owners: owners, user: user)
        let piece = PageRange(
          start: virtual, end: virtual &+ length, physical: page.physical + offset, pageSize: page.size,
          permissions: page.permissions, privilege: page.privilege, global: page.entry.isGlobal,
          accessed: page.entry.isAccessed, dirty: page.entry.isDirty, owner: name)
        if let last = ranges.last, last.continues(into: piece) {
          ranges[ranges.count - 1].end = piece.end
          ranges[ranges.count - 1].accessed = last.accessed || piece.accessed
          ranges[ranges.count - 1].dirty = last.dirty || piece.dirty
        } else {
          ranges.append(piece)
        }
        offset += length
      }
    }
    return ranges
  }

  /// The owner of the bytes at an offset of a page, and how many of them it owns; at least one.
  private static func owner(
    at virtual: UInt64, page: PageMapping, offset: UInt64, owners: OwnerMap, user: UserOwnerMap
  ) -> (name: String, length: UInt64) {
    let rest = page.size - offset
    let byPhysical = owners.owner(ofPhysical: page.physical + offset)
    let physicalLength = min(rest, max(1, byPhysical.end &- (page.physical + offset)))
    guard page.entry.isUser else { return (byPhysical.name, physicalLength) }
    let byVirtual = user.owner(of: virtual)
    guard let name = byVirtual.name else { return (byPhysical.name, physicalLength) }
    return (name, min(rest, max(1, byVirtual.end &- virtual)))
  }

  /// What the kernel's window onto all of RAM shows behind its own image; one line says as much as hundreds.
  private static let windowOwners: Set<String> = [OwnerMap.pageTables, OwnerMap.taskPages, OwnerMap.otherRAM]

  /// Ranges joined where only the physical order differs, and the kernel's window onto RAM as one.
  static func regions(of ranges: [PageRange]) -> [Region] {
    var regions: [Region] = []
    var physicalEnd: UInt64 = 0
    for range in ranges {
      let owner = range.privilege == "S" && windowOwners.contains(range.owner) ? "all other RAM" : range.owner
      if let last = regions.last, last.end == range.start, last.permissions == range.permissions,
        last.privilege == range.privilege, last.owner == owner
      {
        regions[regions.count - 1].end = range.end
        if physicalEnd != range.physical { regions[regions.count - 1].contiguous = false }
      } else {
        regions.append(
          Region(
            start: range.start, end: range.end, permissions: range.permissions, privilege: range.privilege,
            owner: owner, physical: range.physical, contiguous: true))
      }
      physicalEnd = range.physical + (range.end &- range.start)
    }
    return regions
  }
}

extension PageRange {
  fileprivate func continues(into next: PageRange) -> Bool {
    end == next.start && physical + (end &- start) == next.physical && pageSize == next.pageSize
      && permissions == next.permissions && privilege == next.privilege && global == next.global
      && owner == next.owner
  }
}
