// The table of devices, and the interrupt controller.
//
// Sources: RISC-V Platform-Level Interrupt Controller Specification 1.0; Virtual I/O Device (VIRTIO) 1.2, section 4.2.2.

import Interfaces
import KernelShared

/// Registers of a virtio device behind memory-mapped I/O.
private enum VirtioRegister {
  static var magic: UInt64 { 0 }
  static var deviceID: UInt64 { 8 }
  static var expectedMagic: UInt32 { 0x7472_6976 }
  static var network: UInt32 { 1 }
  static var block: UInt32 { 2 }
}

@c @implementation
func devices_init() {
  let known = readDeviceTree(kernel.device_tree) { physical, interrupt in
    // Page tables are still off: the physical address is the address.
    guard register_read(physical) == VirtioRegister.expectedMagic else { return }
    switch register_read(physical &+ VirtioRegister.deviceID) {
    case VirtioRegister.block: addDevice(UInt64(ENV_DEVICE_BLOCK), physical, interrupt)
    case VirtioRegister.network: addDevice(UInt64(ENV_DEVICE_NETWORK), physical, interrupt)
    default: break
    }
  }
  if !known { kernel_panic(("no device tree, or none with memory" as StaticString).utf8Start) }
}

/// Enters a device in the first free row; more than there are rows are ignored.
func addDevice(_ kind: UInt64, _ physical: UInt64, _ interrupt: UInt64) {
  for index in 0..<UInt64(DEVICE_COUNT) where device_at(index).pointee.kind == 0 {
    device_at(index).pointee = device(kind: kind, physical: physical, interrupt: interrupt, owner: 0)
    return
  }
}

// MARK: Interrupt controller, context 1: this hart's S-mode

private var controller: UInt64 { kernel.interrupt_controller }
private var enableBits: UInt64 { controller &+ 0x2080 }
private var threshold: UInt64 { controller &+ 0x20_1000 }
private var claim: UInt64 { controller &+ 0x20_1004 }

@c @implementation
func interrupt_enable(_ source: UInt64) {
  register_write(controller &+ source &* 4, 1)
  register_write(threshold, 0)
  let place = enableBits &+ (source >> 5) &* 4
  register_write(place, register_read(place) | 1 << UInt32(truncatingIfNeeded: source & 31))
}

@c @implementation
func interrupt_disable(_ source: UInt64) {
  let place = enableBits &+ (source >> 5) &* 4
  register_write(place, register_read(place) & ~(1 << UInt32(truncatingIfNeeded: source & 31)))
  // One that was claimed and never finished would block the source for good.
  register_write(claim, UInt32(truncatingIfNeeded: source))
}

@c @implementation
func interrupt_claim() -> UInt64 { UInt64(register_read(claim)) }

@c @implementation
func interrupt_complete(_ source: UInt64) { register_write(claim, UInt32(truncatingIfNeeded: source)) }
