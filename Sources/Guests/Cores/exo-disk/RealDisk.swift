// The real disk, as far as the kernel has to know it: one queue, filled with requests that were checked before.
//
// Source: virtio 1.2, sections 2.7 (split virtqueues), 4.2 (MMIO) and 5.2 (block device).

import DeviceAccess
import ExoState
import Interfaces
import KernelShared

typealias Register = VirtioTransport.Register

/// Entries of the real queue's rings.
private var queueSize: UInt64 { 32 }
var sectorSize: UInt64 { 512 }
/// Device number 2 (section 5).
var blockDevice: UInt32 { 2 }

/// Places in the page that is shared with the disk.
private enum Place {
  static var available: UInt64 { 512 }
  static var used: UInt64 { 1024 }
  static var headers: UInt64 { 2048 }
  static var statuses: UInt64 { 3072 }
}

private var transport: VirtioTransport { VirtioTransport(base: UInt(exo.disk)) }

@c @implementation
func disk_start(_ page: UInt64) -> Bool {
  for index in 0..<UInt64(DEVICE_COUNT) where device_at(index).pointee.kind == UInt64(ENV_DEVICE_BLOCK) {
    exo.disk = Layout.deviceWindow &+ device_at(index).pointee.physical
    exo.disk_interrupt = device_at(index).pointee.interrupt
    break
  }
  guard exo.disk != 0 else { return false }
  exo.disk_memory = frame_allocate(1)
  do throws(ErrorCode) {
    try transport.identify(kind: blockDevice)
    try transport.reset()
    try transport.negotiate()
    try transport.configureQueue(
      size: UInt32(queueSize), descriptors: exo.disk_memory, available: exo.disk_memory &+ Place.available,
      used: exo.disk_memory &+ Place.used)
    transport.start()
    exo.capacity = try transport.configuration(at: 0)
  } catch {
    return false
  }
  exo.disk_kind = UInt64(ENV_DEVICE_BLOCK)
  interrupt_enable(exo.disk_interrupt)
  offer(0, write: false, sector: 0, buffer: page, length: sectorSize)
  return true
}

/// Hands a checked request to the disk in slot `index`, which must be free.
func offer(_ index: UInt64, write isWrite: Bool, sector: UInt64, buffer: UInt64, length: UInt64) {
  let header = exo.disk_memory &+ Place.headers &+ index &* 16
  let status = exo.disk_memory &+ Place.statuses &+ index
  single_at(header).pointee = isWrite ? 1 : 0
  word(header &+ 8).pointee = sector
  byte_at(status).pointee = 0xFF
  let first = index &* 3
  let next = UInt16(EXO_DESCRIPTOR_NEXT)
  let written = UInt16(EXO_DESCRIPTOR_WRITTEN)
  descriptor_at(exo.disk_memory, first).pointee = exo_descriptor(
    address: header, length: 16, flags: next, next: UInt16(first &+ 1))
  descriptor_at(exo.disk_memory, first &+ 1).pointee = exo_descriptor(
    address: buffer, length: UInt32(length), flags: isWrite ? next : next | written, next: UInt16(first &+ 2))
  descriptor_at(exo.disk_memory, first &+ 2).pointee = exo_descriptor(
    address: status, length: 1, flags: written, next: 0)
  half_at(exo.disk_memory &+ Place.available &+ 4 &+ UInt64(exo.disk_offered) % queueSize &* 2).pointee = UInt16(first)
  exo.disk_offered &+= 1
  device_fence()
  half_at(exo.disk_memory &+ Place.available &+ 2).pointee = exo.disk_offered
  device_fence()
  transport.write(Register.queueNotify, 0)
}

/// The next request that the disk has returned: its slot and status.
private func returnedTransfer() -> (index: UInt64, status: UInt8)? {
  device_fence()
  guard half_at(exo.disk_memory &+ Place.used &+ 2).pointee != exo.disk_collected else { return nil }
  let entry = exo.disk_memory &+ Place.used &+ 4 &+ UInt64(exo.disk_collected) % queueSize &* 8
  exo.disk_collected &+= 1
  let index = UInt64(single_at(entry).pointee) / 3 % UInt64(EXO_TRANSFER_COUNT)
  return (index, byte_at(exo.disk_memory &+ Place.statuses &+ index).pointee)
}

@c @implementation
func disk_interrupt() {
  transport.write(Register.interruptAcknowledge, transport.read(Register.interruptStatus))
  while let (index, status) = returnedTransfer() { finish(index, status) }
  guard exo.disk_starved != 0 else { return }
  exo.disk_starved = 0
  for index in 0..<UInt64(EXO_SHADOW_COUNT)
  where shadow_at(index).pointee.page != 0 && shadow_at(index).pointee.kind == exo.disk_kind {
    checkQueue(index)
  }
}
