// The virtio-mmio transport, version 2 (virtio 1.2, section 4.2): the registers through which a driver finds a device, negotiates
// features, sets up queues and is notified. Shared by all virtio devices as a generic, so a device is never an existential.
// Callers must look at `interrupts` and `nextEvent` after every call that changes the transport.

/// What the transport needs to know of a device behind it.
protocol VirtioDevice: Sendable {
  /// The device type of virtio 1.2, section 5.
  static var identifier: UInt32 { get }
  static var queueCount: Int { get }
  /// The feature bits of the device itself; the transport adds its own.
  var features: UInt64 { get }
  /// The device-specific configuration space; bytes beyond it read as 0.
  var configuration: [UInt8] { get }
  /// The tick at which the next request will be completed, or `.max`.
  var nextEvent: UInt64 { get }
  /// Learns which of all offered features the driver has accepted; the driver is ready.
  mutating func start(features: UInt64)
  /// Takes a request and starts to work on it.
  mutating func accept(
    _ chain: VirtioChain, queue: Int, now: UInt64, memory: inout DeviceMemory
  ) throws(VirtioError)
  /// Finishes the next request that is due, or returns nil.
  mutating func finishDueRequest(now: UInt64, memory: inout DeviceMemory) throws(VirtioError) -> VirtioCompletion?
  /// Forgets the requests of a queue that the driver takes away.
  mutating func cancel(queue: Int)
  /// Forgets all requests, as the driver's reset demands.
  mutating func reset()
  /// Whether a fault raises the interrupt again that the driver has just acknowledged.
  mutating func raisesInterruptAgain() -> Bool
  /// What a fault shows the driver in place of a register's value.
  mutating func garbage(offset: UInt64) -> UInt64?
  /// Feeds every word of the device's state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void)
}

extension VirtioDevice {
  mutating func start(features: UInt64) {}
  mutating func raisesInterruptAgain() -> Bool { false }
  mutating func garbage(offset: UInt64) -> UInt64? { nil }
}

/// A finished request.
struct VirtioCompletion: Sendable {
  let queue: Int
  let head: UInt16
  /// Bytes the device wrote into the request's buffers.
  let written: UInt32
  /// Whether a fault keeps the driver from hearing of it.
  var losesInterrupt = false
}

/// The registers that every virtio-mmio slot answers, whether or not a device is behind it.
enum VirtioRegister {
  static let magic: UInt64 = 0x000
  static let version: UInt64 = 0x004
  static let deviceIdentifier: UInt64 = 0x008
  static let vendorIdentifier: UInt64 = 0x00c
  static let deviceFeatures: UInt64 = 0x010
  static let deviceFeaturesSelect: UInt64 = 0x014
  static let driverFeatures: UInt64 = 0x020
  static let driverFeaturesSelect: UInt64 = 0x024
  static let queueSelect: UInt64 = 0x030
  static let queueSizeMaximum: UInt64 = 0x034
  static let queueSize: UInt64 = 0x038
  static let queueReady: UInt64 = 0x044
  static let queueNotify: UInt64 = 0x050
  static let interruptStatus: UInt64 = 0x060
  static let interruptAcknowledge: UInt64 = 0x064
  static let status: UInt64 = 0x070
  static let descriptorTableLow: UInt64 = 0x080
  static let descriptorTableHigh: UInt64 = 0x084
  static let availableRingLow: UInt64 = 0x090
  static let availableRingHigh: UInt64 = 0x094
  static let usedRingLow: UInt64 = 0x0a0
  static let usedRingHigh: UInt64 = 0x0a4
  static let sharedMemoryLengthLow: UInt64 = 0x0b0
  static let sharedMemoryBaseHigh: UInt64 = 0x0bc
  static let configurationGeneration: UInt64 = 0x0fc
  static let configuration: UInt64 = 0x100
  static let end: UInt64 = 0x200

  /// "virt", little endian.
  static let magicValue: UInt64 = 0x7472_6976
  static let versionValue: UInt64 = 2
  /// "QEMU", little endian: drivers may know it.
  static let vendorValue: UInt64 = 0x554d_4551

  /// What a slot without a device answers.
  static func loadFromEmptySlot(offset: UInt64, size: Int) -> UInt64? {
    guard offset < end else { return nil }
    let mask = UInt64.max >> UInt64(64 - 8 * size)
    switch offset {
    case magic: return magicValue & mask
    case version: return versionValue
    case vendorIdentifier: return vendorValue & mask
    default: return 0
    }
  }
}

