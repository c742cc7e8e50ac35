// Walking Sv39 and Sv48 page tables in a guest's memory, from outside (privileged specification 1.12, sections 4.4 and 4.5).
//
// Tables are untrusted: every read may fail, and a walk over a whole address space is bounded.

import Machine

/// Reads eight bytes of physical memory; nil outside RAM.
typealias PhysicalReader = (UInt64) -> UInt64?

/// The value of `satp` taken apart (section 4.1.11).
struct AddressSpaceRoot: Equatable {
  let satp: UInt64

  init(satp: UInt64) { self.satp = satp }

  /// Stands for any address space with so many levels of page tables.
  init(levels: Int) { satp = (levels == 4 ? 9 : 8) << 60 }

  /// 0 for no translation, 8 for Sv39, 9 for Sv48.
  var mode: UInt64 { satp >> 60 }
  var asid: UInt64 { satp >> 44 & 0xffff }
  /// Physical address of the root table.
  var root: UInt64 { (satp & (1 << 44 - 1)) << 12 }
  var isTranslated: Bool { levels > 0 }

  /// Levels of page tables; 0 when addresses are not translated.
  var levels: Int {
    switch mode {
    case 8: 3
    case 9: 4
    default: 0
    }
  }

  /// The mode's name in the specification.
  var modeName: String {
    switch mode {
    case 8: "Sv39"
    case 9: "Sv48"
    default: "bare"
    }
  }

  /// Bits of a virtual address that are translated.
  var addressBits: Int { 12 + 9 * levels }

  /// The address whose translated bits are given: all bits above are copies of the highest of them (sections 4.4.1, 4.5.1).
  func canonical(_ address: UInt64) -> UInt64 {
    guard isTranslated else { return address }
    let unused = Int64(64 - addressBits)
    return UInt64(bitPattern: Int64(bitPattern: address << UInt64(unused)) >> unused)
  }

  func isCanonical(_ address: UInt64) -> Bool { canonical(address) == address }
}

/// One mapped page of any size.
struct PageMapping: Equatable {
  var virtual: UInt64
  var physical: UInt64
  var size: UInt64
  var entry: PageTableEntry

  var permissions: String { Self.permissions(entry) }
  var privilege: String { entry.isUser ? "U" : "S" }

  static func permissions(_ entry: PageTableEntry) -> String {
    (entry.isReadable ? "r" : "-") + (entry.isWritable ? "w" : "-") + (entry.isExecutable ? "x" : "-")
  }
}

/// All tables and pages of one address space.
struct PageTableWalk {
  /// Bounds for hostile tables: more than any of the guests needs.
  static let maximumTables = 1024
  static let maximumPages = 1 << 18

  private(set) var tables: [PageTableNode] = []
  private(set) var pages: [PageMapping] = []
  private(set) var truncated = false

  private let space: AddressSpaceRoot

  init(_ space: AddressSpaceRoot, read: PhysicalReader) {
    self.space = space
    if space.isTranslated { visit(table: space.root, level: space.levels - 1, base: 0, read: read) }
  }

  private mutating func visit(table: UInt64, level: Int, base: UInt64, read: PhysicalReader) {
    guard tables.count < Self.maximumTables else {
      truncated = true
      return
    }
    let node = tables.count
    tables.append(PageTableNode(level: level, address: table, start: space.canonical(base), tables: 0, pages: 0))
    let span: UInt64 = 1 << (12 + 9 * UInt64(level))
    for index in 0..<512 {
      guard let bits = read(table + UInt64(index) * 8) else {
        truncated = true
        return
      }
      let entry = PageTableEntry(bits: bits)
      guard entry.isValid else { continue }
      let start = base + UInt64(index) * span
      if entry.isLeaf {
        guard pages.count < Self.maximumPages else {
          truncated = true
          return
        }
        tables[node].pages += 1
        // A superpage whose low page-number bits are set is reserved; the MMU faults on it, so it maps nothing.
        guard entry.physicalPage << 12 & (span - 1) == 0 else { continue }
        pages.append(
          PageMapping(
            virtual: space.canonical(start), physical: entry.physicalPage << 12, size: span, entry: entry))
      } else if level > 0 {
        tables[node].tables += 1
        visit(table: entry.physicalPage << 12, level: level - 1, base: start, read: read)
      }
    }
  }

  /// The page that maps an address, without permissions being asked.
  static func page(of address: UInt64, in space: AddressSpaceRoot, read: PhysicalReader) -> PageMapping? {
    var table = space.root
    for level in (0..<space.levels).reversed() {
      let shift = 12 + 9 * UInt64(level)
      guard let bits = read(table + (address >> shift & 511) * 8) else { return nil }
      let entry = PageTableEntry(bits: bits)
      guard entry.isValid else { return nil }
      if entry.isLeaf {
        let span: UInt64 = 1 << shift
        return PageMapping(
          virtual: address & ~(span - 1), physical: entry.physicalPage << 12, size: span, entry: entry)
      }
      table = entry.physicalPage << 12
    }
    return nil
  }

  /// The physical address behind a virtual one; the address itself when translation is off.
  static func physical(_ address: UInt64, in space: AddressSpaceRoot, read: PhysicalReader) -> UInt64? {
    guard space.isTranslated else { return address }
    guard space.isCanonical(address) else { return nil }
    return page(of: address, in: space, read: read).map { $0.physical + (address - $0.virtual) }
  }
}
