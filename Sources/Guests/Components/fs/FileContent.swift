// Reading, writing and emptying files.
//
// A long write or truncation goes in steps, each of them a complete change of its own.

import Interfaces

extension FileSystem {
  private static var blockSize: UInt64 { UInt64(DiskFormat.blockSize) }

  /// Copies bytes of a file to its reader; stops at the end of the file.
  mutating func readContent(
    _ number: UInt32, offset: UInt64, client: UInt64, to destination: user_address, length: UInt64
  ) throws(ErrorCode) -> UInt64 {
    cache.beginStep()
    var inode = try inode(number)
    let size = inode.size
    guard offset < size else { return 0 }
    let count = min(length, size - offset)
    var done: UInt64 = 0
    while done < count {
      let position = offset + done
      let start = position % FileSystem.blockSize
      let chunk = min(FileSystem.blockSize - start, count - done)
      if done > 0 {
        // A step for each block: a long read must not hold every block of pointers on its way.
        cache.beginStep()
        inode = try self.inode(number)
      }
      let block = try blockNumber(inode, Int(position / FileSystem.blockSize))
      let source = block == 0 ? zeros : UnsafeRawPointer(try cache.read(block).bytes) + Int(start)
      guard env_copy_out(client, destination &+ done, source, chunk) >= 0 else { throw .badAddress }
      done += chunk
    }
    return done
  }

  /// Copies bytes from their writer into a file, which grows as needed; fewer than asked for only after an error
  /// that came later.
  mutating func writeContent(
    _ number: UInt32, offset: UInt64, client: UInt64, from source: user_address, length: UInt64, appends: Bool
  ) throws(ErrorCode) -> UInt64 {
    cache.beginStep()
    let offset = appends ? try inode(number).size : offset
    let limit = UInt64(DiskFormat.maximumFileBlocks) * FileSystem.blockSize
    guard length > 0 else { return 0 }
    guard offset < limit else { throw .fileTooLarge }
    let count = min(length, limit - offset)
    var done: UInt64 = 0
    while done < count {
      do throws(ErrorCode) {
        done += try writeBlock(
          number, position: offset + done, client: client, from: source &+ done, available: count - done)
      } catch {
        if done == 0 { throw error }
        break
      }
    }
    return done
  }

  /// One step of a write: as much as lies in one block.
  private mutating func writeBlock(
    _ number: UInt32, position: UInt64, client: UInt64, from source: user_address, available: UInt64
  ) throws(ErrorCode) -> UInt64 {
    try beginChange()
    let inode = try inode(number)
    let start = position % FileSystem.blockSize
    let chunk = min(FileSystem.blockSize - start, available)
    try clearTail(of: inode, upTo: position)
    let index = Int(position / FileSystem.blockSize)
    let number = try blockNumber(inode, index)
    if number != 0 {
      let block = try cache.readHeld(number)
      // A copy that fails half-way has changed the block too.
      cache.markDirty(block)
      guard env_copy_in(client, block.bytes + Int(start), source, chunk) >= 0 else { throw .badAddress }
    } else {
      let prepared = try prepareBlock(inode, index, overwritten: chunk == FileSystem.blockSize)
      guard env_copy_in(client, prepared.data.bytes + Int(start), source, chunk) >= 0 else {
        abandon(prepared)
        throw .badAddress
      }
      attach(prepared, to: inode)
    }
    if position + chunk > inode.size {
      inode.size = position + chunk
      markDirty(inode)
    }
    return chunk
  }

  /// Zeros between the end of a file and `position`, as far as its last block goes: what lies there on a disk
  /// written by others is not the file's.
  private mutating func clearTail(of inode: Inode, upTo position: UInt64) throws(ErrorCode) {
    let size = inode.size
    let start = size % FileSystem.blockSize
    guard position > size, start != 0 else { return }
    let number = try blockNumber(inode, Int(size / FileSystem.blockSize))
    guard number != 0 else { return }
    let end = min(position - (size - start), FileSystem.blockSize)
    let block = try cache.readHeld(number)
    (block.bytes + Int(start)).initializeMemory(as: UInt8.self, repeating: 0, count: Int(end - start))
    cache.markDirty(block)
  }

