// A direct-mapped cache of translations to host addresses: what the run loop asks first. It holds a subset of what the
// architectural TLB, PMP and the privilege context allow, so a hit needs no further check; whoever changes one of those
// must flush or forget here. It is no part of the machine's state.

/// One cached translation of a page.
struct SoftwareTLBEntry {
  /// The page number combined with the number of the context; `SoftwareTLB.emptyKey` when empty.
  var key: UInt64
  /// What to add to a guest address to get the host's.
  ///
  /// For fetches instead: the address of the page's decoded code.
  var value: UInt64
}

/// Translations of loads, stores and fetches in their privilege contexts.
///
/// A context is everything besides the address that decides about an access: address space, privilege, SUM, MXR, and
/// whether translation is on. Each context gets a number that is never used for another one until all entries have been
/// cleared, so entries of many address spaces live side by side and a switch costs one look into a small table.
/// Unsafe inside, because the run loop reads `entries` through a pointer and every miss goes through the others: all are
/// allocated for all slots and places at initialisation and freed in deinit, an index of a slot is masked to its table,
/// and places come from the architectural TLB of the same geometry.
struct SoftwareTLB: ~Copyable {
  static let slots = 256
  static let slotMask = UInt64(slots - 1)
  static let storeTable = slots
  static let fetchTable = 2 * slots
  static let emptyKey = UInt64.max

  private static let contextShift: UInt64 = 52
  private static let contextLimit: UInt64 = 4094

  /// The load table, the store table and the fetch table, one after the other.
  let entries: UnsafeMutablePointer<SoftwareTLBEntry>
  /// Combined with a page number, the key of loads and stores in the present context.
  private(set) var dataKey: UInt64 = 0
  /// The same for fetches.
  private(set) var fetchKey: UInt64 = 0
  /// Changes whenever a key changes or a fetch disappears: what the run loop knows by heart may then be wrong.
  ///
  /// Loads and stores it looks up each time.
  private(set) var epoch: UInt64 = 0

  /// For each slot, the place in the architectural TLB that it came from.
  private let owners: UnsafeMutablePointer<UInt16>
  /// For each place in the architectural TLB, one bit a slot that may have come from it.
  private let slotsByOwner: UnsafeMutablePointer<UInt64>
  private static let wordsPerOwner = 3 * slots / 64
  /// For each place, one bit a word of its `slotsByOwner` that is not zero.
  private let usedWords: UnsafeMutablePointer<UInt16>

  private var contextDescriptors = [UInt32](repeating: .max, count: 256)
  private var contextNumbers = [UInt64](repeating: 0, count: 256)
  private var nextContext: UInt64 = 0

  init(geometry: TLBGeometry) {
    entries = .allocate(capacity: 3 * Self.slots)
    entries.initialize(repeating: SoftwareTLBEntry(key: Self.emptyKey, value: 0), count: 3 * Self.slots)
    owners = .allocate(capacity: 3 * Self.slots)
    owners.initialize(repeating: 0, count: 3 * Self.slots)
    slotsByOwner = .allocate(capacity: geometry.entries * Self.wordsPerOwner)
    slotsByOwner.initialize(repeating: 0, count: geometry.entries * Self.wordsPerOwner)
    usedWords = .allocate(capacity: geometry.entries)
    usedWords.initialize(repeating: 0, count: geometry.entries)
  }

  deinit {
    entries.deallocate()
    owners.deallocate()
    slotsByOwner.deallocate()
    usedWords.deallocate()
  }

  // MARK: Contexts

