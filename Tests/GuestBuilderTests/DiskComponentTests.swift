// What a caller of the file system component may rely on.

import GuestABI
import Testing

@testable import GuestBuilder

@Suite(.serialized, .timeLimit(.minutes(1)))
struct DiskComponentTests {
  private func mounted(_ files: [String: [UInt8]] = [:]) throws -> MountedDisk {
    let mounted = try MountedDisk(DiskImageBuilder.emptyImage())
    try #require(mounted.mountResult == 0)
    for (path, content) in files {
      let handle = mounted.open(path, [.write, .create])
      try #require(mounted.write(handle, at: 0, content) == Int64(content.count))
      try #require(mounted.close(handle) == 0)
    }
    return mounted
  }

  @Test func cachedReadMakesNoDiskTransfer() throws {
    let mounted = try mounted(["/file": [1, 2, 3]])
    #expect(mounted.sync() == 0)
    let again = try MountedDisk(mounted.disk)
    let handle = again.open("/file")
    let before = again.disk.reads
    #expect(again.read(handle, at: 0, 10).bytes == [1, 2, 3])
    #expect(again.disk.reads == before + 1)
    #expect(again.read(handle, at: 1, 10).bytes == [2, 3])
    #expect(again.disk.reads == before + 1)
  }

  @Test func writesStayInMemoryUntilSync() throws {
    let mounted = try mounted()
    let before = mounted.disk.writes
    let handle = mounted.open("/file", [.write, .create])
    #expect(mounted.write(handle, at: 0, [7]) == 1)
    #expect(mounted.disk.writes == before)
    #expect(mounted.sync() == 0)
    #expect(DiskCheck(mounted.disk.bytes).content(ofFile: "/file") == [7])
    let after = mounted.disk.writes
    #expect(mounted.sync() == 0)
    #expect(mounted.disk.writes == after)
  }

  @Test func handlesBelongToTheirClient() throws {
    let mounted = try mounted(["/file": [1]])
    let handle = mounted.open("/file", client: 5)
    #expect(mounted.read(handle, at: 0, 1, client: 6).result == ErrorCode.badDescriptor.result)
    #expect(mounted.close(handle, client: 6) == ErrorCode.badDescriptor.result)
    #expect(mounted.read(99, at: 0, 1).result == ErrorCode.badDescriptor.result)
    #expect(mounted.read(-1, at: 0, 1).result == ErrorCode.badDescriptor.result)
    mounted.forget(6)
    #expect(mounted.read(handle, at: 0, 1, client: 5).result == 1)
    mounted.forget(5)
    #expect(mounted.read(handle, at: 0, 1, client: 5).result == ErrorCode.badDescriptor.result)
  }

  @Test func handleTableHasAnEnd() throws {
    let mounted = try mounted(["/file": [1]])
    var last: Int64 = 0
    for _ in 0..<65 { last = mounted.open("/file") }
    #expect(last == ErrorCode.tooManyOpenFiles.result)
    #expect(mounted.open("/new", [.write, .create]) == ErrorCode.tooManyOpenFiles.result)
    mounted.forget()
    #expect(mounted.stat("/new").result == ErrorCode.notFound.result)
  }

  @Test func removedFileLivesUntilItsLastHandleIsClosed() throws {
    let mounted = try mounted(["/file": [1, 2]])
    let first = mounted.open("/file")
    let second = mounted.open("/file")
    #expect(mounted.remove("/file") == 0)
    #expect(mounted.open("/file") == ErrorCode.notFound.result)
    #expect(mounted.close(first) == 0)
    #expect(mounted.read(second, at: 0, 5).bytes == [1, 2])
    #expect(mounted.sync() == 0)
    #expect(DiskCheck(mounted.disk.bytes).findings.map(\.kind) == [.orphan])
    // A crash here: the next mount frees it.
    let survivor = try MountedDisk(mounted.disk.bytes)
    #expect(survivor.sync() == 0)
    #expect(DiskCheck(survivor.disk.bytes).findings == [])
    #expect(mounted.close(second) == 0)
    #expect(mounted.sync() == 0)
    #expect(DiskCheck(mounted.disk.bytes).findings == [])
  }

