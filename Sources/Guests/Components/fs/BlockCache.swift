// The disk's blocks in memory.
//
// A block found here stays where it is until the next look-up, or until the step ends if it was held; nobody may
// keep one longer. Changed blocks stay until a commit (Journal.swift) has written them, and nothing else writes
// them. A failed read leaves nothing behind.

/// A block in the cache.
struct CachedBlock {
  /// Which buffer holds it.
  let index: Int
  /// Its content.
  let bytes: UnsafeMutableRawPointer
}

/// What the cache knows about one of its pages; all zero is empty.
struct Buffer {
  /// The block's number plus one; 0 for an empty buffer.
  var tag: UInt32
  /// The next buffer in the same bucket, plus one.
  var next: UInt8
  /// The content differs from the disk's.
  var isDirty: Bool
  /// The step that holds it.
  var step: UInt64
  /// When it was last used, by the policy's clock.
  var lastUse: UInt64
}

struct BlockCache {
  var device: BlockDevice
  private let pages: UnsafeMutableRawPointer
  private let buffers: UnsafeMutablePointer<Buffer>
  private let buckets: UnsafeMutablePointer<UInt8>
  var policy = ReplacementPolicy()
  private var step: UInt64 = 1
  /// How many buffers are dirty.
  private(set) var dirtyCount = 0
  /// Blocks asked for that were here, that had to be read, and that had to go for others.
  private(set) var hits: UInt64 = 0
  private(set) var misses: UInt64 = 0
  private(set) var evictions: UInt64 = 0

  /// More than a transaction can change and one step can hold besides.
  static var bufferCount: Int { 32 }
  static var bucketCount: Int { 64 }

  /// A cache over zeroed memory: `pages` of device memory for the blocks, tables for what is known about them.
  init(
    device: BlockDevice, pages: UnsafeMutableRawPointer, buffers: UnsafeMutablePointer<Buffer>,
    buckets: UnsafeMutablePointer<UInt8>
  ) {
    self.device = device
    self.pages = pages
    self.buffers = buffers
    self.buckets = buckets
  }

  /// A new step begins: what the last one held may go.
  mutating func beginStep() { step &+= 1 }

  /// Keeps `block` in memory until the step ends.
  func hold(_ block: CachedBlock) { buffers[block.index].step = step }

  /// Notes that `block` was changed, or is about to be: it stays until a commit.
  ///
  /// On a corrupt disk a step may have discarded the very block it works on; such a change is lost, as the block is.
  mutating func markDirty(_ block: CachedBlock) {
    if !buffers[block.index].isDirty && buffers[block.index].tag != 0 {
      buffers[block.index].isDirty = true
      dirtyCount += 1
    }
  }

  /// Block `number` as the disk has it, or as it was changed since.
  mutating func read(_ number: UInt32) throws(ErrorCode) -> CachedBlock {
    if let found = find(number) {
      hits &+= 1
      return found
    }
    misses &+= 1
    let index = try vacate()
    try device.read(number, into: page(index))
    return insert(number, at: index)
  }

  /// The same, and holds it.
  mutating func readHeld(_ number: UInt32) throws(ErrorCode) -> CachedBlock {
    let block = try read(number)
    hold(block)
    return block
  }

  /// A held buffer for block `number`, whose old content nobody wants.
  ///
  /// It is filled with zeros, or left for the caller to fill; it is not dirty yet.
  mutating func fresh(_ number: UInt32, zeroed: Bool) throws(ErrorCode) -> CachedBlock {
    let block: CachedBlock
    if let found = find(number) { block = found } else { block = insert(number, at: try vacate()) }
    hold(block)
    if zeroed { block.bytes.initializeMemory(as: UInt8.self, repeating: 0, count: DiskFormat.blockSize) }
    return block
  }

  /// Forgets block `number` and any change to it.
  mutating func discard(_ number: UInt32) {
    guard let block = find(number) else { return }
    if buffers[block.index].isDirty {
      buffers[block.index].isDirty = false
      dirtyCount -= 1
    }
    remove(block.index)
  }

  // MARK: For the journal

  /// The next dirty buffer from `index` on: its index, its block's number and its content.
  func dirtyBuffer(from index: Int) -> (index: Int, number: UInt32, bytes: UnsafeMutableRawPointer)? {
    var index = index
    while index < BlockCache.bufferCount {
      if buffers[index].isDirty { return (index, buffers[index].tag - 1, page(index)) }
      index += 1
    }
    return nil
  }

  /// All dirty blocks are on the disk.
  mutating func markAllClean() {
    var index = 0
    while index < BlockCache.bufferCount {
      buffers[index].isDirty = false
      index += 1
    }
    dirtyCount = 0
  }

  // MARK: Buffers

  private func page(_ index: Int) -> UnsafeMutableRawPointer { pages + index * DiskFormat.blockSize }

  private func bucket(of number: UInt32) -> Int { Int(number) & (BlockCache.bucketCount - 1) }

  private mutating func find(_ number: UInt32) -> CachedBlock? {
    var link = buckets[bucket(of: number)]
    while link != 0 {
      let index = Int(link) - 1
      if buffers[index].tag == number + 1 {
        buffers[index].lastUse = policy.use()
        return CachedBlock(index: index, bytes: page(index))
      }
      link = buffers[index].next
    }
    return nil
  }

  /// An empty buffer; makes one by letting a clean block go.
  private mutating func vacate() throws(ErrorCode) -> Int {
    policy.beginChoice()
    var index = 0
    while index < BlockCache.bufferCount {
      if buffers[index].tag == 0 { return index }
      if !buffers[index].isDirty && buffers[index].step != step {
        policy.offer(index, lastUse: buffers[index].lastUse)
      }
      index += 1
    }
    guard let victim = policy.chosen() else { throw .noMemory }
    evictions &+= 1
    remove(victim)
    return victim
  }

  private mutating func insert(_ number: UInt32, at index: Int) -> CachedBlock {
    let bucket = bucket(of: number)
    buffers[index] = Buffer(
      tag: number + 1, next: buckets[bucket], isDirty: false, step: 0, lastUse: policy.use())
    buckets[bucket] = UInt8(index + 1)
    return CachedBlock(index: index, bytes: page(index))
  }

  private mutating func remove(_ index: Int) {
    let bucket = bucket(of: buffers[index].tag - 1)
    let link = UInt8(index + 1)
    if buckets[bucket] == link {
      buckets[bucket] = buffers[index].next
    } else {
      var previous = Int(buckets[bucket]) - 1
      while buffers[previous].next != link { previous = Int(buffers[previous].next) - 1 }
      buffers[previous].next = buffers[index].next
    }
    buffers[index].tag = 0
  }
}
