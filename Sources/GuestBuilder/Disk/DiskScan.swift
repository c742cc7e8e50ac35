// The pass over a disk's inodes, directories and bitmaps that `DiskCheck` makes.
//
// The superblock has been found sound; nothing else is believed.

import GuestABI

/// One scan and what it found.
struct DiskScan {
  let image: DiskBytes
  let geometry: DiskGeometry
  private(set) var findings: [DiskFinding] = []
  private(set) var entries: [DiskCheck.Entry] = []
  /// The inode that owns each block; 0 for none.
  private var owners: [UInt32]
  /// The path by which each inode was reached.
  private var paths: [UInt32: String] = [:]

  init(image: DiskBytes, geometry: DiskGeometry) {
    self.image = image
    self.geometry = geometry
    owners = [UInt32](repeating: 0, count: Int(geometry.blockCount))
  }

  mutating func run() {
    for number in DiskFormat.rootInode..<geometry.inodeCount { checkInode(number) }
    walkTree()
    checkReachability()
    checkBlockBitmap()
    checkInodeBitmap()
  }

  private mutating func report(_ kind: DiskFinding.Kind, at place: String, _ message: String) {
    findings.append(DiskFinding(kind, at: place, message))
  }

  // MARK: Inodes

  private struct Record {
    var kind: UInt16
    var links: UInt16
    var parent: UInt32
    var size: UInt64
    var pointers: [UInt32]

    var isDirectory: Bool { kind == DiskFormat.directoryKind }
    var isUsed: Bool { kind == DiskFormat.fileKind || isDirectory }
    var blockCount: Int {
      let blockSize = UInt64(DiskFormat.blockSize)
      return Int(size / blockSize) + (size % blockSize == 0 ? 0 : 1)
    }

    /// Whether the size is one that the format, and for a directory the disk, allows.
    func hasPossibleSize(_ geometry: DiskGeometry) -> Bool {
      if isDirectory {
        return size % UInt64(DirectoryEntryLayout.size) == 0
          && size <= UInt64(geometry.blockCount) * UInt64(DiskFormat.blockSize)
      }
      return size <= UInt64(DiskFormat.maximumFileBlocks) * UInt64(DiskFormat.blockSize)
    }
  }

  private func record(_ number: UInt32) -> Record {
    let offset = geometry.offset(ofInode: number)
    let pointers = (0...DiskFormat.doubleIndirectPointer).map {
      image.word32(offset + DiskFormat.pointersOffset + $0 * 4)
    }
    return Record(
      kind: image.word16(offset + DiskFormat.kindOffset), links: image.word16(offset + DiskFormat.linksOffset),
      parent: image.word32(offset + DiskFormat.parentOffset), size: image.word64(offset + DiskFormat.sizeOffset),
      pointers: pointers)
  }

  private mutating func checkInode(_ number: UInt32) {
    let place = "inode \(number)"
    let inode = record(number)
    guard inode.isUsed else {
      if inode.kind != 0 {
        report(.inode, at: place, "kind \(inode.kind), expected 0 (free), 1 (file) or 2 (directory)")
      } else if number == DiskFormat.rootInode {
        report(.inode, at: place, "the root directory's inode is free")
      }
      return
    }
    if number == DiskFormat.rootInode && !inode.isDirectory {
      report(.inode, at: place, "the root is not a directory")
    }
    if inode.links > 1 { report(.inode, at: place, "\(inode.links) links, expected 1, or 0 for an orphan") }
    if !inode.isDirectory && inode.parent != 0 {
      report(.inode, at: place, "a file with a parent, inode \(inode.parent)")
    }
    if !inode.hasPossibleSize(geometry) { report(.inode, at: place, "a size of \(inode.size) bytes cannot be") }
    var mapped = Set<Int>()
    for pointer in pointers(of: inode) {
      claim(pointer, for: number)
      guard let index = pointer.index else { continue }
      mapped.insert(index)
      if index >= inode.blockCount {
        report(.pointer, at: place, "block \(pointer.block) lies beyond the end, at block \(index) of the file")
      }
    }
    if inode.isDirectory && inode.hasPossibleSize(geometry) {
      for index in 0..<inode.blockCount where !mapped.contains(index) {
        report(.pointer, at: place, "the directory has no block \(index)")
      }
    }
  }

