// The checker: what lies in a shadow's queue is believed only where it names the owner's pages and the owner's extent;
// then it goes to the real disk, and what that returns goes back.

import ExoState
import Interfaces
import KernelShared

private func place(_ index: UInt64, _ register: UInt64) -> UInt64 {
  word(shadow_at(index).pointee.page &+ register).pointee
}

private func owner(_ index: UInt64) -> UInt64 { shadow_at(index).pointee.owner & UInt64(TASK_COUNT - 1) }

/// Whether `length` bytes from a physical address on lie in one page of the shadow's owner.
private func isOwned(_ index: UInt64, _ physical: UInt64, _ length: UInt64) -> Bool {
  physical % Layout.pageSize <= Layout.pageSize &- length && owns(owner(index), physical)
}

private func size(_ index: UInt64) -> UInt64 { UInt64(shadowRegister(index, Register.queueSize).pointee) }

/// Whether a shadow's queue is one, in pages of its owner: these can change hands, so it is asked before every use.
func isQueueSound(_ index: UInt64) -> Bool {
  let size = size(index)
  return size > 0 && size <= queueSize && size & (size &- 1) == 0
    && place(index, Register.queueDescriptors) % 16 == 0 && place(index, Register.queueAvailable) % 2 == 0
    && place(index, Register.queueUsed) % 4 == 0
    && isOwned(index, place(index, Register.queueDescriptors), 16 &* size)
    && isOwned(index, place(index, Register.queueAvailable), 6 &+ 2 &* size)
    && isOwned(index, place(index, Register.queueUsed), 6 &+ 8 &* size)
}

/// Takes what is new in a shadow's available ring, as far as the real disk has room.
func checkQueue(_ index: UInt64) {
  guard shadowRegister(index, Register.queueReady).pointee == 1, isQueueSound(index) else { return }
  let available = place(index, Register.queueAvailable)
  let latest = half(available &+ 2).pointee
  while shadow_at(index).pointee.seen != latest {
    guard let free = freeTransfer() else {
      exo.starved = 1
      return
    }
    let position = UInt64(shadow_at(index).pointee.seen) & (size(index) &- 1)
    shadow_at(index).pointee.seen &+= 1
    admit(index, UInt64(half(available &+ 4 &+ position &* 2).pointee), free)
  }
}

private func freeTransfer() -> UInt64? {
  for index in 0..<UInt64(EXO_TRANSFER_COUNT) where transfer_at(index).pointee.busy == 0 { return index }
  return nil
}

/// Checks one chain; it goes to the disk, or straight back with an error.
private func admit(_ index: UInt64, _ head: UInt64, _ free: UInt64) {
  let table = place(index, Register.queueDescriptors)
  let mask = size(index) &- 1
  // Copied before it is looked at: the owner may change it any time.
  let header = descriptor(table, head & mask).pointee
  let data = descriptor(table, UInt64(header.next) & mask).pointee
  let status = descriptor(table, UInt64(data.next) & mask).pointee
  let extent = extent_at(shadow_at(index).pointee.extent).pointee
  let length = UInt64(data.length)
  let sectors = length / sectorSize
  guard head <= mask, status.flags == Descriptor.deviceWrites, status.length > 0,
    owns(owner(index), status.address)
  else { return giveBack(index, head) }
  guard header.flags == Descriptor.hasNext, header.length >= 16, header.address % 8 == 0,
    isOwned(index, header.address, 16), data.flags & Descriptor.hasNext != 0,
    length > 0, length <= Layout.pageSize, length % sectorSize == 0,
    owns(owner(index), data.address), owns(owner(index), data.address &+ length &- 1)
  else { return refuse(index, head, status.address) }
  let kind = single(header.address).pointee
  let sector = word(header.address &+ 8).pointee
  let isWrite = kind == 1
  guard kind <= 1, isWrite == (data.flags & Descriptor.deviceWrites == 0), sectors <= extent.sectors,
    sector <= extent.sectors &- sectors,
    extent.owner == 0 ? !isWrite : extent.owner == shadow_at(index).pointee.owner
  else { return refuse(index, head, status.address) }
  transfer_at(free).pointee = exo_transfer(
    busy: 1, shadow: index, head: head, status: status.address, first: data.address,
    last: data.address &+ length &- 1)
  offer(free, write: isWrite, sector: extent.first &+ sector, buffer: data.address, length: length)
}

/// VIRTIO_BLK_S_IOERR: the request did not pass.
private func refuse(_ index: UInt64, _ head: UInt64, _ status: UInt64) {
  byte(status).pointee = 1
  giveBack(index, head)
}

/// Returns a chain to its owner, and tells it so.
private func giveBack(_ index: UInt64, _ head: UInt64) {
  guard isQueueSound(index) else { return }
  let used = place(index, Register.queueUsed)
  let shadow = shadow_at(index)
  let entry = used &+ 4 &+ (UInt64(shadow.pointee.returned) & (size(index) &- 1)) &* 8
  single(entry).pointee = UInt32(truncatingIfNeeded: head)
  single(entry &+ 4).pointee = 0
  shadow.pointee.returned &+= 1
  half(used &+ 2).pointee = shadow.pointee.returned
  shadowRegister(index, Register.interruptStatus).pointee |= 1
  post(owner(index), ExoEvent.disk)
}

/// The disk has returned the request in a slot.
func finish(_ slot: UInt64, _ status: UInt8) {
  let transfer = transfer_at(slot).pointee
  transfer_at(slot).pointee = exo_transfer()
  releaseFromDevice(transfer.first)
  if transfer.first.pageFloor != transfer.last.pageFloor { releaseFromDevice(transfer.last) }
  guard transfer.busy != 0, transfer.shadow < UInt64(EXO_SHADOW_COUNT) else { return }
  if owns(owner(transfer.shadow), transfer.status) { byte(transfer.status).pointee = status }
  giveBack(transfer.shadow, transfer.head)
}

/// Whether the disk may still read or write a page.
func isAtDevice(_ physical: UInt64) -> Bool {
  for index in 0..<UInt64(EXO_TRANSFER_COUNT) where transfer_at(index).pointee.busy != 0 {
    let transfer = transfer_at(index).pointee
    if transfer.first.pageFloor == physical.pageFloor || transfer.last.pageFloor == physical.pageFloor { return true }
  }
  return false
}
