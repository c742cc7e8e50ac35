// The file system component against the model, under random operations, crashes, disk errors and corrupt disks.

import Foundation
import GuestABI
import Testing

@testable import GuestBuilder

@Suite(.serialized, .timeLimit(.minutes(5)))
struct DiskFuzzTests {
  /// Random operations on the component and the model alike.
  private struct Session {
    var mounted: MountedDisk
    let model = DiskModel()
    var random: SeededGenerator
    var handles: [(handle: Int64, node: DiskModel.Node, flags: OpenFlags)] = []
    /// Whether disk errors are expected: then a failed operation may or may not have happened, and nothing is compared.
    var toleratesErrors = false

    init(_ mounted: MountedDisk, seed: UInt64) {
      self.mounted = mounted
      random = SeededGenerator(seed: seed)
    }

    private mutating func name() -> String {
      ["a", "b", "c", "d", "long-name-that-is-still-allowed-by-the-directory-entries", ".", ".."]
        .randomElement(using: &random)!
    }

    private mutating func path() -> String {
      let depth = Int.random(in: 0...20, using: &random) == 0 ? 0 : Int.random(in: 1...3, using: &random)
      var path = ""
      for _ in 0..<depth { path += "/" + name() }
      if Int.random(in: 0..<12, using: &random) == 0 { path += "/" }
      return depth == 0 ? "/" : path
    }

    private mutating func bytes() -> [UInt8] {
      let count = [3, 64, 700, 4096, 5000, 9000, 60_000].randomElement(using: &random)!
      let first = UInt8.random(in: 0...255, using: &random)
      return (0..<count).map { first &+ UInt8(truncatingIfNeeded: $0 &* 7) }
    }