  /// A pointer that is not 0: which block of the file it leads to, if it leads to data.
  private struct Pointer {
    var block: UInt32
    var index: Int?
  }

  /// All pointers of an inode, those in blocks of pointers too.
  ///
  /// No block is followed twice.
  private func pointers(of inode: Record) -> [Pointer] {
    var result: [Pointer] = []
    var followed = Set<UInt32>()
    func follow(_ block: UInt32, depth: Int, index: Int) {
      guard block != 0 else { return }
      result.append(Pointer(block: block, index: depth == 0 ? index : nil))
      guard depth > 0, geometry.holdsData(block), followed.insert(block).inserted else { return }
      let stride = depth == 1 ? 1 : DiskFormat.pointersPerBlock
      for slot in 0..<DiskFormat.pointersPerBlock {
        follow(
          image.word32(DiskBytes.offset(ofBlock: block) + slot * 4), depth: depth - 1, index: index + slot * stride)
      }
    }
    let direct = DiskFormat.directPointers
    for index in 0..<direct { follow(inode.pointers[index], depth: 0, index: index) }
    follow(inode.pointers[DiskFormat.indirectPointer], depth: 1, index: direct)
    follow(inode.pointers[DiskFormat.doubleIndirectPointer], depth: 2, index: direct + DiskFormat.pointersPerBlock)
    return result
  }

  private mutating func claim(_ pointer: Pointer, for inode: UInt32) {
    guard geometry.holdsData(pointer.block) else {
      return report(
        .pointer, at: "inode \(inode)",
        "a pointer to block \(pointer.block), expected \(geometry.dataStart)…\(geometry.blockCount - 1)")
    }
    let owner = owners[Int(pointer.block)]
    if owner == 0 {
      owners[Int(pointer.block)] = inode
    } else {
      report(.sharedBlock, at: "block \(pointer.block)", "belongs to inode \(owner) and to inode \(inode)")
    }
  }

  /// The first `limit` bytes of a file, fewer if it is shorter; zeros where it has no block.
  func content(ofInode number: UInt32, upTo limit: Int) -> [UInt8] {
    let inode = record(number)
    var content = [UInt8](repeating: 0, count: min(Int(clamping: inode.size), limit))
    for pointer in pointers(of: inode) {
      guard let index = pointer.index, geometry.holdsData(pointer.block) else { continue }
      let start = index * DiskFormat.blockSize
      guard start < content.count else { continue }
      let count = min(DiskFormat.blockSize, content.count - start)
      let source = DiskBytes.offset(ofBlock: pointer.block)
      content.replaceSubrange(start..<start + count, with: image.bytes[source..<source + count])
    }
    return content
  }

  // MARK: The tree

  private mutating func walkTree() {
    let root = record(DiskFormat.rootInode)
    guard root.isDirectory else { return }
    if root.links != 1 { report(.inode, at: "/", "\(root.links) links to the root, expected 1") }
    if root.parent != DiskFormat.rootInode {
      report(.parent, at: "/", "the root's parent is inode \(root.parent), expected itself")
    }
    paths[DiskFormat.rootInode] = "/"
    var pending = [DiskFormat.rootInode]
    while let directory = pending.popLast() { walk(directory, &pending) }
  }

  private mutating func walk(_ directory: UInt32, _ pending: inout [UInt32]) {
    let inode = record(directory)
    let path = paths[directory] ?? ""
    guard inode.hasPossibleSize(geometry) else { return }
    let content = DiskBytes(bytes: content(ofInode: directory, upTo: image.bytes.count))
    var names = Set<[UInt8]>()
    for offset in stride(from: 0, to: content.bytes.count, by: DirectoryEntryLayout.size) {
      let index = offset / DirectoryEntryLayout.size
      let place = "\(path) entry \(index)"
      let length = Int(content.bytes[offset + DiskFormat.entryNameLengthOffset])
      guard length > 0, length <= DirectoryEntryLayout.maximumName else {
        report(.entry, at: place, "a name of \(length) bytes, expected 1…\(DirectoryEntryLayout.maximumName)")
        continue
      }
      let start = offset + DirectoryEntryLayout.nameOffset
      let name = Array(content.bytes[start..<start + length])
      let text = String(decoding: name, as: UTF8.self)
      if name.contains(0) || name.contains(UInt8(ascii: "/")) || text == "." || text == ".." {
        report(.entry, at: place, "\"\(text)\" is not a name")
      }
      if !names.insert(name).inserted { report(.entry, at: place, "\"\(text)\" is there twice") }
      let child = content.word32(offset + DiskFormat.entryInodeOffset)
      guard child >= DiskFormat.rootInode, child < geometry.inodeCount else {
        report(.entry, at: place, "\"\(text)\" names inode \(child), expected 2…\(geometry.inodeCount - 1)")
        continue
      }
      let kind = UInt16(content.bytes[offset + DiskFormat.entryKindOffset])
      reach(child, kind: kind, from: directory, path: (path == "/" ? "/" : path + "/") + text, &pending)
    }
  }

