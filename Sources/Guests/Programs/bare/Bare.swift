// A program without an operating system of any kind: it prints through the serial port's registers and reads the first
// block of the disk through a queue that it fills by hand.
//
// What a library would do is done here, and only for the one case that is needed: no file, no error but "it failed".

import DeviceAccess
import ExoLibrary
import Interfaces
import _Volatile

/// Nothing has to be set up: there is no library.
@c @implementation
func library_start() {}

@c @implementation
func sys_exit(_ status: Int64) -> Int64 { exo_environment_end(0, status) }

// MARK: The console

private func write(_ text: StaticString) {
  for index in 0..<text.utf8CodeUnitCount { write(text.utf8Start[index]) }
}

private func write(_ byte: UInt8) {
  let port = UInt(Layout.userDevices)
  // The line status says whether the transmitter takes a byte (PC16550D, section 8.6.3).
  while VolatileMappedRegister<UInt8>(unsafeBitPattern: port + 5).load() & 0x20 == 0 {}
  VolatileMappedRegister<UInt8>(unsafeBitPattern: port).store(byte)
}

private func writeHexadecimal(_ value: UInt64) {
  write("0x")
  var shift: UInt64 = 64
  while shift > 0 {
    shift -= 4
    let digit = UInt8(value >> shift & 15)
    write(digit < 10 ? 48 + digit : 87 + digit)
  }
}

// MARK: The disk

private var registers: UInt { UInt(Layout.userDevices + Layout.pageSize) }
private var queue: UInt64 { Layout.userDMA }
/// The page behind the queue's takes the block.
private var block: UInt64 { Layout.userDMA + Layout.pageSize }

private func store(_ register: UInt, _ value: UInt64) {
  VolatileMappedRegister<UInt32>(unsafeBitPattern: registers + register).store(UInt32(truncatingIfNeeded: value))
}

private func storeAddress(_ register: UInt, _ address: UInt64) {
  store(register, address)
  store(register + 4, address >> 32)
}

private func setDescriptor(_ index: UInt64, _ address: UInt64, _ length: UInt64, flags: UInt64) {
  word(queue + index * 16).pointee = address
  word(queue + index * 16 + 8).pointee = length | flags << 32 | (index + 1) << 48
}

/// Reads the first block of the disk into `block`; whether it came (virtio 1.2, sections 2.7, 3.1, 4.2 and 5.2).
private func readFirstBlock() -> Bool {
  let physical = exo_page_allocate(0, queue, 2, UInt64(SPACE_READ | SPACE_WRITE))
  let window = exo_window_map(UInt64(ENV_DEVICE_BLOCK), UInt64(registers), 0)
  guard physical > 0, window.result == 0 else { return false }
  let base = UInt64(physical)
  store(0x70, 0)
  store(0x70, 3)
  store(0x24, 1)
  store(0x20, 1)
  store(0x70, 11)
  store(0x38, 4)
  storeAddress(0x80, base)
  storeAddress(0x90, base + 512)
  storeAddress(0xA0, base + 1024)
  store(0x44, 1)
  store(0x70, 15)
  // Header at 2048: a read of sector 0. The status byte behind it.
  setDescriptor(0, base + 2048, 16, flags: 1)
  setDescriptor(1, base + Layout.pageSize, Layout.pageSize, flags: 3)
  setDescriptor(2, base + 2064, 1, flags: 2)
  let status = VolatileMappedRegister<UInt8>(unsafeBitPattern: UInt(queue + 2064))
  status.store(0xFF)
  memory(queue + 512).storeBytes(of: 1, toByteOffset: 2, as: UInt16.self)
  device_fence()
  store(0x50, 0)
  while status.load() == 0xFF { _ = exo_wait(0, 0, 0, 0) }
  return status.load() == 0
}

/// Prints a line, reads a block, and prints how it begins.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  guard exo_window_map(UInt64(ENV_DEVICE_CONSOLE), Layout.userDevices, 0).result == 0 else { return 1 }
  write("No operating system here.\n")
  guard readFirstBlock() else {
    write("The disk did not answer.\n")
    return 1
  }
  write("The disk begins with ")
  writeHexadecimal(word(block).pointee)
  write(".\n")
  return 0
}
