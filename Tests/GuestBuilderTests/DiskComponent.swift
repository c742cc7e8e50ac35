// The guests' file system component, compiled for the host and driven through its C-ABI entry points.
//
// It is compiled as the guests are, its sources and GuestABI's in one module, and loaded as a library whose names
// stay private: other components tested on the host define the same environment. One test uses it on one thread.

import Foundation
import GuestABI
import GuestBuilder

/// The loaded component.
struct DiskComponent: @unchecked Sendable {
  struct BuildError: Error { let output: String }

  typealias Open = @convention(c) (OpaquePointer, UInt64, UInt64, UInt64, UInt64) -> Int64
  typealias Handle = @convention(c) (OpaquePointer, UInt64, UInt64) -> Int64
  typealias Transfer = @convention(c) (OpaquePointer, UInt64, UInt64, UInt64, UInt64, UInt64) -> Int64
  typealias Path = @convention(c) (OpaquePointer, UInt64, UInt64, UInt64) -> Int64

  typealias TakePages = @convention(c) (UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> UInt32

  let size: @convention(c) () -> UInt64
  let initialize: @convention(c) (OpaquePointer, OpaquePointer) -> Int64
  let open: Open
  let close: Handle
  let read: Transfer
  let write: Transfer
  let length: Handle
  let readdir: Transfer
  let mkdir: Path
  let remove: Path
  let rename: Transfer
  let stat: Open
  let sync: @convention(c) (OpaquePointer) -> Int64
  let forget: @convention(c) (OpaquePointer, UInt64) -> Void
  let takePages: TakePages

  /// Built once for all tests.
  static let shared = Result { try DiskComponent() }

  private init() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "disk-component-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let interfaces = package.appending(path: "Sources/Guests/Interfaces").path
    let environment = folder.appending(path: "environment.o").path
    let library = folder.appending(path: "component.so").path
    try DiskComponent.run(
      "clang", in: folder,
      [
        "-c", "-O1", "-g", "-fPIC", "-Wall", "-Werror", "-I", interfaces, "-o", environment,
        package.appending(path: "Tests/DiskEnvironment/environment.c").path,
      ])
    let sources =
      try ["Sources/GuestABI", "Sources/Guests/Components/fs"].flatMap { path in
        let folder = package.appending(path: path)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
          .sorted()
          .map { folder.appending(path: $0).path }
      } + [package.appending(path: "Sources/Guests/Support/Memory/ClientSet.swift").path]
    try DiskComponent.run(
      "swiftc", in: folder,
      [
        "-wmo", "-O", "-g", "-parse-as-library", "-swift-version", "6", "-warnings-as-errors", "-I", interfaces,
        "-module-cache-path", folder.appending(path: "modules").path, "-module-name", "fs", "-emit-library",
        "-o", library, environment,
      ] + sources)
    guard let loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL) else {
      throw BuildError(output: String(cString: dlerror()))
    }
    func symbol<Function>(_ name: String, as type: Function.Type) throws -> Function {
      guard let address = dlsym(loaded, name) else { throw BuildError(output: "no symbol \(name)") }
      return unsafeBitCast(address, to: type)
    }
    size = try symbol("fs_size", as: (@convention(c) () -> UInt64).self)
    initialize = try symbol("fs_init", as: (@convention(c) (OpaquePointer, OpaquePointer) -> Int64).self)
    open = try symbol("fs_open", as: Open.self)
    close = try symbol("fs_close", as: Handle.self)
    read = try symbol("fs_read", as: Transfer.self)
    write = try symbol("fs_write", as: Transfer.self)
    length = try symbol("fs_length", as: Handle.self)
    readdir = try symbol("fs_readdir", as: Transfer.self)
    mkdir = try symbol("fs_mkdir", as: Path.self)
    remove = try symbol("fs_remove", as: Path.self)
    rename = try symbol("fs_rename", as: Transfer.self)
    stat = try symbol("fs_stat", as: Open.self)
    sync = try symbol("fs_sync", as: (@convention(c) (OpaquePointer) -> Int64).self)
    forget = try symbol("fs_forget", as: (@convention(c) (OpaquePointer, UInt64) -> Void).self)
    takePages = try symbol("host_take_pages", as: TakePages.self)
  }

  private static func run(_ tool: String, in folder: URL, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    process.currentDirectoryURL = folder
    let output = Pipe()
    process.standardError = output
    process.standardOutput = output
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BuildError(output: "\(tool): \(String(decoding: text, as: UTF8.self))")
    }
  }
}

