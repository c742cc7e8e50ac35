// Shadows: each is a page that looks to its owner like a device's registers. Reading them is reading memory; a store
// traps, and its effect is had here, or where that kind of device is driven.

import ExoState
import Interfaces
import KernelShared

/// A register of a shadow.
func shadowRegister(_ index: UInt64, _ register: UInt) -> UnsafeMutablePointer<UInt32> {
  single_at(shadow_at(index).pointee.page &+ UInt64(register))
}

/// The slot of a shadow's owner.
func owner(_ index: UInt64) -> UInt64 { shadow_at(index).pointee.owner & UInt64(TASK_COUNT - 1) }

@c @implementation
func shadow_owns(_ index: UInt64, _ physical: UInt64) -> Bool { owns(owner(index), physical) }

/// The shadow whose registers an environment sees at an address.
func shadow(of task: UnsafeMutablePointer<task>, at virtual: UInt64) -> UInt64? {
  for index in 0..<UInt64(EXO_SHADOW_COUNT) {
    let shadow = shadow_at(index)
    if shadow.pointee.page != 0 && shadow.pointee.owner == task_number(task)
      && shadow.pointee.address == virtual.pageFloor
    {
      return index
    }
  }
  return nil
}

/// The environment's shadow of a device of a kind.
func shadow(of number: UInt64, kind: UInt64) -> UInt64? {
  for index in 0..<UInt64(EXO_SHADOW_COUNT)
  where shadow_at(index).pointee.page != 0 && shadow_at(index).pointee.owner == number
    && shadow_at(index).pointee.kind == kind
  {
    return index
  }
  return nil
}

/// A secure binding: from now on the caller reaches the device through the shadow at `virtual`; of a disk, the extent
/// and nothing else.
func mapShadow(
  _ caller: UnsafeMutablePointer<task>, _ kind: UInt64, _ virtual: UInt64, _ extent: UInt64
) throws(ErrorCode) -> Int64 {
  if kind == exo.disk_kind {
    guard extent < UInt64(EXO_EXTENT_COUNT), extent_at(extent).pointee.sectors != 0 else { throw .notFound }
    let owner = extent_at(extent).pointee.owner
    guard owner == 0 || owner == task_number(caller) else { throw .notPermitted }
  }
  for index in 0..<UInt64(EXO_SHADOW_COUNT) where shadow_at(index).pointee.page == 0 {
    let page = frame_allocate(1)
    guard page != 0 else { throw .noMemory }
    let result = space_map_frames(
      satp(caller.pointee.slot), virtual, page, 1, UInt64(SPACE_READ) << 1 | Bits.borrowed)
    guard result == 0 else {
      frame_release(page, 1)
      return result
    }
    shadow_at(index).pointee = exo_shadow()
    shadow_at(index).pointee.page = page
    shadow_at(index).pointee.owner = task_number(caller)
    shadow_at(index).pointee.address = virtual
    shadow_at(index).pointee.kind = kind
    shadow_at(index).pointee.extent = extent
    if kind == exo.disk_kind { disk_show(index) } else { showAdapter(index) }
    return 0
  }
  throw .tryAgain
}

/// Ends the shadows of an environment; what the disk still works on is nobody's then.
func releaseShadows(of owner: UInt64) {
  for index in 0..<UInt64(EXO_SHADOW_COUNT)
  where shadow_at(index).pointee.page != 0 && shadow_at(index).pointee.owner == owner {
    shadow_abandon(index)
    frame_release(shadow_at(index).pointee.page, 1)
    shadow_at(index).pointee = exo_shadow()
  }
}

@c @implementation
func shadow_interrupt(_ index: UInt64) {
  post(owner(index), shadow_at(index).pointee.kind == exo.disk_kind ? ExoEvent.disk : ExoEvent.network)
}

// MARK: Stores

/// The word that the instruction at the task's pc stores, and the instruction's length; nil for any other instruction.
///
/// Source: RISC-V Unprivileged Architecture, sections 2.6 (SW) and 16.3 (C.SW).
private func storedWord(_ task: UnsafeMutablePointer<task>) -> (value: UInt32, length: UInt64)? {
  func fetch(_ virtual: UInt64) -> UInt32? {
    let physical = space_resolve(satp(task.pointee.slot), virtual, UInt64(SPACE_EXECUTE))
    return physical == 0 ? nil : UInt32(half_at(physical).pointee)
  }
  let pc = task_register(task, 0)
  guard let low = fetch(pc) else { return nil }
  let source: UInt32
  let length: UInt64
  if low & 3 == 3 {
    guard let high = fetch(pc &+ 2), low & 0x707F == 0x2023 else { return nil }
    source = high >> 4 & 31
    length = 4
  } else {
    guard low & 0xE003 == 0xC000 else { return nil }
    source = low >> 2 & 7 | 8
    length = 2
  }
  return (source == 0 ? 0 : UInt32(truncatingIfNeeded: task_register(task, UInt64(source))), length)
}

/// Has the effect of a store to a shadow's register, and goes on behind it.
func emulateStore(_ task: UnsafeMutablePointer<task>, _ index: UInt64, _ virtual: UInt64) -> Int64 {
  guard virtual % 4 == 0, let (value, length) = storedWord(task) else { return ErrorCode.badAddress.result }
  task_set_register(task, 0, task_register(task, 0) &+ length)
  let offset = virtual & (Layout.pageSize &- 1)
  if shadow_at(index).pointee.kind == exo.disk_kind {
    disk_store(index, offset, value)
  } else {
    storeToAdapter(index, offset, value)
  }
  return 0
}

// MARK: Transfers

@c @implementation
func shadow_sectors(_ index: UInt64, _ sector: UInt64, _ count: UInt64, _ writes: UInt64) -> Int64 {
  let extent = extent_at(shadow_at(index).pointee.extent).pointee
  guard count <= extent.sectors, sector <= extent.sectors &- count,
    extent.owner == 0 ? writes == 0 : extent.owner == shadow_at(index).pointee.owner
  else { return ErrorCode.notPermitted.result }
  return Int64(extent.first &+ sector)
}

@c @implementation
func shadow_finish(_ slot: UInt64) -> exo_transfer {
  let transfer = transfer_at(slot).pointee
  transfer_at(slot).pointee = exo_transfer()
  releaseFromDevice(transfer.first)
  if transfer.first.pageFloor != transfer.last.pageFloor { releaseFromDevice(transfer.last) }
  return transfer
}

/// Whether the disk may still read or write a page.
func isAtDevice(_ physical: UInt64) -> Bool {
  for index in 0..<UInt64(EXO_TRANSFER_COUNT) where transfer_at(index).pointee.busy != 0 {
    let transfer = transfer_at(index).pointee
    if transfer.first.pageFloor == physical.pageFloor || transfer.last.pageFloor == physical.pageFloor { return true }
  }
  return false
}

@c @implementation
func shadow_abandon(_ shadow: UInt64) {
  for index in 0..<UInt64(EXO_TRANSFER_COUNT) where transfer_at(index).pointee.shadow == shadow {
    transfer_at(index).pointee.shadow = UInt64(EXO_SHADOW_COUNT)
  }
}
