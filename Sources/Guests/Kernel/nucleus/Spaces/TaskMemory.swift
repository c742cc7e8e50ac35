// The memory of a task as other parts change it: the space_ half of Interfaces/tasks.h, and the copies
// between the kernel and a user.
//
// A user's address is checked against the user's own page table, page by page, before a byte moves.

import Interfaces
import KernelShared

/// The address space of a task, or nil for a number that names none.
func space(of number: UInt64) -> UInt64? {
  guard let task = task_find(number) else { return nil }
  let record = taskRecord(task.pointee.slot)
  return record.pointee.state == TaskState.zombie.rawValue ? nil : record.pointee.satp
}

@c @implementation
func space_map(_ number: UInt64, _ address: UInt64, _ pages: UInt64, _ permissions: UInt64) -> Int64 {
  guard let satp = space(of: number) else { return ErrorCode.noSuchTask.result }
  guard address % Layout.pageSize == 0, address >= Layout.pageSize, pages < Layout.userEnd / Layout.pageSize,
    address < Layout.userEnd, permissions & ~7 == 0
  else { return ErrorCode.invalid.result }
  for page in 0..<pages {
    if let place = userEntry(satp, address &+ page &* Layout.pageSize), place.pointee & Entry.valid != 0 {
      return ErrorCode.exists.result
    }
    let frame = frame_allocate(1)
    guard frame != 0 else { return ErrorCode.noMemory.result }
    let result = space_map_frames(satp, address &+ page &* Layout.pageSize, frame, 1, permissions << 1)
    guard result == 0 else {
      frame_release(frame, 1)
      return result
    }
  }
  return 0
}

@c @implementation
func space_unmap(_ number: UInt64, _ address: UInt64, _ pages: UInt64) -> Int64 {
  guard let satp = space(of: number) else { return ErrorCode.noSuchTask.result }
  guard address % Layout.pageSize == 0, pages < Layout.userEnd / Layout.pageSize, address < Layout.userEnd else {
    return ErrorCode.invalid.result
  }
  guard address &+ pages &* Layout.pageSize <= Layout.userEnd else { return ErrorCode.invalid.result }
  return forEachPage(satp, address, pages) { place, virtual in
    if place.pointee & Entry.borrowed == 0 { frame_release(Entry.physical(place.pointee), 1) }
    place.pointee = 0
    forget(satp, virtual)
    return 0
  }
}

@c @implementation
func space_write(_ number: UInt64, _ address: UInt64, _ source: UnsafeRawPointer, _ length: UInt64) -> Int64 {
  guard let satp = space(of: number) else { return ErrorCode.noSuchTask.result }
  var done: UInt64 = 0
  while done < length {
    let virtual = address &+ done
    guard let place = userEntry(satp, virtual), place.pointee & Entry.valid != 0,
      place.pointee & Entry.borrowed == 0
    else { return ErrorCode.badAddress.result }
    if place.pointee & Entry.copyOnWrite != 0 {
      let result = ownPage(satp, virtual, place)
      guard result == 0 else { return result }
    }
    let offset = virtual & (Layout.pageSize &- 1)
    let part = min(Layout.pageSize &- offset, length &- done)
    memory(Entry.physical(place.pointee) | offset).copyMemory(from: source + Int(done), byteCount: Int(part))
    done &+= part
  }
  fence_instructions()
  return 0
}

/// The physical address of a user's byte, asking the pager once where nothing is mapped; 0 if not allowed.
private func resolve(_ task: UnsafeMutablePointer<task>, _ virtual: UInt64, _ access: UInt64) -> UInt64 {
  let satp = taskRecord(task.pointee.slot).pointee.satp
  let physical = space_resolve(satp, virtual, access)
  if physical != 0 { return physical }
  let wanted = access == UInt64(SPACE_WRITE) ? VM_ACCESS_WRITE : VM_ACCESS_READ
  guard virtual < Layout.userEnd, core_fill_page(task, virtual, UInt64(wanted)) == 0 else { return 0 }
  return space_resolve(satp, virtual, access)
}

@c @implementation
func user_copy_in(
  _ task: UnsafeMutablePointer<task>, _ destination: UnsafeMutableRawPointer, _ source: UInt64, _ length: UInt64
) -> Int64 {
  var done: UInt64 = 0
  while done < length {
    let physical = resolve(task, source &+ done, UInt64(SPACE_READ))
    guard physical != 0 else { return ErrorCode.badAddress.result }
    let part = min(Layout.pageSize &- physical % Layout.pageSize, length &- done)
    (destination + Int(done)).copyMemory(from: memory(physical), byteCount: Int(part))
    done &+= part
  }
  return 0
}

@c @implementation
func user_copy_out(
  _ task: UnsafeMutablePointer<task>, _ destination: UInt64, _ source: UnsafeRawPointer, _ length: UInt64
) -> Int64 {
  var done: UInt64 = 0
  while done < length {
    let physical = resolve(task, destination &+ done, UInt64(SPACE_WRITE))
    guard physical != 0 else { return ErrorCode.badAddress.result }
    let part = min(Layout.pageSize &- physical % Layout.pageSize, length &- done)
    memory(physical).copyMemory(from: source + Int(done), byteCount: Int(part))
    done &+= part
  }
  return 0
}