  /// Makes a state of the hart the context of loads, stores and fetches.
  ///
  /// - Parameters:
  ///   - fetchPrivilege: the privilege that fetches are checked with.
  ///   - dataPrivilege: the privilege that loads and stores are checked with.
  mutating func enterContext(
    satp: UInt64, mstatus: UInt64, fetchPrivilege: Privilege, dataPrivilege: Privilege
  ) {
    let addressSpace = UInt32(truncatingIfNeeded: satp >> 44) & 0xffff
    let isTranslated: UInt32 = satp >> 60 != 0 ? 4 : 0
    let mode: UInt32 = TranslationMode(satp: satp) == .sv48 ? 1 << 23 : 0
    let fetch: UInt32
    if fetchPrivilege == .machine {
      fetch = UInt32(Privilege.machine.rawValue)
    } else {
      fetch = UInt32(fetchPrivilege.rawValue) | (isTranslated == 0 ? 0 : addressSpace << 5 | isTranslated | mode)
    }
    var data = UInt32(dataPrivilege.rawValue)
    if dataPrivilege != .machine && isTranslated != 0 {
      let permissions = UInt32(truncatingIfNeeded: mstatus >> 18) & 3
      data |= addressSpace << 5 | isTranslated | permissions << 21 | mode
    }
    if nextContext + 2 > Self.contextLimit { clear() }
    fetchKey = key(of: fetch)
    dataKey = key(of: data)
    epoch &+= 1
  }

  private mutating func key(of descriptor: UInt32) -> UInt64 {
    let slot = Int((descriptor &* 0x9e37_79b1) >> 24)
    if contextDescriptors[slot] != descriptor {
      contextDescriptors[slot] = descriptor
      contextNumbers[slot] = nextContext
      nextContext += 1
    }
    let number = contextNumbers[slot]
    // The low bits spread the same page of different contexts over the table.
    return number << Self.contextShift | (number &* 37 & Self.slotMask)
  }

  // MARK: Entries

  /// Enters a translation.
  ///
  /// - Parameters:
  ///   - table: 0, `storeTable` or `fetchTable`.
  ///   - page: the virtual page number.
  ///   - key: `dataKey` or `fetchKey`.
  ///   - owner: the place in the architectural TLB that it came from; nil without translation.
  @inline(__always)
  mutating func insert(table: Int, page: UInt64, key: UInt64, value: UInt64, owner: Int?) {
    let combined = page ^ key
    let slot = table + Int(combined & Self.slotMask)
    entries[slot] = SoftwareTLBEntry(key: combined, value: value)
    guard let owner else { return }
    owners[slot] = UInt16(owner)
    slotsByOwner[owner * Self.wordsPerOwner + slot / 64] |= 1 << UInt64(slot % 64)
    usedWords[owner] |= 1 << UInt16(slot / 64)
  }

  /// Whether fetches may be answered by what came from one place in the architectural TLB.
  @inline(__always)
  func answersFetches(owner: Int) -> Bool { usedWords[owner] >> UInt16(Self.fetchTable / 64) != 0 }

  /// Drops all that came from one place in the architectural TLB.
  mutating func forget(owner: Int) {
    var used = usedWords[owner]
    guard used != 0 else { return }
    usedWords[owner] = 0
    if used >> UInt16(Self.fetchTable / 64) != 0 { epoch &+= 1 }
    let words = slotsByOwner + owner * Self.wordsPerOwner
    while used != 0 {
      let word = used.trailingZeroBitCount
      used &= used - 1
      var bits = words[word]
      words[word] = 0
      while bits != 0 {
        let slot = word * 64 + bits.trailingZeroBitCount
        bits &= bits - 1
        if Int(owners[slot]) == owner { entries[slot].key = Self.emptyKey }
      }
    }
  }

  /// Drops all store entries, because stores to some page must be seen from now on.
  mutating func forgetStores() {
    epoch &+= 1
    (entries + Self.storeTable).update(
      repeating: SoftwareTLBEntry(key: Self.emptyKey, value: 0), count: Self.slots)
  }

  /// Drops everything, by giving all contexts new numbers; `enterContext` must follow.
  mutating func flush() {
    epoch &+= 1
    for slot in contextDescriptors.indices { contextDescriptors[slot] = .max }
  }

  /// Makes the run loop look everything up again.
  mutating func invalidateEpoch() { epoch &+= 1 }

  private mutating func clear() {
    flush()
    nextContext = 0
    entries.update(repeating: SoftwareTLBEntry(key: Self.emptyKey, value: 0), count: 3 * Self.slots)
  }
}
