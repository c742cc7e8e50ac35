// Copies a file.
//
// It replaces the target's content; a copy that fails half-way leaves what it has written.

import Interfaces

/// The status of a path; nil when there is nothing.
private func status(_ path: Bytes) throws(Complaint) -> FileStatus? {
  var status = FileStatus(kind: 0, size: 0, inode: 0)
  let result = sys_stat(path.start, path.length, &status)
  guard result != ErrorCode.notFound.result else { return nil }
  try check(result, path)
  return status
}

private func copy(_ source: UInt64, _ from: Bytes, _ target: UInt64, _ to: Bytes) throws(Complaint) {
  var buffer = InlineArray<1024, UInt8>(repeating: 0)
  while true {
    let count = try check(sys_read(source, &buffer, 1024), from)
    guard count > 0 else { return }
    try check(writeAll(target, &buffer, count: Int(count)), to)
  }
}

private func copyFile(_ from: Bytes, _ to: Bytes) throws(Complaint) {
  let source = UInt64(try check(sys_open(from.start, from.length, 0), from))
  defer { _ = sys_close(source) }
  if let before = try status(from) {
    guard before.kind != 2 else { throw Complaint(from, errorText(ErrorCode.isDirectory.result)) }
    // Opening the target would empty the source.
    if let after = try status(to), after.inode == before.inode { throw Complaint(to, "is the same file") }
  }
  let flags: OpenFlags = [.write, .create, .truncate]
  let target = UInt64(try check(sys_open(to.start, to.length, flags.rawValue), to))
  do throws(Complaint) {
    try copy(source, from, target, to)
  } catch {
    _ = sys_close(target)
    throw error
  }
  try check(sys_close(target), to)
}

/// Copies the file named by the first argument to the path in the second.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("cp", arguments, length)
  do throws(Complaint) {
    let usage: StaticString = "usage: cp FROM TO"
    let from = try program.argument(usage: usage)
    let to = try program.argument(usage: usage)
    try program.endOfArguments(usage: usage)
    try copyFile(from, to)
  } catch {
    program.complain(error)
  }
  return program.finish()
}
