// The service's C-ABI entry points (Interfaces/fs.h): lock, check, do, answer.
//
// Only these touch the lock. An instance that could not be mounted answers inputOutput to everything.

import Interfaces

/// The memory behind `fs *`.
private struct Instance {
  /// First, and apart from what it guards: those who wait for it write it while the file system is in use.
  var lock: env_lock
  var files: FileSystem?

  static func at(_ service: OpaquePointer) -> UnsafeMutablePointer<Instance> { UnsafeMutablePointer(service) }
}

/// Does `body` under the lock; its result or its negated error.
private func perform(
  _ service: OpaquePointer, _ body: (inout FileSystem) throws(ErrorCode) -> UInt64
) -> Int64 {
  let instance = Instance.at(service)
  env_acquire(&instance.pointee.lock)
  defer { env_release(&instance.pointee.lock) }
  do throws(ErrorCode) {
    guard instance.pointee.files != nil else { throw .inputOutput }
    return Int64(try body(&instance.pointee.files!))
  } catch {
    return error.result
  }
}

/// Bytes of an instance.
@c @implementation
public func fs_size() -> UInt64 { UInt64(MemoryLayout<Instance>.size) }

/// Mounts the disk; invalid when it holds no file system of this version, inputOutput when it cannot be read.
@c @implementation
public func fs_init(_ service: OpaquePointer, _ disk: OpaquePointer) -> Int64 {
  mount(service, disk, isReadOnly: false)
}

/// Mounts the disk without ever writing to it.
@c @implementation
public func fs_init_read_only(_ service: OpaquePointer, _ disk: OpaquePointer) -> Int64 {
  mount(service, disk, isReadOnly: true)
}

private func mount(_ service: OpaquePointer, _ disk: OpaquePointer, isReadOnly: Bool) -> Int64 {
  let instance = Instance.at(service)
  instance.initialize(to: Instance(lock: env_lock(), files: nil))
  do throws(ErrorCode) {
    instance.pointee.files = try FileSystem(disk: disk, isReadOnly: isReadOnly)
    return 0
  } catch {
    return error.result
  }
}

/// Makes an empty file system; noSpace when the disk is too small for one.
@c @implementation
public func fs_format(_ disk: OpaquePointer, _ layout: UInt64) -> Int64 {
  do throws(ErrorCode) {
    try format(disk, hasJournal: layout != UInt64(FS_LAYOUT_PLAIN))
    return 0
  } catch {
    return error.result
  }
}

/// Opens a file, or a directory for reading entries; the handle.
@c @implementation
public func fs_open(
  _ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64, _ flags: UInt64
) -> Int64 {
  perform(service) { files throws(ErrorCode) in try files.open(client, path, length, flags) }
}

/// Closes a handle.
@c @implementation
public func fs_close(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    try files.close(client, handle)
    return 0
  }
}

/// Reads from an offset in bytes; the bytes read, 0 at the end of the file.
@c @implementation
public func fs_read(
  _ service: OpaquePointer, _ client: UInt64, _ handle: UInt64, _ offset: UInt64, _ destination: user_address,
  _ length: UInt64
) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    let file = try files.openFile(client, handle)
    guard !file.isDirectory else { throw .isDirectory }
    return try files.readContent(file.inode, offset: offset, client: client, to: destination, length: length)
  }
}

/// Writes at an offset in bytes; the bytes written.
@c @implementation
public func fs_write(
  _ service: OpaquePointer, _ client: UInt64, _ handle: UInt64, _ offset: UInt64, _ source: user_address,
  _ length: UInt64
) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    let file = try files.openFile(client, handle)
    guard file.options.contains(.write) else { throw .badDescriptor }
    return try files.writeContent(
      file.inode, offset: offset, client: client, from: source, length: length,
      appends: file.options.contains(.append))
  }
}

/// The file's size in bytes.
@c @implementation
public func fs_length(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    let file = try files.openFile(client, handle)
    files.cache.beginStep()
    return try files.inode(file.inode).size
  }
}

