// Makes a disk image from a folder, in the layout of GuestABI's DiskFormat.
//
// The image depends on names and contents only, so that equal folders give equal bytes.

import Foundation
import GuestABI

/// Makes disk images.
public enum DiskImageBuilder {
  /// The size of an image when none is asked for, in bytes.
  public static let defaultSize = 2 << 20
  /// Bytes behind the file system of the standard disk: what an exokernel hands out in extents.
  public static let tailSize = 2 << 20

  /// The file system that holds the files and folders in `folder`.
  ///
  /// Names that begin with a dot are left out: they are the host's, not the disk's.
  /// - Parameters:
  ///   - folder: its content becomes the root directory's.
  ///   - generated: files that are added to the folders found there.
  ///   - sizeInBytes: of the disk, a multiple of 4096.
  /// - Throws: `DiskImageError` when the folder cannot be read or does not fit.
  public static func image(
    from folder: URL, adding generated: [GeneratedFile] = [], sizeInBytes: Int = defaultSize
  ) throws(DiskImageError) -> [UInt8] {
    var image = try DiskImageWriter(sizeInBytes: sizeInBytes)
    image.generated = generated
    try image.addContents(of: folder, to: DiskFormat.rootInode, path: "/")
    return image.finished()
  }

  /// A file system without files.
  /// - Parameter sizeInBytes: of the disk, a multiple of 4096.
  /// - Throws: `DiskImageError.invalidSize`.
  public static func emptyImage(sizeInBytes: Int = defaultSize) throws(DiskImageError) -> [UInt8] {
    try DiskImageWriter(sizeInBytes: sizeInBytes).finished()
  }
}

/// An image in the making: blocks and inodes are handed out in order.
private struct DiskImageWriter {
  private var image: DiskBytes
  private let geometry: DiskGeometry
  /// To be added to the folders as they are written.
  var generated: [GeneratedFile] = []
  private var nextBlock: UInt32
  private var nextInode = DiskFormat.rootInode + 1

  /// One inode for every two blocks, in whole blocks of the table.
  private static func inodeCount(blocks: Int) -> Int {
    let perBlock = DiskFormat.inodesPerBlock
    return min(max((blocks / 2 + perBlock - 1) / perBlock * perBlock, perBlock), DiskFormat.bitsPerBlock)
  }

  init(sizeInBytes: Int) throws(DiskImageError) {
    let blocks = sizeInBytes / DiskFormat.blockSize
    guard sizeInBytes > 0, sizeInBytes % DiskFormat.blockSize == 0, blocks <= DiskFormat.maximumBlocks,
      let geometry = DiskGeometry(
        blockCount: UInt32(blocks), inodeCount: UInt32(DiskImageWriter.inodeCount(blocks: blocks)))
    else {
      // The superblock, two bitmaps, one block of inodes, the journal and a block for data.
      let minimum = (4 + 1 + DiskFormat.journalSlots + 1) * DiskFormat.blockSize
      throw .invalidSize(
        bytes: sizeInBytes, minimum: minimum, maximum: DiskFormat.maximumBlocks * DiskFormat.blockSize)
    }
    self.geometry = geometry
    image = DiskBytes(bytes: [UInt8](repeating: 0, count: sizeInBytes))
    nextBlock = geometry.dataStart
    writeSuperblock()
    initializeInode(
      DiskFormat.rootInode, kind: DiskFormat.directoryKind, parent: DiskFormat.rootInode)
  }

  private mutating func writeSuperblock() {
    image.set64(0, DiskFormat.magic)
    image.set32(DiskFormat.versionOffset, DiskFormat.version)
    image.set32(DiskFormat.blockSizeOffset, UInt32(DiskFormat.blockSize))
    image.set32(DiskFormat.blockCountOffset, geometry.blockCount)
    image.set32(DiskFormat.inodeCountOffset, geometry.inodeCount)
    image.set32(DiskFormat.dataStartOffset, geometry.dataStart)
    let journal = DiskBytes.offset(ofBlock: geometry.journalHeader)
    image.set32(journal, DiskFormat.journalMagic)
    image.set32(journal + DiskFormat.journalChecksumOffset, DiskFormat.journalChecksumSeed)
  }

  private mutating func initializeInode(_ number: UInt32, kind: UInt16, parent: UInt32) {
    let offset = geometry.offset(ofInode: number)
    image.set16(offset + DiskFormat.kindOffset, kind)
    image.set16(offset + DiskFormat.linksOffset, 1)
    image.set32(offset + DiskFormat.parentOffset, parent)
  }

  /// The image with its bitmaps.
  consuming func finished() -> [UInt8] {
    for block in 0..<nextBlock { image.setBit(block, ofBitmapAt: geometry.blockBitmapStart) }
    for inode in 0..<nextInode { image.setBit(inode, ofBitmapAt: geometry.inodeBitmap) }
    return image.bytes
  }

  // MARK: Files and folders

