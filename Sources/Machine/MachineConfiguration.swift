// What distinguishes one machine from another before it starts. Values only; `Machine.init` checks them.

/// The properties of a machine that a guest can observe.
public struct MachineConfiguration: Sendable {
  /// The size of RAM in bytes, a multiple of 4096.
  public var memoryBytes: UInt64
  /// The devices.
  public var board: BoardConfiguration
  /// `mtime` advances by one tick each time this many instructions have retired.
  public var instructionsPerTick: UInt64
  /// The geometry of the TLB.
  public var tlb: TLBGeometry
  /// The command line passed to the guest in its device tree, if any.
  public var bootArguments: String?

  /// Describes a machine; the defaults are 128 MiB, no disk, and 10 instructions a tick of 100 ns.
  ///
  /// Devices beyond one disk in the last virtio slot are added to `board`.
  public init(
    memoryBytes: UInt64 = 128 << 20, disk: DiskImage? = nil, diskLatency: UInt64 = 100,
    instructionsPerTick: UInt64 = 10, tlb: TLBGeometry = TLBGeometry(entries: 64, ways: 4),
    bootArguments: String? = nil
  ) {
    self.memoryBytes = memoryBytes
    board = BoardConfiguration(disk: disk, diskLatency: diskLatency)
    self.instructionsPerTick = instructionsPerTick
    self.tlb = tlb
    self.bootArguments = bootArguments
  }
}

/// What is wrong with a machine's configuration or the image given to it.
public enum MachineError: Error, Hashable, CustomStringConvertible {
  /// The size of RAM is zero, not a multiple of 4096, or larger than 1 TiB.
  case memorySize(UInt64)
  /// The machine would have more RAM than the computer it is to run on.
  case memoryBeyondHost(UInt64, host: UInt64)
  /// The TLB's numbers are not powers of two or too large.
  case tlbGeometry(entries: Int, ways: Int)
  /// `instructionsPerTick` is zero.
  case instructionsPerTick
  /// A segment of the image does not lie in RAM.
  case segmentOutsideMemory(address: UInt64, bytes: UInt64, memory: Range<UInt64>)
  /// The device tree does not fit into RAM.
  case noRoomForDeviceTree(bytes: Int, memory: Range<UInt64>)
  /// A checkpoint was made by a machine with other memory, TLB or instructions per tick.
  case checkpointOfOtherMachine

  /// What is wrong, what was expected, and what to try.
  public var description: String {
    func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
    switch self {
    case .memorySize(let bytes):
      return "a machine cannot have \(bytes) bytes of memory: give a multiple of 4096 from 4096 to 1 TiB"
    case .memoryBeyondHost(let bytes, let host):
      return "a machine cannot have \(bytes) bytes of memory here: this computer has \(host) bytes; give less"
    case .tlbGeometry(let entries, let ways):
      return "a TLB cannot have \(entries) entries in sets of \(ways): give powers of two, at most 4096 and 16"
    case .instructionsPerTick:
      return "0 instructions per tick would stop time: give at least 1"
    case .segmentOutsideMemory(let address, let bytes, let memory):
      return "a segment of \(bytes) bytes at \(hexadecimal(address)) does not lie in memory, "
        + "\(hexadecimal(memory.lowerBound)) to \(hexadecimal(memory.upperBound)): "
        + "link the image there or give the machine more memory"
    case .noRoomForDeviceTree(let bytes, let memory):
      return "the device tree of \(bytes) bytes does not fit into memory, \(hexadecimal(memory.lowerBound)) to "
        + "\(hexadecimal(memory.upperBound)): give the machine more memory"
    case .checkpointOfOtherMachine:
      return "the checkpoint is of a machine with other memory, TLB or instructions per tick: "
        + "restore it into a machine with the same configuration"
    }
  }
}
