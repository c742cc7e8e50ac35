// Who owns which bytes: names for physical addresses, and for the user half of a program's address space.
//
// Names come from the ELF files, the board and the page tables. What none of them explains is said to be unexplained.

import GuestABI
import Machine

/// Names for runs of addresses, without overlaps.
struct OwnerRanges {
  private var starts: [UInt64] = []
  private var ranges: [(range: Range<UInt64>, name: String)] = []

  /// Of several ranges that cover an address, the one given first wins.
  init(_ candidates: [(range: Range<UInt64>, name: String)]) {
    for candidate in candidates where !candidate.range.isEmpty { insert(candidate.range, candidate.name) }
    starts = ranges.map(\.range.lowerBound)
  }

  private mutating func insert(_ range: Range<UInt64>, _ name: String) {
    var free = [range]
    var position = ranges.partitioningIndex { $0.range.upperBound > range.lowerBound }
    let first = position
    while position < ranges.count, ranges[position].range.lowerBound < range.upperBound {
      let taken = ranges[position].range
      let last = free.removeLast()
      if last.lowerBound < taken.lowerBound { free.append(last.lowerBound..<taken.lowerBound) }
      free.append(max(taken.upperBound, last.lowerBound)..<max(last.upperBound, taken.upperBound))
      position += 1
    }
    let kept = ranges[first..<position]
    let added = free.filter { !$0.isEmpty }.map { (range: $0, name: name) }
    ranges.replaceSubrange(first..<position, with: (kept + added).sorted { $0.range.lowerBound < $1.range.lowerBound })
  }

  /// The bytes of all ranges together.
  var coveredBytes: UInt64 { ranges.reduce(0) { $0 + ($1.range.upperBound - $1.range.lowerBound) } }

  /// The name at an address and the end of the run for which it holds; an unnamed run ends where the next named begins.
  func owner(of address: UInt64) -> (name: String?, end: UInt64) {
    let index = starts.partitioningIndex { $0 > address }
    if index > 0, ranges[index - 1].range.contains(address) {
      return (ranges[index - 1].name, ranges[index - 1].range.upperBound)
    }
    return (nil, index < starts.count ? starts[index] : .max)
  }
}

