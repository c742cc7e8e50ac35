// The regions of a system without page tables: every address is physical, and whatever answers there may be used.

import GuestABI
import Machine

extension System {
  /// Memory and devices as code without translation reaches them.
  func flatRegions() -> [Region] {
    let owners = ownerMap()
    let devices = deviceRanges.filter { !ram.overlaps($0.range) }
      .map { (range: $0.range, permissions: "rw-") }
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
    var regions: [Region] = []
    for (range, permissions) in devices + [(ram, "rwx")] {
      var start = range.lowerBound
      while start < range.upperBound {
        let owner = owners.owner(ofPhysical: start)
        let end = min(max(owner.end, start + 1), range.upperBound)
        regions.append(
          Region(
            start: start, end: end, permissions: permissions, privilege: "S",
            owner: owner.name == OwnerMap.otherRAM ? Self.unlinkedRAM : owner.name, physical: start, contiguous: true))
        start = end
      }
    }
    return regions
  }

  /// What is neither part of the image nor a device.
  private static let unlinkedRAM = "all other RAM"
}
