// The file system: its state, and how it is mounted.
//
// Nobody but the entry points (EntryPoints.swift) may use it, and only under the instance's lock. Everything on the
// disk is untrusted: a field is checked before it is used as a number of anything.

import Interfaces

/// A mounted disk.
struct FileSystem {
  let geometry: DiskGeometry
  var cache: BlockCache
  /// One sector of device memory for the journal's header.
  let journalSector: UnsafeMutableRawPointer
  /// A page of zeros: what a hole reads as.
  let zeros: UnsafeRawPointer
  let handles: UnsafeMutablePointer<OpenFile>
  let incarnation: UInt64
  /// Two paths.
  let paths: UnsafeMutablePointer<UInt8>
  /// Where the search for a free block begins.
  var nextBlock: UInt32
  /// A commit failed half-way: it has to be repeated before anything may change.
  var commitPending = false
  /// The disk must not be written.
  let isReadOnly: Bool

  static var pathStride: Int { 256 }

  /// Mounts `disk`: takes memory, completes what a crash interrupted; inputOutput when that would need writing and must
  /// not be.
  init(disk: OpaquePointer, isReadOnly: Bool) throws(ErrorCode) {
    guard let pages = env_device_pages(UInt64(BlockCache.bufferCount + 1)), let tables = env_pages(1),
      let zeros = env_pages(1)
    else { throw .noMemory }
    let buffers = tables.assumingMemoryBound(to: Buffer.self)
    let handles = (tables + MemoryLayout<Buffer>.stride * BlockCache.bufferCount).assumingMemoryBound(to: OpenFile.self)
    let paths = UnsafeMutableRawPointer(handles + FileSystem.handleCount).assumingMemoryBound(to: UInt8.self)
    let buckets = paths + 2 * FileSystem.pathStride

    var device = BlockDevice(disk: disk)
    let geometry = try FileSystem.readSuperblock(&device, scratch: pages)
    self.geometry = geometry
    cache = BlockCache(device: device, pages: pages, buffers: buffers, buckets: buckets)
    journalSector = pages + BlockCache.bufferCount * DiskFormat.blockSize
    self.zeros = UnsafeRawPointer(zeros)
    self.handles = handles
    incarnation = FileSystem.incarnation(startedAt: env_time())
    self.paths = paths
    self.isReadOnly = isReadOnly
    nextBlock = geometry.dataStart
    try replayJournal(scratch: pages)
    if !isReadOnly { try releaseAllOrphans() }
    guard try inode(DiskFormat.rootInode).isDirectory else { throw .inputOutput }
  }

  /// The geometry that the superblock states, if this is such a disk and it fits on the device.
  private static func readSuperblock(
    _ device: inout BlockDevice, scratch: UnsafeMutableRawPointer
  ) throws(ErrorCode) -> DiskGeometry {
    let available = try device.blockCount()
    guard available > 0 else { throw .invalid }
    try device.readFirstSector(0, into: scratch)
    func word(_ offset: Int) -> UInt32 { scratch.load(fromByteOffset: offset, as: UInt32.self) }
    // The data's first block says whether there is a journal in front of it.
    let dataStart = word(DiskFormat.dataStartOffset)
    func geometry(hasJournal: Bool) -> DiskGeometry? {
      let geometry = DiskGeometry(
        blockCount: word(DiskFormat.blockCountOffset), inodeCount: word(DiskFormat.inodeCountOffset),
        hasJournal: hasJournal)
      return geometry?.dataStart == dataStart ? geometry : nil
    }
    guard scratch.load(as: UInt64.self) == DiskFormat.magic, word(DiskFormat.versionOffset) == DiskFormat.version,
      word(DiskFormat.blockSizeOffset) == UInt32(DiskFormat.blockSize),
      let geometry = geometry(hasJournal: true) ?? geometry(hasJournal: false),
      UInt64(geometry.blockCount) <= available
    else { throw .invalid }
    return geometry
  }
}