/// A disk in memory, as the component's block driver sees it.
final class HostDisk {
  /// The layout that environment.c expects behind `blk *`.
  private struct Driver {
    var context: UnsafeMutableRawPointer
    var sectors: UInt64
    var transfer: @convention(c) (UnsafeMutableRawPointer, UInt64, UInt64, UInt64, UnsafeMutableRawPointer) -> Int64
  }

  var bytes: [UInt8]
  /// Reads and writes so far.
  private(set) var reads = 0
  private(set) var writes = 0
  /// Called before each transfer; a negative result is the transfer's, which then does nothing.
  var interference: (_ isWrite: Bool) -> Int64 = { _ in 0 }
  /// Called after each write.
  var afterWrite: ([UInt8]) -> Void = { _ in }
  private let driver: UnsafeMutablePointer<Driver>

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    driver = .allocate(capacity: 1)
    driver.initialize(
      to: Driver(context: Unmanaged.passUnretained(self).toOpaque(), sectors: UInt64(bytes.count / 512)) {
        context, sector, count, write, buffer in
        Unmanaged<HostDisk>.fromOpaque(context).takeUnretainedValue()
          .transfer(Int(sector), Int(count), isWrite: write != 0, buffer)
      })
  }

  deinit { driver.deallocate() }

  var pointer: OpaquePointer { OpaquePointer(driver) }

  private func transfer(_ sector: Int, _ count: Int, isWrite: Bool, _ buffer: UnsafeMutableRawPointer) -> Int64 {
    let refusal = interference(isWrite)
    guard refusal == 0 else { return refusal }
    let range = sector * 512..<(sector + count) * 512
    if isWrite {
      writes += 1
      bytes.replaceSubrange(range, with: UnsafeRawBufferPointer(start: buffer, count: range.count))
      afterWrite(bytes)
    } else {
      reads += 1
      bytes.withUnsafeBytes { buffer.copyMemory(from: $0.baseAddress! + range.lowerBound, byteCount: range.count) }
    }
    return 0
  }
}

/// The component on a disk.
///
/// Results are those of the entry points: negated error numbers.
final class MountedDisk {
  let disk: HostDisk
  /// What `fs_init` returned.
  let mountResult: Int64
  private let component: DiskComponent
  private let memory: UnsafeMutableRawPointer
  /// The pages it took while it was mounted: it takes none later.
  private let pages: [UnsafeMutableRawPointer?]

  init(_ disk: HostDisk) throws {
    self.disk = disk
    component = try DiskComponent.shared.get()
    // Filled with rubbish: an instance's memory is not promised to be anything.
    memory = .allocate(byteCount: Int(component.size()), alignment: 16)
    memory.initializeMemory(as: UInt8.self, repeating: 0xA5, count: Int(component.size()))
    mountResult = component.initialize(OpaquePointer(memory), disk.pointer)
    var pages = [UnsafeMutableRawPointer?](repeating: nil, count: 8)
    pages.removeSubrange(Int(component.takePages(&pages))...)
    self.pages = pages
  }

  convenience init(_ image: [UInt8]) throws { try self.init(HostDisk(image)) }

  deinit {
    memory.deallocate()
    for page in pages { free(page) }
  }

  private var service: OpaquePointer { OpaquePointer(memory) }

  private func withPath(_ path: String, _ body: (UInt64, UInt64) -> Int64) -> Int64 {
    Array(path.utf8).withUnsafeBytes { body(UInt64(UInt(bitPattern: $0.baseAddress)), UInt64($0.count)) }
  }

