// Lists a directory: kind, size and name of every entry.
//
// The order is the directory's own.

import Interfaces

/// A path put together from a directory's and an entry's name.
private struct JoinedPath {
  private var bytes = InlineArray<256, UInt8>(repeating: 0)
  private var count = 0

  /// Nil when the result would be longer than a path can be.
  init?(_ directory: Bytes, _ name: Bytes) {
    let separator = directory.count > 0 && directory[directory.count - 1] == UInt8(ascii: "/") ? 0 : 1
    guard directory.count + separator + name.count <= 255 else { return nil }
    append(directory)
    if separator == 1 { append(("/" as StaticString).bytes) }
    append(name)
  }

  private mutating func append(_ part: Bytes) {
    for byte in part {
      bytes[count] = byte
      count += 1
    }
  }

  /// The status of what the path names, or a negated error.
  mutating func status(_ status: inout FileStatus) -> Int64 {
    sys_stat(&bytes, UInt64(count), &status)
  }
}

private func write(_ status: FileStatus, _ name: Bytes, to output: inout TextOutput) {
  output.write(status.kind == 2 ? "dir  " : "file ")
  output.write(status.size, width: 9)
  output.write("  ")
  output.write(name)
  output.write("\n")
}

private func listEntry(_ directory: Bytes, _ name: Bytes, _ program: inout Program) {
  var status = FileStatus(kind: 0, size: 0, inode: 0)
  var result = ErrorCode.nameTooLong.result
  if var path = JoinedPath(directory, name) { result = path.status(&status) }
  guard result >= 0 else {
    program.complain(Complaint(name, errorText(result)))
    return
  }
  write(status, name, to: &program.output)
}

/// Prints the entries that lie in a block of bytes from `readdir`.
private func listBlock(_ block: Bytes, _ directory: Bytes, _ program: inout Program) {
  var offset = 0
  while offset + DirectoryEntryLayout.size <= block.count {
    let entry = block.part(offset..<(offset + DirectoryEntryLayout.size))
    let length = min(Int(entry[5]), DirectoryEntryLayout.maximumName)
    let name = entry.part(DirectoryEntryLayout.nameOffset..<(DirectoryEntryLayout.nameOffset + length))
    listEntry(directory, name, &program)
    offset += DirectoryEntryLayout.size
  }
}

private func listDirectory(_ path: Bytes, _ program: inout Program) throws(Complaint) {
  let descriptor = UInt64(try check(sys_open(path.start, path.length, 0), path))
  defer { _ = sys_close(descriptor) }
  var block = InlineArray<512, UInt8>(repeating: 0)
  while true {
    let count = try check(sys_readdir(descriptor, &block, 512), path)
    guard count > 0 else { return }
    withUnsafeBytes(of: &block) { bytes in
      listBlock(Bytes(rebasing: bytes.assumingMemoryBound(to: UInt8.self)[0..<Int(count)]), path, &program)
    }
  }
}

/// Lists the directory named by the argument, or the root; of a file, just the file.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("ls", arguments, length)
  do throws(Complaint) {
    let path = try program.argument() ?? ("/" as StaticString).bytes
    try program.endOfArguments(usage: "usage: ls [PATH]")
    var status = FileStatus(kind: 0, size: 0, inode: 0)
    try check(sys_stat(path.start, path.length, &status), path)
    if status.kind == 2 {
      try listDirectory(path, &program)
    } else {
      write(status, path, to: &program.output)
    }
  } catch {
    program.complain(error)
  }
  return program.finish()
}