/// Bits of the device status register (virtio 1.2, section 2.1).
private enum VirtioStatus {
  static let driverOK: UInt32 = 4
  static let featuresOK: UInt32 = 8
  static let needsReset: UInt32 = 0x40
}

/// Bits of the interrupt status register.
private enum VirtioInterrupt {
  static let usedBuffer: UInt32 = 1
  static let configurationChange: UInt32 = 2
}

/// Feature bits that belong to the transport and the queues (section 6).
enum VirtioFeature {
  static let indirectDescriptors: UInt64 = 1 << 28
  static let version1: UInt64 = 1 << 32
}

/// One virtio-mmio slot with a device behind it.
struct VirtioTransport<Device: VirtioDevice>: Sendable {
  var device: Device
  private var queues = [VirtioQueue](repeating: VirtioQueue(), count: Device.queueCount)
  private var status: UInt32 = 0
  private var interruptStatus: UInt32 = 0
  private var deviceFeaturesSelect: UInt32 = 0
  private var driverFeaturesSelect: UInt32 = 0
  private var driverFeatures: UInt64 = 0
  private var queueSelect: UInt32 = 0
  /// What the driver did wrong, if the device waits for a reset because of it.
  private(set) var driverError: VirtioError?

  init(_ device: Device) {
    self.device = device
  }

  /// Whether the interrupt line is high.
  var interrupts: Bool { interruptStatus != 0 }

  var nextEvent: UInt64 { driverError == nil ? device.nextEvent : .max }

  mutating func load(offset: UInt64, size: Int) -> UInt64? {
    guard offset < VirtioRegister.end else { return nil }
    if let garbage = device.garbage(offset: offset) { return garbage & (.max >> UInt64(64 - 8 * size)) }
    if offset >= VirtioRegister.configuration {
      return loadConfiguration(offset: Int(offset - VirtioRegister.configuration), size: size)
    }
    // As on QEMU, the registers answer words only; other sizes read as 0.
    guard size == 4 else { return 0 }
    switch offset {
    case VirtioRegister.magic: return VirtioRegister.magicValue
    case VirtioRegister.version: return VirtioRegister.versionValue
    case VirtioRegister.deviceIdentifier: return UInt64(Device.identifier)
    case VirtioRegister.vendorIdentifier: return VirtioRegister.vendorValue
    case VirtioRegister.deviceFeatures: return Self.word(deviceFeaturesSelect, of: offeredFeatures)
    case VirtioRegister.queueSizeMaximum:
      return queueSelect < queues.count ? UInt64(VirtioQueue.maximumSize) : 0
    case VirtioRegister.queueReady:
      return queueSelect < queues.count && queues[Int(queueSelect)].isReady ? 1 : 0
    case VirtioRegister.interruptStatus: return UInt64(interruptStatus)
    case VirtioRegister.status: return UInt64(status)
    // A length of all ones says that the device has no shared memory.
    case VirtioRegister.sharedMemoryLengthLow...VirtioRegister.sharedMemoryBaseHigh: return 0xffff_ffff
    default: return 0
    }
  }

  mutating func store(
    offset: UInt64, size: Int, value: UInt64, now: UInt64, memory: inout DeviceMemory
  ) -> Bool {
    guard offset < VirtioRegister.end else { return false }
    guard size == 4, offset < VirtioRegister.configuration else { return true }
    let value = UInt32(truncatingIfNeeded: value)
    switch offset {
    case VirtioRegister.deviceFeaturesSelect: deviceFeaturesSelect = value
    case VirtioRegister.driverFeatures: setDriverFeatures(value)
    case VirtioRegister.driverFeaturesSelect: driverFeaturesSelect = value
    case VirtioRegister.queueSelect: queueSelect = value
    case VirtioRegister.queueNotify: notify(queue: value, now: now, memory: &memory)
    case VirtioRegister.interruptAcknowledge: acknowledge(value)
    case VirtioRegister.status: setStatus(value)
    default:
      if queueSelect < queues.count { storeQueue(Int(queueSelect), offset: offset, value: value) }
    }
    return true
  }

  /// Completes the requests due at or before `now`.
  mutating func advance(to now: UInt64, memory: inout DeviceMemory) {
    guard driverError == nil else { return }
    do {
      while let completion = try device.finishDueRequest(now: now, memory: &memory) {
        let wantsInterrupt = try queues[completion.queue].complete(
          head: completion.head, written: completion.written, in: &memory)
        if wantsInterrupt && !completion.losesInterrupt { interruptStatus |= VirtioInterrupt.usedBuffer }
      }
    } catch {
      fail(error)
    }
  }

