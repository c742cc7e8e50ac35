// Guest memory as a table of copy-on-write 4 KiB pages: the RAM of a machine, or the contents of a disk.
// Callers must not keep host addresses of pages: only the hart does, and it drops them when `pageMoves` changes.

import Synchronization

/// A range of guest-physical memory that costs only what was written to it and can be snapshotted cheaply.
///
/// Pages of 4 KiB hang in chunks of 2 MiB. An absent page reads as zero. A snapshot shares all chunks; the first write to
/// a shared page copies that page. All values are little endian, as the RISC-V specification demands.
public struct PhysicalMemory: ~Copyable {
  /// The first address of the range.
  public let base: UInt64
  /// The number of bytes in the range, a multiple of 4096.
  public let size: UInt64

  private var chunks: [MemoryChunk?]
  // For each chunk its `places`. Safe because it is allocated for all chunks at initialisation, freed in deinit, follows
  // every change of `chunks`, and is only indexed by page numbers that were range-checked.
  private let places: UnsafeMutablePointer<UnsafeMutablePointer<MemoryPlace>>

  /// Tells this memory from all others of the process.
  let identity = nextNumber()
  /// The time since the last snapshot: a page that this memory owned alone in it once, it still does.
  ///
  /// No two periods of a process have the same number, whatever memory they belong to.
  private var period = nextNumber()
  private static let lastNumber = Atomic<UInt64>(0)
  private static func nextNumber() -> UInt64 { lastNumber.wrappingAdd(1, ordering: .relaxed).newValue }

  /// Counts the events after which a host address handed out earlier may be stale or no longer writable.
  private(set) var pageMoves: UInt64 = 0

  /// Pages whose decoded instructions were overwritten since the hart last looked; their marks are already cleared.
  private(set) var pagesWithStaleCode: [Int] = []

  /// Ranges of offsets whose writes are noted.
  private var watchedRanges: [Range<UInt64>] = []
  /// The writes to watched ranges that nobody has taken yet, as addresses.
  private(set) var watchedWrites: [Range<UInt64>] = []

  // One word a page: bit n says that instructions were decoded from bytes 64n..<64n+64. Safe because it is allocated for
  // all pages of the range at initialisation, freed in deinit, and only indexed by page numbers that were range-checked.
  private let codeMarks: UnsafeMutablePointer<UInt64>

  static let pageSize: UInt64 = 4096
  static let pageShift: UInt64 = 12

  /// Creates memory that reads as zero.
  ///
  /// - Parameters:
  ///   - base: the first address, a multiple of 4096.
  ///   - size: the number of bytes, a multiple of 4096; `base + size` must not exceed 2^64 - 4096.
  public init(base: UInt64, size: UInt64) {
    precondition(base % Self.pageSize == 0 && size % Self.pageSize == 0, "memory is made of whole 4 KiB pages")
    precondition(base <= UInt64.max - size, "the range wraps around the address space")
    self.base = base
    self.size = size
    let pages = Int(size >> Self.pageShift)
    chunks = Array(repeating: nil, count: (pages + MemoryChunk.pageCount - 1) / MemoryChunk.pageCount)
    places = .allocate(capacity: max(chunks.count, 1))
    places.initialize(repeating: MemoryChunk.absent.places, count: max(chunks.count, 1))
    codeMarks = UnsafeMutablePointer.allocate(capacity: max(pages, 1))
    codeMarks.initialize(repeating: 0, count: max(pages, 1))
  }

  deinit {
    codeMarks.deallocate()
    places.deallocate()
  }

  private mutating func setChunk(_ index: Int, to chunk: MemoryChunk?) {
    chunks[index] = chunk
    places[index] = (chunk ?? MemoryChunk.absent).places
  }

  /// Says whether all of `count` bytes from `address` lie in the range.
  @inline(__always)
  public func contains(_ address: UInt64, count: UInt64) -> Bool {
    let offset = address &- base
    return offset <= size && count <= size &- offset && address >= base
  }

  // MARK: Bytes

  /// Copies bytes out of memory.
  ///
  /// - Returns: false, with nothing read, if part of the range lies outside.
  public func read(_ address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
    guard contains(address, count: UInt64(buffer.count)) else { return false }
    guard let destination = buffer.baseAddress else { return true }
    var offset = address - base
    var done = 0
    while done < buffer.count {
      let inPage = Int(offset & (Self.pageSize - 1))
      let count = min(buffer.count - done, Int(Self.pageSize) - inPage)
      (destination + done).copyMemory(from: readPointer(page: Int(offset >> Self.pageShift)) + inPage, byteCount: count)
      done += count
      offset += UInt64(count)
    }
    return true
  }

