// Hiding the kernel from user mode: address spaces keep the gate alone (Runtime/isolation), and the kernel has one of its
// own. So no page of the kernel can be reached by whatever a processor does with user code, at the price of two swaps of
// page tables a trap.

import Interfaces
import KernelShared

@c @implementation
func space_hide_kernel(_ hides: UInt64) -> Int64 {
  if hides != 0 && kernel.gate_table == 0 {
    let table = gateTable()
    guard table != 0 else { return ErrorCode.noMemory.result }
    kernel.gate_table = table
  }
  csr_write_satp(space_kernel())
  kernel.is_hidden = hides
  for slot in UInt64(1)..<UInt64(TASK_COUNT) {
    let satp = taskRecord(slot).pointee.satp
    if satp != 0 { shareKernel(with: rootTable(satp)) }
  }
  markGlobal(kernel.kernel_table, level: 2, hides == 0)
  if hides == 0 { csr_write_satp(taskRecord(kernel.current.pointee.slot).pointee.satp) }
  fence_all_address_spaces()
  return 0
}

/// A root table in which there is nothing but the gate; 0 when there is no memory.
private func gateTable() -> UInt64 {
  // The root, a table below it, and one each for the code and the data below that.
  guard kernel.frames_free >= 4 else { return 0 }
  let root = frame_allocate(1)
  func map(_ address: UInt64, _ rights: UInt64) -> Bool {
    guard let place = entryPlace(root, address, level: 0, make: true) else { return false }
    place.pointee = Entry.make(address, rights | Entry.valid | Entry.read | Entry.accessed | Entry.dirty)
    return true
  }
  return map(Layout.imageBase, Entry.execute) && map(gate_page(), Entry.write) ? root : 0
}

/// Says of all the kernel's pages whether they are the same in every address space.
private func markGlobal(_ table: UInt64, level: Int, _ isGlobal: Bool) {
  for index in UInt64(0)..<512 {
    let place = word(table &+ index &* 8)
    guard place.pointee & Entry.valid != 0 else { continue }
    if Entry.isLeaf(place.pointee) {
      place.pointee = isGlobal ? place.pointee | Entry.global : place.pointee & ~Entry.global
    } else if level > 0 {
      markGlobal(Entry.physical(place.pointee), level: level - 1, isGlobal)
    }
  }
}
