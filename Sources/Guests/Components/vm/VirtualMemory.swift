// The virtual-memory manager: the ranges that exist in each task's address space. Pages come when they are touched.
//
// It never sees a page table: it asks the kernel to map, share and copy (Interfaces/tasks.h).

import Interfaces

/// Pages that no mapping gets: for the stacks, the address spaces and the copies of those who only go on working.
private var reserve: UInt64 { 256 }

private func manager(_ service: OpaquePointer) -> UnsafeMutablePointer<Manager> { UnsafeMutablePointer(service) }

@discardableResult
private func check(_ result: Int64) throws(ErrorCode) -> UInt64 {
  if result < 0 { throw ErrorCode(rawValue: -result) ?? .inputOutput }
  return UInt64(result)
}

/// Bytes of an instance.
@c @implementation
public func vm_size() -> UInt64 { UInt64(MemoryLayout<Manager>.stride) }

/// Starts without address spaces.
@c @implementation
public func vm_init(_ service: OpaquePointer, _ files: OpaquePointer) -> Int64 {
  // All zeros is the empty table.
  UnsafeMutableRawPointer(service).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<Manager>.stride)
  guard let buffer = env_pages(1) else { return ErrorCode.noMemory.result }
  manager(service).pointee.files = files
  manager(service).pointee.buffer = buffer
  return 0
}

// MARK: Spaces

/// Begins with a task's ranges: its stack.
@c @implementation
public func vm_attach(_ service: OpaquePointer, _ task: UInt64) -> Int64 {
  let manager = manager(service)
  guard let row = manager.pointee.row(of: 0) else { return ErrorCode.noMemory.result }
  manager.pointee.spaces[row].task = task
  manager.pointee.spaces[row].next = Layout.anonymousBase
  for index in 0..<AddressSpace.regionCount { manager.pointee.spaces[row].regions[index] = Region() }
  manager.pointee.spaces[row].regions[0] = Region(start: Layout.stackTop &- Layout.stackSize, end: Layout.stackTop)
  return 0
}

/// Forgets a task's ranges.
@c @implementation
public func vm_detach(_ service: OpaquePointer, _ task: UInt64) {
  let manager = manager(service)
  guard task != 0, let row = manager.pointee.row(of: task) else { return }
  manager.pointee.spaces[row].task = 0
  for index in 1..<AddressSpace.regionCount { release(manager, manager.pointee.spaces[row].regions[index].file) }
}

/// Closes a file that no region shows any more.
private func release(_ manager: UnsafeMutablePointer<Manager>, _ file: UInt64) {
  guard file != 0, !manager.pointee.shows(file) else { return }
  _ = fs_close(manager.pointee.files, 0, file &- 1)
}

/// Gives a child its parent's ranges and pages.
@c @implementation
public func vm_fork(_ service: OpaquePointer, _ parent: UInt64, _ child: UInt64) -> Int64 {
  let manager = manager(service)
  guard parent != 0, let from = manager.pointee.row(of: parent) else { return ErrorCode.noSuchTask.result }
  guard let to = manager.pointee.row(of: 0) else { return ErrorCode.noMemory.result }
  // The program itself, then the ranges that it got.
  var result = share(parent, child, Layout.programBase, Layout.anonymousBase)
  for index in 0..<AddressSpace.regionCount where result == 0 {
    let region = manager.pointee.spaces[from].regions[index]
    result = share(parent, child, region.start, region.end)
  }
  guard result == 0 else { return result }
  manager.pointee.spaces[to] = manager.pointee.spaces[from]
  manager.pointee.spaces[to].task = child
  return 0
}

private func share(_ parent: UInt64, _ child: UInt64, _ start: UInt64, _ end: UInt64) -> Int64 {
  start == end ? 0 : space_share(parent, child, start, (end &- start) / Layout.pageSize)
}

// MARK: Ranges

/// Makes a range of anonymous memory; its address.
@c @implementation
public func vm_map(_ service: OpaquePointer, _ client: UInt64, _ length: UInt64) -> Int64 {
  let manager = manager(service)
  guard client != 0, let row = manager.pointee.row(of: client) else { return ErrorCode.noSuchTask.result }
  do throws(ErrorCode) {
    let range = try nextRange(manager, row, length)
    let needed = (range.end &- range.start) / Layout.pageSize &+ reserve
    // A task that was told to end gives its memory back when it runs.
    if space_available() < needed { env_yield() }
    guard space_available() >= needed else { throw .noMemory }
    // What follows another anonymous range is one with it.
    var place: Int?
    for index in 1..<AddressSpace.regionCount
    where manager.pointee.spaces[row].regions[index].end == range.start
      && manager.pointee.spaces[row].regions[index].file == 0
    {
      place = index
    }
    if let place {
      manager.pointee.spaces[row].regions[place].end = range.end
    } else {
      manager.pointee.spaces[row].regions[try manager.pointee.freePlace(row)] = range
    }
    manager.pointee.spaces[row].next = range.end
    return Int64(range.start)
  } catch {
    return error.result
  }
}

/// The range that a mapping of `length` bytes gets.
private func nextRange(
  _ manager: UnsafeMutablePointer<Manager>, _ row: Int, _ length: UInt64
) throws(ErrorCode) -> Region {
  let start = manager.pointee.spaces[row].next
  guard length > 0, length <= Layout.anonymousEnd &- start else { throw length == 0 ? .invalid : .noMemory }
  return Region(start: start, end: start &+ length.pageCeiling)
}

