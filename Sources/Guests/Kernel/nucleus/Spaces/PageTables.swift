// Address spaces: Sv39 page tables, made, changed and read by the kernel.
//
// The kernel's own half is the same in every space: its root entries are copied from kernel.kernel_table, or, where the
// kernel is hidden, from kernel.gate_table.
// Source: RISC-V Privileged Architecture 1.12, section 4.4.

import Interfaces
import KernelShared

/// The bits of a page-table entry.
enum Entry {
  static var valid: UInt64 { 1 << 0 }
  static var read: UInt64 { 1 << 1 }
  static var write: UInt64 { 1 << 2 }
  static var execute: UInt64 { 1 << 3 }
  static var user: UInt64 { 1 << 4 }
  static var global: UInt64 { 1 << 5 }
  static var accessed: UInt64 { 1 << 6 }
  static var dirty: UInt64 { 1 << 7 }
  /// Set by this kernel on pages that it must not give back to the page allocator: device registers, the archive.
  static var borrowed: UInt64 { 1 << 8 }
  /// Set by this kernel on pages that may be written, once whoever shares them has got a copy.
  static var copyOnWrite: UInt64 { 1 << 9 }

  @inline(__always) static func physical(_ entry: UInt64) -> UInt64 { (entry >> 10) << 12 }
  @inline(__always) static func make(_ physical: UInt64, _ flags: UInt64) -> UInt64 { (physical >> 12) << 10 | flags }
  @inline(__always) static func isLeaf(_ entry: UInt64) -> Bool { entry & (read | write | execute) != 0 }
}

/// The mode field of `satp` for Sv39.
private var sv39: UInt64 { 8 << 60 }
private var rootMask: UInt64 { (1 << 44) - 1 }
@c @implementation
func space_kernel() -> UInt64 { sv39 | kernel.kernel_table >> 12 }

@inline(__always) func rootTable(_ satp: UInt64) -> UInt64 { (satp & rootMask) << 12 }
@inline(__always) private func asid(_ satp: UInt64) -> UInt64 { satp >> 44 & 0xFFFF }

/// The place of the entry for `address` at `level` (0: 4 KiB pages); tables on the way are made if `make`.
func entryPlace(
  _ root: UInt64, _ address: UInt64, level: UInt64, make: Bool
) -> UnsafeMutablePointer<UInt64>? {
  var table = root
  var current: UInt64 = 2
  while current > level {
    let place = word(table &+ (address >> (12 &+ 9 &* current) & 511) &* 8)
    if place.pointee & Entry.valid == 0 {
      guard make else { return nil }
      let fresh = frame_allocate(1)
      if fresh == 0 { return nil }
      place.pointee = Entry.make(fresh, Entry.valid)
    } else if Entry.isLeaf(place.pointee) {
      return nil
    }
    table = Entry.physical(place.pointee)
    current &-= 1
  }
  return word(table &+ (address >> (12 &+ 9 &* level) & 511) &* 8)
}

/// Maps a physical range for the kernel, in pages or, where it is aligned, in megapages.
private func mapForKernel(_ root: UInt64, _ virtual: UInt64, _ physical: UInt64, _ size: UInt64, _ flags: UInt64) {
  let megapage: UInt64 = 1 << 21
  let common = Entry.valid | Entry.global | Entry.accessed | Entry.dirty
  var done: UInt64 = 0
  while done < size {
    let large = (virtual &+ done) % megapage == 0 && (physical &+ done) % megapage == 0 && size &- done >= megapage
    guard let place = entryPlace(root, virtual &+ done, level: large ? 1 : 0, make: true) else {
      kernel_panic(("no memory for the kernel's page tables" as StaticString).utf8Start)
    }
    place.pointee = Entry.make(physical &+ done, flags | common)
    done &+= large ? megapage : Layout.pageSize
  }
}

@c @implementation
func spaces_init() {
  let root = frame_allocate(1)
  kernel.kernel_table = root
  let base = Layout.imageBase
  mapForKernel(root, base, base, Layout.pageSize, Entry.read | Entry.execute)
  mapForKernel(root, Layout.taskRecords, Layout.taskRecords, Layout.pageSize, Entry.read | Entry.write)
  let text = image_text_start()
  mapForKernel(root, text, text, image_text_end().pageCeiling &- text, Entry.read | Entry.execute)
  let constants = image_text_end().pageCeiling
  mapForKernel(root, constants, constants, image_data_start() &- constants, Entry.read)
  let data = image_data_start()
  mapForKernel(root, data, data, kernel.memory_end &- data, Entry.read | Entry.write)

  func mapDevice(_ physical: UInt64, _ size: UInt64) {
    guard physical != 0 else { return }
    mapForKernel(root, Layout.deviceWindow &+ physical, physical, size, Entry.read | Entry.write)
  }
  mapDevice(kernel.finisher, Layout.pageSize)
  mapDevice(kernel.interrupt_controller, 4 << 20)
  kernel.interrupt_controller &+= Layout.deviceWindow
  for index in 0..<UInt64(DEVICE_COUNT) { mapDevice(device_at(index).pointee.physical, Layout.pageSize) }

  csr_write_satp(space_kernel())
  fence_all_address_spaces()
}

@c @implementation
func space_create(_ identifier: UInt64) -> UInt64 {
  let root = frame_allocate(1)
  guard root != 0 else { return 0 }
  shareKernel(with: root)
  fence_address_space(identifier)
  return sv39 | identifier << 44 | root >> 12
}

