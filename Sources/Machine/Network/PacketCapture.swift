// Recorded frames in the format of libpcap files (draft-ietf-opsawg-pcap), with nanosecond time stamps. It keeps all it
// is given: whoever starts a capture must end it.

/// The frames that passed a point of a network.
public struct PacketCapture: Hashable, Sendable {
  /// The magic number of files whose time stamps are in nanoseconds.
  private static let magic: UInt32 = 0xa1b2_3c4d
  private static let linkTypeEthernet: UInt32 = 1
  private static let snapLength: UInt32 = 65535
  private static let nanosecondsPerTick = 1_000_000_000 / UInt64(MemoryMap.timebaseFrequency)

  /// The frames, oldest first.
  public private(set) var frames: [TimedFrame] = []

  /// Makes a capture without frames.
  public init() {}

  mutating func append(_ frame: TimedFrame) { frames.append(frame) }

  /// The capture as the bytes of a file; time begins in 1970 at tick 0.
  public var fileContents: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 24)
    bytes.replaceLittleEndian(Self.magic, at: 0)
    bytes.replaceLittleEndian(UInt16(2), at: 4)
    bytes.replaceLittleEndian(UInt16(4), at: 6)
    bytes.replaceLittleEndian(Self.snapLength, at: 16)
    bytes.replaceLittleEndian(Self.linkTypeEthernet, at: 20)
    for frame in frames {
      var header = [UInt8](repeating: 0, count: 16)
      let ticksPerSecond = UInt64(MemoryMap.timebaseFrequency)
      header.replaceLittleEndian(UInt32(truncatingIfNeeded: frame.tick / ticksPerSecond), at: 0)
      header.replaceLittleEndian(UInt32(frame.tick % ticksPerSecond * Self.nanosecondsPerTick), at: 4)
      header.replaceLittleEndian(UInt32(frame.bytes.count), at: 8)
      header.replaceLittleEndian(UInt32(frame.bytes.count), at: 12)
      bytes += header + frame.bytes
    }
    return bytes
  }
}
