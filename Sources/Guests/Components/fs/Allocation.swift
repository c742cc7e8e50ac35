// Free blocks and inodes: the two bitmaps.
//
// Finding and taking are apart, so that everything that can fail comes before the first change.

/// A block or inode found free, with the bitmap block that says so (held).
struct FreePlace {
  let number: UInt32
  let bitmap: CachedBlock

  static func bit(of number: UInt32) -> Int { Int(number) % DiskFormat.bitsPerBlock }
}

extension FileSystem {
  /// A free block, searched from `start` on and then from the beginning of the data; noSpace when there is none.
  mutating func findFreeBlock(from start: UInt32) throws(ErrorCode) -> FreePlace {
    let start = geometry.isData(start) ? start : geometry.dataStart
    if let found = try findFreeBlock(in: start..<geometry.blockCount) { return found }
    if let found = try findFreeBlock(in: geometry.dataStart..<start) { return found }
    throw .noSpace
  }

  private mutating func findFreeBlock(in range: Range<UInt32>) throws(ErrorCode) -> FreePlace? {
    var number = range.lowerBound
    while number < range.upperBound {
      let bitmap = try cache.read(blockBitmapBlock(of: number))
      let bit = FreePlace.bit(of: number)
      let inThisBlock = min(DiskFormat.bitsPerBlock - bit, Int(range.upperBound - number))
      if let free = firstClearBit(bitmap, in: bit..<bit + inThisBlock) {
        cache.hold(bitmap)
        return FreePlace(number: number + UInt32(free - bit), bitmap: bitmap)
      }
      number += UInt32(inThisBlock)
    }
    return nil
  }

  /// A free inode, and that its record in the table is free too.
  mutating func findFreeInode() throws(ErrorCode) -> FreePlace {
    let bitmap = try cache.readHeld(geometry.inodeBitmap)
    guard let free = firstClearBit(bitmap, in: Int(DiskFormat.rootInode) + 1..<Int(geometry.inodeCount)) else {
      throw .noSpace
    }
    return FreePlace(number: UInt32(free), bitmap: bitmap)
  }

  /// Marks a place that was found free as used.
  mutating func take(_ place: FreePlace) {
    setBit(place.bitmap, FreePlace.bit(of: place.number))
    cache.markDirty(place.bitmap)
  }

  /// Brings the bitmap block of data block `number` into memory and holds it, so that `release` cannot fail.
  mutating func prepareRelease(_ number: UInt32) throws(ErrorCode) -> FreePlace {
    guard geometry.isData(number) else { throw .inputOutput }
    return FreePlace(number: number, bitmap: try cache.readHeld(blockBitmapBlock(of: number)))
  }

  /// Marks a block as free and forgets its content.
  mutating func release(_ place: FreePlace) {
    clearBit(place.bitmap, FreePlace.bit(of: place.number))
    cache.markDirty(place.bitmap)
    cache.discard(place.number)
  }

  private func blockBitmapBlock(of number: UInt32) -> UInt32 {
    geometry.blockBitmapStart + number / UInt32(DiskFormat.bitsPerBlock)
  }

  private func firstClearBit(_ bitmap: CachedBlock, in range: Range<Int>) -> Int? {
    var bit = range.lowerBound
    while bit < range.upperBound {
      let byte = bitmap.bytes.load(fromByteOffset: bit >> 3, as: UInt8.self)
      if byte == 0xFF {
        bit = (bit | 7) + 1
      } else if byte & (1 << UInt8(bit & 7)) == 0 {
        return bit
      } else {
        bit += 1
      }
    }
    return nil
  }

  private func setBit(_ bitmap: CachedBlock, _ bit: Int) {
    let byte = bitmap.bytes.load(fromByteOffset: bit >> 3, as: UInt8.self)
    bitmap.bytes.storeBytes(of: byte | (1 << UInt8(bit & 7)), toByteOffset: bit >> 3, as: UInt8.self)
  }

  func clearBit(_ bitmap: CachedBlock, _ bit: Int) {
    let byte = bitmap.bytes.load(fromByteOffset: bit >> 3, as: UInt8.self)
    bitmap.bytes.storeBytes(of: byte & ~(1 << UInt8(bit & 7)), toByteOffset: bit >> 3, as: UInt8.self)
  }
}

extension DiskGeometry {
  /// Whether files may own block `number`.
  func isData(_ number: UInt32) -> Bool { number >= dataStart && number < blockCount }
}
