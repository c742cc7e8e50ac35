// What is said about address spaces: translations, page tables, regions.
//
// Field names are part of the program's JSON output: add, never rename.

/// What an instruction wants to do with an address.
public enum MemoryAccess: String, Codable, Sendable, CaseIterable {
  case read
  case write
  case execute
}

/// One level of a page-table walk.
public struct WalkLevel: Codable, Equatable, Sendable {
  /// 2, 1 or 0.
  public var level: Int
  /// The index into the table, from the virtual address.
  public var index: Int
  /// Physical address of the entry.
  public var entryAddress: UInt64
  /// The entry.
  public var entry: UInt64
  /// Its flags in the order `DAGUXWRV`, a dash for a clear one.
  public var flags: String
  /// `table`, `page`, `invalid`.
  public var kind: String
}

/// What `translate` answers.
public struct TranslationReport: Codable, Equatable, Sendable {
  /// The virtual address.
  public var address: UInt64
  /// What it was asked for.
  public var access: MemoryAccess
  /// `M`, `S` or `U`, for which the verdict is.
  public var privilege: String
  /// The task whose page table was walked.
  public var task: String?
  /// The address-space number.
  public var asid: UInt64
  /// Physical address of the root table; nil when translation is off.
  public var root: UInt64?
  /// The walk, from the root.
  public var levels: [WalkLevel]
  /// What the TLB holds for the page: `hit`, `miss` or `stale`.
  public var tlb: String
  /// The physical address, when the page is mapped.
  public var physical: UInt64?
  /// Bytes of the page.
  public var pageSize: UInt64?
  /// What lies there.
  public var owner: String?
  /// Whether the access would be allowed.
  public var allowed: Bool
  /// Why, one sentence.
  public var verdict: String
}

/// A run of pages that are alike.
public struct PageRange: Codable, Equatable, Sendable {
  /// First virtual address.
  public var start: UInt64
  /// First virtual address after it; 0 when it reaches the end of the address space.
  public var end: UInt64
  /// Physical address of the first byte; the run is contiguous.
  public var physical: UInt64
  /// Bytes of each page.
  public var pageSize: UInt64
  /// Such as `r-x`.
  public var permissions: String
  /// `U` or `S`.
  public var privilege: String
  /// Valid in every address space.
  public var global: Bool
  /// Used since the flag was cleared; true when any page of the run was.
  public var accessed: Bool
  /// Written since the flag was cleared; true when any page of the run was.
  public var dirty: Bool
  /// What lies there.
  public var owner: String
}

/// One page-table page.
public struct PageTableNode: Codable, Equatable, Sendable {
  /// 2 for the root, 3 for that of Sv48, down to 0.
  public var level: Int
  /// Physical address.
  public var address: UInt64
  /// First virtual address that it covers.
  public var start: UInt64
  /// Entries that point to further tables.
  public var tables: Int
  /// Entries that map pages.
  public var pages: Int
}

/// What `pagetable` answers.
public struct PageTableReport: Codable, Equatable, Sendable {
  /// The task.
  public var task: String
  /// The address-space number.
  public var asid: UInt64
  /// Physical address of the root.
  public var root: UInt64
  /// The tables, depth first.
  public var tables: [PageTableNode]
  /// The mapped ranges in the order of their addresses.
  public var ranges: [PageRange]
  /// Whether the walk was cut short because the tables are too large or loop.
  public var truncated: Bool
}

/// A virtual range with one owner and one set of rights.
public struct Region: Codable, Equatable, Sendable {
  /// First virtual address.
  public var start: UInt64
  /// First virtual address after it; 0 when it reaches the end of the address space.
  public var end: UInt64
  /// Such as `r-x`.
  public var permissions: String
  /// `U` or `S`.
  public var privilege: String
  /// What lies there, such as `fs text` or `virtio7 registers`.
  public var owner: String
  /// Physical address of the first byte.
  public var physical: UInt64
  /// Whether the region's physical pages follow each other.
  public var contiguous: Bool
}

/// What `pmap` answers.
public struct RegionReport: Codable, Equatable, Sendable {
  /// The task.
  public var task: String
  /// The address-space number.
  public var asid: UInt64
  /// In the order of their addresses.
  public var regions: [Region]
}