  /// Drops all of a file's content.
  mutating func truncate(_ number: UInt32) throws(ErrorCode) {
    var more = true
    while more {
      try beginChange()
      more = try truncateStep(try inode(number))
    }
  }

  /// Frees the blocks below the last block of pointers, or the direct ones; whether there are more.
  mutating func truncateStep(_ inode: Inode) throws(ErrorCode) -> Bool {
    let double = inode.pointer(DiskFormat.doubleIndirectPointer)
    let single = inode.pointer(DiskFormat.indirectPointer)
    let direct = DiskFormat.directPointers
    if double.pointee != 0 {
      let upper = try cache.readHeld(try checked(double.pointee))
      if let last = lastPointer(in: upper) {
        try freeBelow(PointerPlace(address: pointers(upper) + last, owner: upper), above: double.pointee)
        shrink(inode, toBlocks: direct + DiskFormat.pointersPerBlock * (last + 1))
      } else {
        free(try prepareRelease(double.pointee), at: PointerPlace(address: double, owner: inode.block))
      }
      return true
    }
    if single.pointee != 0 {
      try freeBelow(PointerPlace(address: single, owner: inode.block), above: single.pointee)
      shrink(inode, toBlocks: direct)
      return true
    }
    try prepareReleases(inode.pointer(0), count: direct)
    try releaseAll(inode.pointer(0), count: direct)
    inode.pointer(0).update(repeating: 0, count: direct)
    inode.size = 0
    markDirty(inode)
    return false
  }

  /// Frees a block of pointers and all blocks it names.
  ///
  /// `upper` is the block that names it, or itself.
  private mutating func freeBelow(_ place: PointerPlace, above upper: UInt32) throws(ErrorCode) {
    let number = try checked(place.address.pointee)
    let block = try cache.readHeld(number)
    guard block.index != place.owner.index else { throw .inputOutput }
    let itself = try prepareRelease(number)
    let list = pointers(block)
    try prepareReleases(list, count: DiskFormat.pointersPerBlock)
    // A corrupt block could name itself or the one above: freeing those would undo this step, and again.
    var index = 0
    while index < DiskFormat.pointersPerBlock {
      guard list[index] != number && list[index] != upper || list[index] == 0 else { throw .inputOutput }
      index += 1
    }
    try releaseAll(list, count: DiskFormat.pointersPerBlock)
    free(itself, at: place)
  }

  /// Brings all bitmap blocks into memory that freeing the named blocks will change.
  private mutating func prepareReleases(_ list: UnsafeMutablePointer<UInt32>, count: Int) throws(ErrorCode) {
    var index = 0
    while index < count {
      if list[index] != 0 { _ = try prepareRelease(list[index]) }
      index += 1
    }
  }

  /// Frees the named blocks, whose release has been prepared.
  private mutating func releaseAll(_ list: UnsafeMutablePointer<UInt32>, count: Int) throws(ErrorCode) {
    var index = 0
    while index < count {
      if list[index] != 0 { release(try prepareRelease(list[index])) }
      index += 1
    }
  }

  /// Frees a block and clears the pointer to it.
  mutating func free(_ block: FreePlace, at place: PointerPlace) {
    release(block)
    place.address.pointee = 0
    cache.markDirty(place.owner)
  }

  private mutating func shrink(_ inode: Inode, toBlocks blocks: Int) {
    inode.size = min(inode.size, UInt64(blocks) * FileSystem.blockSize)
    markDirty(inode)
  }

  private func lastPointer(in block: CachedBlock) -> Int? {
    var index = DiskFormat.pointersPerBlock - 1
    while index >= 0 {
      if pointers(block)[index] != 0 { return index }
      index -= 1
    }
    return nil
  }
}
