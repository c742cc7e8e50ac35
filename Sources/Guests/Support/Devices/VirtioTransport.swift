// The register window of a virtio device: virtio 1.2, section 4.2 (virtio over MMIO), version 2.
//
// Callers must not access a window that is not a virtio device's: `identify` comes first.

import _Volatile

/// A device's registers, each access exactly one load or store of the stated size.
struct VirtioTransport {
  /// Offsets in bytes (section 4.2.2).
  enum Register {
    static var magic: UInt { 0x000 }
    static var version: UInt { 0x004 }
    static var deviceKind: UInt { 0x008 }
    static var deviceFeatures: UInt { 0x010 }
    static var deviceFeaturesSelect: UInt { 0x014 }
    static var driverFeatures: UInt { 0x020 }
    static var driverFeaturesSelect: UInt { 0x024 }
    static var queueSelect: UInt { 0x030 }
    static var queueSizeMaximum: UInt { 0x034 }
    static var queueSize: UInt { 0x038 }
    static var queueReady: UInt { 0x044 }
    static var queueNotify: UInt { 0x050 }
    static var interruptStatus: UInt { 0x060 }
    static var interruptAcknowledge: UInt { 0x064 }
    static var status: UInt { 0x070 }
    static var queueDescriptors: UInt { 0x080 }
    static var queueAvailable: UInt { 0x090 }
    static var queueUsed: UInt { 0x0A0 }
    static var configurationGeneration: UInt { 0x0FC }
    static var configuration: UInt { 0x100 }
  }

  /// Bits of the status register (section 2.1).
  enum Status {
    static var acknowledge: UInt32 { 1 }
    static var driver: UInt32 { 2 }
    static var driverOK: UInt32 { 4 }
    static var featuresOK: UInt32 { 8 }
    static var needsReset: UInt32 { 64 }
    static var failed: UInt32 { 128 }
  }

  /// Bits of the interrupt status register.
  enum Interrupt {
    static var usedBuffer: UInt32 { 1 }
    static var configurationChange: UInt32 { 2 }
  }

  /// How often a register is read again before the device counts as broken.
  private static var patience: Int { 1000 }
  /// "virt" as a little-endian word.
  private static var expectedMagic: UInt32 { 0x7472_6976 }
  /// VIRTIO_F_VERSION_1 is feature bit 32: bit 0 of the second word.
  private static var version1: UInt32 { 1 }

  /// The window's address; 0 before a device was found.
  var base: UInt = 0

  func read(_ register: UInt) -> UInt32 {
    VolatileMappedRegister<UInt32>(unsafeBitPattern: base &+ register).load()
  }

  func write(_ register: UInt, _ value: UInt32) {
    VolatileMappedRegister<UInt32>(unsafeBitPattern: base &+ register).store(value)
  }

  /// Checks that a device of `kind` with the modern register layout is there.
  func identify(kind: UInt32) throws(ErrorCode) {
    guard read(Register.magic) == Self.expectedMagic, read(Register.deviceKind) == kind else { throw .notFound }
    guard read(Register.version) == 2 else { throw .notImplemented }
  }

  /// Brings the device into its initial state: it forgets its queues and stops using their memory.
  func reset() throws(ErrorCode) {
    write(Register.status, 0)
    for _ in 0..<Self.patience where read(Register.status) == 0 { return }
    throw .inputOutput
  }

  /// Accepts VIRTIO_F_VERSION_1 and of the first 32 features only `features` (section 3.1.1, steps 2 to 6).
  ///
  /// All of them must be offered.
  @inline(__always)
  func negotiate(features: UInt32 = 0) throws(ErrorCode) {
    write(Register.status, Status.acknowledge)
    write(Register.status, Status.acknowledge | Status.driver)
    write(Register.deviceFeaturesSelect, 1)
    guard read(Register.deviceFeatures) & Self.version1 != 0 else { throw .notImplemented }
    if features != 0 {
      write(Register.deviceFeaturesSelect, 0)
      guard read(Register.deviceFeatures) & features == features else { throw .notImplemented }
    }
    write(Register.driverFeaturesSelect, 0)
    write(Register.driverFeatures, features)
    write(Register.driverFeaturesSelect, 1)
    write(Register.driverFeatures, Self.version1)
    write(Register.status, Status.acknowledge | Status.driver | Status.featuresOK)
    guard read(Register.status) & Status.featuresOK != 0 else { throw .notImplemented }
  }

  /// Tells the device where a queue lies (section 4.2.3.2).
  @inline(__always)
  func configureQueue(
    _ number: UInt32 = 0, size: UInt32, descriptors: UInt64, available: UInt64, used: UInt64
  ) throws(ErrorCode) {
    write(Register.queueSelect, number)
    guard read(Register.queueReady) == 0 else { throw .busy }
    guard read(Register.queueSizeMaximum) >= size else { throw .notImplemented }
    write(Register.queueSize, size)
    writeAddress(Register.queueDescriptors, descriptors)
    writeAddress(Register.queueAvailable, available)
    writeAddress(Register.queueUsed, used)
    write(Register.queueReady, 1)
  }

  /// The device may work from here on.
  func start() {
    write(Register.status, Status.acknowledge | Status.driver | Status.featuresOK | Status.driverOK)
  }

  /// A 64-bit field of the device's configuration, read as one value (section 4.2.2.2).
  func configuration(at offset: UInt) throws(ErrorCode) -> UInt64 {
    for _ in 0..<Self.patience {
      let generation = read(Register.configurationGeneration)
      let low = read(Register.configuration &+ offset)
      let high = read(Register.configuration &+ offset &+ 4)
      if read(Register.configurationGeneration) == generation { return UInt64(high) << 32 | UInt64(low) }
    }
    throw .inputOutput
  }

  private func writeAddress(_ register: UInt, _ address: UInt64) {
    write(register, UInt32(truncatingIfNeeded: address))
    write(register &+ 4, UInt32(truncatingIfNeeded: address >> 32))
  }
}
