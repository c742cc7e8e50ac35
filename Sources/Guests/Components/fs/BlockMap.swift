// Which block of the disk holds which block of a file.
//
// Pointers on the disk are untrusted: each is checked before it is followed. A block is added in two parts: what
// can fail (`prepareBlock`) and what cannot (`attach`).

/// The place of a block pointer: in an inode or in a block of pointers, either of them held.
struct PointerPlace {
  let address: UnsafeMutablePointer<UInt32>
  let owner: CachedBlock
}

/// A block of a file that is about to be written, and what must be linked up if it is new.
struct PreparedBlock {
  /// The block's buffer, held.
  let data: CachedBlock
  /// The new blocks from the data upwards, `newCount` of them: each pointed to by the next one's, the last by `place`.
  fileprivate var new: (FreePlace, FreePlace, FreePlace)?
  fileprivate var buffers: (CachedBlock, CachedBlock, CachedBlock)?
  fileprivate var newCount = 0
  fileprivate var place: PointerPlace?
  fileprivate var offsets: (Int, Int) = (0, 0)

  fileprivate init(data: CachedBlock) { self.data = data }
}

extension FileSystem {
  /// The disk's block for block `index` of a file; 0 for a hole.
  mutating func blockNumber(_ inode: Inode, _ index: Int) throws(ErrorCode) -> UInt32 {
    if index < DiskFormat.directPointers { return try checked(inode.pointer(index).pointee) }
    guard index < DiskFormat.maximumFileBlocks else { throw .fileTooLarge }
    let (levels, upper, lower) = indirection(index)
    var number: UInt32
    if levels == 1 {
      number = try checked(inode.pointer(DiskFormat.indirectPointer).pointee)
    } else {
      number = try checked(inode.pointer(DiskFormat.doubleIndirectPointer).pointee)
      if number != 0 { number = try checked(pointers(try cache.readHeld(number))[upper]) }
    }
    if number != 0 { number = try checked(pointers(try cache.readHeld(number))[lower]) }
    return number
  }

  /// Where the pointer to block `index` of a file is; inputOutput when a block of pointers on the way is missing.
  mutating func pointerPlace(_ inode: Inode, _ index: Int) throws(ErrorCode) -> PointerPlace {
    if index < DiskFormat.directPointers { return PointerPlace(address: inode.pointer(index), owner: inode.block) }
    guard index < DiskFormat.maximumFileBlocks else { throw .fileTooLarge }
    let (levels, upper, lower) = indirection(index)
    var number = try checked(inode.pointer(DiskFormat.indirectPointer + levels - 1).pointee)
    if levels == 2 && number != 0 { number = try checked(pointers(try cache.read(number))[upper]) }
    guard number != 0 else { throw .inputOutput }
    let owner = try cache.readHeld(number)
    return PointerPlace(address: pointers(owner) + lower, owner: owner)
  }

  /// Block `index` of a file, to be written to; found or allocated, but not yet linked.
  ///
  /// When `overwritten`, a new block's content is left for the caller to fill.
  mutating func prepareBlock(_ inode: Inode, _ index: Int, overwritten: Bool) throws(ErrorCode) -> PreparedBlock {
    guard index < DiskFormat.maximumFileBlocks else { throw .fileTooLarge }
    var place: PointerPlace
    var missing = 1
    var offsets = (0, 0)
    if index < DiskFormat.directPointers {
      place = PointerPlace(address: inode.pointer(index), owner: inode.block)
    } else {
      let (levels, upper, lower) = indirection(index)
      offsets = (lower, upper)
      missing += levels
      place = PointerPlace(address: inode.pointer(DiskFormat.indirectPointer + levels - 1), owner: inode.block)
      // Down as far as there are blocks of pointers.
      while missing > 1 {
        let number = try checked(place.address.pointee)
        if number == 0 { break }
        let owner = try cache.readHeld(number)
        missing -= 1
        place = PointerPlace(address: pointers(owner) + (missing == 2 ? upper : lower), owner: owner)
      }
    }
    if missing == 1 {
      let number = try checked(place.address.pointee)
      if number != 0 { return PreparedBlock(data: try cache.readHeld(number)) }
    }
    return try allocate(missing, below: place, offsets: offsets, overwritten: overwritten)
  }

  private mutating func allocate(
    _ count: Int, below place: PointerPlace, offsets: (Int, Int), overwritten: Bool
  ) throws(ErrorCode) -> PreparedBlock {
    let first = try findFreeBlock(from: nextBlock)
    var second = first
    var third = first
    if count > 1 {
      second = try findFreeBlock(from: first.number + 1)
      third = second
    }
    if count > 2 { third = try findFreeBlock(from: second.number + 1) }
    // With too few free blocks, the search comes round to one that it found before.
    if count > 1 && second.number == first.number { throw .noSpace }
    if count > 2 && (third.number == first.number || third.number == second.number) { throw .noSpace }

    let data = try cache.fresh(first.number, zeroed: !overwritten)
    var prepared = PreparedBlock(data: data)
    let middle = count > 1 ? try cache.fresh(second.number, zeroed: true) : data
    let top = count > 2 ? try cache.fresh(third.number, zeroed: true) : middle
    prepared.new = (first, second, third)
    prepared.buffers = (data, middle, top)
    prepared.newCount = count
    prepared.place = place
    prepared.offsets = offsets
    return prepared
  }

  /// Makes a prepared block part of its file, and marks all that changed.
  mutating func attach(_ prepared: PreparedBlock, to inode: Inode) {
    cache.markDirty(prepared.data)
    guard let new = prepared.new, let buffers = prepared.buffers, let place = prepared.place else { return }
    take(new.0)
    if prepared.newCount > 1 {
      take(new.1)
      pointers(buffers.1)[prepared.offsets.0] = new.0.number
      cache.markDirty(buffers.1)
    }
    if prepared.newCount > 2 {
      take(new.2)
      pointers(buffers.2)[prepared.offsets.1] = new.1.number
      cache.markDirty(buffers.2)
    }
    let last = prepared.newCount == 1 ? new.0 : prepared.newCount == 2 ? new.1 : new.2
    place.address.pointee = last.number
    cache.markDirty(place.owner)
    cache.markDirty(inode.block)
    nextBlock = last.number + 1
  }

  /// Gives a prepared block up: nothing of it was linked, and what its buffers hold is nobody's.
  mutating func abandon(_ prepared: PreparedBlock) {
    guard let new = prepared.new else { return }
    cache.discard(new.0.number)
    if prepared.newCount > 1 { cache.discard(new.1.number) }
    if prepared.newCount > 2 { cache.discard(new.2.number) }
  }

  /// A pointer from the disk: 0, or a block that files may own.
  func checked(_ pointer: UInt32) throws(ErrorCode) -> UInt32 {
    guard pointer == 0 || geometry.isData(pointer) else { throw .inputOutput }
    return pointer
  }

  /// The content of a block of pointers.
  func pointers(_ block: CachedBlock) -> UnsafeMutablePointer<UInt32> {
    block.bytes.assumingMemoryBound(to: UInt32.self)
  }

  /// How many blocks of pointers lead to block `index`, and its indices in them: in the upper of two, in the lower.
  private func indirection(_ index: Int) -> (levels: Int, upper: Int, lower: Int) {
    let single = index - DiskFormat.directPointers
    if single < DiskFormat.pointersPerBlock { return (1, 0, single) }
    let double = single - DiskFormat.pointersPerBlock
    return (2, double / DiskFormat.pointersPerBlock, double % DiskFormat.pointersPerBlock)
  }
}
