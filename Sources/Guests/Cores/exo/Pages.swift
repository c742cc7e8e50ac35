// Physical pages: who owns each, who maps it, and when it is free.
//
// An environment's pages are marked as borrowed in its page table, so that the parts of the kernel that know nothing
// of owners never release one.

import ExoState
import Interfaces
import KernelShared

/// Bits of a page-table entry (RISC-V Privileged Architecture 1.12, section 4.4).
enum Bits {
  static var valid: UInt64 { 1 }
  static var write: UInt64 { 4 }
  static var user: UInt64 { 16 }
  /// Not to be released by space_destroy.
  static var borrowed: UInt64 { 1 << 8 }

  /// The first bit that is left to software and not used by the kernel: an environment's mark.
  private static var mark: UInt64 { 1 << 9 }

  static func flags(_ permissions: UInt64) -> UInt64 {
    (permissions & 7) << 1 | (permissions & ExoPermission.mark != 0 ? mark : 0)
  }

  static func permissions(_ entry: UInt64) -> UInt64 {
    entry >> 1 & 7 | (entry & mark != 0 ? ExoPermission.mark : 0)
  }

  static func physical(_ entry: UInt64) -> UInt64 { (entry >> 10) << 12 & ((1 << 56) - 1) }
}

func satp(_ slot: UInt64) -> UInt64 { taskRecord(slot).pointee.satp }

/// The table that the root's first entry leads to: all of user memory; nil where nothing was ever mapped.
private func userTable(_ slot: UInt64) -> UInt64? { table(word((satp(slot) & ((1 << 44) - 1)) << 12).pointee) }

private func table(_ entry: UInt64) -> UInt64? { entry & Bits.valid == 0 ? nil : Bits.physical(entry) }

/// The entry for a user page; nil where there is no table for it.
func leaf(_ slot: UInt64, _ virtual: UInt64) -> UnsafeMutablePointer<UInt64>? {
  guard virtual < Layout.userEnd, let upper = userTable(slot),
    let lower = table(word(upper &+ (virtual >> 21 & 511) &* 8).pointee)
  else { return nil }
  return word(lower &+ (virtual >> 12 & 511) &* 8)
}

/// Calls `body` with the address of each page that is mapped in a range of an environment, until it returns false.
func forEachPage(_ slot: UInt64, in range: Range<UInt64>, _ body: (UInt64) -> Bool) {
  guard let upper = userTable(slot) else { return }
  var virtual = range.lowerBound
  while virtual < range.upperBound {
    if let lower = table(word(upper &+ (virtual >> 21 & 511) &* 8).pointee) {
      if word(lower &+ (virtual >> 12 & 511) &* 8).pointee & Bits.valid != 0 && !body(virtual) { return }
      virtual &+= Layout.pageSize
    } else {
      virtual = (virtual | (1 << 21 - 1)) &+ 1
    }
  }
}

/// The books on a page of RAM; nil for any other physical address.
func page(_ physical: UInt64) -> UnsafeMutablePointer<exo_page>? {
  guard physical >= kernel.frames_first else { return nil }
  let index = (physical &- kernel.frames_first) / Layout.pageSize
  return index < kernel.frames_count ? exo.pages + Int(index) : nil
}

/// Whether the byte at a physical address is on a page of that environment's own.
func owns(_ slot: UInt64, _ physical: UInt64) -> Bool {
  guard let page = page(physical) else { return false }
  return UInt64(page.pointee.owner) == slot && slot != 0
}

/// Shows a page in an environment, in place of what it had there.
func install(_ slot: UInt64, _ virtual: UInt64, _ physical: UInt64, _ permissions: UInt64) -> Int64 {
  guard let books = page(physical), books.pointee.mappings < .max else { return ErrorCode.tryAgain.result }
  // Counted before the old mapping goes: both may be the same page.
  books.pointee.mappings += 1
  remove(slot, virtual)
  let result = space_map_frames(satp(slot), virtual, physical, 1, Bits.flags(permissions) | Bits.borrowed)
  if result != 0 { unmapped(physical) }
  return result
}

/// Takes a page out of an environment.
func remove(_ slot: UInt64, _ virtual: UInt64) {
  guard let place = leaf(slot, virtual), place.pointee & Bits.valid != 0 else { return }
  let physical = Bits.physical(place.pointee)
  place.pointee = 0
  fence_page(virtual, slot)
  if let books = page(physical), books.pointee.mappings > 0 { unmapped(physical) }
}

/// One mapping fewer; the last one frees the page.
private func unmapped(_ physical: UInt64) {
  guard let books = page(physical) else { return }
  books.pointee.mappings -= 1
  guard books.pointee.mappings == 0 else { return }
  disown(books)
  if isAtDevice(physical) { books.pointee.owner = UInt8(EXO_OWNER_DEVICE) } else { frame_release(physical, 1) }
}