extension Array {
  /// The index of the first element for which the condition, true from some element on, holds.
  func partitioningIndex(where condition: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Names for everything that one system's address spaces can map.
struct OwnerMap {
  static let pageTables = "page tables"
  static let taskPages = "tasks' pages"
  static let otherRAM = "RAM of no task"
  /// What is said of RAM where tasks are not known.
  static let foreignRAM = "RAM"

  private let physical: OwnerRanges
  private let ram: Range<UInt64>
  private let restOfRAM: String

  /// Collects names.
  ///
  /// - Parameters:
  ///   - images: The kernel's image and what else runs privileged.
  ///   - modules: What the kernel may have taken in, wherever its pages are.
  ///   - devices: The board's devices by their short names.
  ///   - ram: All physical memory.
  ///   - spaces: The address spaces of living tasks, walked; in a foreign system the current one.
  ///   - isForeign: Whether tasks are unknown.
  init(
    images: [ProgramImage], modules: [ProgramImage], devices: [(name: String, range: Range<UInt64>)],
    ram: Range<UInt64>,
    spaces: [PageTableWalk], isForeign: Bool
  ) {
    self.ram = ram
    restOfRAM = isForeign ? Self.foreignRAM : Self.otherRAM
    var candidates = images.flatMap { image in
      Self.sections(of: image).compactMap { section in image.physical(section.range).map { ($0, section.name) } }
    }
    // A device owns whole pages: no other has registers in them.
    candidates += devices.map { device in
      let end = (device.range.upperBound + Layout.pageSize - 1) & ~(Layout.pageSize - 1)
      return (device.range.lowerBound..<end, "\(device.name) registers")
    }
    if let space = spaces.first { candidates += Self.pages(of: modules, in: space) }
    var tables: Set<UInt64> = []
    var memory: Set<UInt64> = []
    for space in spaces {
      tables.formUnion(space.tables.map(\.address))
      for page in space.pages
      where page.entry.isUser && page.size == Layout.pageSize && ram.contains(page.physical) {
        memory.insert(page.physical)
      }
    }
    candidates += Self.runs(of: tables, name: Self.pageTables)
    if !isForeign { candidates += Self.runs(of: memory, name: Self.taskPages) }
    physical = OwnerRanges(candidates)
  }

  /// Sections, each extended over the padding behind it: to the next section, or to the end of its page.
  static func sections(of image: ProgramImage) -> [(range: Range<UInt64>, name: String)] {
    let sections = image.elf.sections.filter { $0.isLoaded && $0.size > 0 }.sorted { $0.address < $1.address }
    return sections.enumerated().map { index, section in
      let end = section.address &+ section.size
      let pageEnd = (end &+ Layout.pageSize - 1) & ~(Layout.pageSize - 1)
      let next = index + 1 < sections.count ? sections[index + 1].address : .max
      let padded = max(end, min(pageEnd, next))
      return (section.address..<max(section.address, padded), SectionName(section.name, image: image.name).description)
    }
  }

  /// The pages that modules have: every address space maps them at the same place.
  private static func pages(
    of modules: [ProgramImage], in space: PageTableWalk
  ) -> [(range: Range<UInt64>, name: String)] {
    guard !modules.isEmpty else { return [] }
    let owners = OwnerRanges(modules.flatMap { sections(of: $0) })
    return space.pages.compactMap { page in
      guard (Layout.moduleBase..<Layout.moduleEnd).contains(page.virtual),
        let name = owners.owner(of: page.virtual).name
      else { return nil }
      return (page.physical..<page.physical + page.size, name)
    }
  }

  private static func runs(of pages: Set<UInt64>, name: String) -> [(range: Range<UInt64>, name: String)] {
    var runs: [(range: Range<UInt64>, name: String)] = []
    for page in pages.sorted() {
      if let last = runs.last, last.range.upperBound == page {
        runs[runs.count - 1].range = last.range.lowerBound..<page + Layout.pageSize
      } else {
        runs.append((page..<page + Layout.pageSize, name))
      }
    }
    return runs
  }

  /// The name of physical bytes and the end of the run for which it holds.
  func owner(ofPhysical address: UInt64) -> (name: String, end: UInt64) {
    let (name, end) = physical.owner(of: address)
    if let name { return (name, end) }
    if ram.contains(address) { return (restOfRAM, min(end, ram.upperBound)) }
    let bound = address < ram.lowerBound ? min(end, ram.lowerBound) : end
    return ("no device", bound)
  }
}

/// Names for the user half of one program's address space.
struct UserOwnerMap {
  private let ranges: OwnerRanges
  private let program: String
  /// Whether the address space is laid out as host and guests have agreed.
  private let hasLayout: Bool

  /// For programs of a kernel of which nothing is known.
  static let foreign = UserOwnerMap()

  private init() {
    ranges = OwnerRanges([])
    program = "user"
    hasLayout = false
  }

  init(program: ProgramImage?, name: String) {
    self.program = name
    hasLayout = true
    let stack = Layout.stackTop - Layout.stackSize..<Layout.stackTop
    var candidates: [(range: Range<UInt64>, name: String)] = program.map { OwnerMap.sections(of: $0) } ?? []
    candidates.append((Layout.anonymousBase..<Layout.anonymousEnd, "anonymous memory"))
    candidates.append((Layout.userArchive..<Layout.userDMA, "boot archive"))
    candidates.append((Layout.userDMA..<stack.lowerBound, "DMA memory"))
    candidates.append((stack, "stack"))
    ranges = OwnerRanges(candidates)
  }

  /// The name at a user address; nil in the device area, where the physical address says more.
  func owner(of address: UInt64) -> (name: String?, end: UInt64) {
    if hasLayout, address >= Layout.userDevices, address < Layout.userArchive { return (nil, Layout.userArchive) }
    let (name, end) = ranges.owner(of: address)
    return (name ?? "\(program) memory", end)
  }
}
