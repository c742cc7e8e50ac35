// A module's pages: filled from the boot archive and mapped in the module area, text executable, data writable.
//
// Every number read from the archive is checked before use.

import Interfaces
import KernelShared

/// The three segments of a module with their rights.
private func forEachSegment(
  _ entry: ArchiveEntry, _ body: (ArchiveSegment, UInt64) throws(ErrorCode) -> Void
) throws(ErrorCode) {
  try body(entry.text, UInt64(SPACE_READ | SPACE_EXECUTE))
  try body(entry.constants, UInt64(SPACE_READ))
  try body(entry.data, UInt64(SPACE_READ | SPACE_WRITE))
}

private func isValid(_ segment: ArchiveSegment) -> Bool {
  segment.memorySize == 0
    || segment.address >= Layout.moduleBase && segment.address < Layout.moduleEnd
      && segment.memorySize <= Layout.moduleEnd &- segment.address && segment.fileSize <= segment.memorySize
      && segment.address % Layout.pageSize == 0
}

/// Maps and fills a module's segments; nothing stays of one that does not fit.
func placeModule(_ entry: ArchiveEntry) throws(ErrorCode) {
  try forEachSegment(entry) { segment, _ throws(ErrorCode) in guard isValid(segment) else { throw .invalid } }
  guard entry.entry >= entry.text.address, entry.entry &- entry.text.address < entry.text.fileSize else {
    throw .invalid
  }
  do throws(ErrorCode) {
    try forEachSegment(entry) { segment, rights throws(ErrorCode) in try place(segment, rights) }
  } catch {
    clearModule(entry)
    throw error
  }
  fence_all_address_spaces()
  fence_instructions()
}

private func place(_ segment: ArchiveSegment, _ rights: UInt64) throws(ErrorCode) {
  var done: UInt64 = 0
  while done < segment.memorySize {
    let frame = frame_allocate(1)
    guard frame != 0 else { throw .noMemory }
    if done < segment.fileSize {
      memory(frame).copyMemory(
        from: archive_base() + Int(segment.offset &+ done),
        byteCount: Int(min(Layout.pageSize, segment.fileSize &- done)))
    }
    let result = space_map_kernel(segment.address &+ done, frame, rights << 1)
    guard result == 0 else {
      frame_release(frame, 1)
      throw ErrorCode(rawValue: 0 &- result) ?? .noMemory
    }
    done &+= Layout.pageSize
  }
}

/// Unmaps a module's segments and gives their pages back.
func clearModule(_ entry: ArchiveEntry) {
  func clear(_ segment: ArchiveSegment) {
    var done: UInt64 = 0
    while done < segment.memorySize {
      let frame = space_unmap_kernel(segment.address &+ done)
      if frame != 0 { frame_release(frame, 1) }
      done &+= Layout.pageSize
    }
  }
  clear(entry.text)
  clear(entry.constants)
  clear(entry.data)
  fence_all_address_spaces()
}