    private func expect(
      _ result: Int64, _ what: String, _ body: () throws(ErrorCode) -> Void
    ) {
      if result == ErrorCode.noSpace.result { return }
      var expected: Int64 = 0
      do throws(ErrorCode) { try body() } catch { expected = error.result }
      if !toleratesErrors { #expect(min(result, 0) == expected, "\(what)") }
    }

    mutating func step() {
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<18: open()
      case 18..<28: close()
      case 28..<48: write()
      case 48..<63: read()
      case 63..<71:
        let path = path()
        expect(mounted.mkdir(path), "mkdir \(path)") { () throws(ErrorCode) in try model.mkdir(path) }
      case 71..<80:
        let path = path()
        expect(mounted.remove(path), "remove \(path)") { () throws(ErrorCode) in try model.remove(path) }
      case 80..<90:
        let (from, to) = (path(), path())
        expect(mounted.rename(from, to), "rename \(from) \(to)") { () throws(ErrorCode) in
          try model.rename(from, to)
        }
      case 90..<95: stat()
      case 95..<97: list()
      case 97..<99:
        let result = mounted.sync()
        if !toleratesErrors { #expect(result == 0) }
      default: forget()
      }
    }

    private mutating func open() {
      guard handles.count < 40 else { return }
      let path = path()
      let flags: OpenFlags = [
        [.write, .create], [.write, .create, .truncate], [.write, .append], [.write, .create, .append], [.create],
        [.truncate], [], [.write],
      ].randomElement(using: &random)!
      let result = mounted.open(path, flags)
      var node: DiskModel.Node?
      expect(result, "open \(path) \(flags.rawValue)") { () throws(ErrorCode) in node = try model.open(path, flags) }
      guard result >= 0 else { return }
      if let node { handles.append((result, node, flags)) } else { _ = mounted.close(result) }
    }

    private mutating func close() {
      guard let index = handles.indices.randomElement(using: &random) else { return }
      let result = mounted.close(handles.remove(at: index).handle)
      if !toleratesErrors { #expect(result == 0) }
    }

    private mutating func forget() {
      mounted.forget()
      handles = []
    }

    private mutating func write() {
      guard let (handle, node, flags) = handles.randomElement(using: &random) else { return }
      let bytes = bytes()
      let isFar = Int.random(in: 0..<12, using: &random) == 0
      let place =
        isFar ? Int.random(in: 4_230_000..<4_300_000, using: &random) : Int.random(in: 0..<60_000, using: &random)
      let offset = flags.contains(.append) ? node.content?.count ?? 0 : place
      let result = mounted.write(handle, at: place, bytes)
      guard flags.contains(.write) else {
        #expect(result == ErrorCode.badDescriptor.result)
        return
      }
      if result > 0 {
        model.write(node, at: offset, Array(bytes.prefix(Int(result))))
      } else if !toleratesErrors {
        #expect(result == ErrorCode.noSpace.result)
      }
    }

    private mutating func read() {
      guard let (handle, node, _) = handles.randomElement(using: &random) else { return }
      let size = node.content?.count ?? 0
      let offset = Int.random(in: 0...size + 10, using: &random)
      let count = [1, 100, 4096, 10_000].randomElement(using: &random)!
      let (result, bytes) = mounted.read(handle, at: offset, count)
      guard !toleratesErrors else { return }
      guard let content = node.content else {
        #expect(result == ErrorCode.isDirectory.result)
        return
      }
      #expect(bytes == Array(content.dropFirst(offset).prefix(count)))
      #expect(result == Int64(bytes.count))
      #expect(mounted.length(handle) == Int64(size))
    }

    private mutating func stat() {
      let path = path()
      let (result, status) = mounted.stat(path)
      var node: DiskModel.Node?
      expect(result, "stat \(path)") { () throws(ErrorCode) in
        node = try model.lookUp(try model.follow(path))
        if node == nil { throw .notFound }
      }
      guard result == 0, let node, !toleratesErrors else { return }
      #expect(status.kind == (node.isDirectory ? 2 : 1))
      if let content = node.content { #expect(status.size == UInt64(content.count)) }
    }

    private mutating func list() {
      let path = path()
      guard !toleratesErrors, let end = try? model.follow(path), let node = try? model.lookUp(end), node.isDirectory
      else { return }
      #expect(mounted.names(in: path)?.sorted() == node.children.keys.sorted())
    }

    /// Unmounts cleanly and compares the disk with the model.
    mutating func compareDisk(_ comment: Comment) {
      forget()
      #expect(mounted.sync() == 0, comment)
      let check = DiskCheck(mounted.disk.bytes)
      #expect(check.findings == [], comment)
      let paths = model.paths
      #expect(Set(check.entries.map(\.path)) == Set(paths.keys), comment)
      for (path, content) in paths {
        if let content { #expect(check.content(ofFile: path) == content, "\(path)") }
      }
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func agreesWithTheModelUnderRandomOperations(seed: UInt64) throws {
    let disk = HostDisk(try DiskImageBuilder.emptyImage(sizeInBytes: (seed % 2 == 0 ? 160 : 512) * 4096))
    var session = Session(try MountedDisk(disk), seed: seed)
    try #require(session.mounted.mountResult == 0)
    for round in 0..<3 {
      for _ in 0..<400 { session.step() }
      session.compareDisk("seed \(seed), round \(round)")
      session.mounted = try MountedDisk(disk)
      try #require(session.mounted.mountResult == 0)
    }
    #expect(disk.writes > 100)
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func everyCrashLeavesADiskThatAMountMakesWhole(seed: UInt64) throws {
    let disk = HostDisk(try DiskImageBuilder.emptyImage(sizeInBytes: 160 * 4096))
    var session = Session(try MountedDisk(disk), seed: seed)
    let kept = [UInt8]("kept".utf8)
    let handle = session.mounted.open("/kept", [.write, .create])
    #expect(session.mounted.write(handle, at: 0, kept) == 4)
    #expect(session.mounted.close(handle) == 0)
    #expect(session.mounted.sync() == 0)
    session.model.root.children["kept"] = DiskModel.Node(isDirectory: false, parent: nil)

    var crashes: [[UInt8]] = []
    disk.afterWrite = { crashes.append($0) }
    for _ in 0..<250 where crashes.count < 400 { session.step() }
    try #require(crashes.count > 50)
    for (index, image) in crashes.enumerated() where index % 4 == 0 {
      let check = DiskCheck(image)
      #expect(check.isConsistent, "write \(index): \(check.findings)")
      #expect(check.content(ofFile: "/kept") == kept, "write \(index)")
      let survivor = try MountedDisk(image)
      #expect(survivor.mountResult == 0)
      #expect(survivor.sync() == 0)
      #expect(DiskCheck(survivor.disk.bytes).findings == [], "write \(index)")
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func diskErrorsLeaveNoHalfChange(seed: UInt64) throws {
    let disk = HostDisk(try DiskImageBuilder.emptyImage(sizeInBytes: 200 * 4096))
    var session = Session(try MountedDisk(disk), seed: seed)
    session.toleratesErrors = true
    var failures = SeededGenerator(seed: seed &+ 100)
    var failed = 0
    for round in 0..<12 {
      disk.interference = { _ in
        guard UInt64.random(in: 0..<6, using: &failures) == 0 else { return 0 }
        failed += 1
        return ErrorCode.inputOutput.result
      }
      for _ in 0..<80 { session.step() }
      disk.interference = { _ in 0 }
      session.handles = []
      session.mounted.forget()
      #expect(session.mounted.sync() == 0)
      let check = DiskCheck(disk.bytes)
      // A file whose last blocks could not be freed stays behind as an orphan; nothing else may.
      #expect(check.findings.allSatisfy { $0.kind == .orphan }, "round \(round): \(check.findings)")
    }
    #expect(failed > 20)
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func corruptDisksGiveErrorsAndNothingWorse(seed: UInt64) throws {
    let disk = HostDisk(try DiskImageBuilder.emptyImage(sizeInBytes: 200 * 4096))
    var origin = Session(try MountedDisk(disk), seed: seed)
    for _ in 0..<300 { origin.step() }
    #expect(origin.mounted.sync() == 0)
    let sound = disk.bytes
    var random = SeededGenerator(seed: seed &+ 1000)
    var found = 0
    for round in 0..<30 {
      var image = sound
      corrupt(&image, &random)
      if !DiskCheck(image).findings.isEmpty { found += 1 }
      var session = Session(try MountedDisk(image), seed: seed &+ UInt64(round))
      session.toleratesErrors = true
      let mountResult = session.mounted.mountResult
      #expect(mountResult == 0 || ErrorCode(result: mountResult) != nil)
      for _ in 0..<60 { session.step() }
      _ = session.mounted.sync()
      _ = DiskCheck(session.mounted.disk.bytes)
    }
    #expect(found > 15)
  }

  /// Changes some fields of the metadata, to wild values or to ones that look right.
  private func corrupt(_ image: inout [UInt8], _ random: inout SeededGenerator) {
    let geometry = DiskGeometry(blockCount: 200, inodeCount: 128)!
    var bytes = DiskBytes(bytes: image)
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      let likely = UInt32.random(in: 0..<210, using: &random)
      let wild = UInt32.random(in: 0...UInt32.max, using: &random)
      let value = Bool.random(using: &random) ? likely : wild
      switch Int.random(in: 0..<10, using: &random) {
      case 0: bytes.set32(Int.random(in: 0..<12, using: &random) * 4, value)
      case 1:
        let header = DiskBytes.offset(ofBlock: geometry.journalHeader)
        bytes.set32(header + Int.random(in: 0..<28, using: &random) * 4, value)
      case 2...5:
        let inode = UInt32.random(in: 1..<24, using: &random)
        bytes.set32(geometry.offset(ofInode: inode) + Int.random(in: 0..<16, using: &random) * 4, value)
      case 6:
        bytes.bytes[Int.random(in: 4096..<12_288, using: &random)] = UInt8.random(in: 0...255, using: &random)
      default:
        let block = UInt32.random(in: geometry.dataStart..<geometry.dataStart + 60, using: &random)
        let word = Int.random(in: 0..<64, using: &random)
        bytes.set32(DiskBytes.offset(ofBlock: block) + word * 4, value)
      }
    }
    image = bytes.bytes
  }
}
