// Paths: from the caller's bytes to inodes.
//
// A path is copied into the service's own memory once and only that copy is used.

import Interfaces

/// Takes a path apart.
struct PathReader {
  private let bytes: UnsafePointer<UInt8>
  private let length: Int
  private var position = 0

  init(bytes: UnsafePointer<UInt8>, length: Int) {
    self.bytes = bytes
    self.length = length
    skipSlashes()
  }

  /// Whether there are no more names.
  var isAtEnd: Bool { position == length }

  /// Whether the path demands a directory by ending in a slash.
  var endsInSlash: Bool { bytes[length - 1] == 0x2F }

  /// The next name and the slashes behind it.
  mutating func next() throws(ErrorCode) -> Name {
    let start = position
    while position < length && bytes[position] != 0x2F {
      guard bytes[position] != 0 else { throw .invalid }
      position += 1
    }
    guard position - start <= DirectoryEntryLayout.maximumName else { throw .nameTooLong }
    let name = Name(bytes: bytes + start, length: position - start)
    skipSlashes()
    return name
  }

  private mutating func skipSlashes() {
    while position < length && bytes[position] == 0x2F { position += 1 }
  }
}

/// Where a path leads: the directory that has, or would have, its last name.
struct PathEnd {
  let parent: UInt32
  /// Nil when the path is that of the root or ends in "." or "..": then `parent` is what it leads to.
  let name: Name?
  let endsInSlash: Bool
}

extension FileSystem {
  /// Which of the two places for paths to use: rename needs both.
  enum PathPlace: Int {
    case first = 0
    case second = 1
  }

  /// Copies a path in and follows it up to its last name.
  mutating func follow(
    _ client: UInt64, _ path: user_address, _ length: UInt64, _ place: PathPlace = .first
  ) throws(ErrorCode) -> PathEnd {
    guard length > 0 else { throw .notFound }
    guard length <= UInt64(DiskFormat.maximumPath) else { throw .nameTooLong }
    let bytes = paths + place.rawValue * FileSystem.pathStride
    guard env_copy_in(client, bytes, path, length) >= 0 else { throw .badAddress }
    guard bytes[0] == 0x2F else { throw .invalid }
    var reader = PathReader(bytes: bytes, length: Int(length))
    var current = DiskFormat.rootInode
    while !reader.isAtEnd {
      let name = try reader.next()
      let directory = try directory(current)
      if name.isDots {
        if name.length == 2 { current = directory.parent }
      } else if reader.isAtEnd {
        return PathEnd(parent: current, name: name, endsInSlash: reader.endsInSlash)
      } else {
        guard let entry = try findEntry(directory, name) else { throw .notFound }
        current = try self.inode(of: entry).number
      }
      cache.beginStep()
    }
    return PathEnd(parent: current, name: nil, endsInSlash: true)
  }

  /// The inode at the end of a path; nil when its directory has no such entry.
  mutating func lookUp(_ end: PathEnd) throws(ErrorCode) -> Inode? {
    let directory = try directory(end.parent)
    guard let name = end.name else { return directory }
    guard let entry = try findEntry(directory, name) else { return nil }
    let inode = try inode(of: entry)
    guard inode.isDirectory || !end.endsInSlash else { throw .notDirectory }
    return inode
  }
}
