// The pages and chunks that memory and its snapshots share. Only `PhysicalMemory` may write to them, and only while
// nothing else refers to them.

/// 4 KiB of guest memory.
///
/// Sendable because a page is written only by a `PhysicalMemory` that owns the sole reference to it, so a page that two
/// threads can reach is never written.
final class MemoryPage: @unchecked Sendable {
  static let zero = MemoryPage()
  static let size = 4096

  /// Exactly 4096 bytes, alive as long as the page.
  let bytes: UnsafeMutableRawPointer

  init() {
    bytes = .allocate(byteCount: Self.size, alignment: 16)
    bytes.initializeMemory(as: UInt64.self, repeating: 0, count: Self.size / 8)
  }

  init(copying other: MemoryPage) {
    bytes = .allocate(byteCount: Self.size, alignment: 16)
    bytes.copyMemory(from: other.bytes, byteCount: Self.size)
  }

  deinit {
    bytes.deallocate()
  }

  /// A hash of the contents that is zero for a page of zeros.
  func hash(seed: UInt64) -> UInt64 {
    var hash: UInt64 = 0
    let words = bytes.assumingMemoryBound(to: UInt64.self)
    for index in 0..<Self.size / 8 where words[index] != 0 {
      hash &+= StateHash.mix(words[index] ^ StateHash.mix(seed &* 512 &+ UInt64(index)))
    }
    return hash
  }
}

/// A page as the hart finds it.
struct MemoryPlace {
  /// The page's bytes; of the page of zeros if it is absent.
  let bytes: UnsafeMutableRawPointer
  /// The period of a memory in which it was the only owner of the page: see `PhysicalMemory.period`.
  var ownedIn: UInt64 = 0
}

/// A run of 512 pages, which is 2 MiB of guest memory.
///
/// Sendable for the same reason as `MemoryPage`.
final class MemoryChunk: @unchecked Sendable {
  static let pageCount = 512
  /// The places of an absent chunk: all its pages read as zero.
  static let absent = MemoryChunk()

  private(set) var pages: ContiguousArray<MemoryPage?>
  /// What the hart knows of each page, without counting references: `pageCount` places that live as long as the chunk.
  let places: UnsafeMutablePointer<MemoryPlace>

  init() {
    pages = ContiguousArray(repeating: nil, count: Self.pageCount)
    places = .allocate(capacity: Self.pageCount)
    places.initialize(repeating: MemoryPlace(bytes: MemoryPage.zero.bytes), count: Self.pageCount)
  }

  init(copying other: MemoryChunk) {
    pages = other.pages
    places = .allocate(capacity: Self.pageCount)
    for index in 0..<Self.pageCount { (places + index).initialize(to: MemoryPlace(bytes: other.places[index].bytes)) }
  }

  deinit {
    places.deallocate()
  }

  /// Puts a page in its place; only the owner of the chunk may.
  func set(_ index: Int, to page: MemoryPage) {
    pages[index] = page
    places[index] = MemoryPlace(bytes: page.bytes)
  }

  /// Says whether this chunk holds the only reference to a page.
  func ownsPage(_ index: Int) -> Bool {
    isKnownUniquelyReferenced(&pages[index])
  }
}
