// Where everything is, on this board as on QEMU's `virt`. The device tree and the bus are both made from this table, so they
// cannot disagree. Guests must not rely on it: they are told by the device tree.

/// A device as a listing shows it.
public struct DeviceDescription: Hashable, Codable, Sendable {
  /// The name of the device in the field's usual words.
  public let name: String
  /// The first `compatible` string of its device-tree node.
  public let compatible: String
  /// The first physical address of its registers.
  public let address: UInt64
  /// The size of its register range in bytes.
  public let size: UInt64
  /// Its source at the interrupt controller, if it has one.
  public let interrupt: Int?
}

/// The physical addresses and interrupt sources of the board.
public enum MemoryMap {
  /// The test finisher.
  public static let finisher: Range<UInt64> = 0x10_0000..<0x10_1000
  /// The real-time clock.
  public static let rtc: Range<UInt64> = 0x10_1000..<0x10_2000
  /// The core-local interruptor.
  public static let clint: Range<UInt64> = 0x200_0000..<0x201_0000
  /// The platform-level interrupt controller.
  public static let plic: Range<UInt64> = 0xc00_0000..<0xc60_0000
  /// The serial port.
  public static let uart: Range<UInt64> = 0x1000_0000..<0x1000_0100
  /// All virtio-mmio slots.
  public static let virtio: Range<UInt64> = 0x1000_1000..<0x1000_9000
  /// The distance from one virtio-mmio slot to the next in bytes.
  public static let virtioStride: UInt64 = 0x1000
  /// The number of virtio-mmio slots.
  public static let virtioSlotCount = 8
  /// The slot of the disk that a board is made with: QEMU fills slots from the last.
  public static let virtioBlockSlot = 7
  /// The simple disk, where QEMU has nothing.
  public static let simpleDisk: Range<UInt64> = 0x1020_0000..<0x1020_1000
  /// The IOMMU, where QEMU has nothing.
  public static let iommu: Range<UInt64> = 0x1030_0000..<0x1031_0000
  /// Where RAM begins.
  public static let ram: UInt64 = 0x8000_0000
  /// The interrupt source of the serial port.
  public static let uartInterrupt = 10
  /// The interrupt source of the real-time clock.
  public static let rtcInterrupt = 11
  /// The interrupt source of the simple disk.
  public static let simpleDiskInterrupt = 12
  /// The interrupt source of the IOMMU.
  public static let iommuInterrupt = 13
  /// How many times `mtime` counts in a second of simulated time.
  public static let timebaseFrequency: UInt32 = 10_000_000

  /// The interrupt source of a virtio-mmio slot.
  public static func virtioInterrupt(slot: Int) -> Int { slot + 1 }

  /// The registers of a virtio-mmio slot.
  public static func virtioSlot(_ slot: Int) -> Range<UInt64> {
    let start = virtio.lowerBound + UInt64(slot) * virtioStride
    return start..<start + virtioStride
  }

  /// The devices in order of address.
  static func devices(virtioNames: [String], hasSimpleDisk: Bool, hasIOMMU: Bool) -> [DeviceDescription] {
    var devices = [
      DeviceDescription("test finisher", "sifive,test1", finisher),
      DeviceDescription("real-time clock", "google,goldfish-rtc", rtc, interrupt: rtcInterrupt),
      DeviceDescription("core-local interruptor", "sifive,clint0", clint),
      DeviceDescription("platform-level interrupt controller", "sifive,plic-1.0.0", plic),
      DeviceDescription("serial port", "ns16550a", uart, interrupt: uartInterrupt),
    ]
    devices += virtioNames.enumerated().map { slot, name in
      DeviceDescription(name, "virtio,mmio", virtioSlot(slot), interrupt: virtioInterrupt(slot: slot))
    }
    if hasSimpleDisk {
      devices.append(
        DeviceDescription("simple disk", "kernelarium,sdisk", simpleDisk, interrupt: simpleDiskInterrupt))
    }
    if hasIOMMU {
      devices.append(DeviceDescription("IOMMU", "kernelarium,iommu-windows", iommu, interrupt: iommuInterrupt))
    }
    return devices
  }
}

extension DeviceDescription {
  fileprivate init(_ name: String, _ compatible: String, _ registers: Range<UInt64>, interrupt: Int? = nil) {
    self.init(
      name: name, compatible: compatible, address: registers.lowerBound,
      size: registers.upperBound - registers.lowerBound, interrupt: interrupt)
  }
}
