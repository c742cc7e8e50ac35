// The second file system: where a structure has one, the paths below /tmp are in it.

import Interfaces

/// A path as the file system that it leads into knows it.
struct Place {
  let files: OpaquePointer
  let path: user_address
  let length: UInt64
  let isScratch: Bool
}

extension UnixCalls {
  /// Where the second file system begins.
  private static var root: StaticString { "/tmp" }

  /// The file system for a path, and the path in it.
  mutating func place(_ client: UInt64, _ path: user_address, _ length: UInt64) throws(ErrorCode) -> Place {
    try prepare(client, path, length)
    let root = Self.root
    let count = UInt64(root.utf8CodeUnitCount)
    guard let scratch, length >= count else {
      return Place(files: services.files, path: path, length: length, isScratch: false)
    }
    var bytes: UInt64 = 0
    guard env_copy_in(client, &bytes, path, min(length, count + 1)) >= 0 else { throw .badAddress }
    let isBelow = withUnsafeBytes(of: &bytes) { bytes in
      for index in 0..<Int(count) where bytes[index] != root.utf8Start[index] { return false }
      return length == count || bytes[Int(count)] == UInt8(ascii: "/")
    }
    guard isBelow else { return Place(files: services.files, path: path, length: length, isScratch: false) }
    guard let files = scratch() else { throw .noSpace }
    // Its root is a slash: the path's first byte.
    if length == count { return Place(files: files, path: path, length: 1, isScratch: true) }
    return Place(files: files, path: path &+ count, length: length - count, isScratch: true)
  }

  /// The file system that an open file is in.
  func files(of entry: Descriptor) -> OpaquePointer {
    if entry.isScratch, let files = scratch?() { return files }
    return services.files
  }
}
