// The virtual-memory manager: the ranges that exist in each task's address space. Pages come when they are touched.
//
// It never sees a page table: it asks the kernel to map (Interfaces/tasks.h).

import Interfaces

/// A range of anonymous memory.
private struct Region {
  var start: UInt64
  var end: UInt64
}

/// What is known of one task's address space.
private struct AddressSpace {
  /// The task's number; 0: the row is free.
  var task: UInt64
  /// Where the next range goes.
  var next: UInt64
  /// The stack, then what `vm_map` gave; an empty range is a free place.
  var regions: InlineArray<9, Region>
}

/// Its methods are all mutating, so that they work in place: one that only looks would get a copy of it.
private struct Manager {
  var spaces: InlineArray<32, AddressSpace>
}

private func manager(_ service: OpaquePointer) -> UnsafeMutablePointer<Manager> { UnsafeMutablePointer(service) }

extension Manager {
  /// The row of a task; 0 finds a free one.
  fileprivate mutating func row(of task: UInt64) -> Int? {
    for index in 0..<32 where spaces[index].task == task { return index }
    return nil
  }
}

@c @implementation
func vm_size() -> UInt64 { UInt64(MemoryLayout<Manager>.stride) }

@c @implementation
func vm_init(_ service: OpaquePointer) -> Int64 {
  // All zeros is the empty table.
  UnsafeMutableRawPointer(service).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<Manager>.stride)
  return 0
}

@c @implementation
func vm_attach(_ service: OpaquePointer, _ task: UInt64) -> Int64 {
  let manager = manager(service)
  guard let row = manager.pointee.row(of: 0) else { return ErrorCode.noMemory.result }
  manager.pointee.spaces[row].task = task
  manager.pointee.spaces[row].next = Layout.anonymousBase
  for index in 0..<9 { manager.pointee.spaces[row].regions[index] = Region(start: 0, end: 0) }
  manager.pointee.spaces[row].regions[0] = Region(start: Layout.stackTop &- Layout.stackSize, end: Layout.stackTop)
  return 0
}

@c @implementation
func vm_detach(_ service: OpaquePointer, _ task: UInt64) {
  let manager = manager(service)
  guard let row = manager.pointee.row(of: task) else { return }
  manager.pointee.spaces[row].task = 0
}

@c @implementation
func vm_map(_ service: OpaquePointer, _ client: UInt64, _ length: UInt64) -> Int64 {
  let manager = manager(service)
  guard let row = manager.pointee.row(of: client) else { return ErrorCode.noSuchTask.result }
  let start = manager.pointee.spaces[row].next
  guard length > 0, length <= Layout.anonymousEnd &- start else { return ErrorCode.noMemory.result }
  for index in 1..<9 where manager.pointee.spaces[row].regions[index].end == 0 {
    let end = start &+ length.pageCeiling
    manager.pointee.spaces[row].regions[index] = Region(start: start, end: end)
    manager.pointee.spaces[row].next = end
    return Int64(start)
  }
  return ErrorCode.noMemory.result
}

@c @implementation
func vm_unmap(_ service: OpaquePointer, _ client: UInt64, _ start: UInt64, _ length: UInt64) -> Int64 {
  let manager = manager(service)
  guard let row = manager.pointee.row(of: client) else { return ErrorCode.noSuchTask.result }
  guard start % Layout.pageSize == 0, length > 0, length < Layout.userEnd else { return ErrorCode.invalid.result }
  let end = start &+ length.pageCeiling
  for index in 1..<9 {
    let region = manager.pointee.spaces[row].regions[index]
    guard region.end != 0, start >= region.start, end <= region.end else { continue }
    // A hole in the middle would need a second place: only ends can be given back.
    if start == region.start && end == region.end {
      manager.pointee.spaces[row].regions[index] = Region(start: 0, end: 0)
    } else if start == region.start {
      manager.pointee.spaces[row].regions[index].start = end
    } else if end == region.end {
      manager.pointee.spaces[row].regions[index].end = start
    } else {
      return ErrorCode.invalid.result
    }
    return space_unmap(client, start, (end &- start) / Layout.pageSize)
  }
  return ErrorCode.invalid.result
}

@c @implementation
func vm_fault(_ service: OpaquePointer, _ task: UInt64, _ virtual: UInt64, _ access: UInt64) -> Int64 {
  let manager = manager(service)
  guard let row = manager.pointee.row(of: task), access != UInt64(VM_ACCESS_EXECUTE) else {
    return ErrorCode.badAddress.result
  }
  for index in 0..<9 {
    let region = manager.pointee.spaces[row].regions[index]
    guard virtual >= region.start, virtual < region.end else { continue }
    return space_map(task, virtual.pageFloor, 1, UInt64(SPACE_READ | SPACE_WRITE))
  }
  return ErrorCode.badAddress.result
}
