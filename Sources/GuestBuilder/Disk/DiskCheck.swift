// Checks a disk image: finds every inconsistency of its file system, and lists what is on it.
//
// The image may hold anything. It is not changed; a transaction that waits in the journal is completed in a copy.

import GuestABI

/// The result of looking through a whole disk.
public struct DiskCheck: Sendable {
  /// A file or directory that can be reached from the root.
  public struct Entry: Codable, Equatable, Sendable {
    /// The absolute path.
    public var path: String
    /// Whether it is a directory.
    public var isDirectory: Bool
    /// The inode's number.
    public var inode: UInt32
    /// In bytes.
    public var size: UInt64
  }

  /// All that is wrong; empty for a sound disk.
  public let findings: [DiskFinding]
  /// All that can be reached, sorted by path.
  public let entries: [Entry]
  private let image: DiskBytes

  /// Whether the file system is sound, apart from what a crash may leave for the next mount.
  public var isConsistent: Bool { findings.allSatisfy(\.isExpectedAfterCrash) }

  /// Checks `image`, the bytes of a whole disk.
  public init(_ image: [UInt8]) {
    var findings: [DiskFinding] = []
    var bytes = DiskBytes(bytes: image)
    guard let geometry = DiskCheck.geometry(of: bytes, &findings) else {
      self.findings = findings
      entries = []
      self.image = bytes
      return
    }
    DiskCheck.replayJournal(of: &bytes, geometry, &findings)
    var scan = DiskScan(image: bytes, geometry: geometry)
    scan.run()
    self.findings = findings + scan.findings
    entries = scan.entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    self.image = bytes
  }

  /// The content of the file at `path`; nil when there is none.
  ///
  /// Holes, and blocks that cannot be read, are zeros.
  /// - Parameter limit: the most bytes wanted. A file with holes can be far larger than its disk.
  public func content(ofFile path: String, upTo limit: Int = 64 << 20) -> [UInt8]? {
    guard let entry = entries.first(where: { $0.path == path && !$0.isDirectory }) else { return nil }
    var findings: [DiskFinding] = []
    guard let geometry = DiskCheck.geometry(of: image, &findings) else { return nil }
    return DiskScan(image: image, geometry: geometry).content(ofInode: entry.inode, upTo: limit)
  }

  private static func geometry(of image: DiskBytes, _ findings: inout [DiskFinding]) -> DiskGeometry? {
    func report(_ message: String) { findings.append(DiskFinding(.superblock, at: "superblock", message)) }
    guard image.bytes.count >= DiskFormat.blockSize else {
      report("the image has \(image.bytes.count) bytes, not even one block of \(DiskFormat.blockSize)")
      return nil
    }
    guard image.word64(0) == DiskFormat.magic else {
      report("it does not begin with the magic number of this file system")
      return nil
    }
    let version = image.word32(DiskFormat.versionOffset)
    guard version == DiskFormat.version else {
      report("version \(version), expected \(DiskFormat.version)")
      return nil
    }
    let blockSize = image.word32(DiskFormat.blockSizeOffset)
    guard blockSize == UInt32(DiskFormat.blockSize) else {
      report("a block size of \(blockSize) bytes, expected \(DiskFormat.blockSize)")
      return nil
    }
    let blocks = image.word32(DiskFormat.blockCountOffset)
    let inodes = image.word32(DiskFormat.inodeCountOffset)
    guard let geometry = DiskGeometry(blockCount: blocks, inodeCount: inodes) else {
      report("\(blocks) blocks with \(inodes) inodes cannot be")
      return nil
    }
    guard Int(blocks) * DiskFormat.blockSize <= image.bytes.count else {
      report("\(blocks) blocks, but the image has only \(image.bytes.count / DiskFormat.blockSize)")
      return nil
    }
    let dataStart = image.word32(DiskFormat.dataStartOffset)
    guard dataStart == geometry.dataStart else {
      report("data from block \(dataStart), expected \(geometry.dataStart)")
      return nil
    }
    return geometry
  }

  private static func replayJournal(
    of image: inout DiskBytes, _ geometry: DiskGeometry, _ findings: inout [DiskFinding]
  ) {
    let header = DiskBytes.offset(ofBlock: geometry.journalHeader)
    func report(_ kind: DiskFinding.Kind, _ message: String) {
      findings.append(DiskFinding(kind, at: "journal", message))
    }
    guard image.word32(header) == DiskFormat.journalMagic else {
      return report(.journal, "the header does not begin with its magic number")
    }
    let count = image.word32(header + DiskFormat.journalCountOffset)
    guard count <= UInt32(DiskFormat.journalSlots) else {
      return report(.journal, "\(count) blocks are said to wait, there are \(DiskFormat.journalSlots) slots")
    }
    let targets = (0..<Int(count)).map { image.word32(header + DiskFormat.journalTargetsOffset + $0 * 4) }
    let checksum = targets.reduce(DiskFormat.journalChecksumSeed) { DiskFormat.journalChecksum($0, adding: $1) }
    guard checksum == image.word32(header + DiskFormat.journalChecksumOffset) else {
      return report(.journal, "the checksum over the blocks' homes is wrong")
    }
    for target in targets where target >= geometry.journalHeader && !geometry.holdsData(target) {
      return report(.journal, "block \(target) is named as a home, which the journal never writes")
    }
    guard count > 0 else { return }
    report(.pendingTransaction, "\(count) blocks wait to be copied home; a mount does it")
    for (slot, target) in targets.enumerated() {
      let source = DiskBytes.offset(ofBlock: geometry.journalHeader + 1 + UInt32(slot))
      let home = DiskBytes.offset(ofBlock: target)
      image.bytes.replaceSubrange(
        home..<home + DiskFormat.blockSize, with: image.bytes[source..<source + DiskFormat.blockSize])
    }
  }
}
