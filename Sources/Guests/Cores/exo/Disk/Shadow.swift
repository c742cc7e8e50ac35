// Shadow disks: each looks to its owner like the registers of a disk that is one extent long. Reading them is reading
// memory; a store traps, and its effect is had here.

import ExoState
import Interfaces
import KernelShared

/// A register of a shadow.
func shadowRegister(_ index: UInt64, _ register: UInt64) -> UnsafeMutablePointer<UInt32> {
  single(shadow_at(index).pointee.page &+ register)
}

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

/// A secure binding: from now on the caller reaches the extent, and nothing else, through the shadow at `virtual`.
func mapShadow(_ caller: UnsafeMutablePointer<task>, _ virtual: UInt64, _ extent: UInt64) throws(ErrorCode) -> Int64 {
  guard exo.disk != 0, extent < UInt64(EXO_EXTENT_COUNT) else { throw .notFound }
  let owner = extent_at(extent).pointee.owner
  guard extent_at(extent).pointee.sectors != 0 else { throw .notFound }
  guard owner == 0 || owner == task_number(caller) else { throw .notPermitted }
  for index in 0..<UInt64(EXO_SHADOW_COUNT) where shadow_at(index).pointee.page == 0 {
    let page = frame_allocate(1)
    guard page != 0 else { throw .noMemory }
    let result = space_map_frames(
      satp(caller.pointee.slot), virtual, page, 1, UInt64(SPACE_READ) << 1 | Bits.borrowed)
    guard result == 0 else {
      frame_release(page, 1)
      return result
    }
    shadow_at(index).pointee = exo_shadow(
      page: page, owner: task_number(caller), address: virtual, extent: extent, seen: 0, returned: 0)
    shadowRegister(index, Register.magic).pointee = 0x7472_6976
    shadowRegister(index, Register.version).pointee = 2
    shadowRegister(index, Register.deviceKind).pointee = 2
    shadowRegister(index, Register.queueSizeMaximum).pointee = UInt32(queueSize)
    word(page &+ Register.capacity).pointee = extent_at(extent).pointee.sectors
    return 0
  }
  throw .tryAgain
}

/// Ends the shadows of an environment; what the disk still works on is nobody's then.
func releaseShadows(of owner: UInt64) {
  for index in 0..<UInt64(EXO_SHADOW_COUNT)
  where shadow_at(index).pointee.page != 0 && shadow_at(index).pointee.owner == owner {
    orphan(index)
    frame_release(shadow_at(index).pointee.page, 1)
    shadow_at(index).pointee = exo_shadow()
  }
}

private func orphan(_ shadow: UInt64) {
  for index in 0..<UInt64(EXO_TRANSFER_COUNT) where transfer_at(index).pointee.shadow == shadow {
    transfer_at(index).pointee.shadow = UInt64(EXO_SHADOW_COUNT)
  }
}

/// The word that the instruction at the task's pc stores, and the instruction's length; nil for any other instruction.
///
/// Source: RISC-V Unprivileged Architecture, sections 2.6 (SW) and 16.3 (C.SW).
private func storedWord(_ task: UnsafeMutablePointer<task>) -> (value: UInt32, length: UInt64)? {
  func fetch(_ virtual: UInt64) -> UInt32? {
    let physical = space_resolve(satp(task.pointee.slot), virtual, UInt64(SPACE_EXECUTE))
    return physical == 0 ? nil : UInt32(half(physical).pointee)
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
  guard let (value, length) = storedWord(task) else { return ErrorCode.badAddress.result }
  task_set_register(task, 0, task_register(task, 0) &+ length)
  let register = virtual & (Layout.pageSize &- 1)
  switch register {
  case Register.deviceFeaturesSelect:
    // VIRTIO_F_VERSION_1 is bit 0 of word 1; nothing else is offered.
    shadowRegister(index, Register.deviceFeatures).pointee = value == 1 ? 1 : 0
  case Register.queueReady:
    shadowRegister(index, register).pointee = value == 1 && isQueueSound(index) ? 1 : 0
  case Register.queueNotify:
    checkQueue(index)
  case Register.interruptAcknowledge:
    shadowRegister(index, Register.interruptStatus).pointee &= ~value
  case Register.status:
    shadowRegister(index, register).pointee = value
    guard value == 0 else { break }
    orphan(index)
    shadowRegister(index, Register.queueReady).pointee = 0
    shadowRegister(index, Register.interruptStatus).pointee = 0
    shadow_at(index).pointee.seen = 0
    shadow_at(index).pointee.returned = 0
  case Register.queueSize, Register.queueDescriptors...Register.queueUsed &+ 4:
    // A queue in use stays where it is.
    if register % 4 == 0 && shadowRegister(index, Register.queueReady).pointee == 0 {
      shadowRegister(index, register).pointee = value
    }
  default: break
  }
  return 0
}
