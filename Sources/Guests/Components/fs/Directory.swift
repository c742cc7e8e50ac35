// Directories: dense arrays of entries, so that the entries before the size are all in use.
//
// An entry from the disk is checked before it is believed.

import Interfaces

/// A name within the path that the service copied in.
struct Name {
  let bytes: UnsafePointer<UInt8>
  let length: Int

  func equals(_ other: UnsafePointer<UInt8>, length otherLength: Int) -> Bool {
    guard length == otherLength else { return false }
    var index = 0
    while index < length {
      if bytes[index] != other[index] { return false }
      index += 1
    }
    return true
  }

  /// "." or "..".
  var isDots: Bool { length <= 2 && bytes[0] == 0x2E && bytes[length - 1] == 0x2E }
}

/// An entry of a directory, in the cache and held.
struct DirectoryEntry {
  /// Its position among the directory's entries.
  let index: Int
  let block: CachedBlock
  let record: UnsafeMutableRawPointer

  init(index: Int, block: CachedBlock) {
    self.index = index
    self.block = block
    record = block.bytes + index % DiskFormat.entriesPerBlock * DirectoryEntryLayout.size
  }

  var inode: UInt32 { record.load(fromByteOffset: DiskFormat.entryInodeOffset, as: UInt32.self) }
  var kind: UInt8 { record.load(fromByteOffset: DiskFormat.entryKindOffset, as: UInt8.self) }
  var nameLength: Int { Int(record.load(fromByteOffset: DiskFormat.entryNameLengthOffset, as: UInt8.self)) }
  var name: UnsafePointer<UInt8> {
    UnsafePointer((record + DirectoryEntryLayout.nameOffset).assumingMemoryBound(to: UInt8.self))
  }

  /// Makes the entry name another inode.
  func refer(to inode: UInt32, kind: UInt16) {
    record.storeBytes(of: inode, toByteOffset: DiskFormat.entryInodeOffset, as: UInt32.self)
    record.storeBytes(of: UInt8(truncatingIfNeeded: kind), toByteOffset: DiskFormat.entryKindOffset, as: UInt8.self)
  }

  /// Gives the entry another name, of at most `DirectoryEntryLayout.maximumName` bytes.
  func rename(_ name: Name) {
    record.storeBytes(
      of: UInt8(truncatingIfNeeded: name.length), toByteOffset: DiskFormat.entryNameLengthOffset, as: UInt8.self)
    let place = record + DirectoryEntryLayout.nameOffset
    place.initializeMemory(as: UInt8.self, repeating: 0, count: DirectoryEntryLayout.maximumName)
    place.copyMemory(from: name.bytes, byteCount: name.length)
  }
}

/// What taking an entry out of a directory changes; all of it held.
struct PreparedRemoval {
  let entry: DirectoryEntry
  let last: DirectoryEntry
  /// The directory's last block and the pointer to it, when nothing is left in it.
  let emptied: (block: FreePlace, place: PointerPlace)?
}

extension FileSystem {
  /// The entry called `name`; nil when there is none.
  mutating func findEntry(_ directory: Inode, _ name: Name) throws(ErrorCode) -> DirectoryEntry? {
    let count = entryCount(directory)
    var index = 0
    while index < count {
      let block = try directoryBlock(directory, index / DiskFormat.entriesPerBlock)
      let end = min(count, index + DiskFormat.entriesPerBlock)
      while index < end {
        let entry = DirectoryEntry(index: index, block: block)
        if name.equals(entry.name, length: entry.nameLength) {
          try check(entry)
          cache.hold(block)
          return entry
        }
        index += 1
      }
    }
    return nil
  }

  func entryCount(_ directory: Inode) -> Int { Int(directory.size) / DirectoryEntryLayout.size }

  /// A block of a directory; directories have no holes.
  mutating func directoryBlock(_ directory: Inode, _ index: Int) throws(ErrorCode) -> CachedBlock {
    let number = try blockNumber(directory, index)
    guard number != 0 else { throw .inputOutput }
    return try cache.read(number)
  }

