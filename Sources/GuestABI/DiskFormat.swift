// The file system's layout on the disk: where things lie and what their fields are.
//
// All words are little-endian. Whoever reads a disk must treat every field as untrusted; nothing here checks
// content, except `DiskGeometry`, which refuses sizes that cannot be.

/// Sizes and field offsets of the file system on the disk.
///
/// The blocks are, in order: the superblock; the block bitmap; the inode bitmap; the inode table; the journal
/// (its header, then its slots), or nothing; the data. A set bit means "in use". Directories are dense arrays of entries in
/// the layout of `DirectoryEntryLayout`; a file's block pointer of 0 is a hole, which reads as zeros.
public enum DiskFormat {
  /// Bytes of a block.
  @inlinable public static var blockSize: Int { 4096 }
  /// Sectors of 512 bytes in a block.
  @inlinable public static var sectorsPerBlock: Int { 8 }
  /// The most blocks a disk can have: 1 GiB, eight blocks of bitmap.
  @inlinable public static var maximumBlocks: Int { 262_144 }
  /// Bits in one block of a bitmap.
  @inlinable public static var bitsPerBlock: Int { 32_768 }

  // MARK: Superblock (block 0), offsets in bytes

  /// "KRNLTREE" as a little-endian word, at offset 0.
  @inlinable public static var magic: UInt64 { 0x4545_5254_4C4E_524B }
  /// The only version there is; a 32-bit word.
  @inlinable public static var version: UInt32 { 1 }
  /// Offset of the version.
  @inlinable public static var versionOffset: Int { 8 }
  /// Offset of the block size in bytes, 32 bits.
  @inlinable public static var blockSizeOffset: Int { 12 }
  /// Offset of the number of blocks, 32 bits.
  @inlinable public static var blockCountOffset: Int { 16 }
  /// Offset of the number of inodes, 32 bits.
  @inlinable public static var inodeCountOffset: Int { 20 }
  /// Offset of the first block of the data, 32 bits: a check on the geometry.
  @inlinable public static var dataStartOffset: Int { 24 }
  /// Offset of the number of inodes that no directory names but whose blocks are still in use, 32 bits.
  @inlinable public static var orphanCountOffset: Int { 28 }

  // MARK: Inodes

  /// Bytes of an inode in the table.
  @inlinable public static var inodeSize: Int { 64 }
  /// Inodes in one block of the table.
  @inlinable public static var inodesPerBlock: Int { 64 }
  /// The root directory's inode; inode 0 is never used.
  @inlinable public static var rootInode: UInt32 { 1 }
  /// The value of `kind` in an inode and in a directory entry: a file.
  @inlinable public static var fileKind: UInt16 { 1 }
  /// The value of `kind` in an inode and in a directory entry: a directory.
  @inlinable public static var directoryKind: UInt16 { 2 }
  /// Offset of the kind, 16 bits; 0 in a free inode.
  @inlinable public static var kindOffset: Int { 0 }
  /// Offset of the number of directory entries that name the inode, 16 bits: 1, or 0 for an orphan.
  @inlinable public static var linksOffset: Int { 2 }
  /// Offset of the parent directory's inode, 32 bits: of directories only, else 0; the root is its own parent.
  @inlinable public static var parentOffset: Int { 4 }
  /// Offset of the size in bytes, 64 bits.
  @inlinable public static var sizeOffset: Int { 8 }
  /// Offset of the block pointers, 32 bits each: direct ones, an indirect one, a double-indirect one.
  @inlinable public static var pointersOffset: Int { 16 }
  /// How many of the pointers are direct.
  @inlinable public static var directPointers: Int { 10 }
  /// The index of the pointer to a block of pointers.
  @inlinable public static var indirectPointer: Int { 10 }
  /// The index of the pointer to a block of pointers to blocks of pointers.
  @inlinable public static var doubleIndirectPointer: Int { 11 }
  /// Pointers in a block.
  @inlinable public static var pointersPerBlock: Int { 1024 }
  /// The most blocks of one file.
  @inlinable public static var maximumFileBlocks: Int { 10 + 1024 + 1024 * 1024 }