private func disown(_ books: UnsafeMutablePointer<exo_page>) {
  if books.pointee.owner != 0 { environment_at(UInt64(books.pointee.owner)).pointee.pages &-= 1 }
  books.pointee.owner = 0
}

/// The device is done with a page that lost its owner meanwhile.
func releaseFromDevice(_ physical: UInt64) {
  guard let books = page(physical), books.pointee.owner == UInt8(EXO_OWNER_DEVICE), !isAtDevice(physical) else {
    return
  }
  books.pointee.owner = 0
  frame_release(physical.pageFloor, 1)
}

// MARK: Calls

func isUserRange(_ virtual: UInt64, _ pages: UInt64) -> Bool {
  virtual % Layout.pageSize == 0 && virtual >= Layout.pageSize && virtual < Layout.userEnd
    && pages <= (Layout.userEnd &- virtual) / Layout.pageSize
}

/// Pages in a row for an environment; the physical address of the first.
func allocatePages(_ slot: UInt64, _ virtual: UInt64, _ count: UInt64, _ permissions: UInt64) -> Int64 {
  guard isUserRange(virtual, count), count > 0, permissions & ~15 == 0, permissions != 0 else {
    return ErrorCode.invalid.result
  }
  for index in 0..<count {
    if let place = leaf(slot, virtual &+ index &* Layout.pageSize), place.pointee & Bits.valid != 0 {
      return ErrorCode.exists.result
    }
  }
  let number = task_number(task_at(slot))
  let first = takeFrames(count)
  guard first != 0 else { return ErrorCode.noMemory.result }
  // Others ran meanwhile, if pages had to be asked back.
  guard let task = task_find(number), !hasEnded(task) else {
    frame_release(first, count)
    return ErrorCode.noSuchTask.result
  }
  for index in 0..<count {
    let physical = first &+ index &* Layout.pageSize
    page(physical)?.pointee.owner = UInt8(slot)
    environment_at(slot).pointee.pages &+= 1
    // Failing, it has released this page: the rest was never handed out.
    guard install(slot, virtual &+ index &* Layout.pageSize, physical, permissions) == 0 else {
      for done in 0..<index { remove(slot, virtual &+ done &* Layout.pageSize) }
      if index &+ 1 < count { frame_release(physical &+ Layout.pageSize, count &- index &- 1) }
      return ErrorCode.noMemory.result
    }
  }
  return Int64(first)
}

/// Shows a page of one environment in another, with no more rights than its owner or the first mapping has.
func sharePage(
  _ slot: UInt64, _ virtual: UInt64, _ sourceSlot: UInt64, _ source: UInt64, _ permissions: UInt64
) -> Int64 {
  guard isUserRange(virtual, 1), permissions & ~15 == 0, permissions != 0 else { return ErrorCode.invalid.result }
  guard let place = leaf(sourceSlot, source), place.pointee & Bits.valid != 0 else {
    return ErrorCode.badAddress.result
  }
  let physical = Bits.physical(place.pointee)
  guard let books = page(physical), books.pointee.mappings > 0 else { return ErrorCode.notPermitted.result }
  guard permissions & UInt64(SPACE_WRITE) == 0 || place.pointee & Bits.write != 0 || owns(sourceSlot, physical) else {
    return ErrorCode.notPermitted.result
  }
  return install(slot, virtual, physical, permissions)
}

/// The first page that is mapped at an address or behind; nil when there is none.
func nextPage(_ slot: UInt64, _ virtual: UInt64) -> (virtual: UInt64, permissions: UInt64)? {
  guard virtual < Layout.userEnd else { return nil }
  var found: (UInt64, UInt64)?
  forEachPage(slot, in: virtual.pageFloor..<Layout.userEnd) { virtual in
    guard let place = leaf(slot, virtual) else { return true }
    found = (virtual, Bits.permissions(place.pointee))
    return false
  }
  return found
}

// MARK: Beginning and end

/// Enters the pages that the kernel's own loader gave to an environment.
func adoptPages(of task: UnsafeMutablePointer<task>) {
  let slot = task.pointee.slot
  forEachPage(slot, in: 0..<Layout.userEnd) { virtual in
    if let place = leaf(slot, virtual), let books = page(Bits.physical(place.pointee)) {
      place.pointee |= Bits.borrowed
      books.pointee = exo_page(owner: UInt8(slot), mappings: 1)
      environment_at(slot).pointee.pages &+= 1
    }
    return true
  }
}

/// Takes all pages of an environment that has ended.
func releasePages(_ slot: UInt64) {
  forEachPage(slot, in: 0..<Layout.userEnd) {
    remove(slot, $0)
    return true
  }
  // What others still map has no owner from now on.
  guard environment_at(slot).pointee.pages > 0 else { return }
  for index in 0..<Int(kernel.frames_count) where UInt64(exo.pages[index].owner) == slot { disown(exo.pages + index) }
}
