// `space diff`: two address spaces, or one at two times, compared mapping by mapping.

import GuestABI
import Machine

extension Laboratory {
  /// Compares two address spaces of the current system, each now or in a checkpoint.
  ///
  /// - Throws: `LabError` when a task or checkpoint is not known, or a task has no address space.
  public func compareSpaces(_ first: SpaceName, _ second: SpaceName) throws(LabError) -> SpaceDifferenceReport {
    let left = try mappings(of: first)
    let right = try mappings(of: second)
    var report = SpaceDifferenceReport(
      first: first.text, second: second.text, asids: [left.asid, right.asid], sameBytes: 0, differences: [])
    report.compare(left.ranges, right.ranges)
    return report
  }

  private func mappings(of name: SpaceName) throws(LabError) -> (asid: UInt64, ranges: [PageRange]) {
    let present = try current()
    let system = try name.checkpoint.map { checkpoint throws(LabError) in try self.system(in: checkpoint) } ?? present
    let report = try system.pageTable(of: name.task)
    return (report.asid, report.ranges)
  }
}

extension SpaceDifferenceReport {
  /// Walks over both lists, cutting where either begins or ends.
  fileprivate mutating func compare(_ left: [PageRange], _ right: [PageRange]) {
    let starts = (left + right).map(\.start)
    // An end of 0 is the end of the address space, which comes last.
    let ends = (left + right).map(\.end)
    let bounds = Set(starts + ends.filter { $0 != 0 }).sorted() + (ends.contains(0) ? [0] : [])
    var leftIndex = 0
    var rightIndex = 0
    for (start, end) in zip(bounds, bounds.dropFirst()) {
      while leftIndex < left.count, left[leftIndex].end != 0, left[leftIndex].end <= start { leftIndex += 1 }
      while rightIndex < right.count, right[rightIndex].end != 0, right[rightIndex].end <= start { rightIndex += 1 }
      let first = leftIndex < left.count && left[leftIndex].start <= start ? left[leftIndex] : nil
      let second = rightIndex < right.count && right[rightIndex].start <= start ? right[rightIndex] : nil
      add(start, end, first, second)
    }
  }

  private mutating func add(_ start: UInt64, _ end: UInt64, _ first: PageRange?, _ second: PageRange?) {
    guard let known = first ?? second else { return }
    let firstPhysical = first.map { $0.physical + (start &- $0.start) }
    let secondPhysical = second.map { $0.physical + (start &- $0.start) }
    let change: SpaceChange
    if second == nil {
      change = .firstOnly
    } else if first == nil {
      change = .secondOnly
    } else if first?.rights != second?.rights {
      change = firstPhysical == secondPhysical ? .permissions : .permissionsAndPhysical
    } else if firstPhysical != secondPhysical {
      change = .physical
    } else {
      sameBytes += end &- start
      return
    }
    let difference = SpaceDifference(
      change: change, start: start, end: end, first: first?.rights, second: second?.rights,
      firstPhysical: firstPhysical, secondPhysical: secondPhysical, owner: known.owner)
    if let last = differences.last, last.end == start, last.change == change, last.first == difference.first,
      last.second == difference.second, last.owner == difference.owner
    {
      differences[differences.count - 1].end = end
    } else {
      differences.append(difference)
    }
  }
}

extension PageRange {
  /// Rights and privilege together.
  fileprivate var rights: String { "\(permissions) \(privilege)" }
}
