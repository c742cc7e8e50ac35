// Pages that several address spaces share: read by all of them, copied for the first one that writes.
//
// Who shares which range, and what a write to it means, is the virtual-memory manager's business.

import Interfaces
import KernelShared

@c @implementation
func space_share(_ parent: UInt64, _ child: UInt64, _ address: UInt64, _ pages: UInt64) -> Int64 {
  guard let from = space(of: parent), let to = space(of: child), from != to else {
    return ErrorCode.noSuchTask.result
  }
  guard address % Layout.pageSize == 0, pages <= Layout.userEnd / Layout.pageSize,
    address <= Layout.userEnd &- pages &* Layout.pageSize
  else { return ErrorCode.invalid.result }
  let result = forEachPage(from, address, pages) { place, virtual in
    var entry = place.pointee
    // Registers and the archive were lent to one task.
    guard entry & Entry.borrowed == 0 else { return 0 }
    guard let target = newUserEntry(to, virtual) else { return ErrorCode.noMemory.result }
    guard target.pointee & Entry.valid == 0 else { return ErrorCode.exists.result }
    if entry & Entry.write != 0 {
      entry = entry & ~Entry.write | Entry.copyOnWrite
      place.pointee = entry
    }
    target.pointee = entry
    frame_share(Entry.physical(entry))
    return 0
  }
  // What the parent could write it has to ask for now; the child's space has never run.
  forgetAll(from)
  return result
}

@c @implementation
func space_copy(_ number: UInt64, _ address: UInt64) -> Int64 {
  guard let satp = space(of: number) else { return ErrorCode.noSuchTask.result }
  let virtual = address.pageFloor
  guard let place = userEntry(satp, virtual), place.pointee & Entry.valid != 0,
    place.pointee & Entry.copyOnWrite != 0
  else { return ErrorCode.notFound.result }
  return ownPage(satp, virtual, place)
}

/// Makes a page that is copied on writing the space's own: 0 or noMemory, negated.
func ownPage(_ satp: UInt64, _ virtual: UInt64, _ place: UnsafeMutablePointer<UInt64>) -> Int64 {
  let entry = place.pointee
  let old = Entry.physical(entry)
  var physical = old
  // The last one to hold the page keeps it.
  if frame_is_shared(old) {
    physical = frame_take(1)
    guard physical != 0 else { return ErrorCode.noMemory.result }
    memory(physical).copyMemory(from: memory(old), byteCount: Int(Layout.pageSize))
    frame_release(old, 1)
  }
  let flags = entry & 0x3FF & ~Entry.copyOnWrite | Entry.write
  place.pointee = Entry.make(physical, flags)
  forget(satp, virtual)
  return 0
}

@c @implementation
func space_available() -> UInt64 {
  freeLeaving()
  return kernel.frames_free
}
