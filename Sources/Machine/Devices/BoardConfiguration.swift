// What distinguishes one board from another before it starts: which devices there are, and where. Values only; they
// cannot describe an impossible board.

/// A device for a virtio slot.
public enum VirtioDeviceKind: Sendable {
  /// A disk.
  case block(DiskImage)
  /// A network adapter.
  case network(NetworkAdapter)
  /// A console beside the serial port.
  case console
  /// A source of pseudo-random bytes, seeded with the board's seed.
  case entropy
}

/// A network adapter: its address and what its link leads to.
public struct NetworkAdapter: Hashable, Sendable {
  /// What is at the other end of the link.
  public enum Link: Hashable, Sendable {
    /// The board's own switch, with the built-in host on it: the guest has company without anybody's help.
    case builtIn
    /// Whoever holds the machine moves the frames, for example to a `VirtualSwitch` that joins machines.
    case external
  }

  /// The adapter's Ethernet address; two adapters on one switch need different ones.
  public var address: MACAddress
  /// What is at the other end.
  public var link: Link

  /// Describes an adapter.
  ///
  /// - Parameters:
  ///   - address: The Ethernet address; by default the one QEMU gives to the first adapter.
  ///   - link: What is at the other end.
  public init(address: MACAddress = MACAddress(0x52, 0x54, 0x00, 0x12, 0x34, 0x56), link: Link = .builtIn) {
    self.address = address
    self.link = link
  }
}

/// Why a device cannot be put into a virtio slot.
public enum VirtioSlotError: Error, Hashable, CustomStringConvertible {
  /// There is no slot of this number.
  case noSuchSlot(Int)
  /// The slot has a device already.
  case occupied(Int)
  /// All slots have devices.
  case noneFree

  /// What is wrong, and one thing to try.
  public var description: String {
    switch self {
    case .noSuchSlot(let slot):
      "there is no virtio slot \(slot): expected a number from 0 to \(MemoryMap.virtioSlotCount - 1)"
    case .occupied(let slot): "virtio slot \(slot) already has a device: choose another one, or leave the choice open"
    case .noneFree: "all \(MemoryMap.virtioSlotCount) virtio slots have devices: leave one device out"
    }
  }
}

/// What distinguishes one board from another.
public struct BoardConfiguration: Sendable {
  /// The devices in the virtio slots, by slot; nil for an empty slot.
  public private(set) var virtioDevices = [VirtioDeviceKind?](repeating: nil, count: MemoryMap.virtioSlotCount)
  /// The time from a disk request to its completion, in `mtime` ticks.
  public var diskLatency: UInt64
  /// The disk behind the controller that is not virtio, or nil for no such controller.
  public var simpleDisk: DiskImage?
  /// Whether there is an IOMMU in front of the devices that do DMA; guests must still switch it on.
  public var hasIOMMU = false
  /// What the real-time clock shows at tick 0, in seconds since 1970; by default the beginning of 2025.
  public var epoch: UInt64 = 1_735_689_600
  /// Where everything that looks random starts from.
  public var seed: UInt64 = 0
  /// The time a frame takes through the built-in switch, in `mtime` ticks; 0 counts as 1.
  public var networkLatency: UInt64 = VirtualSwitch.defaultLatency
  /// The host on the built-in switch.
  public var networkHost = VirtualHostConfiguration()

  /// Describes a board.
  ///
  /// - Parameters:
  ///   - disk: The disk in the last virtio slot, or nil for none.
  ///   - diskLatency: The time from a disk request to its completion, in `mtime` ticks.
  public init(disk: DiskImage? = nil, diskLatency: UInt64 = 100) {
    self.diskLatency = diskLatency
    if let disk { virtioDevices[MemoryMap.virtioBlockSlot] = .block(disk) }
  }

  /// Puts a device into a virtio slot.
  ///
  /// - Parameters:
  ///   - device: The device.
  ///   - slot: The slot, or nil for the last one that is free: QEMU fills slots from the last.
  /// - Returns: The slot.
  /// - Throws: `VirtioSlotError` if there is no such slot or no free one.
  @discardableResult
  public mutating func place(_ device: VirtioDeviceKind, slot: Int? = nil) throws(VirtioSlotError) -> Int {
    if let slot {
      guard virtioDevices.indices.contains(slot) else { throw .noSuchSlot(slot) }
      guard virtioDevices[slot] == nil else { throw .occupied(slot) }
    }
    guard let chosen = slot ?? virtioDevices.lastIndex(where: { $0 == nil }) else { throw .noneFree }
    virtioDevices[chosen] = device
    return chosen
  }
}