  private mutating func reach(
    _ child: UInt32, kind: UInt16, from directory: UInt32, path: String, _ pending: inout [UInt32]
  ) {
    let inode = record(child)
    guard inode.isUsed else { return report(.entry, at: path, "names inode \(child), which is free") }
    if inode.kind != kind { report(.entry, at: path, "kind \(kind), but inode \(child) has kind \(inode.kind)") }
    if let other = paths[child] {
      return report(.reachability, at: path, "names inode \(child), as \(other) does")
    }
    paths[child] = path
    if inode.links == 0 { report(.inode, at: path, "0 links in inode \(child), expected 1") }
    entries.append(
      DiskCheck.Entry(path: path, isDirectory: inode.isDirectory, inode: child, size: inode.size))
    if inode.isDirectory {
      if inode.parent != directory {
        report(.parent, at: path, "the parent is inode \(inode.parent), expected \(directory)")
      }
      pending.append(child)
    }
  }

  private mutating func checkReachability() {
    var orphans: UInt32 = 0
    for number in DiskFormat.rootInode..<geometry.inodeCount where paths[number] == nil {
      let inode = record(number)
      guard inode.isUsed else { continue }
      if inode.links == 0 {
        orphans += 1
        report(.orphan, at: "inode \(number)", "no directory names it and it says so; a mount frees it")
      } else {
        report(.reachability, at: "inode \(number)", "in use, but no directory that can be reached names it")
      }
    }
    let stated = image.word32(DiskFormat.orphanCountOffset)
    if stated != orphans {
      report(.orphanCount, at: "superblock", "\(stated) orphans are stated, there are \(orphans)")
    }
  }

  // MARK: Bitmaps

  private mutating func checkBlockBitmap() {
    let bits = geometry.blockBitmapBlocks * UInt32(DiskFormat.bitsPerBlock)
    reportRanges(of: bits, .blockBitmap, "block") { scan, block in
      let marked = scan.image.bit(block, ofBitmapAt: scan.geometry.blockBitmapStart)
      guard block < scan.geometry.blockCount else { return marked ? "marked, but beyond the disk's end" : nil }
      let used = block < scan.geometry.dataStart || scan.owners[Int(block)] != 0
      if marked == used { return nil }
      return used ? "in use, but marked as free" : "marked as in use, but nothing owns it"
    }
  }

  private mutating func checkInodeBitmap() {
    reportRanges(of: UInt32(DiskFormat.bitsPerBlock), .inodeBitmap, "inode") { scan, number in
      let marked = scan.image.bit(number, ofBitmapAt: scan.geometry.inodeBitmap)
      guard number < scan.geometry.inodeCount else { return marked ? "marked, but beyond the table's end" : nil }
      let used = number == 0 || scan.record(number).kind != 0
      if marked == used { return nil }
      return used ? "in use, but marked as free" : "marked as in use, but free in the table"
    }
  }

  /// Reports what `problem` says of the numbers below `count`, equal neighbours in one finding.
  private mutating func reportRanges(
    of count: UInt32, _ kind: DiskFinding.Kind, _ noun: String, _ problem: (DiskScan, UInt32) -> String?
  ) {
    var open: (first: UInt32, problem: String)?
    for number in 0...count {
      let current = number < count ? problem(self, number) : nil
      if let (first, message) = open, message != current {
        let place = first == number - 1 ? "\(noun) \(first)" : "\(noun)s \(first)…\(number - 1)"
        report(kind, at: place, message)
        open = nil
      }
      if let current, open == nil { open = (number, current) }
    }
  }
}
