// The loader: finds a program in the boot archive and makes a task of it.
//
// Every number read from the archive is checked before use. Keeps no state.

import Interfaces

/// The archive's entry for a program, and its index.
private func find(
  _ name: UnsafePointer<UInt8>, _ length: UInt64
) throws(ErrorCode) -> (index: UInt64, entry: ArchiveEntry) {
  guard length > 0, length < 16 else { throw .notFound }
  var padded: (UInt64, UInt64) = (0, 0)
  withUnsafeMutableBytes(of: &padded) {
    $0.copyMemory(from: UnsafeRawBufferPointer(start: name, count: Int(length)))
  }
  guard let (index, entry) = archiveEntry(padded, isModule: false) else { throw .notFound }
  guard isValid(entry.text), isValid(entry.constants), isValid(entry.data) else { throw .invalid }
  return (index, entry)
}

private func isValid(_ segment: ArchiveSegment) -> Bool {
  segment.memorySize < Layout.anonymousBase && segment.address % Layout.pageSize == 0
    && (segment.memorySize == 0 || segment.address >= Layout.programBase)
    && segment.address &+ segment.memorySize <= Layout.anonymousBase
}

private func place(_ segment: ArchiveSegment, in task: UInt64, permissions: Int) throws(ErrorCode) {
  guard segment.memorySize > 0 else { return }
  try check(space_map(task, segment.address, segment.memorySize.pageCeiling / Layout.pageSize, UInt64(permissions)))
  try check(space_write(task, segment.address, archive_base() + Int(segment.offset), segment.fileSize))
}

private func check(_ result: Int64) throws(ErrorCode) {
  if result < 0 { throw ErrorCode(rawValue: -result) ?? .invalid }
}

/// Makes a task of a program.
@c @implementation
public func loader_load(
  _ name: UnsafePointer<UInt8>, _ nameLength: UInt64, _ arguments: UnsafePointer<UInt8>?, _ argumentsLength: UInt64,
  _ stackPages: UInt64, _ parent: UInt64, _ restarts: UInt64, _ start: UnsafeMutablePointer<loader_start>
) -> Int64 {
  do throws(ErrorCode) {
    let (index, entry) = try find(name, nameLength)
    let task = task_create(name, nameLength, index, parent, restarts)
    try check(task)
    do throws(ErrorCode) {
      guard stackPages > 0, stackPages <= Layout.stackSize / Layout.pageSize else { throw .invalid }
      let bottom = Layout.stackTop &- stackPages &* Layout.pageSize
      try check(space_map(UInt64(task), bottom, stackPages, UInt64(SPACE_READ | SPACE_WRITE)))
      start.pointee = try fill(UInt64(task), entry, arguments, argumentsLength)
    } catch {
      _ = task_end(UInt64(task), error.result)
      _ = task_collect(UInt64(task))
      throw error
    }
    return task
  } catch {
    return error.result
  }
}

/// A program's index in the archive.
@c @implementation
public func loader_find(_ name: UnsafePointer<UInt8>, _ nameLength: UInt64) -> Int64 {
  do throws(ErrorCode) {
    return Int64(try find(name, nameLength).index)
  } catch {
    return error.result
  }
}

/// Fills a task's memory with another program.
@c @implementation
public func loader_replace(
  _ task: UInt64, _ name: UnsafePointer<UInt8>, _ nameLength: UInt64, _ arguments: UnsafePointer<UInt8>?,
  _ argumentsLength: UInt64, _ start: UnsafeMutablePointer<loader_start>
) -> Int64 {
  do throws(ErrorCode) {
    let entry = try find(name, nameLength).entry
    let top = Layout.stackTop &- Layout.pageSize
    try check(space_unmap(task, Layout.pageSize, top / Layout.pageSize &- 1))
    start.pointee = try fill(task, entry, arguments, argumentsLength)
    return 0
  } catch {
    return error.result
  }
}

/// Fills a space in which the top page of the stack is mapped.
private func fill(
  _ task: UInt64, _ entry: ArchiveEntry, _ arguments: UnsafePointer<UInt8>?, _ length: UInt64
) throws(ErrorCode) -> loader_start {
  guard entry.entry >= entry.text.address, entry.entry < entry.text.address &+ entry.text.memorySize,
    length < Layout.pageSize / 2
  else { throw .invalid }
  try place(entry.text, in: task, permissions: SPACE_READ | SPACE_EXECUTE)
  try place(entry.constants, in: task, permissions: SPACE_READ)
  try place(entry.data, in: task, permissions: SPACE_READ | SPACE_WRITE)
  // The arguments are the first thing on the stack, which stays aligned to 16 bytes.
  let place = (Layout.libraryState &- length) & ~15
  if let arguments, length > 0 { try check(space_write(task, place, arguments, length)) }
  return loader_start(
    entry: entry.entry, stack: place, a0: place, a1: length, service: UInt64(entry.rights.service),
    device: UInt64(entry.rights.device), calls: entry.rights.calls, flags: entry.rights.flags)
}
