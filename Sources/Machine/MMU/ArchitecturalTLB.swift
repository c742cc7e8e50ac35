// The translation lookaside buffer that guests can observe: its geometry, its tags, and which entry a miss replaces.
// Replacement depends on misses only (first in, first out within a set), so hits need no bookkeeping and a faster cache
// may answer them. Whoever caches translations elsewhere must forget an entry when `insert` or a flush drops it.

/// A cached translation of one 4 KiB page; larger pages are cached in pieces of 4 KiB.
public struct TLBEntry: Codable, Hashable, Sendable {
  /// The virtual page number: 27 bits in Sv39, 36 bits in Sv48.
  public let virtualPage: UInt64
  /// The physical page number.
  public let physicalPage: UInt64
  /// The address space it belongs to; without meaning for a global entry.
  public let addressSpace: UInt16
  /// The low eight bits of the page-table entry: V R W X U G A D from bit 0.
  public let flags: UInt8
  /// The level of the leaf: 0 for 4 KiB, 1 for 2 MiB, 2 for 1 GiB, 3 for 512 GiB pages.
  public let level: UInt8
  /// The levels of page tables in the mode it was made in: 3 for Sv39, 4 for Sv48.
  ///
  /// It answers in that mode only.
  public let levels: UInt8

  /// True if it applies to all address spaces.
  public var isGlobal: Bool { flags & PageTableEntry.global != 0 }
}

/// The geometry of the architectural TLB.
public struct TLBGeometry: Codable, Hashable, Sendable {
  /// The number of entries.
  public let entries: Int
  /// The number of entries in a set.
  public let ways: Int

  /// Creates a geometry; both numbers must be powers of two, `ways` at most 16 and `entries` at most 4096.
  public init(entries: Int, ways: Int) {
    self.entries = entries
    self.ways = ways
  }

  var isValid: Bool {
    func isPowerOfTwo(_ number: Int) -> Bool { number > 0 && number & (number - 1) == 0 }
    return isPowerOfTwo(entries) && isPowerOfTwo(ways) && ways <= 16 && entries <= 4096 && ways <= entries
  }

  var sets: Int { entries / ways }
}

struct ArchitecturalTLB: Equatable, Sendable {
  let geometry: TLBGeometry
  private var entries: [TLBEntry?]
  /// For each set, the way that the next miss replaces.
  private var oldest: [UInt8]

  init(geometry: TLBGeometry) {
    self.geometry = geometry
    entries = Array(repeating: nil, count: geometry.entries)
    oldest = Array(repeating: 0, count: geometry.sets)
  }

  subscript(_ index: Int) -> TLBEntry? { entries[index] }

  /// The entry that translates a page in an address space, if there is one.
  func lookup(virtualPage: UInt64, addressSpace: UInt16, mode: TranslationMode) -> Int? {
    let first = Int(virtualPage & UInt64(geometry.sets - 1)) * geometry.ways
    for index in first..<first + geometry.ways {
      if let entry = entries[index], entry.virtualPage == virtualPage,
        Int(entry.levels) == mode.levels,
        entry.addressSpace == addressSpace || entry.isGlobal
      {
        return index
      }
    }
    return nil
  }

  /// The place that the next miss on a page replaces.
  @inline(__always)
  func nextPlace(for virtualPage: UInt64) -> Int {
    let set = Int(virtualPage & UInt64(geometry.sets - 1))
    return set * geometry.ways + Int(oldest[set])
  }

  /// Puts an entry in the place of `present`, or of the oldest of its set.
  ///
  /// - Returns: the place; what it held before is gone.
  mutating func insert(_ entry: TLBEntry, replacing present: Int?) -> Int {
    if let present {
      entries[present] = entry
      return present
    }
    let index = nextPlace(for: entry.virtualPage)
    replaceOldest(index, with: entry)
    return index
  }

  /// Puts an entry in a place that `nextPlace` gave for its page.
  @inline(__always)
  mutating func replaceOldest(_ index: Int, with entry: TLBEntry) {
    let set = Int(entry.virtualPage & UInt64(geometry.sets - 1))
    oldest[set] = (oldest[set] + 1) & UInt8(geometry.ways - 1)
    entries[index] = entry
  }

  /// Drops the entries that `sfence.vma` names (privileged specification 1.12, section 4.2.1).
  ///
  /// - Parameters:
  ///   - virtualPage: only entries of the page that holds this one; nil for all addresses.
  ///   - addressSpace: only non-global entries of this address space; nil for all.
  ///   - mode: what the page number belongs to; entries of the other mode go whatever their address.
  mutating func flush(virtualPage: UInt64?, addressSpace: UInt16?, mode: TranslationMode) {
    for index in entries.indices {
      guard let entry = entries[index] else { continue }
      if let addressSpace, entry.isGlobal || entry.addressSpace != addressSpace { continue }
      if let virtualPage, Int(entry.levels) == mode.levels,
        (entry.virtualPage ^ virtualPage) >> (9 * UInt64(entry.level)) != 0
      {
        continue
      }
      entries[index] = nil
    }
  }

  /// All entries, in order of sets and ways.
  var present: [TLBEntry] { entries.compactMap { $0 } }

  func hash(into hash: inout StateHash) {
    for entry in entries {
      hash.combine(entry.map { $0.virtualPage << 27 ^ $0.physicalPage } ?? .max)
      hash.combine(
        entry.map { UInt64($0.addressSpace) << 16 | UInt64($0.flags) << 8 | UInt64($0.levels) << 4 | UInt64($0.level) }
          ?? .max)
    }
    for way in oldest { hash.combine(UInt64(way)) }
  }
}