/// Gives a root table what every space has of the kernel.
func shareKernel(with root: UInt64) {
  let shared = kernel.is_hidden != 0 ? kernel.gate_table : kernel.kernel_table
  // Entry 0 is the user's gigabyte; the kernel's are above.
  for index in UInt64(1)..<512 { word(root &+ index &* 8).pointee = word(shared &+ index &* 8).pointee }
}

@c @implementation
func space_destroy(_ satp: UInt64) {
  let root = rootTable(satp)
  let user = word(root).pointee
  if user & Entry.valid != 0 { releaseTable(Entry.physical(user), level: 1) }
  frame_release(root, 1)
  fence_address_space(asid(satp))
}

private func releaseTable(_ table: UInt64, level: Int) {
  for index in UInt64(0)..<512 {
    let entry = word(table &+ index &* 8).pointee
    guard entry & Entry.valid != 0 else { continue }
    if level > 0 {
      releaseTable(Entry.physical(entry), level: level - 1)
    } else if entry & Entry.borrowed == 0 {
      frame_release(Entry.physical(entry), 1)
    }
  }
  frame_release(table, 1)
}

@c @implementation
func space_map_frames(
  _ satp: UInt64, _ address: UInt64, _ frame: UInt64, _ pages: UInt64, _ flags: UInt64
) -> Int64 {
  for page in 0..<pages {
    let virtual = address &+ page &* Layout.pageSize
    guard virtual < Layout.userEnd, let place = entryPlace(rootTable(satp), virtual, level: 0, make: true) else {
      return ErrorCode.noMemory.result
    }
    guard place.pointee & Entry.valid == 0 else { return ErrorCode.exists.result }
    place.pointee = Entry.make(frame &+ page &* Layout.pageSize, flags | Entry.valid | Entry.user)
    fence_page(virtual, asid(satp))
  }
  return 0
}

@c @implementation
func space_resolve(_ satp: UInt64, _ address: UInt64, _ access: UInt64) -> UInt64 {
  guard address < Layout.userEnd, let place = entryPlace(rootTable(satp), address, level: 0, make: false) else {
    return 0
  }
  let entry = place.pointee
  let wanted = Entry.valid | Entry.user | (access << 1)
  guard entry & wanted == wanted else { return 0 }
  place.pointee = entry | Entry.accessed | (access & UInt64(SPACE_WRITE) != 0 ? Entry.dirty : 0)
  return Entry.physical(entry) | address & (Layout.pageSize &- 1)
}

/// The leaf entry for a user page, valid or not; nil where there is no table.
func userEntry(_ satp: UInt64, _ address: UInt64) -> UnsafeMutablePointer<UInt64>? {
  guard address < Layout.userEnd else { return nil }
  return entryPlace(rootTable(satp), address, level: 0, make: false)
}

/// The leaf entry for a user page, its tables made where they are missing; nil when there is no memory for them.
func newUserEntry(_ satp: UInt64, _ address: UInt64) -> UnsafeMutablePointer<UInt64>? {
  entryPlace(rootTable(satp), address, level: 0, make: true)
}

/// Forgets translations of one page.
func forget(_ satp: UInt64, _ address: UInt64) { fence_page(address, asid(satp)) }

/// Forgets translations of a whole space.
func forgetAll(_ satp: UInt64) { fence_address_space(asid(satp)) }

/// Calls `body` with the entry of every page that is mapped in a range of user pages, until it returns an error.
///
/// - Returns: 0 or the negated error.
@inline(__always) func forEachPage(
  _ satp: UInt64, _ start: UInt64, _ pages: UInt64,
  _ body: (_ entry: UnsafeMutablePointer<UInt64>, _ address: UInt64) -> Int64
) -> Int64 {
  let megapage: UInt64 = 1 << 21
  let end = start &+ pages &* Layout.pageSize
  let user = word(rootTable(satp)).pointee
  guard user & Entry.valid != 0 else { return 0 }
  var virtual = start
  while virtual < end {
    // The end of what one table of pages maps, or of the range.
    let next = min((virtual | (megapage &- 1)) &+ 1, end)
    let table = word(Entry.physical(user) &+ (virtual >> 21 & 511) &* 8).pointee
    if table & Entry.valid != 0 {
      while virtual < next {
        let place = word(Entry.physical(table) &+ (virtual >> 12 & 511) &* 8)
        if place.pointee & Entry.valid != 0 {
          let result = body(place, virtual)
          if result < 0 { return result }
        }
        virtual &+= Layout.pageSize
      }
    }
    virtual = next
  }
  return 0
}

@c @implementation
func space_map_kernel(_ address: UInt64, _ frame: UInt64, _ flags: UInt64) -> Int64 {
  guard let place = entryPlace(kernel.kernel_table, address, level: 0, make: true) else {
    return ErrorCode.noMemory.result
  }
  guard place.pointee & Entry.valid == 0 else { return ErrorCode.exists.result }
  let global = kernel.is_hidden != 0 ? 0 : Entry.global
  place.pointee = Entry.make(frame, flags | Entry.valid | global | Entry.accessed | Entry.dirty)
  return 0
}

@c @implementation
func space_unmap_kernel(_ address: UInt64) -> UInt64 {
  guard let place = entryPlace(kernel.kernel_table, address, level: 0, make: false), place.pointee & Entry.valid != 0
  else { return 0 }
  let frame = Entry.physical(place.pointee)
  place.pointee = 0
  return frame
}
