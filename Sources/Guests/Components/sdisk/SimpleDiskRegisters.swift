// The register window of the board's simple disk: the data sheet is in the machine's model of the device
// (Sources/Machine/Devices/SimpleDisk.swift).
//
// Callers must not access a window that is not this device's: `identify` comes first.

import _Volatile

/// The device's registers, each access exactly one load or store of 32 bits.
struct SimpleDiskRegisters {
  /// Offsets in bytes.
  enum Register {
    static var identifier: UInt { 0x00 }
    static var version: UInt { 0x04 }
    static var status: UInt { 0x08 }
    static var capacity: UInt { 0x10 }
    static var sector: UInt { 0x18 }
    static var count: UInt { 0x20 }
    static var control: UInt { 0x24 }
    static var address: UInt { 0x28 }
    static var command: UInt { 0x30 }
    static var acknowledge: UInt { 0x34 }
  }

  /// Bits of the status register.
  enum Status {
    static var done: UInt32 { 2 }
    static var error: UInt32 { 4 }
  }

  /// Bits of the control register.
  enum Control {
    static var interruptEnable: UInt32 { 1 }
    static var reset: UInt32 { 2 }
  }

  /// What the command register takes.
  enum Command {
    static var readDMA: UInt32 { 3 }
    static var writeDMA: UInt32 { 4 }
  }

  /// "SDSK", its first letter in the lowest byte.
  private static var expectedIdentifier: UInt32 { 0x4B53_4453 }

  /// The window's address; 0 before a device was found.
  var base: UInt = 0

  func read(_ register: UInt) -> UInt32 {
    VolatileMappedRegister<UInt32>(unsafeBitPattern: base &+ register).load()
  }

  func write(_ register: UInt, _ value: UInt32) {
    VolatileMappedRegister<UInt32>(unsafeBitPattern: base &+ register).store(value)
  }

  /// A register of 64 bits, its lower half first.
  func readWide(_ register: UInt) -> UInt64 { UInt64(read(register)) | UInt64(read(register &+ 4)) << 32 }

  func writeWide(_ register: UInt, _ value: UInt64) {
    write(register, UInt32(truncatingIfNeeded: value))
    write(register &+ 4, UInt32(truncatingIfNeeded: value >> 32))
  }

  /// Checks that the simple disk is there, with the only register layout there is.
  func identify() throws(ErrorCode) {
    guard read(Register.identifier) == Self.expectedIdentifier else { throw .notFound }
    guard read(Register.version) == 1 else { throw .notImplemented }
  }
}