/// Makes a range that shows a file; its address.
@c @implementation
public func vm_map_file(
  _ service: OpaquePointer, _ client: UInt64, _ file: UInt64, _ offset: UInt64, _ length: UInt64
) -> Int64 {
  let manager = manager(service)
  guard client != 0, let row = manager.pointee.row(of: client) else { return ErrorCode.noSuchTask.result }
  do throws(ErrorCode) {
    guard offset % Layout.pageSize == 0, offset <= UInt64(Int64.max) &- Layout.anonymousEnd else { throw .invalid }
    var range = try nextRange(manager, row, length)
    let place = try manager.pointee.freePlace(row)
    // A handle of its own: the client may close its one.
    range.file = try check(fs_reopen(manager.pointee.files, client, file, 0)) &+ 1
    range.offset = offset
    manager.pointee.spaces[row].regions[place] = range
    manager.pointee.spaces[row].next = range.end
    return Int64(range.start)
  } catch {
    return error.result
  }
}

/// Gives a range, or a part of one, back.
@c @implementation
public func vm_unmap(_ service: OpaquePointer, _ client: UInt64, _ start: UInt64, _ length: UInt64) -> Int64 {
  let manager = manager(service)
  guard client != 0, let row = manager.pointee.row(of: client) else { return ErrorCode.noSuchTask.result }
  guard start % Layout.pageSize == 0, length > 0, length < Layout.userEnd else { return ErrorCode.invalid.result }
  let end = start &+ length.pageCeiling
  for index in 1..<AddressSpace.regionCount {
    let region = manager.pointee.spaces[row].regions[index]
    guard !region.isFree, start >= region.start, end <= region.end else { continue }
    // What is left in front of the hole keeps the place, what is left behind it needs another one.
    if start > region.start && end < region.end {
      do throws(ErrorCode) {
        manager.pointee.spaces[row].regions[try manager.pointee.freePlace(row)] = region.from(end)
      } catch { return error.result }
    }
    if start > region.start {
      manager.pointee.spaces[row].regions[index].end = start
    } else {
      manager.pointee.spaces[row].regions[index] = end < region.end ? region.from(end) : Region()
    }
    if end == manager.pointee.spaces[row].next { manager.pointee.spaces[row].next = start }
    release(manager, region.file)
    return space_unmap(client, start, (end &- start) / Layout.pageSize)
  }
  return ErrorCode.invalid.result
}

// MARK: Pages

/// Fills or copies the page that an access needs.
@c @implementation
public func vm_fault(_ service: OpaquePointer, _ task: UInt64, _ virtual: UInt64, _ access: UInt64) -> Int64 {
  let manager = manager(service)
  let kind = Int(access & 3)
  guard task != 0, let row = manager.pointee.row(of: task), kind != VM_ACCESS_EXECUTE else {
    return ErrorCode.badAddress.result
  }
  if let region = manager.pointee.region(row, at: virtual) {
    let result =
      region.file == 0
      ? space_map(task, virtual.pageFloor, 1, UInt64(SPACE_READ | SPACE_WRITE))
      : fill(manager, task, region, virtual.pageFloor, mayWait: access & UInt64(VM_WITHOUT_WAITING) == 0)
    guard result == ErrorCode.exists.result else { return result }
  }
  // The page is there, so it is shared, or the access is not allowed.
  guard kind == VM_ACCESS_WRITE else { return ErrorCode.badAddress.result }
  let copied = space_copy(task, virtual)
  return copied == ErrorCode.notFound.result ? ErrorCode.badAddress.result : copied
}

/// Maps a page of a file's content; exists, negated, where there is one already.
private func fill(
  _ manager: UnsafeMutablePointer<Manager>, _ task: UInt64, _ region: Region, _ page: UInt64, mayWait: Bool
) -> Int64 {
  let mapped = space_map(task, page, 1, UInt64(SPACE_READ | SPACE_WRITE))
  guard mapped == 0 else { return mapped }
  var result = ErrorCode.busy.result
  if mayWait {
    env_acquire(&manager.pointee.bufferLock)
    let buffer = manager.pointee.buffer
    result = fs_read(
      manager.pointee.files, 0, region.file &- 1, region.offset &+ (page &- region.start), address(buffer),
      Layout.pageSize)
    if result > 0 { result = space_write(task, page, buffer, UInt64(result)) }
    env_release(&manager.pointee.bufferLock)
  }
  if result < 0 { _ = space_unmap(task, page, 1) }
  return result
}

/// Reads in what a range shows of files.
@c @implementation
public func vm_prepare(_ service: OpaquePointer, _ client: UInt64, _ start: UInt64, _ length: UInt64) -> Int64 {
  let manager = manager(service)
  guard client != 0, let row = manager.pointee.row(of: client) else { return ErrorCode.noSuchTask.result }
  guard length > 0, start < Layout.userEnd, length <= Layout.userEnd &- start else { return 0 }
  var page = start.pageFloor
  while page < start &+ length {
    if let region = manager.pointee.region(row, at: page), region.file != 0 {
      let result = fill(manager, client, region, page, mayWait: true)
      guard result == 0 || result == ErrorCode.exists.result else { return result }
    }
    page &+= Layout.pageSize
  }
  return 0
}