  // MARK: Directories

  /// Bytes of the longest path.
  @inlinable public static var maximumPath: Int { 255 }
  /// Entries in one block of a directory.
  @inlinable public static var entriesPerBlock: Int { 64 }
  /// Offset of an entry's inode, 32 bits.
  @inlinable public static var entryInodeOffset: Int { 0 }
  /// Offset of an entry's kind, 8 bits.
  @inlinable public static var entryKindOffset: Int { 4 }
  /// Offset of the length of an entry's name in bytes, 8 bits.
  @inlinable public static var entryNameLengthOffset: Int { 5 }

  // MARK: Journal

  /// Blocks that one transaction can change.
  @inlinable public static var journalSlots: Int { 24 }
  /// "JRNL" as a little-endian word, at offset 0 of the journal's header.
  @inlinable public static var journalMagic: UInt32 { 0x4C4E_524A }
  /// Offset of the number of slots that wait to be copied home, 32 bits.
  @inlinable public static var journalCountOffset: Int { 4 }
  /// Offset of the checksum over the used targets, 32 bits.
  @inlinable public static var journalChecksumOffset: Int { 8 }
  /// Offset of the blocks' home numbers, 32 bits each; all lie in the header's first sector.
  @inlinable public static var journalTargetsOffset: Int { 16 }
  /// The checksum of no targets.
  @inlinable public static var journalChecksumSeed: UInt32 { 0x811C_9DC5 }

  /// The checksum of some targets, given that of those before the last (FNV-1a over words).
  @inlinable public static func journalChecksum(_ sum: UInt32, adding target: UInt32) -> UInt32 {
    (sum ^ target) &* 0x0100_0193
  }
}

/// Where the parts of a disk begin: a function of the two counts in its superblock, and of whether it has a journal.
public struct DiskGeometry: Equatable, Sendable {
  /// Blocks of the disk.
  public let blockCount: UInt32
  /// Inodes in the table, including the unused number 0.
  public let inodeCount: UInt32
  /// Whether there is a journal between the inodes and the data.
  public let hasJournal: Bool

  /// The geometry for these counts; nil when the format does not allow them or they leave no block for data.
  ///
  /// Inodes come in whole blocks of the table, and one block of bitmap covers them.
  @inlinable public init?(blockCount: UInt32, inodeCount: UInt32, hasJournal: Bool = true) {
    guard blockCount <= UInt32(DiskFormat.maximumBlocks), inodeCount >= UInt32(DiskFormat.inodesPerBlock),
      inodeCount <= UInt32(DiskFormat.bitsPerBlock), inodeCount % UInt32(DiskFormat.inodesPerBlock) == 0
    else { return nil }
    self.blockCount = blockCount
    self.inodeCount = inodeCount
    self.hasJournal = hasJournal
    guard dataStart < blockCount else { return nil }
  }

  /// The first block of the block bitmap.
  @inlinable public var blockBitmapStart: UInt32 { 1 }
  /// Blocks of the block bitmap.
  @inlinable public var blockBitmapBlocks: UInt32 {
    (blockCount + UInt32(DiskFormat.bitsPerBlock) - 1) / UInt32(DiskFormat.bitsPerBlock)
  }
  /// The inode bitmap, one block.
  @inlinable public var inodeBitmap: UInt32 { blockBitmapStart + blockBitmapBlocks }
  /// The first block of the inode table.
  @inlinable public var inodeTableStart: UInt32 { inodeBitmap + 1 }
  /// The journal's header, where there is a journal.
  @inlinable public var journalHeader: UInt32 { inodeTableStart + inodeCount / UInt32(DiskFormat.inodesPerBlock) }
  /// The first block that belongs to files and directories.
  @inlinable public var dataStart: UInt32 { journalHeader + (hasJournal ? 1 + UInt32(DiskFormat.journalSlots) : 0) }
}