/// Reads directory entries from a number on; the bytes read, 0 at the end.
@c @implementation
public func fs_readdir(
  _ service: OpaquePointer, _ client: UInt64, _ handle: UInt64, _ index: UInt64, _ destination: user_address,
  _ length: UInt64
) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    let file = try files.openFile(client, handle)
    guard file.isDirectory else { throw .notDirectory }
    return try files.readEntries(file.inode, from: index, client: client, to: destination, length: length)
  }
}

/// Makes a directory.
@c @implementation
public func fs_mkdir(_ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    let end = try files.follow(client, path, length)
    guard try files.lookUp(end) == nil else { throw .exists }
    _ = try files.create(end, kind: DiskFormat.directoryKind)
    return 0
  }
}

/// Removes a file or an empty directory.
@c @implementation
public func fs_remove(_ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    try files.remove(try files.follow(client, path, length))
    return 0
  }
}

/// Moves a file or directory; replaces what is there if it is of the same kind, a directory only if empty.
@c @implementation
public func fs_rename(
  _ service: OpaquePointer, _ client: UInt64, _ from: user_address, _ fromLength: UInt64, _ to: user_address,
  _ toLength: UInt64
) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    let old = try files.follow(client, from, fromLength, .first)
    try files.rename(old, try files.follow(client, to, toLength, .second))
    return 0
  }
}

/// Reports kind, size and inode of a path.
@c @implementation
public func fs_stat(
  _ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64, _ destination: user_address
) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    guard let inode = try files.lookUp(try files.follow(client, path, length)) else { throw .notFound }
    var status = FileStatus(kind: UInt64(inode.kind), size: inode.size, inode: UInt64(inode.number))
    guard env_copy_out(client, destination, &status, UInt64(MemoryLayout<FileStatus>.size)) >= 0 else {
      throw .badAddress
    }
    return 0
  }
}

/// Writes all changes to the disk.
@c @implementation
public func fs_sync(_ service: OpaquePointer) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    try files.commit()
    return 0
  }
}

/// Opens a client's file once more, for another one; the new handle.
@c @implementation
public func fs_reopen(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64, _ other: UInt64) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    var file = try files.openFile(client, handle)
    let second = try files.freeRow()
    file.holders = ClientSet()
    file.holders.insert(other)
    file.flags = 0
    files.handles[second] = file
    return files.handle(ofRow: second)
  }
}

/// Makes all handles of a parent its child's as well.
@c @implementation
public func fs_inherit(_ service: OpaquePointer, _ parent: UInt64, _ child: UInt64) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    files.inherit(parent, child)
    return 0
  }
}

/// Sets the replacement policy of the block cache; the one before.
@c @implementation
public func fs_policy(_ service: OpaquePointer, _ policy: UInt64) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    guard let kind = CachePolicy(rawValue: policy) else { throw .invalid }
    let before = files.cache.policy.kind
    files.cache.policy.kind = kind
    return before.rawValue
  }
}

/// Reports how the block cache works: as much as there is room for; the bytes written.
@c @implementation
public func fs_statistics(
  _ service: OpaquePointer, _ client: UInt64, _ destination: user_address, _ length: UInt64
) -> Int64 {
  perform(service) { files throws(ErrorCode) in
    var statistics = CacheStatistics(
      policy: files.cache.policy.kind.rawValue, capacity: UInt64(BlockCache.bufferCount), hits: files.cache.hits,
      misses: files.cache.misses, evictions: files.cache.evictions)
    let count = min(length, UInt64(MemoryLayout<CacheStatistics>.size))
    guard env_copy_out(client, destination, &statistics, count) >= 0 else { throw .badAddress }
    return count
  }
}

/// Closes all handles of a client.
@c @implementation
public func fs_forget(_ service: OpaquePointer, _ client: UInt64) {
  _ = perform(service) { files throws(ErrorCode) in
    files.forget(client)
    return 0
  }
}
