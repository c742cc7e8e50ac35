// Inodes: what a file or directory is, and where its blocks are.
//
// An `Inode` points into the cache: it is valid in the step that read it, no longer.

/// An inode of the table, in the cache and held.
struct Inode {
  let number: UInt32
  let block: CachedBlock
  private let record: UnsafeMutableRawPointer

  init(number: UInt32, block: CachedBlock) {
    self.number = number
    self.block = block
    record = block.bytes + Int(number) % DiskFormat.inodesPerBlock * DiskFormat.inodeSize
  }

  var kind: UInt16 {
    get { record.load(fromByteOffset: DiskFormat.kindOffset, as: UInt16.self) }
    nonmutating set { record.storeBytes(of: newValue, toByteOffset: DiskFormat.kindOffset, as: UInt16.self) }
  }
  var links: UInt16 {
    get { record.load(fromByteOffset: DiskFormat.linksOffset, as: UInt16.self) }
    nonmutating set { record.storeBytes(of: newValue, toByteOffset: DiskFormat.linksOffset, as: UInt16.self) }
  }
  var parent: UInt32 {
    get { record.load(fromByteOffset: DiskFormat.parentOffset, as: UInt32.self) }
    nonmutating set { record.storeBytes(of: newValue, toByteOffset: DiskFormat.parentOffset, as: UInt32.self) }
  }
  var size: UInt64 {
    get { record.load(fromByteOffset: DiskFormat.sizeOffset, as: UInt64.self) }
    nonmutating set { record.storeBytes(of: newValue, toByteOffset: DiskFormat.sizeOffset, as: UInt64.self) }
  }
  /// The address of block pointer `index`.
  func pointer(_ index: Int) -> UnsafeMutablePointer<UInt32> {
    (record + DiskFormat.pointersOffset).assumingMemoryBound(to: UInt32.self) + index
  }

  var isDirectory: Bool { kind == DiskFormat.directoryKind }

  /// Empties the record.
  func clear() {
    record.initializeMemory(as: UInt8.self, repeating: 0, count: DiskFormat.inodeSize)
  }
}

extension FileSystem {
  /// Inode `number`, which is in use; inputOutput when the disk's word for it cannot be true.
  mutating func inode(_ number: UInt32) throws(ErrorCode) -> Inode {
    let inode = try inodeRecord(number)
    let kind = inode.kind
    guard kind == DiskFormat.fileKind || kind == DiskFormat.directoryKind,
      inode.size <= UInt64(DiskFormat.maximumFileBlocks) * UInt64(DiskFormat.blockSize)
    else { throw .inputOutput }
    if kind == DiskFormat.directoryKind {
      // Directories have no holes, so the disk bounds their size.
      guard inode.size % UInt64(DirectoryEntryLayout.size) == 0,
        inode.size <= UInt64(geometry.blockCount) * UInt64(DiskFormat.blockSize)
      else { throw .inputOutput }
    }
    return inode
  }

  /// Inode `number`, in use or not.
  mutating func inodeRecord(_ number: UInt32) throws(ErrorCode) -> Inode {
    guard number >= DiskFormat.rootInode, number < geometry.inodeCount else { throw .inputOutput }
    let block = geometry.inodeTableStart + number / UInt32(DiskFormat.inodesPerBlock)
    return Inode(number: number, block: try cache.readHeld(block))
  }

  /// The same, as a directory.
  mutating func directory(_ number: UInt32) throws(ErrorCode) -> Inode {
    let inode = try inode(number)
    guard inode.isDirectory else { throw .notDirectory }
    return inode
  }

  mutating func markDirty(_ inode: Inode) { cache.markDirty(inode.block) }
}
