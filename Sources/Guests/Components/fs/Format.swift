// Making an empty file system: the blocks that a mount looks at, written once and in no particular order.
//
// Whoever has the disk mounted must not be surprised: nothing here knows of mounts.

import Interfaces

/// Writes the file system's own blocks to a whole disk, which holds nothing worth keeping.
func format(_ disk: OpaquePointer, hasJournal: Bool) throws(ErrorCode) {
  let device = BlockDevice(disk: disk)
  let blocks = UInt32(clamping: min(try device.blockCount(), UInt64(DiskFormat.maximumBlocks)))
  // One block of inodes: as many as such a disk will need.
  guard
    let geometry = DiskGeometry(
      blockCount: blocks, inodeCount: UInt32(DiskFormat.inodesPerBlock), hasJournal: hasJournal)
  else { throw .noSpace }
  guard let block = env_device_pages(1) else { throw .noMemory }

  func clear() { block.initializeMemory(as: UInt8.self, repeating: 0, count: DiskFormat.blockSize) }
  func set(_ offset: Int, _ value: UInt32) { block.storeBytes(of: value, toByteOffset: offset, as: UInt32.self) }
  func mark(_ count: UInt32) {
    for bit in 0..<Int(count) {
      let byte = block.load(fromByteOffset: bit >> 3, as: UInt8.self)
      block.storeBytes(of: byte | 1 << UInt8(bit & 7), toByteOffset: bit >> 3, as: UInt8.self)
    }
  }

  set(DiskFormat.versionOffset, DiskFormat.version)
  set(DiskFormat.blockSizeOffset, UInt32(DiskFormat.blockSize))
  set(DiskFormat.blockCountOffset, geometry.blockCount)
  set(DiskFormat.inodeCountOffset, geometry.inodeCount)
  set(DiskFormat.dataStartOffset, geometry.dataStart)
  block.storeBytes(of: DiskFormat.magic, as: UInt64.self)
  try device.write(0, from: block)

  for index in 0..<geometry.blockBitmapBlocks {
    clear()
    // What lies before the data is in use, and fits into the first block of the bitmap.
    if index == 0 { mark(geometry.dataStart) }
    try device.write(geometry.blockBitmapStart + index, from: block)
  }
  clear()
  mark(DiskFormat.rootInode + 1)
  try device.write(geometry.inodeBitmap, from: block)

  clear()
  let root = Int(DiskFormat.rootInode) * DiskFormat.inodeSize
  block.storeBytes(of: DiskFormat.directoryKind, toByteOffset: root + DiskFormat.kindOffset, as: UInt16.self)
  block.storeBytes(of: 1, toByteOffset: root + DiskFormat.linksOffset, as: UInt16.self)
  set(root + DiskFormat.parentOffset, DiskFormat.rootInode)
  try device.write(geometry.inodeTableStart, from: block)

  guard hasJournal else { return }
  clear()
  set(0, DiskFormat.journalMagic)
  set(DiskFormat.journalChecksumOffset, DiskFormat.journalChecksumSeed)
  try device.write(geometry.journalHeader, from: block)
}
