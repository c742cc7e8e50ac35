// Disk images made from folders, and what the checker says of damaged ones.

import Foundation
import GuestABI
import Testing

@testable import GuestBuilder

@Suite
struct DiskImageTests {
  static let projectFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources/Guests/Disk")

  static func projectImage() throws -> [UInt8] { try DiskImageBuilder.image(from: projectFolder) }

  /// A folder that lives as long as `body` runs.
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "disk-image-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test func projectDiskIsSoundAndHoldsItsFolder() throws {
    let image = try DiskImageTests.projectImage()
    #expect(image.count == 2 << 20)
    let check = DiskCheck(image)
    #expect(check.findings == [])
    let folder = DiskImageTests.projectFolder
    for path in ["etc/motd", "README", "books/terrarium", "data/primes", "home/guest/garden/moss"] {
      let source = [UInt8](try Data(contentsOf: folder.appending(path: path)))
      #expect(check.content(ofFile: "/" + path) == source)
    }
    let message = try #require(check.content(ofFile: "/etc/motd"))
    #expect(message.count <= 60)
    #expect(message.filter { $0 == UInt8(ascii: "\n") }.count == 1 && message.last == UInt8(ascii: "\n"))
  }

  @Test func equalFoldersGiveEqualImages() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appending(path: "b"), withIntermediateDirectories: true)
      try Data("one".utf8).write(to: folder.appending(path: "b/one"))
      try Data("two".utf8).write(to: folder.appending(path: "a"))
      let first = try DiskImageBuilder.image(from: folder)
      try withFolder { other in
        // The other order, other times.
        try Data("two".utf8).write(to: other.appending(path: "a"))
        try Data("not the disk's".utf8).write(to: other.appending(path: ".hidden"))
        try FileManager.default.createDirectory(at: other.appending(path: "b"), withIntermediateDirectories: true)
        try Data("one".utf8).write(to: other.appending(path: "b/one"))
        #expect(try DiskImageBuilder.image(from: other) == first)
      }
      #expect(DiskCheck(first).entries.map(\.path) == ["/a", "/b", "/b/one"])
    }
  }

  @Test func generatedFilesTakeTheirPlaceInTheirFolder() throws {
    let file = GeneratedFile(folder: "b", name: "made", content: Array("by the builder".utf8))
    try withFolder { folder in
      try FileManager.default.createDirectory(at: folder.appending(path: "b"), withIntermediateDirectories: true)
      try Data("one".utf8).write(to: folder.appending(path: "b/one"))
      let check = DiskCheck(try DiskImageBuilder.image(from: folder, adding: [file]))
      #expect(check.findings == [])
      #expect(check.entries.map(\.path) == ["/b", "/b/made", "/b/one"])
      #expect(check.content(ofFile: "/b/made") == file.content)
    }
  }

  @Test func theScannedFileIsLargerThanTheCacheAndMadeOfLines() {
    let content = GeneratedFile.scan.content
    #expect(content.count == 48 * DiskFormat.blockSize)
    #expect(content.split(separator: UInt8(ascii: "\n")).allSatisfy { $0.count == 63 })
    #expect(String(decoding: content.suffix(64), as: UTF8.self).hasPrefix("block 47 line 63 ."))
  }

  @Test func largeFilesGoThroughIndirectBlocks() throws {
    try withFolder { folder in
      let content = (0..<(1100 * 4096 + 5)).map { UInt8(truncatingIfNeeded: $0 / 4096 &+ $0) }
      try Data(content).write(to: folder.appending(path: "large"))
      let image = try DiskImageBuilder.image(from: folder, sizeInBytes: 8 << 20)
      let check = DiskCheck(image)
      #expect(check.findings == [])
      #expect(check.content(ofFile: "/large") == content)
      #expect(throws: DiskImageError.full(path: "/large", sizeInBytes: 2 << 20)) {
        try DiskImageBuilder.image(from: folder)
      }
    }
  }

  @Test func foldersThatCannotBecomeADiskAreNamed() throws {
    try withFolder { folder in
      let missing = folder.appending(path: "missing")
      #expect {
        try DiskImageBuilder.image(from: missing)
      } throws: {
        if case .unreadable(missing.path, _) = $0 as? DiskImageError { true } else { false }
      }
      let file = folder.appending(path: "file")
      try Data().write(to: file)
      #expect(throws: DiskImageError.notAFolder(path: file.path)) { try DiskImageBuilder.image(from: file) }
      for size in [0, 4096, 4097, 29 * 4096, 2 << 30] {
        #expect(
          throws: DiskImageError.invalidSize(bytes: size, minimum: 30 * 4096, maximum: 1 << 30)
        ) { try DiskImageBuilder.image(from: folder, sizeInBytes: size) }
      }
      _ = try DiskImageBuilder.image(from: folder, sizeInBytes: 30 * 4096)
      let long = String(repeating: "x", count: 57)
      try Data().write(to: folder.appending(path: long))
      #expect(throws: DiskImageError.nameTooLong(path: "/" + long, bytes: 57, limit: 56)) {
        try DiskImageBuilder.image(from: folder)
      }
      try FileManager.default.removeItem(at: folder.appending(path: long))
      let link = folder.appending(path: "link")
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
      #expect(throws: DiskImageError.unsupportedKind(path: link.path)) { try DiskImageBuilder.image(from: folder) }
    }
  }

  /// A way to damage the project's disk, and what the checker has to say.
  struct Damage: CustomTestStringConvertible {
    let testDescription: String
    let kind: DiskFinding.Kind
    let apply: @Sendable (inout DiskBytes, DiskGeometry, [String: UInt32]) -> Void

    init(
      _ description: String, _ kind: DiskFinding.Kind,
      _ apply: @escaping @Sendable (inout DiskBytes, DiskGeometry, [String: UInt32]) -> Void
    ) {
      testDescription = description
      self.kind = kind
      self.apply = apply
    }
  }

  static let damages: [Damage] = [
    Damage("magic number", .superblock) { image, _, _ in image.bytes[0] ^= 1 },
    Damage("version", .superblock) { image, _, _ in image.set32(DiskFormat.versionOffset, 2) },
    Damage("block size", .superblock) { image, _, _ in image.set32(DiskFormat.blockSizeOffset, 512) },
    Damage("more blocks than the image", .superblock) { image, _, _ in
      image.set32(DiskFormat.blockCountOffset, 513)
    },
    Damage("start of the data", .superblock) { image, _, _ in image.set32(DiskFormat.dataStartOffset, 3) },
    Damage("orphans that are not there", .orphanCount) { image, _, _ in
      image.set32(DiskFormat.orphanCountOffset, 1)
    },
    Damage("journal's magic number", .journal) { image, geometry, _ in
      image.set32(DiskBytes.offset(ofBlock: geometry.journalHeader), 0)
    },
    Damage("journal's count", .journal) { image, geometry, _ in
      image.set32(DiskBytes.offset(ofBlock: geometry.journalHeader) + DiskFormat.journalCountOffset, 25)
    },
    Damage("journal's checksum", .journal) { image, geometry, _ in
      image.set32(DiskBytes.offset(ofBlock: geometry.journalHeader) + DiskFormat.journalCountOffset, 1)
    },
    Damage("inode's kind", .inode) { image, geometry, inodes in
      image.set16(geometry.offset(ofInode: inodes["/README"]!), 7)
    },
    Damage("inode's size", .inode) { image, geometry, inodes in
      image.set64(geometry.offset(ofInode: inodes["/etc"]!) + DiskFormat.sizeOffset, 65)
    },
    Damage("inode's links", .inode) { image, geometry, inodes in
      image.set16(geometry.offset(ofInode: inodes["/README"]!) + DiskFormat.linksOffset, 2)
    },
    Damage("size of all ones", .inode) { image, geometry, inodes in
      image.set64(geometry.offset(ofInode: inodes["/README"]!) + DiskFormat.sizeOffset, .max)
    },
    Damage("directory's parent", .parent) { image, geometry, inodes in
      image.set32(geometry.offset(ofInode: inodes["/home/guest"]!) + DiskFormat.parentOffset, 1)
    },
    Damage("pointer into the metadata", .pointer) { image, geometry, inodes in
      image.set32(geometry.offset(ofInode: inodes["/README"]!) + DiskFormat.pointersOffset, 2)
    },
    Damage("pointer beyond the disk", .pointer) { image, geometry, inodes in
      image.set32(geometry.offset(ofInode: inodes["/README"]!) + DiskFormat.pointersOffset, 512)
    },
    Damage("block beyond the end", .pointer) { image, geometry, inodes in
      image.set64(geometry.offset(ofInode: inodes["/README"]!) + DiskFormat.sizeOffset, 0)
    },
    Damage("hole in a directory", .pointer) { image, geometry, inodes in
      image.set32(geometry.offset(ofInode: inodes["/etc"]!) + DiskFormat.pointersOffset, 0)
    },
    Damage("block of two files", .sharedBlock) { image, geometry, inodes in
      let other = geometry.offset(ofInode: inodes["/data/primes"]!) + DiskFormat.pointersOffset
      image.set32(geometry.offset(ofInode: inodes["/README"]!) + DiskFormat.pointersOffset, image.word32(other))
    },
    Damage("entry without a name", .entry) { image, geometry, inodes in
      image.bytes[firstEntry(of: "/etc", image, geometry, inodes) + DiskFormat.entryNameLengthOffset] = 0
    },
    Damage("name with a slash", .entry) { image, geometry, inodes in
      image.bytes[firstEntry(of: "/etc", image, geometry, inodes) + DirectoryEntryLayout.nameOffset] = 0x2F
    },
    Damage("entry's inode", .entry) { image, geometry, inodes in
      image.set32(firstEntry(of: "/etc", image, geometry, inodes), 4000)
    },
    Damage("entry's kind", .entry) { image, geometry, inodes in
      image.bytes[firstEntry(of: "/etc", image, geometry, inodes) + DiskFormat.entryKindOffset] = 2
    },
    Damage("entry of a free inode", .entry) { image, geometry, inodes in
      image.set32(firstEntry(of: "/etc", image, geometry, inodes), 200)
    },
    Damage("inode of two names", .reachability) { image, geometry, inodes in
      image.set32(firstEntry(of: "/etc", image, geometry, inodes), inodes["/README"]!)
    },
    Damage("lost file", .reachability) { image, geometry, inodes in
      let size = geometry.offset(ofInode: inodes["/etc"]!) + DiskFormat.sizeOffset
      image.set64(size, image.word64(size) - 64)
    },
    Damage("block in use marked free", .blockBitmap) { image, geometry, _ in
      image.bytes[DiskBytes.offset(ofBlock: geometry.blockBitmapStart) + Int(geometry.dataStart) / 8] = 0
    },
    Damage("free block marked in use", .blockBitmap) { image, geometry, _ in
      image.setBit(500, ofBitmapAt: geometry.blockBitmapStart)
    },
    Damage("bit beyond the disk", .blockBitmap) { image, geometry, _ in
      image.setBit(512, ofBitmapAt: geometry.blockBitmapStart)
    },
    Damage("inode in use marked free", .inodeBitmap) { image, geometry, _ in
      image.bytes[DiskBytes.offset(ofBlock: geometry.inodeBitmap)] = 0
    },
    Damage("free inode marked in use", .inodeBitmap) { image, geometry, _ in
      image.setBit(250, ofBitmapAt: geometry.inodeBitmap)
    },
  ]

  private static func firstEntry(
    of path: String, _ image: DiskBytes, _ geometry: DiskGeometry, _ inodes: [String: UInt32]
  ) -> Int {
    let pointer = geometry.offset(ofInode: inodes[path]!) + DiskFormat.pointersOffset
    return DiskBytes.offset(ofBlock: image.word32(pointer))
  }

  @Test(arguments: damages)
  func checkerFindsDamage(_ damage: Damage) throws {
    var image = DiskBytes(bytes: try DiskImageTests.projectImage())
    let inodes = Dictionary(uniqueKeysWithValues: DiskCheck(image.bytes).entries.map { ($0.path, $0.inode) })
    let geometry = try #require(DiskGeometry(blockCount: 512, inodeCount: 256))
    damage.apply(&image, geometry, inodes)
    let check = DiskCheck(image.bytes)
    #expect(check.findings.map(\.kind).contains(damage.kind), "\(check.findings)")
    #expect(!check.isConsistent)
    #expect(check.findings.allSatisfy { !$0.place.isEmpty && !$0.message.isEmpty })
  }

  @Test func imagesThatAreNoDisksAreFindings() {
    for image in [[], [UInt8](repeating: 0, count: 100), [UInt8](repeating: 0xFF, count: 1 << 16)] {
      #expect(DiskCheck(image).findings.map(\.kind) == [.superblock])
      #expect(DiskCheck(image).content(ofFile: "/etc/motd") == nil)
    }
  }

  @Test func neighboursWithOneProblemAreOneFinding() throws {
    var image = DiskBytes(bytes: try DiskImageBuilder.emptyImage())
    let geometry = try #require(DiskGeometry(blockCount: 512, inodeCount: 256))
    for block in 100..<200 as Range<UInt32> { image.setBit(block, ofBitmapAt: geometry.blockBitmapStart) }
    #expect(
      DiskCheck(image.bytes).findings.map(\.description)
        == ["blocks 100…199: marked as in use, but nothing owns it"])
  }
}
