// An IOMMU of address windows, in front of everything that does DMA. QEMU's board has none: guests must run without it,
// and find it, where there is one, by its device-tree node.
//
// Data sheet. `kernelarium,iommu-windows`, 64 KiB of registers, accesses of 4 or 8 bytes, little endian.
//
//   0x000  IDENTIFIER     read only, 0x554d4d49 ("IMMU")
//   0x004  VERSION        read only, 1
//   0x008  CAPABILITIES   read only; bits 7:0 devices, 15:8 windows a device
//   0x00c  CONTROL        bit 0 ENABLE: windows are in force; 0 after reset, and then all DMA passes through
//                         bit 1 FAULT_INTERRUPT: the interrupt line is high while a fault is recorded
//   0x010  FAULT_STATUS   bit 0 a fault is recorded, bit 1 it was a write, bits 15:8 the device; writing 1 to bit 0
//                         drops the fault and shows the next one
//   0x014  FAULT_COUNT    read only: faults since reset, modulo 2^32
//   0x018  FAULT_ADDRESS  read only, 64 bits: the bus address of the fault shown
//
// Window w of device d begins at 0x1000 * (d + 1) + 32 * w. Devices 0 to 7 are the virtio slots, 8 is the simple disk.
//
//   +0x00  BASE           64 bits: the first bus address of the window, a multiple of 4096
//   +0x08  SIZE           64 bits: bytes, a multiple of 4096; 0: the window does not exist
//   +0x10  TARGET         64 bits: the physical address that BASE becomes, a multiple of 4096
//   +0x18  PERMISSIONS    bit 0 the device may read, bit 1 it may write
//
// An access goes through the lowest-numbered window that covers its address and permits it, and may cross from one
// window into another. If there is none it is refused and recorded, and the device treats it as a bus error. Windows
// take effect at once, for requests under way too: nothing is cached. Of more than 64 faults not yet dropped, the
// later ones are only counted.

/// A range of bus addresses that a device may use.
public struct IOMMUWindow: Hashable, Sendable {
  /// The first bus address, a multiple of 4096.
  public var base: UInt64 = 0
  /// The size in bytes, a multiple of 4096; 0 for no window.
  public var size: UInt64 = 0
  /// The physical address that `base` becomes, a multiple of 4096.
  public var target: UInt64 = 0
  /// Whether the device may read.
  public var isReadable = false
  /// Whether the device may write.
  public var isWritable = false

  /// A window that does not exist.
  public init() {}

  /// A window in which bus addresses are physical addresses.
  ///
  /// - Parameters:
  ///   - range: Physical addresses; partial pages at its ends are left out.
  ///   - isReadable: Whether the device may read.
  ///   - isWritable: Whether the device may write.
  public init(identity range: Range<UInt64>, isReadable: Bool = true, isWritable: Bool = true) {
    let (start, overflows) = range.lowerBound.addingReportingOverflow(0xfff)
    base = start & ~0xfff
    let end = range.upperBound & ~0xfff
    size = overflows || end < base ? 0 : end - base
    target = base
    self.isReadable = isReadable
    self.isWritable = isWritable
  }

  func covers(_ address: UInt64, isWrite: Bool) -> Bool {
    (isWrite ? isWritable : isReadable) && address >= base && address - base < size
  }
}

/// The IOMMU's registers and recorded faults.
public struct IOMMU: Sendable {
  /// The number of devices it stands in front of.
  public static let deviceCount = MemoryMap.virtioSlotCount + 1
  /// The simple disk's number; a virtio device's number is its slot.
  public static let simpleDiskDevice = MemoryMap.virtioSlotCount
  /// How many windows each device has.
  public static let windowCount = 64
  /// The most recorded faults.
  public static let faultCapacity = 64

  private enum Register {
    static let identifier: UInt64 = 0x00
    static let version: UInt64 = 0x04
    static let capabilities: UInt64 = 0x08
    static let control: UInt64 = 0x0c
    static let faultStatus: UInt64 = 0x10
    static let faultCount: UInt64 = 0x14
    static let faultAddressLow: UInt64 = 0x18
    static let faultAddressHigh: UInt64 = 0x1c
    static let windows: UInt64 = 0x1000
    static let windowsOfDevice: UInt64 = 0x1000
    static let windowStride: UInt64 = 32
  }

  private enum Control {
    static let enable: UInt32 = 1
    static let faultInterrupt: UInt32 = 2
  }

  private static let identifierValue: UInt64 = 0x554d_4d49

  private var control: UInt32 = 0
  private var windows = [[IOMMUWindow]](
    repeating: [IOMMUWindow](repeating: IOMMUWindow(), count: windowCount), count: deviceCount)
  /// Faults that nobody has dropped yet, oldest first.
  public private(set) var faults: [DMAFault] = []
  /// How many accesses have been refused since reset.
  public private(set) var faultCount: UInt64 = 0

  init() {}

  /// Whether the windows are in force; if not, all DMA passes through.
  public var isEnabled: Bool {
    get { control & Control.enable != 0 }
    set { control = newValue ? control | Control.enable : control & ~Control.enable }
  }

