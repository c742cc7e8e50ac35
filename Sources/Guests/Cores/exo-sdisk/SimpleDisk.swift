// The disk of an exokernel on a board with the simple disk: it drives the real one, a command at a time, and checks what
// is asked of its shadows. It takes the place of Cores/exo-disk: a checker changes with the device.
//
// Source: the device's data sheet (Sources/Machine/Devices/SimpleDisk.swift).

import DeviceAccess
import ExoState
import Interfaces
import KernelShared

/// Registers by their offsets in bytes.
private enum Register {
  static var identifier: UInt64 { 0x00 }
  static var version: UInt64 { 0x04 }
  static var status: UInt64 { 0x08 }
  static var capacity: UInt64 { 0x10 }
  static var sector: UInt64 { 0x18 }
  static var count: UInt64 { 0x20 }
  static var control: UInt64 { 0x24 }
  static var address: UInt64 { 0x28 }
  static var command: UInt64 { 0x30 }
  static var acknowledge: UInt64 { 0x34 }
}

private enum Status {
  static var busy: UInt32 { 1 }
  static var done: UInt32 { 2 }
  static var error: UInt32 { 4 }
}

private enum Control {
  static var interruptEnable: UInt32 { 1 }
  static var reset: UInt32 { 2 }
}

private enum Command {
  static var readDMA: UInt32 { 3 }
  static var writeDMA: UInt32 { 4 }
}

private var sectorSize: UInt64 { 512 }
/// "SDSK", its first letter in the lowest byte.
private var identifier: UInt32 { 0x4B53_4453 }
/// The row of the one command that the disk works on.
private var transfer: UnsafeMutablePointer<exo_transfer> { transfer_at(0) }

private func read(_ register: UInt64) -> UInt32 { register_read(exo.disk &+ register) }
private func write(_ register: UInt64, _ value: UInt32) { register_write(exo.disk &+ register, value) }
private func writeWide(_ register: UInt64, _ value: UInt64) {
  write(register, UInt32(truncatingIfNeeded: value))
  write(register &+ 4, UInt32(truncatingIfNeeded: value >> 32))
}

private func begin(_ kind: UInt32, sector: UInt64, count: UInt64, physical: UInt64) {
  writeWide(Register.sector, sector)
  write(Register.count, UInt32(truncatingIfNeeded: count))
  writeWide(Register.address, physical)
  device_fence()
  write(Register.command, kind)
}

@c @implementation
func disk_start(_ page: UInt64) -> Bool {
  for index in 0..<UInt64(DEVICE_COUNT) where device_at(index).pointee.kind == UInt64(ENV_DEVICE_SIMPLE_DISK) {
    exo.disk = Layout.deviceWindow &+ device_at(index).pointee.physical
    exo.disk_interrupt = device_at(index).pointee.interrupt
    break
  }
  guard exo.disk != 0, read(Register.identifier) == identifier, read(Register.version) == 1 else { return false }
  exo.disk_kind = UInt64(ENV_DEVICE_SIMPLE_DISK)
  write(Register.control, Control.reset)
  write(Register.control, Control.interruptEnable)
  exo.capacity = UInt64(read(Register.capacity)) | UInt64(read(Register.capacity &+ 4)) << 32
  interrupt_enable(exo.disk_interrupt)
  begin(Command.readDMA, sector: 0, count: 1, physical: page)
  return true
}

@c @implementation
func disk_interrupt() {
  let status = read(Register.status)
  guard status & Status.done != 0 else { return }
  write(Register.acknowledge, 1)
  exo.disk_collected = 1
  let finished = shadow_finish(0)
  if finished.busy != 0, finished.shadow < UInt64(EXO_SHADOW_COUNT) {
    complete(finished.shadow, status & Status.error != 0)
  }
  beginNext()
}

// MARK: Shadows

private func register(_ index: UInt64, _ offset: UInt64) -> UnsafeMutablePointer<UInt32> {
  single_at(shadow_at(index).pointee.page &+ offset)
}

private func wide(_ index: UInt64, _ offset: UInt64) -> UnsafeMutablePointer<UInt64> {
  word(shadow_at(index).pointee.page &+ offset)
}

@c @implementation
func disk_show(_ index: UInt64) {
  register(index, Register.identifier).pointee = identifier
  register(index, Register.version).pointee = 1
  wide(index, Register.capacity).pointee = extent_at(shadow_at(index).pointee.extent).pointee.sectors
}

@c @implementation
func disk_store(_ index: UInt64, _ offset: UInt64, _ value: UInt32) {
  switch offset {
  case Register.sector, Register.sector &+ 4, Register.count, Register.address, Register.address &+ 4:
    register(index, offset).pointee = value
  case Register.control:
    register(index, offset).pointee = value & Control.interruptEnable
    guard value & Control.reset != 0 else { break }
    shadow_abandon(index)
    register(index, Register.status).pointee = 0
  case Register.acknowledge:
    register(index, Register.status).pointee &= ~(Status.done | Status.error)
  case Register.command:
    // One command at a time: the next one is not heard.
    guard register(index, Register.status).pointee & Status.busy == 0 else { break }
    register(index, Register.command).pointee = value
    register(index, Register.status).pointee = Status.busy
    beginNext()
  default: break
  }
}

private func complete(_ index: UInt64, _ failed: Bool) {
  register(index, Register.status).pointee = failed ? Status.done | Status.error : Status.done
  if register(index, Register.control).pointee & Control.interruptEnable != 0 { shadow_interrupt(index) }
}

/// Gives the disk the command that is next, in the order of the shadows from the last one on.
private func beginNext() {
  guard transfer.pointee.busy == 0 else { return }
  for step in 1...UInt64(EXO_SHADOW_COUNT) {
    let index = (UInt64(exo.disk_offered) &+ step) % UInt64(EXO_SHADOW_COUNT)
    guard shadow_at(index).pointee.page != 0, shadow_at(index).pointee.kind == exo.disk_kind,
      register(index, Register.status).pointee & Status.busy != 0
    else { continue }
    if admit(index) {
      exo.disk_offered = UInt16(index)
      return
    }
    complete(index, true)
  }
}

/// Checks a command: its memory is the owner's, its sectors are the extent's.
private func admit(_ index: UInt64) -> Bool {
  let kind = register(index, Register.command).pointee
  let count = UInt64(register(index, Register.count).pointee)
  let first = wide(index, Register.address).pointee
  let length = count &* sectorSize
  guard kind == Command.readDMA || kind == Command.writeDMA, length > 0, length <= Layout.pageSize,
    shadow_owns(index, first), shadow_owns(index, first &+ length &- 1)
  else { return false }
  let sector = shadow_sectors(index, wide(index, Register.sector).pointee, count, kind == Command.writeDMA ? 1 : 0)
  guard sector >= 0 else { return false }
  transfer.pointee = exo_transfer(
    busy: 1, shadow: index, head: 0, status: 0, first: first, last: first &+ length &- 1)
  begin(kind, sector: UInt64(sector), count: count, physical: first)
  return true
}