  @Test func badAddressesAreRefusedAndChangeNothing() throws {
    let mounted = try mounted(["/file": [1, 2]])
    let handle = mounted.open("/file", .write)
    #expect(mounted.openAtBadAddress() == ErrorCode.badAddress.result)
    #expect(mounted.readToBadAddress(handle, count: 2) == ErrorCode.badAddress.result)
    #expect(mounted.writeFromBadAddress(handle, at: 0, count: 2) == ErrorCode.badAddress.result)
    #expect(mounted.writeFromBadAddress(handle, at: 100_000, count: 9000) == ErrorCode.badAddress.result)
    #expect(mounted.length(handle) == 2)
    #expect(mounted.read(handle, at: 0, 2).bytes == [1, 2])
    #expect(mounted.sync() == 0)
    #expect(DiskCheck(mounted.disk.bytes).findings == [])
  }

  @Test func diskErrorReachesTheCallerAndIsNotCached() throws {
    let origin = try mounted(["/file": [1, 2]])
    #expect(origin.sync() == 0)
    let mounted = try MountedDisk(origin.disk)
    let handle = mounted.open("/file")
    mounted.disk.interference = { _ in ErrorCode.inputOutput.result }
    #expect(mounted.read(handle, at: 0, 2).result == ErrorCode.inputOutput.result)
    mounted.disk.interference = { _ in 0 }
    #expect(mounted.read(handle, at: 0, 2).bytes == [1, 2])
  }

  @Test func failedCommitIsRepeatedBeforeAnythingElseChanges() throws {
    let mounted = try mounted(["/file": [1]])
    // The journal's blocks and header are written; the first write home fails.
    var writes = 0
    var allowed = Int.max
    mounted.disk.interference = { isWrite in
      guard isWrite else { return 0 }
      writes += 1
      return writes > allowed ? ErrorCode.inputOutput.result : 0
    }
    let handle = mounted.open("/file", .write)
    #expect(mounted.sync() == 0)
    #expect(mounted.write(handle, at: 0, [2]) == 1)
    writes = 0
    allowed = 2
    #expect(mounted.sync() == ErrorCode.inputOutput.result)
    #expect(mounted.write(handle, at: 0, [3]) == ErrorCode.inputOutput.result)
    #expect(mounted.read(handle, at: 0, 1).bytes == [2])
    #expect(DiskCheck(mounted.disk.bytes).content(ofFile: "/file") == [2])
    allowed = .max
    #expect(mounted.write(handle, at: 0, [3]) == 1)
    #expect(mounted.sync() == 0)
    #expect(DiskCheck(mounted.disk.bytes).findings == [])
    #expect(DiskCheck(mounted.disk.bytes).content(ofFile: "/file") == [3])
  }

  @Test func fullDiskIsReportedAndRecovers() throws {
    let mounted = try MountedDisk(DiskImageBuilder.emptyImage(sizeInBytes: 64 * 4096))
    let handle = mounted.open("/big", [.write, .create])
    let written = mounted.write(handle, at: 0, [UInt8](repeating: 9, count: 64 * 4096))
    #expect(written > 0 && written < 64 * 4096)
    #expect(mounted.write(handle, at: Int(written), [UInt8](repeating: 9, count: 4096)) == ErrorCode.noSpace.result)
    #expect(mounted.mkdir("/folder") == 0)
    #expect(mounted.close(handle) == 0)
    #expect(mounted.remove("/big") == 0)
    #expect(mounted.sync() == 0)
    #expect(DiskCheck(mounted.disk.bytes).findings == [])
    let again = mounted.open("/again", [.write, .create])
    #expect(mounted.write(again, at: 0, [UInt8](repeating: 9, count: Int(written) - 4096)) == written - 4096)
  }

  @Test func writesBeyondTheFormatAreRefused() throws {
    let mounted = try mounted(["/file": [1]])
    let handle = mounted.open("/file", .write)
    let limit = DiskFormat.maximumFileBlocks * DiskFormat.blockSize
    #expect(mounted.write(handle, at: limit, [1]) == ErrorCode.fileTooLarge.result)
    #expect(mounted.write(handle, at: -1, [1]) == ErrorCode.fileTooLarge.result)
    #expect(mounted.write(handle, at: limit - 1, [1, 2, 3]) == 1)
    #expect(mounted.length(handle) == Int64(limit))
    #expect(mounted.read(handle, at: limit - 3, 10).bytes == [0, 0, 1])
    #expect(mounted.remove("/file") == 0)
    #expect(mounted.close(handle) == 0)
    #expect(mounted.sync() == 0)
    #expect(DiskCheck(mounted.disk.bytes).findings == [])
  }