  /// Sets one of a device's windows, as a driver would.
  ///
  /// - Returns: False if there is no such device or window.
  public mutating func setWindow(_ index: Int, device: Int, to window: IOMMUWindow) -> Bool {
    guard windows.indices.contains(device), windows[device].indices.contains(index) else { return false }
    var aligned = window
    aligned.base &= ~0xfff
    aligned.size &= ~0xfff
    aligned.target &= ~0xfff
    windows[device][index] = aligned
    return true
  }

  /// The windows of a device that exist; empty if there is no such device.
  public func windows(device: Int) -> [IOMMUWindow] {
    windows.indices.contains(device) ? windows[device].filter { $0.size > 0 } : []
  }

  /// Whether the interrupt line is high.
  var interrupts: Bool { control & Control.faultInterrupt != 0 && !faults.isEmpty }

  /// What DMA of a device goes through, or nil if it goes straight to RAM.
  func windowsInForce(device: Int) -> [IOMMUWindow]? {
    isEnabled ? windows(device: device) : nil
  }

  mutating func record(_ refused: [DMAFault]) {
    faultCount &+= UInt64(refused.count)
    faults += refused.prefix(Self.faultCapacity - faults.count)
  }

  func load(offset: UInt64, size: Int) -> UInt64? {
    switch size {
    case 4: UInt64(word(at: offset))
    case 8: UInt64(word(at: offset)) | UInt64(word(at: offset + 4)) << 32
    default: nil
    }
  }

  mutating func store(offset: UInt64, size: Int, value: UInt64) -> Bool {
    guard size == 4 || size == 8 else { return false }
    setWord(UInt32(truncatingIfNeeded: value), at: offset)
    if size == 8 { setWord(UInt32(truncatingIfNeeded: value >> 32), at: offset + 4) }
    return true
  }

  /// Feeds every word of the state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(UInt64(control))
    body(faultCount)
    for (device, windows) in windows.enumerated() {
      for (index, window) in windows.enumerated() where window != IOMMUWindow() {
        body(UInt64(device * Self.windowCount + index))
        body(window.base)
        body(window.size)
        body(window.target)
        body(Self.permissions(window))
      }
    }
    body(UInt64(faults.count))
    for fault in faults {
      body(UInt64(fault.device) | (fault.isWrite ? 1 << 32 : 0))
      body(fault.address)
      body(fault.tick)
    }
  }

  private func word(at offset: UInt64) -> UInt32 {
    if let place = Self.windowPlace(offset) {
      let window = windows[place.device][place.index]
      let field = [window.base, window.size, window.target, Self.permissions(window)][place.word / 2]
      return UInt32(truncatingIfNeeded: place.word % 2 == 0 ? field : field >> 32)
    }
    let value: UInt64 =
      switch offset {
      case Register.identifier: Self.identifierValue
      case Register.version: 1
      case Register.capabilities: UInt64(Self.deviceCount | Self.windowCount << 8)
      case Register.control: UInt64(control)
      case Register.faultStatus: faults.first.map { 1 | ($0.isWrite ? 2 : 0) | UInt64($0.device) << 8 } ?? 0
      case Register.faultCount: faultCount
      case Register.faultAddressLow: faults.first?.address ?? 0
      case Register.faultAddressHigh: (faults.first?.address ?? 0) >> 32
      default: 0
      }
    return UInt32(truncatingIfNeeded: value)
  }

  private mutating func setWord(_ value: UInt32, at offset: UInt64) {
    if let place = Self.windowPlace(offset) {
      var window = windows[place.device][place.index]
      switch place.word {
      case 0: window.base.setLowHalf(value & ~0xfff)
      case 1: window.base.setHighHalf(value)
      case 2: window.size.setLowHalf(value & ~0xfff)
      case 3: window.size.setHighHalf(value)
      case 4: window.target.setLowHalf(value & ~0xfff)
      case 5: window.target.setHighHalf(value)
      case 6: (window.isReadable, window.isWritable) = (value & 1 != 0, value & 2 != 0)
      default: break
      }
      windows[place.device][place.index] = window
      return
    }
    switch offset {
    case Register.control: control = value & (Control.enable | Control.faultInterrupt)
    case Register.faultStatus where value & 1 != 0 && !faults.isEmpty: faults.removeFirst()
    default: break
    }
  }

  private static func permissions(_ window: IOMMUWindow) -> UInt64 {
    (window.isReadable ? 1 : 0) | (window.isWritable ? 2 : 0)
  }

  private static func windowPlace(_ offset: UInt64) -> (device: Int, index: Int, word: Int)? {
    guard offset >= Register.windows else { return nil }
    let device = Int((offset - Register.windows) / Register.windowsOfDevice)
    let index = Int((offset % Register.windowsOfDevice) / Register.windowStride)
    guard device < deviceCount, index < windowCount else { return nil }
    return (device, index, Int(offset % Register.windowStride) / 4)
  }
}
