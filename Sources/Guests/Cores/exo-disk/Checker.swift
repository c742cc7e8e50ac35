// The checker: what lies in a shadow's queue is believed only where it names the owner's pages and the owner's extent;
// then it goes to the real disk, and what that returns goes back.

import ExoState
import Interfaces
import KernelShared

@c @implementation
func disk_show(_ index: UInt64) {
  queue_show(index, blockDevice)
  word(shadow_at(index).pointee.page &+ UInt64(Register.configuration)).pointee =
    extent_at(shadow_at(index).pointee.extent).pointee.sectors
}

@c @implementation
func disk_store(_ index: UInt64, _ offset: UInt64, _ value: UInt32) {
  if queue_store(index, offset, value) == 0 { checkQueue(index) }
}

/// Takes what is new in a shadow's queue, as far as the real disk has room.
func checkQueue(_ index: UInt64) {
  while true {
    guard let free = freeTransfer() else {
      exo.disk_starved = 1
      return
    }
    let head = queue_next(index, 0)
    guard head >= 0 else { return }
    admit(index, UInt64(head), free)
  }
}

private func freeTransfer() -> UInt64? {
  for index in 0..<UInt64(EXO_TRANSFER_COUNT) where transfer_at(index).pointee.busy == 0 { return index }
  return nil
}

/// Checks one chain; it goes to the disk, or straight back with an error.
private func admit(_ index: UInt64, _ head: UInt64, _ free: UInt64) {
  // Copied before they are looked at: the owner may change them any time.
  let header = queue_descriptor(index, 0, head)
  let data = queue_descriptor(index, 0, UInt64(header.next))
  let status = queue_descriptor(index, 0, UInt64(data.next))
  let written = UInt16(EXO_DESCRIPTOR_WRITTEN)
  let length = UInt64(data.length)
  guard status.flags == written, status.length > 0, shadow_owns(index, status.address) else {
    return queue_return(index, 0, head, 0)
  }
  guard header.flags == UInt16(EXO_DESCRIPTOR_NEXT), header.length >= 16, header.address % 16 == 0,
    shadow_owns(index, header.address), data.flags & UInt16(EXO_DESCRIPTOR_NEXT) != 0,
    length > 0, length <= Layout.pageSize, length % sectorSize == 0,
    shadow_owns(index, data.address), shadow_owns(index, data.address &+ length &- 1)
  else { return refuse(index, head, status.address) }
  let kind = single_at(header.address).pointee
  let isWrite = kind == 1
  let sector = shadow_sectors(index, word(header.address &+ 8).pointee, length / sectorSize, isWrite ? 1 : 0)
  guard kind <= 1, isWrite == (data.flags & written == 0), sector >= 0 else {
    return refuse(index, head, status.address)
  }
  transfer_at(free).pointee = exo_transfer(
    busy: 1, shadow: index, head: head, status: status.address, first: data.address,
    last: data.address &+ length &- 1)
  offer(free, write: isWrite, sector: UInt64(sector), buffer: data.address, length: length)
}

/// VIRTIO_BLK_S_IOERR: the request did not pass.
private func refuse(_ index: UInt64, _ head: UInt64, _ status: UInt64) {
  byte_at(status).pointee = 1
  queue_return(index, 0, head, 0)
}

/// The disk has returned the request in a slot.
func finish(_ slot: UInt64, _ status: UInt8) {
  let transfer = shadow_finish(slot)
  guard transfer.busy != 0, transfer.shadow < UInt64(EXO_SHADOW_COUNT) else { return }
  if shadow_owns(transfer.shadow, transfer.status) { byte_at(transfer.status).pointee = status }
  queue_return(transfer.shadow, 0, transfer.head, 0)
}
