// The real disk, as far as the kernel has to know it: one queue, filled with requests that were checked before.
//
// Source: virtio 1.2, sections 2.7 (split virtqueues), 4.2 (MMIO) and 5.2 (block device).

import DeviceAccess
import ExoState
import Interfaces
import KernelShared

/// Registers of a virtio device and of its shadows, by their offsets in bytes.
enum Register {
  static var magic: UInt64 { 0x000 }
  static var version: UInt64 { 0x004 }
  static var deviceKind: UInt64 { 0x008 }
  static var deviceFeatures: UInt64 { 0x010 }
  static var deviceFeaturesSelect: UInt64 { 0x014 }
  static var driverFeatures: UInt64 { 0x020 }
  static var driverFeaturesSelect: UInt64 { 0x024 }
  static var queueSelect: UInt64 { 0x030 }
  static var queueSizeMaximum: UInt64 { 0x034 }
  static var queueSize: UInt64 { 0x038 }
  static var queueReady: UInt64 { 0x044 }
  static var queueNotify: UInt64 { 0x050 }
  static var interruptStatus: UInt64 { 0x060 }
  static var interruptAcknowledge: UInt64 { 0x064 }
  static var status: UInt64 { 0x070 }
  static var queueDescriptors: UInt64 { 0x080 }
  static var queueAvailable: UInt64 { 0x090 }
  static var queueUsed: UInt64 { 0x0A0 }
  static var capacity: UInt64 { 0x100 }
}

/// A descriptor of a queue, the real one's or a shadow's.
struct Descriptor {
  var address: UInt64
  var length: UInt32
  var flags: UInt16
  var next: UInt16

  static var hasNext: UInt16 { 1 }
  static var deviceWrites: UInt16 { 2 }
}

/// Places in the page that is shared with the disk.
private enum Place {
  static var available: UInt64 { 512 }
  static var used: UInt64 { 1024 }
  static var headers: UInt64 { 2048 }
  static var statuses: UInt64 { 3072 }
}

/// Entries of the real queue's rings, and the most that a shadow's may have.
var queueSize: UInt64 { 32 }
var sectorSize: UInt64 { 512 }
private var sectorsPerBlock: UInt64 { 8 }

func half(_ address: UInt64) -> UnsafeMutablePointer<UInt16> { memory(address).assumingMemoryBound(to: UInt16.self) }
func single(_ address: UInt64) -> UnsafeMutablePointer<UInt32> { memory(address).assumingMemoryBound(to: UInt32.self) }
func byte(_ address: UInt64) -> UnsafeMutablePointer<UInt8> { memory(address).assumingMemoryBound(to: UInt8.self) }
func descriptor(_ table: UInt64, _ index: UInt64) -> UnsafeMutablePointer<Descriptor> {
  memory(table &+ index &* 16).assumingMemoryBound(to: Descriptor.self)
}

private func write(_ register: UInt64, _ value: UInt32) { register_write(exo.disk &+ register, value) }

/// Finds the disk, sets its queue up, and reads how far the boot extent goes.
func startDisk() {
  for index in 0..<UInt64(DEVICE_COUNT) where device_at(index).pointee.kind == UInt64(ENV_DEVICE_BLOCK) {
    exo.disk = Layout.deviceWindow &+ device_at(index).pointee.physical
    exo.disk_interrupt = device_at(index).pointee.interrupt
    break
  }
  guard exo.disk != 0 else { return }
  exo.queue = frame_allocate(1)
  // Acknowledge, driver; VIRTIO_F_VERSION_1 and nothing else; features OK.
  write(Register.status, 0)
  write(Register.status, 3)
  write(Register.driverFeaturesSelect, 0)
  write(Register.driverFeatures, 0)
  write(Register.driverFeaturesSelect, 1)
  write(Register.driverFeatures, 1)
  write(Register.status, 11)
  write(Register.queueSelect, 0)
  write(Register.queueSize, UInt32(queueSize))
  writeAddress(Register.queueDescriptors, exo.queue)
  writeAddress(Register.queueAvailable, exo.queue &+ Place.available)
  writeAddress(Register.queueUsed, exo.queue &+ Place.used)
  write(Register.queueReady, 1)
  write(Register.status, 15)
  exo.capacity =
    UInt64(register_read(exo.disk &+ Register.capacity)) | UInt64(register_read(exo.disk &+ Register.capacity &+ 4))
    << 32
  interrupt_enable(exo.disk_interrupt)
  extent_at(0).pointee.sectors = bootSectors()
}