  /// Copies bytes into memory.
  ///
  /// - Returns: false, with nothing written, if part of the range lies outside.
  public mutating func write(_ address: UInt64, from buffer: UnsafeRawBufferPointer) -> Bool {
    guard contains(address, count: UInt64(buffer.count)) else { return false }
    guard let source = buffer.baseAddress else { return true }
    var offset = address - base
    var done = 0
    while done < buffer.count {
      let page = Int(offset >> Self.pageShift)
      let inPage = Int(offset & (Self.pageSize - 1))
      let count = min(buffer.count - done, Int(Self.pageSize) - inPage)
      noteWrite(page: page, offset: inPage, count: count)
      (writePointer(page: page) + inPage).copyMemory(from: source + done, byteCount: count)
      done += count
      offset += UInt64(count)
    }
    return true
  }

  /// The bytes from `address` on, or nil if part of the range lies outside.
  public func bytes(at address: UInt64, count: Int) -> [UInt8]? {
    guard count >= 0, contains(address, count: UInt64(count)) else { return nil }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      _ = read(address, into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count))
      initializedCount = count
    }
  }

  // MARK: Integers

  /// Reads a little-endian integer at any alignment; nil if part of it lies outside.
  public func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at address: UInt64) -> T? {
    let count = MemoryLayout<T>.size
    guard contains(address, count: UInt64(count)) else { return nil }
    let offset = address - base
    let inPage = Int(offset & (Self.pageSize - 1))
    if inPage + count <= Int(Self.pageSize) {
      let page = readPointer(page: Int(offset >> Self.pageShift))
      return T(littleEndian: (page + inPage).loadUnaligned(as: T.self))
    }
    var value = T.zero
    withUnsafeMutableBytes(of: &value) { _ = read(address, into: $0) }
    return T(littleEndian: value)
  }

  /// Writes a little-endian integer at any alignment.
  ///
  /// - Returns: false, with nothing written, if part of it lies outside.
  public mutating func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at address: UInt64) -> Bool {
    let count = MemoryLayout<T>.size
    guard contains(address, count: UInt64(count)) else { return false }
    let offset = address - base
    let page = Int(offset >> Self.pageShift)
    let inPage = Int(offset & (Self.pageSize - 1))
    if inPage + count <= Int(Self.pageSize) {
      noteWrite(page: page, offset: inPage, count: count)
      (writePointer(page: page) + inPage).storeBytes(of: value.littleEndian, as: T.self)
      return true
    }
    var bytes = value.littleEndian
    return withUnsafeBytes(of: &bytes) { write(address, from: $0) }
  }

  // MARK: Snapshots

  /// The present contents as a value; memory goes on sharing its pages with it until they are written.
  public mutating func snapshot() -> MemorySnapshot {
    pageMoves &+= 1
    period = Self.nextNumber()
    return MemorySnapshot(base: base, size: size, chunks: chunks)
  }

  /// Makes the contents those of `snapshot`, which must come from memory of the same base and size.
  public mutating func restore(_ snapshot: MemorySnapshot) {
    precondition(snapshot.base == base && snapshot.size == size, "a snapshot fits memory of its own base and size only")
    pageMoves &+= 1
    period = Self.nextNumber()
    for index in chunks.indices where chunks[index] !== snapshot.chunks[index] {
      let old = chunks[index]
      let new = snapshot.chunks[index]
      let firstPage = index * MemoryChunk.pageCount
      let pages = min(MemoryChunk.pageCount, Int(size >> Self.pageShift) - firstPage)
      for page in 0..<pages where codeMarks[firstPage + page] != 0 && old?.pages[page] !== new?.pages[page] {
        markStale(page: firstPage + page)
      }
      setChunk(index, to: new)
    }
  }

  /// A hash of the contents: equal contents hash equally, whichever pages happen to be absent.
  func contentHash() -> UInt64 {
    var hash: UInt64 = 0
    for (chunkIndex, chunk) in chunks.enumerated() {
      guard let chunk else { continue }
      for (pageIndex, page) in chunk.pages.enumerated() {
        guard let page else { continue }
        hash &+= page.hash(seed: UInt64(chunkIndex * MemoryChunk.pageCount + pageIndex))
      }
    }
    return hash
  }

  // MARK: For the hart

  /// The host address of a page for reading; of a page of zeros if it is absent.
  ///
  /// Valid until `pageMoves` changes: the chunk owns the page, and every replacement of a page counts a move.
  @inline(__always)
  func readPointer(page: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(place(page).pointee.bytes)
  }

  @inline(__always)
  private func place(_ page: Int) -> UnsafeMutablePointer<MemoryPlace> {
    places[page / MemoryChunk.pageCount] + page % MemoryChunk.pageCount
  }

  /// The host address of a page for writing, if it is known to be this memory's own.
  @inline(__always)
  func ownedPointer(page: Int) -> UnsafeMutableRawPointer? {
    let place = place(page)
    return place.pointee.ownedIn == period ? place.pointee.bytes : nil
  }

  /// The host address of a page for writing, after making it this memory's own.
  ///
  /// Valid until `pageMoves` changes. The caller reports the write with `noteWrite` or knows that no code was decoded.
  @inline(__always)
  mutating func writePointer(page: Int) -> UnsafeMutableRawPointer {
    ownedPointer(page: page) ?? makeOwned(page: page)
  }

  @inline(never)
  private mutating func makeOwned(page: Int) -> UnsafeMutableRawPointer {
    let chunkIndex = page / MemoryChunk.pageCount
    let pageIndex = page % MemoryChunk.pageCount
    if chunks[chunkIndex] == nil {
      setChunk(chunkIndex, to: MemoryChunk())
    } else if !isKnownUniquelyReferenced(&chunks[chunkIndex]) {
      setChunk(chunkIndex, to: chunks[chunkIndex].map { MemoryChunk(copying: $0) })
    }
    let chunk = chunks[chunkIndex].unsafelyUnwrapped
    if chunk.pages[pageIndex] == nil {
      pageMoves &+= 1
      chunk.set(pageIndex, to: MemoryPage())
    } else if !chunk.ownsPage(pageIndex) {
      pageMoves &+= 1
      chunk.set(pageIndex, to: MemoryPage(copying: chunk.pages[pageIndex].unsafelyUnwrapped))
    }
    chunk.places[pageIndex].ownedIn = period
    return chunk.places[pageIndex].bytes
  }

  /// Records that bytes of a page were written, so that instructions decoded from them are dropped.
  @inline(__always)
  mutating func noteWrite(page: Int, offset: Int, count: Int) {
    let marks = codeMarks[page]
    if marks != 0 && marks & Self.lines(offset: offset, count: count) != 0 { markStale(page: page) }
    if !watchedRanges.isEmpty { noteWatchedWrite(page: page, offset: offset, count: count) }
  }

  /// Has writes to ranges of addresses noted from now on, and to no others.
  mutating func watch(_ ranges: [Range<UInt64>]) {
    watchedRanges = ranges.filter { $0.lowerBound >= base }.map { $0.lowerBound - base..<$0.upperBound - base }
    watchedWrites = []
  }

  /// Hands over the writes to watched ranges.
  mutating func takeWatchedWrites() -> [Range<UInt64>] {
    defer { watchedWrites = [] }
    return watchedWrites
  }

  @inline(never)
  private mutating func noteWatchedWrite(page: Int, offset: Int, count: Int) {
    let start = UInt64(page) << Self.pageShift + UInt64(offset)
    let written = start..<start + UInt64(count)
    guard watchedRanges.contains(where: { $0.overlaps(written) }) else { return }
    watchedWrites.append(base + start..<base + start + UInt64(count))
  }

  /// Whether each write to a page must be noted, so that the hart may not write to it past this memory.
  @inline(__always)
  func notesWrites(page: Int) -> Bool {
    codeMarks[page] != 0 || (!watchedRanges.isEmpty && isWatched(page: page))
  }

  @inline(never)
  private func isWatched(page: Int) -> Bool {
    let start = UInt64(page) << Self.pageShift
    return watchedRanges.contains { $0.overlaps(start..<start + Self.pageSize) }
  }

  /// Records that instructions were decoded from these bytes of a page.
  mutating func noteDecoded(page: Int, offset: Int, count: Int) {
    codeMarks[page] |= Self.lines(offset: offset, count: count)
  }

  /// Says whether any instruction was decoded from a page.
  func hasDecodedCode(page: Int) -> Bool { codeMarks[page] != 0 }

  /// Hands over the pages whose decoded instructions are stale.
  mutating func takePagesWithStaleCode() -> [Int] {
    defer { pagesWithStaleCode = [] }
    return pagesWithStaleCode
  }

  /// Forgets that instructions were decoded from a page.
  mutating func clearCodeMarks(page: Int) { codeMarks[page] = 0 }

  private mutating func markStale(page: Int) {
    codeMarks[page] = 0
    pagesWithStaleCode.append(page)
  }

  private static func lines(offset: Int, count: Int) -> UInt64 {
    guard count > 0 else { return 0 }
    let first = UInt64(offset >> 6)
    let last = UInt64((offset + count - 1) >> 6)
    return (UInt64.max << first) & (UInt64.max >> (63 - last))
  }
}

/// The contents of a `PhysicalMemory` at one moment.
public struct MemorySnapshot: Sendable {
  let base: UInt64
  let size: UInt64
  let chunks: [MemoryChunk?]
}

extension MemorySnapshot {
  /// How many pages have been replaced by others since.
  func changedPages(until later: MemorySnapshot) -> Int {
    var count = 0
    for (mine, other) in zip(chunks, later.chunks) where mine !== other {
      for index in 0..<MemoryChunk.pageCount where mine?.pages[index] !== other?.pages[index] { count += 1 }
    }
    return count
  }

  /// Whether both hold the very same page at an address; what lies outside never changes.
  func sharesPage(of address: UInt64, with later: MemorySnapshot) -> Bool {
    guard address >= base, address - base < size else { return true }
    let page = Int((address - base) >> PhysicalMemory.pageShift)
    let chunk = page / MemoryChunk.pageCount
    guard chunks[chunk] !== later.chunks[chunk] else { return true }
    return chunks[chunk]?.pages[page % MemoryChunk.pageCount]
      === later.chunks[chunk]?.pages[page % MemoryChunk.pageCount]
  }
}
