// Making, removing and renaming files and directories.
//
// Each change of the tree is one step: everything that can fail comes before its first change.

import Interfaces

extension FileSystem {
  /// Makes an empty file or directory called by the end of a path; its inode's number.
  mutating func create(_ end: PathEnd, kind: UInt16) throws(ErrorCode) -> UInt32 {
    guard let name = end.name else { throw .exists }
    try beginChange()
    let parent = try directory(end.parent)
    guard parent.links > 0 else { throw .notFound }
    let place = try findFreeInode()
    let inode = try inodeRecord(place.number)
    guard inode.kind == 0 else { throw .inputOutput }
    let prepared = try prepareAppend(parent)

    take(place)
    inode.clear()
    inode.kind = kind
    inode.links = 1
    inode.parent = kind == DiskFormat.directoryKind ? parent.number : 0
    markDirty(inode)
    append(prepared, to: parent, name, inode.number, kind: kind)
    return inode.number
  }

  /// Removes the file or empty directory at the end of a path.
  mutating func remove(_ end: PathEnd) throws(ErrorCode) {
    guard let name = end.name else { throw end.parent == DiskFormat.rootInode ? .busy : .invalid }
    try beginChange()
    let parent = try directory(end.parent)
    guard let entry = try findEntry(parent, name) else { throw .notFound }
    let inode = try inode(of: entry)
    guard inode.isDirectory || !end.endsInSlash else { throw .notDirectory }
    guard !inode.isDirectory || inode.size == 0 else { throw .directoryNotEmpty }
    let removal = try prepareRemoval(parent, entry)
    let superblock = try cache.readHeld(0)

    remove(removal, from: parent)
    orphan(inode, superblock)
    if !isOpen(inode.number) { try releaseOrphan(inode.number) }
  }

  /// Gives what is at the end of one path another place; what was there goes.
  mutating func rename(_ from: PathEnd, _ to: PathEnd) throws(ErrorCode) {
    guard let oldName = from.name else { throw from.parent == DiskFormat.rootInode ? .busy : .invalid }
    guard let newName = to.name else { throw to.parent == DiskFormat.rootInode ? .busy : .invalid }
    try beginChange()
    let oldParent = try directory(from.parent)
    let newParent = try directory(to.parent)
    guard let oldEntry = try findEntry(oldParent, oldName) else { throw .notFound }
    let moved = try inode(of: oldEntry)
    guard moved.isDirectory || !(from.endsInSlash || to.endsInSlash) else { throw .notDirectory }
    if moved.isDirectory { try checkNoLoop(moving: moved.number, below: newParent.number) }

    if let newEntry = try findEntry(newParent, newName) {
      let replaced = try inode(of: newEntry)
      if replaced.number == moved.number { return }
      try checkReplacement(of: replaced, by: moved)
      let removal = try prepareRemoval(oldParent, oldEntry)
      let superblock = try cache.readHeld(0)
      newEntry.refer(to: moved.number, kind: moved.kind)
      cache.markDirty(newEntry.block)
      remove(removal, from: oldParent)
      setParent(of: moved, to: newParent)
      orphan(replaced, superblock)
      if !isOpen(replaced.number) { try releaseOrphan(replaced.number) }
    } else if oldParent.number == newParent.number {
      oldEntry.rename(newName)
      cache.markDirty(oldEntry.block)
    } else {
      let removal = try prepareRemoval(oldParent, oldEntry)
      let room = try prepareAppend(newParent)
      append(room, to: newParent, newName, moved.number, kind: moved.kind)
      remove(removal, from: oldParent)
      setParent(of: moved, to: newParent)
    }
  }

  private func checkReplacement(of replaced: Inode, by moved: Inode) throws(ErrorCode) {
    guard replaced.isDirectory == moved.isDirectory else {
      throw replaced.isDirectory ? .isDirectory : .notDirectory
    }
    guard !replaced.isDirectory || replaced.size == 0 else { throw .directoryNotEmpty }
  }

  /// Throws when a directory would move below itself.
  ///
  /// On a corrupt disk the way up may never reach the root.
  private mutating func checkNoLoop(moving inode: UInt32, below parent: UInt32) throws(ErrorCode) {
    var current = parent
    var steps: UInt32 = 0
    while current != DiskFormat.rootInode {
      guard current != inode else { throw .invalid }
      guard steps < geometry.inodeCount else { throw .inputOutput }
      let block = geometry.inodeTableStart + current / UInt32(DiskFormat.inodesPerBlock)
      guard current < geometry.inodeCount else { throw .inputOutput }
      current = Inode(number: current, block: try cache.read(block)).parent
      steps += 1
    }
  }

  private mutating func setParent(of inode: Inode, to parent: Inode) {
    guard inode.isDirectory else { return }
    inode.parent = parent.number
    markDirty(inode)
  }

  // MARK: Orphans: inodes in use that no directory names

  private mutating func orphan(_ inode: Inode, _ superblock: CachedBlock) {
    inode.links = 0
    markDirty(inode)
    addOrphans(1, superblock)
  }

  private mutating func addOrphans(_ change: Int32, _ superblock: CachedBlock) {
    let count = superblock.bytes.load(fromByteOffset: DiskFormat.orphanCountOffset, as: UInt32.self)
    superblock.bytes.storeBytes(
      of: count &+ UInt32(bitPattern: change), toByteOffset: DiskFormat.orphanCountOffset, as: UInt32.self)
    cache.markDirty(superblock)
  }

  /// Frees an orphan and its blocks.
  mutating func releaseOrphan(_ number: UInt32) throws(ErrorCode) {
    var more = true
    while more {
      try beginChange()
      let superblock = try cache.readHeld(0)
      let bitmap = try cache.readHeld(geometry.inodeBitmap)
      let inode = try inode(number)
      more = try truncateStep(inode)
      if !more {
        inode.clear()
        clearBit(bitmap, Int(number))
        cache.markDirty(bitmap)
        addOrphans(-1, superblock)
      }
    }
  }

  /// Frees what a crash left behind.
  ///
  /// What cannot be freed, on a corrupt disk, stays.
  mutating func releaseAllOrphans() throws(ErrorCode) {
    let superblock = try cache.read(0)
    guard superblock.bytes.load(fromByteOffset: DiskFormat.orphanCountOffset, as: UInt32.self) != 0 else { return }
    var number = DiskFormat.rootInode
    while number < geometry.inodeCount {
      cache.beginStep()
      let inode = try inodeRecord(number)
      if inode.kind != 0 && inode.links == 0 {
        do throws(ErrorCode) { try releaseOrphan(number) } catch {}
      }
      number += 1
    }
  }
}