private func writeAddress(_ register: UInt64, _ address: UInt64) {
  write(register, UInt32(truncatingIfNeeded: address))
  write(register &+ 4, UInt32(truncatingIfNeeded: address >> 32))
}

/// The boot extent's length: what the disk's first sector says, or the whole disk.
private func bootSectors() -> UInt64 {
  let frame = frame_allocate(1)
  defer { frame_release(frame, 1) }
  offer(0, write: false, sector: 0, buffer: frame, length: sectorSize)
  // No task runs yet: the processor sleeps until the disk's interrupt, at most for ten seconds.
  var seconds = 10
  while exo.collected == 0 && seconds > 0 {
    csr_write_stimecmp(read_time() &+ 10_000_000)
    kernel_idle()
    seconds -= 1
  }
  csr_write_stimecmp(.max)
  let sectors = UInt64(single(frame &+ UInt64(DiskFormat.blockCountOffset)).pointee) &* sectorsPerBlock
  return word(frame).pointee == DiskFormat.magic && sectors <= exo.capacity ? sectors : exo.capacity
}

/// Hands a checked request to the disk in slot `index`, which must be free.
func offer(_ index: UInt64, write isWrite: Bool, sector: UInt64, buffer: UInt64, length: UInt64) {
  let header = exo.queue &+ Place.headers &+ index &* 16
  let status = exo.queue &+ Place.statuses &+ index
  single(header).pointee = isWrite ? 1 : 0
  word(header &+ 8).pointee = sector
  byte(status).pointee = 0xFF
  let first = index &* 3
  descriptor(exo.queue, first).pointee = Descriptor(
    address: header, length: 16, flags: Descriptor.hasNext, next: UInt16(first &+ 1))
  descriptor(exo.queue, first &+ 1).pointee = Descriptor(
    address: buffer, length: UInt32(length),
    flags: isWrite ? Descriptor.hasNext : Descriptor.hasNext | Descriptor.deviceWrites, next: UInt16(first &+ 2))
  descriptor(exo.queue, first &+ 2).pointee = Descriptor(
    address: status, length: 1, flags: Descriptor.deviceWrites, next: 0)
  half(exo.queue &+ Place.available &+ 4 &+ UInt64(exo.offered) % queueSize &* 2).pointee = UInt16(first)
  exo.offered &+= 1
  device_fence()
  half(exo.queue &+ Place.available &+ 2).pointee = exo.offered
  device_fence()
  write(Register.queueNotify, 0)
}

/// The next request that the disk has returned: its slot and status.
func returnedTransfer() -> (index: UInt64, status: UInt8)? {
  device_fence()
  guard half(exo.queue &+ Place.used &+ 2).pointee != exo.collected else { return nil }
  let entry = exo.queue &+ Place.used &+ 4 &+ UInt64(exo.collected) % queueSize &* 8
  exo.collected &+= 1
  let index = UInt64(single(entry).pointee) / 3 % UInt64(EXO_TRANSFER_COUNT)
  return (index, byte(exo.queue &+ Place.statuses &+ index).pointee)
}

/// The disk has returned something.
func diskInterrupt() {
  write(Register.interruptAcknowledge, register_read(exo.disk &+ Register.interruptStatus))
  while let (index, status) = returnedTransfer() { finish(index, status) }
  guard exo.starved != 0 else { return }
  exo.starved = 0
  for index in 0..<UInt64(EXO_SHADOW_COUNT) where shadow_at(index).pointee.page != 0 { checkQueue(index) }
}
