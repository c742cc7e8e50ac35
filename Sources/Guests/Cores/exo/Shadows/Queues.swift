// What the shadows of all virtio devices have in common: a few registers, and queues that the owner sets up in its own
// pages.
//
// Source: virtio 1.2, sections 2.7 (split virtqueues) and 4.2.2 (registers behind memory-mapped I/O).

import ExoState
import Interfaces
import KernelShared

typealias Register = VirtioTransport.Register

@c @implementation
func queue_show(_ index: UInt64, _ kind: UInt32) {
  shadowRegister(index, Register.magic).pointee = 0x7472_6976
  shadowRegister(index, Register.version).pointee = 2
  shadowRegister(index, Register.deviceKind).pointee = kind
  shadowRegister(index, Register.queueSizeMaximum).pointee = UInt32(EXO_QUEUE_SIZE)
}

/// The number that a shadow's owner has selected, or nil when there is no such queue.
private func selectedQueue(_ index: UInt64) -> UnsafeMutablePointer<exo_queue>? {
  let number = UInt64(shadowRegister(index, Register.queueSelect).pointee)
  return number < UInt64(EXO_QUEUE_COUNT) ? queue_at(index, number) : nil
}

@c @implementation
func queue_store(_ index: UInt64, _ offset: UInt64, _ value: UInt32) -> Int64 {
  let register = UInt(offset)
  switch register {
  case Register.deviceFeaturesSelect:
    // VIRTIO_F_VERSION_1 is bit 0 of word 1; word 0 is the kind's.
    shadowRegister(index, Register.deviceFeatures).pointee =
      value == 1 ? 1 : value == 0 ? features(ofKind: shadow_at(index).pointee.kind) : 0
  case Register.queueSelect:
    shadowRegister(index, register).pointee = value
    let queue = selectedQueue(index)
    shadowRegister(index, Register.queueReady).pointee = UInt32(queue?.pointee.ready ?? 0)
    shadowRegister(index, Register.queueSizeMaximum).pointee = queue == nil ? 0 : UInt32(EXO_QUEUE_SIZE)
  case Register.queueReady:
    guard let queue = selectedQueue(index) else { break }
    queue.pointee.ready = UInt64(value & 1)
    let number = UInt64(shadowRegister(index, Register.queueSelect).pointee)
    if !queue_is_sound(index, number) { queue.pointee.ready = 0 }
    shadowRegister(index, register).pointee = UInt32(queue.pointee.ready)
  case Register.queueNotify:
    return value < UInt32(EXO_QUEUE_COUNT) ? Int64(value) : -1
  case Register.interruptAcknowledge:
    shadowRegister(index, Register.interruptStatus).pointee &= ~value
  case Register.status:
    shadowRegister(index, register).pointee = value
    if value == 0 { resetShadow(index) }
  default: setQueue(index, register, value)
  }
  return -1
}

private func resetShadow(_ index: UInt64) {
  shadow_abandon(index)
  for number in 0..<UInt64(EXO_QUEUE_COUNT) { queue_at(index, number).pointee = exo_queue() }
  shadowRegister(index, Register.queueReady).pointee = 0
  shadowRegister(index, Register.interruptStatus).pointee = 0
}

/// Notes a queue's size or place; one in use stays where it is.
private func setQueue(_ index: UInt64, _ register: UInt, _ value: UInt32) {
  guard let queue = selectedQueue(index), queue.pointee.ready == 0 else { return }
  switch register {
  case Register.queueSize: queue.pointee.size = UInt64(value)
  case Register.queueDescriptors, Register.queueDescriptors &+ 4: setHalf(&queue.pointee.descriptors, register, value)
  case Register.queueAvailable, Register.queueAvailable &+ 4: setHalf(&queue.pointee.available, register, value)
  case Register.queueUsed, Register.queueUsed &+ 4: setHalf(&queue.pointee.used, register, value)
  default: break
  }
}

private func setHalf(_ word: inout UInt64, _ register: UInt, _ value: UInt32) {
  word = register & 4 == 0 ? word & ~0xFFFF_FFFF | UInt64(value) : word & 0xFFFF_FFFF | UInt64(value) << 32
}

/// Whether `length` bytes from a physical address on lie in one page of the shadow's owner.
private func isOwned(_ index: UInt64, _ physical: UInt64, _ length: UInt64) -> Bool {
  physical % Layout.pageSize <= Layout.pageSize &- length && shadow_owns(index, physical)
}

@c @implementation
func queue_is_sound(_ index: UInt64, _ number: UInt64) -> Bool {
  let queue = queue_at(index, number)
  let size = queue.pointee.size
  return queue.pointee.ready == 1 && size > 0 && size <= UInt64(EXO_QUEUE_SIZE) && size & (size &- 1) == 0
    && queue.pointee.descriptors % 16 == 0 && queue.pointee.available % 2 == 0 && queue.pointee.used % 4 == 0
    && isOwned(index, queue.pointee.descriptors, 16 &* size)
    && isOwned(index, queue.pointee.available, 6 &+ 2 &* size)
    && isOwned(index, queue.pointee.used, 6 &+ 8 &* size)
}

@c @implementation
func queue_next(_ index: UInt64, _ number: UInt64) -> Int64 {
  let queue = queue_at(index, number)
  guard queue_is_sound(index, number), queue.pointee.seen != half_at(queue.pointee.available &+ 2).pointee else {
    return -1
  }
  let position = UInt64(queue.pointee.seen) & (queue.pointee.size &- 1)
  queue.pointee.seen &+= 1
  // An index behind the table stands for one in it: whoever made it up gets back what it did not ask for.
  return Int64(half_at(queue.pointee.available &+ 4 &+ position &* 2).pointee) & Int64(queue.pointee.size &- 1)
}

@c @implementation
func queue_return(_ index: UInt64, _ number: UInt64, _ head: UInt64, _ written: UInt64) {
  guard queue_is_sound(index, number) else { return }
  let queue = queue_at(index, number)
  let used = queue.pointee.used
  let entry = used &+ 4 &+ (UInt64(queue.pointee.returned) & (queue.pointee.size &- 1)) &* 8
  single_at(entry).pointee = UInt32(truncatingIfNeeded: head)
  single_at(entry &+ 4).pointee = UInt32(truncatingIfNeeded: written)
  queue.pointee.returned &+= 1
  half_at(used &+ 2).pointee = queue.pointee.returned
  // The owner may have asked not to be interrupted (section 2.7.7.1).
  guard half_at(queue.pointee.available).pointee & 1 == 0 else { return }
  shadowRegister(index, Register.interruptStatus).pointee |= 1
  shadow_interrupt(index)
}

@c @implementation
func queue_descriptor(_ index: UInt64, _ number: UInt64, _ place: UInt64) -> exo_descriptor {
  descriptor_at(queue_at(index, number).pointee.descriptors, place & (queue_at(index, number).pointee.size &- 1))
    .pointee
}