  mutating func addContents(of folder: URL, to directory: UInt32, path: String) throws(DiskImageError) {
    var entries: [UInt8] = []
    let made = generated.filter { "/\($0.folder)/" == path }
    for name in try DiskImageWriter.names(in: folder, and: made.map(\.name)) {
      let source = folder.appending(path: name, directoryHint: .inferFromPath)
      let place = path + name
      guard name.utf8.count <= DirectoryEntryLayout.maximumName else {
        throw .nameTooLong(path: place, bytes: name.utf8.count, limit: DirectoryEntryLayout.maximumName)
      }
      guard nextInode < geometry.inodeCount else { throw full(place) }
      let inode = nextInode
      nextInode += 1
      let content = made.first { $0.name == name }?.content
      let kind = content == nil ? try DiskImageWriter.kind(of: source) : DiskFormat.fileKind
      entries += DiskImageWriter.entry(name: name, inode: inode, kind: kind)
      if kind == DiskFormat.directoryKind {
        initializeInode(inode, kind: kind, parent: directory)
        try addContents(of: source, to: inode, path: place + "/")
      } else {
        initializeInode(inode, kind: kind, parent: 0)
        let bytes = if let content { content } else { try DiskImageWriter.read(source) }
        try setContent(of: inode, to: bytes, path: place)
      }
    }
    try setContent(of: directory, to: entries, path: path)
  }

  private static func names(in folder: URL, and others: [String]) throws(DiskImageError) -> [String] {
    guard try attributes(of: folder) == .typeDirectory else { throw .notAFolder(path: folder.path) }
    do {
      let found = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
      return (found + others)
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw .unreadable(path: folder.path, reason: error.localizedDescription)
    }
  }

  private static func attributes(of url: URL) throws(DiskImageError) -> FileAttributeType? {
    do {
      return try FileManager.default.attributesOfItem(atPath: url.path)[.type] as? FileAttributeType
    } catch {
      throw .unreadable(path: url.path, reason: error.localizedDescription)
    }
  }

  private static func kind(of url: URL) throws(DiskImageError) -> UInt16 {
    switch try attributes(of: url) {
    case .typeDirectory: return DiskFormat.directoryKind
    case .typeRegular: return DiskFormat.fileKind
    default: throw .unsupportedKind(path: url.path)
    }
  }

  private static func read(_ url: URL) throws(DiskImageError) -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: url))
    } catch {
      throw .unreadable(path: url.path, reason: error.localizedDescription)
    }
  }

  private static func entry(name: String, inode: UInt32, kind: UInt16) -> [UInt8] {
    var entry = DiskBytes(bytes: [UInt8](repeating: 0, count: DirectoryEntryLayout.size))
    entry.set32(DiskFormat.entryInodeOffset, inode)
    entry.bytes[DiskFormat.entryKindOffset] = UInt8(kind)
    entry.bytes[DiskFormat.entryNameLengthOffset] = UInt8(name.utf8.count)
    let start = DirectoryEntryLayout.nameOffset
    entry.bytes.replaceSubrange(start..<start + name.utf8.count, with: name.utf8)
    return entry.bytes
  }

  // MARK: Blocks

  private func full(_ path: String) -> DiskImageError { .full(path: path, sizeInBytes: image.bytes.count) }

  private mutating func allocate(_ path: String) throws(DiskImageError) -> UInt32 {
    guard nextBlock < geometry.blockCount else { throw full(path) }
    nextBlock += 1
    return nextBlock - 1
  }

  private mutating func setContent(of inode: UInt32, to content: [UInt8], path: String) throws(DiskImageError) {
    let record = geometry.offset(ofInode: inode)
    image.set64(record + DiskFormat.sizeOffset, UInt64(content.count))
    var start = 0
    var index = 0
    while start < content.count {
      let pointer = try pointerOffset(record, index, path)
      let block = try allocate(path)
      image.set32(pointer, block)
      let end = min(start + DiskFormat.blockSize, content.count)
      let offset = DiskBytes.offset(ofBlock: block)
      image.bytes.replaceSubrange(offset..<offset + end - start, with: content[start..<end])
      start = end
      index += 1
    }
  }

  /// Where the pointer to block `index` of a file lies; makes the blocks of pointers that lead there.
  private mutating func pointerOffset(_ record: Int, _ index: Int, _ path: String) throws(DiskImageError) -> Int {
    let pointers = record + DiskFormat.pointersOffset
    if index < DiskFormat.directPointers { return pointers + index * 4 }
    let single = index - DiskFormat.directPointers
    if single < DiskFormat.pointersPerBlock {
      return try below(pointers + DiskFormat.indirectPointer * 4, path) + single * 4
    }
    let double = single - DiskFormat.pointersPerBlock
    guard double / DiskFormat.pointersPerBlock < DiskFormat.pointersPerBlock else { throw full(path) }
    let upper = try below(pointers + DiskFormat.doubleIndirectPointer * 4, path)
    let lower = try below(upper + double / DiskFormat.pointersPerBlock * 4, path)
    return lower + double % DiskFormat.pointersPerBlock * 4
  }

  /// Where the block begins that the pointer at `offset` leads to; allocates it if there is none.
  private mutating func below(_ offset: Int, _ path: String) throws(DiskImageError) -> Int {
    if image.word32(offset) == 0 { image.set32(offset, try allocate(path)) }
    return DiskBytes.offset(ofBlock: image.word32(offset))
  }
}