  /// That the disk's words for an entry can be true.
  func check(_ entry: DirectoryEntry) throws(ErrorCode) {
    let length = entry.nameLength
    guard length > 0, length <= DirectoryEntryLayout.maximumName, entry.inode > DiskFormat.rootInode,
      entry.inode < geometry.inodeCount,
      entry.kind == UInt8(DiskFormat.fileKind) || entry.kind == UInt8(DiskFormat.directoryKind)
    else { throw .inputOutput }
  }

  /// The inode that an entry names, which must agree with it.
  mutating func inode(of entry: DirectoryEntry) throws(ErrorCode) -> Inode {
    let inode = try inode(entry.inode)
    guard inode.kind == UInt16(entry.kind), inode.links == 1 else { throw .inputOutput }
    return inode
  }

  /// Room for one more entry.
  mutating func prepareAppend(_ directory: Inode) throws(ErrorCode) -> PreparedBlock {
    try prepareBlock(directory, entryCount(directory) / DiskFormat.entriesPerBlock, overwritten: false)
  }

  /// Adds an entry where room was prepared.
  mutating func append(_ prepared: PreparedBlock, to directory: Inode, _ name: Name, _ inode: UInt32, kind: UInt16) {
    attach(prepared, to: directory)
    let entry = DirectoryEntry(index: entryCount(directory), block: prepared.data)
    entry.refer(to: inode, kind: kind)
    entry.rename(name)
    directory.size += UInt64(DirectoryEntryLayout.size)
    markDirty(directory)
  }

  /// All that `remove` will need.
  mutating func prepareRemoval(_ directory: Inode, _ entry: DirectoryEntry) throws(ErrorCode) -> PreparedRemoval {
    let lastIndex = entryCount(directory) - 1
    let lastBlock = lastIndex / DiskFormat.entriesPerBlock
    let block = try directoryBlock(directory, lastBlock)
    cache.hold(block)
    let last = DirectoryEntry(index: lastIndex, block: block)
    guard lastIndex % DiskFormat.entriesPerBlock == 0 else {
      return PreparedRemoval(entry: entry, last: last, emptied: nil)
    }
    let place = try pointerPlace(directory, lastBlock)
    let release = try prepareRelease(place.address.pointee)
    return PreparedRemoval(entry: entry, last: last, emptied: (release, place))
  }

  /// Takes an entry out; the last one takes its place.
  mutating func remove(_ prepared: PreparedRemoval, from directory: Inode) {
    if prepared.entry.index != prepared.last.index {
      prepared.entry.record.copyMemory(from: prepared.last.record, byteCount: DirectoryEntryLayout.size)
      cache.markDirty(prepared.entry.block)
    }
    if let (block, place) = prepared.emptied { free(block, at: place) }
    directory.size -= UInt64(DirectoryEntryLayout.size)
    markDirty(directory)
  }

  /// Copies entries to their reader, from number `index` on, as many as there are and as fit; bytes copied.
  mutating func readEntries(
    _ number: UInt32, from index: UInt64, client: UInt64, to destination: user_address, length: UInt64
  ) throws(ErrorCode) -> UInt64 {
    let size = UInt64(DirectoryEntryLayout.size)
    guard length >= size else { throw .invalid }
    cache.beginStep()
    let directory = try directory(number)
    let count = UInt64(entryCount(directory))
    guard index < count else { return 0 }
    let end = Int(index + min(count - index, length / size))
    var next = Int(index)
    var done: UInt64 = 0
    while next < end {
      let block = try directoryBlock(directory, next / DiskFormat.entriesPerBlock)
      let first = DirectoryEntry(index: next, block: block)
      let stop = min(end, (next / DiskFormat.entriesPerBlock + 1) * DiskFormat.entriesPerBlock)
      let bytes = UInt64(stop - next) * size
      while next < stop {
        try check(DirectoryEntry(index: next, block: block))
        next += 1
      }
      guard env_copy_out(client, destination &+ done, first.record, bytes) >= 0 else { throw .badAddress }
      done += bytes
    }
    return done
  }
}