  private func withRoom(_ count: Int, _ body: (UInt64, UInt64) -> Int64) -> (result: Int64, bytes: [UInt8]) {
    var bytes = [UInt8](repeating: 0xEE, count: max(count, 1))
    let result = bytes.withUnsafeMutableBytes { body(UInt64(UInt(bitPattern: $0.baseAddress)), UInt64(count)) }
    bytes.removeSubrange(Int(max(result, 0))...)
    return (result, bytes)
  }

  func open(_ path: String, _ flags: OpenFlags = [], client: UInt64 = 1) -> Int64 {
    withPath(path) { component.open(service, client, $0, $1, flags.rawValue) }
  }

  func close(_ handle: Int64, client: UInt64 = 1) -> Int64 {
    component.close(service, client, UInt64(bitPattern: handle))
  }

  func read(_ handle: Int64, at offset: Int, _ count: Int, client: UInt64 = 1) -> (result: Int64, bytes: [UInt8]) {
    withRoom(count) {
      component.read(service, client, UInt64(bitPattern: handle), UInt64(bitPattern: Int64(offset)), $0, $1)
    }
  }

  func write(_ handle: Int64, at offset: Int, _ bytes: [UInt8], client: UInt64 = 1) -> Int64 {
    bytes.withUnsafeBytes {
      component.write(
        service, client, UInt64(bitPattern: handle), UInt64(bitPattern: Int64(offset)),
        UInt64(UInt(bitPattern: $0.baseAddress)), UInt64($0.count))
    }
  }

  /// A write or read whose buffer the caller does not own.
  func writeFromBadAddress(_ handle: Int64, at offset: Int, count: Int) -> Int64 {
    component.write(service, 1, UInt64(bitPattern: handle), UInt64(bitPattern: Int64(offset)), 16, UInt64(count))
  }

  func readToBadAddress(_ handle: Int64, count: Int) -> Int64 {
    component.read(service, 1, UInt64(bitPattern: handle), 0, 16, UInt64(count))
  }

  func openAtBadAddress() -> Int64 { component.open(service, 1, 16, 4, 0) }

  func length(_ handle: Int64, client: UInt64 = 1) -> Int64 {
    component.length(service, client, UInt64(bitPattern: handle))
  }

  func readdir(_ handle: Int64, from index: Int, _ count: Int) -> (result: Int64, bytes: [UInt8]) {
    withRoom(count) { component.readdir(service, 1, UInt64(bitPattern: handle), UInt64(index), $0, $1) }
  }

  func mkdir(_ path: String) -> Int64 { withPath(path) { component.mkdir(service, 1, $0, $1) } }
  func remove(_ path: String) -> Int64 { withPath(path) { component.remove(service, 1, $0, $1) } }

  func rename(_ from: String, _ to: String) -> Int64 {
    withPath(from) { old, oldLength in
      withPath(to) { component.rename(service, 1, old, oldLength, $0, $1) }
    }
  }

  func stat(_ path: String) -> (result: Int64, status: FileStatus) {
    var status = FileStatus(kind: 0, size: 0, inode: 0)
    let result = withUnsafeMutableBytes(of: &status) { room in
      withPath(path) { component.stat(service, 1, $0, $1, UInt64(UInt(bitPattern: room.baseAddress))) }
    }
    return (result, status)
  }

  func sync() -> Int64 { component.sync(service) }
  func forget(_ client: UInt64 = 1) { component.forget(service, client) }

  /// The names in a directory, in its order; nil after an error.
  func names(in path: String) -> [String]? {
    let handle = open(path)
    guard handle >= 0 else { return nil }
    defer { _ = close(handle) }
    var names: [String] = []
    while true {
      let (result, bytes) = readdir(handle, from: names.count, 3 * DirectoryEntryLayout.size)
      guard result > 0 else { return result == 0 ? names : nil }
      for entry in stride(from: 0, to: bytes.count, by: DirectoryEntryLayout.size) {
        let start = entry + DirectoryEntryLayout.nameOffset
        let length = Int(bytes[entry + DiskFormat.entryNameLengthOffset])
        names.append(String(decoding: bytes[start..<start + length], as: UTF8.self))
      }
    }
  }
}