  @Test func bytesBehindTheEndOnTheDiskAreNotTheFiles() throws {
    let origin = try mounted(["/file": [1, 2]])
    #expect(origin.sync() == 0)
    var image = origin.disk.bytes
    let end = try #require(image.indices.last { image[$0] == 2 && image[$0 - 1] == 1 })
    for offset in 1..<200 { image[end + offset] = 0xAB }
    let mounted = try MountedDisk(image)
    let handle = mounted.open("/file", .write)
    #expect(mounted.write(handle, at: 100, [3]) == 1)
    #expect(mounted.read(handle, at: 0, 300).bytes == [1, 2] + [UInt8](repeating: 0, count: 98) + [3])
    #expect(mounted.write(handle, at: 5000, [4]) == 1)
    #expect(mounted.read(handle, at: 100, 4900).bytes == [3] + [UInt8](repeating: 0, count: 4899))
  }

  @Test(arguments: [false, true])
  func blockOfPointersThatNamesItselfEndsARemoval(isLower: Bool) throws {
    let origin = try mounted(["/file": [1]])
    let writer = origin.open("/file", .write)
    #expect(origin.write(writer, at: (10 + 1024) * 4096, [1]) == 1)
    #expect(origin.sync() == 0)
    var image = DiskBytes(bytes: origin.disk.bytes)
    let geometry = try #require(DiskGeometry(blockCount: 512, inodeCount: 256))
    let inode = try #require(DiskCheck(image.bytes).entries.first?.inode)
    let upper = image.word32(
      geometry.offset(ofInode: inode) + DiskFormat.pointersOffset + DiskFormat.doubleIndirectPointer * 4)
    let lower = image.word32(DiskBytes.offset(ofBlock: upper))
    image.set32(DiskBytes.offset(ofBlock: isLower ? lower : upper), upper)
    let mounted = try MountedDisk(image.bytes)
    #expect(mounted.remove("/file") == ErrorCode.inputOutput.result)
    #expect(mounted.sync() == 0)
    #expect(!DiskCheck(mounted.disk.bytes).isConsistent)
  }

  @Test func directoryOfManyEntriesKeepsThemAll() throws {
    let mounted = try mounted()
    for index in 0..<200 { #expect(mounted.mkdir("/\(index)") == 0) }
    for index in stride(from: 0, to: 200, by: 3) { #expect(mounted.remove("/\(index)") == 0) }
    let expected = (0..<200).filter { $0 % 3 != 0 }.map(String.init).sorted()
    #expect(mounted.names(in: "/")?.sorted() == expected)
    for name in expected { #expect(mounted.remove("/" + name) == 0) }
    #expect(mounted.names(in: "/") == [])
    #expect(mounted.sync() == 0)
    #expect(DiskCheck(mounted.disk.bytes).findings == [])
  }

  @Test func inodesRunOutAsNoSpace() throws {
    let mounted = try MountedDisk(DiskImageBuilder.emptyImage(sizeInBytes: 128 * 4096))
    var result: Int64 = 0
    var made = 0
    while result == 0 && made < 1000 {
      result = mounted.mkdir("/\(made)")
      made += 1
    }
    #expect(result == ErrorCode.noSpace.result)
    #expect(made == 64 - 2 + 1)
  }

  @Test func fileWrittenByTheBuilderIsReadByTheComponent() throws {
    let mounted = try MountedDisk(DiskImageTests.projectImage())
    for entry in DiskCheck(mounted.disk.bytes).entries where !entry.isDirectory {
      let handle = mounted.open(entry.path)
      let content = DiskCheck(mounted.disk.bytes).content(ofFile: entry.path)
      #expect(mounted.read(handle, at: 0, 100_000).bytes == content)
      #expect(mounted.close(handle) == 0)
    }
  }

  @Test func disksOfOtherKindsAreRefused() throws {
    #expect(try MountedDisk([UInt8](repeating: 0, count: 64 * 4096)).mountResult == ErrorCode.invalid.result)
    #expect(try MountedDisk([UInt8](repeating: 0, count: 512)).mountResult == ErrorCode.invalid.result)
    let truncated = Array(try DiskImageBuilder.emptyImage().dropLast(4096))
    let mounted = try MountedDisk(truncated)
    #expect(mounted.mountResult == ErrorCode.invalid.result)
    #expect(mounted.open("/") == ErrorCode.inputOutput.result)
    #expect(mounted.sync() == ErrorCode.inputOutput.result)
  }
}