  /// Feeds every word of the slot's state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    for word in [status, interruptStatus, deviceFeaturesSelect, driverFeaturesSelect, queueSelect] {
      body(UInt64(word))
    }
    body(driverFeatures)
    for queue in queues { queue.forEachStateWord(body) }
    device.forEachStateWord(body)
  }

  private var offeredFeatures: UInt64 {
    device.features | VirtioFeature.indirectDescriptors | VirtioFeature.version1
  }

  private func loadConfiguration(offset: Int, size: Int) -> UInt64 {
    let bytes = device.configuration
    var value: UInt64 = 0
    for index in (0..<size).reversed() {
      value = value << 8 | UInt64(offset + index < bytes.count ? bytes[offset + index] : 0)
    }
    return value
  }

  private mutating func setDriverFeatures(_ value: UInt32) {
    // Once accepted, features stay as they are until a reset (section 3.1.1).
    guard status & VirtioStatus.featuresOK == 0, driverFeaturesSelect < 2 else { return }
    let shift = UInt64(driverFeaturesSelect) * 32
    driverFeatures = driverFeatures & ~(0xffff_ffff << shift) | UInt64(value) << shift
  }

  private mutating func setStatus(_ value: UInt32) {
    guard value & 0xff != 0 else { return reset() }
    // Drivers that leave out VERSION_1 are served all the same, as on QEMU: xv6 is one of them.
    let accepted = driverFeatures & ~offeredFeatures == 0
    let refused = value & VirtioStatus.featuresOK != 0 && status & VirtioStatus.featuresOK == 0 && !accepted
    let starts = value & VirtioStatus.driverOK != 0 && status & VirtioStatus.driverOK == 0
    status = status & VirtioStatus.needsReset | value & 0xff & (refused ? ~VirtioStatus.featuresOK : ~0)
    if starts { device.start(features: driverFeatures) }
  }

  private mutating func acknowledge(_ value: UInt32) {
    let wasRaised = interruptStatus & value & VirtioInterrupt.usedBuffer != 0
    interruptStatus &= ~value
    if wasRaised && device.raisesInterruptAgain() { interruptStatus |= VirtioInterrupt.usedBuffer }
  }

  private mutating func reset() {
    self = VirtioTransport(device)
    device.reset()
  }

  private mutating func storeQueue(_ index: Int, offset: UInt64, value: UInt32) {
    // The driver must not change a queue that is in use (section 4.2.2.2); such writes have no effect.
    if queues[index].isReady && offset != VirtioRegister.queueReady { return }
    switch offset {
    case VirtioRegister.queueSize: queues[index].size = value
    case VirtioRegister.queueReady:
      if value & 1 == 0 {
        // The device must not answer later what the driver no longer knows of.
        queues[index] = VirtioQueue()
        device.cancel(queue: index)
      } else {
        queues[index].isReady = true
      }
    case VirtioRegister.descriptorTableLow: queues[index].descriptorTable.setLowHalf(value)
    case VirtioRegister.descriptorTableHigh: queues[index].descriptorTable.setHighHalf(value)
    case VirtioRegister.availableRingLow: queues[index].availableRing.setLowHalf(value)
    case VirtioRegister.availableRingHigh: queues[index].availableRing.setHighHalf(value)
    case VirtioRegister.usedRingLow: queues[index].usedRing.setLowHalf(value)
    case VirtioRegister.usedRingHigh: queues[index].usedRing.setHighHalf(value)
    default: break
    }
  }

  private mutating func notify(queue: UInt32, now: UInt64, memory: inout DeviceMemory) {
    guard driverError == nil, status & VirtioStatus.driverOK != 0, queue < queues.count else { return }
    let index = Int(queue)
    guard queues[index].isReady else { return }
    do {
      while let chain = try queues[index].nextChain(in: &memory) {
        try device.accept(chain, queue: index, now: now, memory: &memory)
      }
    } catch {
      fail(error)
    }
    advance(to: now, memory: &memory)
  }

  /// Stops the device until the driver resets it (section 2.1.2).
  private mutating func fail(_ error: VirtioError) {
    driverError = error
    status |= VirtioStatus.needsReset
    if status & VirtioStatus.driverOK != 0 { interruptStatus |= VirtioInterrupt.configurationChange }
  }

  private static func word(_ index: UInt32, of features: UInt64) -> UInt64 {
    switch index {
    case 0: features & 0xffff_ffff
    case 1: features >> 32
    default: 0
    }
  }
}
