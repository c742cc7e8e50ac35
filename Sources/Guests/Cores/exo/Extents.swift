// Extents of the disk: the boot extent, which all may read, and private ones behind it.

import ExoState
import Interfaces
import KernelShared

private var sectorsPerBlock: UInt64 { 8 }

/// The boot extent's length: what the disk's first sector says, or the whole disk.
func bindBootExtent() {
  let page = frame_allocate(1)
  defer { frame_release(page, 1) }
  let isThere = disk_start(page) && awaitFirstSector()
  let sectors = UInt64(single_at(page &+ UInt64(DiskFormat.blockCountOffset)).pointee) &* sectorsPerBlock
  let isKnown = isThere && word(page).pointee == DiskFormat.magic && sectors <= exo.capacity
  extent_at(0).pointee.sectors = isKnown ? sectors : exo.capacity
}

/// No task runs yet: the processor sleeps until the disk's interrupt, at most for ten seconds.
private func awaitFirstSector() -> Bool {
  var seconds = 10
  while exo.disk_collected == 0 && seconds > 0 {
    csr_write_stimecmp(read_time() &+ 10_000_000)
    kernel_idle()
    seconds -= 1
  }
  csr_write_stimecmp(.max)
  return exo.disk_collected != 0
}

/// The lowest extent of that length that is free, for the caller alone.
func allocateExtent(_ caller: UnsafeMutablePointer<task>, _ sectors: UInt64) throws(ErrorCode) -> Int64 {
  guard holds(caller, ExoRight.window, exo.disk_kind) else { throw .notPermitted }
  guard sectors > 0, sectors <= exo.capacity else { throw .noSpace }
  // What an ended owner has asked for may still be written.
  guard !isBusy({ $0 == UInt64(EXO_SHADOW_COUNT) }) else { throw .tryAgain }
  for row in 1..<UInt64(EXO_EXTENT_COUNT) where extent_at(row).pointee.sectors == 0 {
    let first = try freeSectors(sectors)
    extent_at(row).pointee = exo_extent(first: first, sectors: sectors, owner: task_number(caller))
    return Int64(row)
  }
  throw .noSpace
}

/// Where the first gap of that length begins: behind some extent.
private func freeSectors(_ count: UInt64) throws(ErrorCode) -> UInt64 {
  var found: UInt64?
  for index in 0..<UInt64(EXO_EXTENT_COUNT) where extent_at(index).pointee.sectors != 0 {
    let start = extent_at(index).pointee.first &+ extent_at(index).pointee.sectors
    if start &+ count <= exo.capacity && isFree(start, count) && start < found ?? .max { found = start }
  }
  guard let found else { throw .noSpace }
  return found
}

private func isFree(_ start: UInt64, _ count: UInt64) -> Bool {
  for index in 0..<UInt64(EXO_EXTENT_COUNT) {
    let extent = extent_at(index).pointee
    if start < extent.first &+ extent.sectors && extent.first < start &+ count { return false }
  }
  return true
}

/// Gives an extent back; shadows of it show an empty disk from now on.
func releaseExtent(_ caller: UnsafeMutablePointer<task>, _ index: UInt64) throws(ErrorCode) -> Int64 {
  guard index < UInt64(EXO_EXTENT_COUNT), extent_at(index).pointee.owner == task_number(caller) else {
    throw .notPermitted
  }
  guard !isBusy({ $0 < UInt64(EXO_SHADOW_COUNT) && shadow_at($0).pointee.extent == index }) else { throw .busy }
  extent_at(index).pointee = exo_extent()
  return 0
}

/// Whether the disk works on a request of a shadow that `matches`.
private func isBusy(_ matches: (UInt64) -> Bool) -> Bool {
  for index in 0..<UInt64(EXO_TRANSFER_COUNT)
  where transfer_at(index).pointee.busy != 0 && matches(transfer_at(index).pointee.shadow) { return true }
  return false
}
