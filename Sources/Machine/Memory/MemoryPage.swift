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

/// A run of 512 pages, which is 2 MiB of guest memory.
///
/// Sendable for the same reason as `MemoryPage`.
final class MemoryChunk: @unchecked Sendable {
  static let pageCount = 512

  var pages: ContiguousArray<MemoryPage?>

  init() {
    pages = ContiguousArray(repeating: nil, count: Self.pageCount)
  }

  init(copying other: MemoryChunk) {
    pages = other.pages
  }

  /// Says whether this chunk holds the only reference to a page.
  func ownsPage(_ index: Int) -> Bool {
    isKnownUniquelyReferenced(&pages[index])
  }
}
