// RAM as a device reaches it: directly, or through the windows of the IOMMU. Devices must touch RAM in no other way, or
// the IOMMU would not be in front of them.

/// A DMA access that the IOMMU did not let through.
public struct DMAFault: Hashable, Codable, Sendable {
  /// The device's number at the IOMMU: its virtio slot, or `IOMMU.simpleDiskDevice`.
  public let device: Int
  /// The first bus address that no window covers.
  public let address: UInt64
  /// Whether the device wanted to write to memory.
  public let isWrite: Bool
  /// When it happened, in `mtime` ticks.
  public let tick: UInt64
}

/// RAM behind what stands between it and one device.
///
/// It takes the memory over for the time of a device's work; `release` gives it back.
struct DeviceMemory: ~Copyable {
  /// Who accesses memory, when, and through what.
  struct Path {
    let device: Int
    let tick: UInt64
    /// The windows that let accesses through; nil lets everything through.
    let windows: [IOMMUWindow]?
  }

  private static let mostFaultsKept = 16

  private var memory: PhysicalMemory
  private let path: Path
  /// The first accesses that were refused.
  private(set) var faults: [DMAFault] = []

  init(_ memory: consuming PhysicalMemory, path: Path) {
    self.memory = memory
    self.path = path
  }

  consuming func release() -> PhysicalMemory { memory }

  /// Whether all of a range can be accessed; if not, the fault is recorded.
  mutating func allows(_ address: UInt64, count: UInt64, isWrite: Bool) -> Bool {
    guard path.windows != nil else { return memory.contains(address, count: count) }
    return pieces(address, count: count, isWrite: isWrite) != nil
  }

  mutating func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at address: UInt64) -> T? {
    guard path.windows != nil else { return memory.load(type, at: address) }
    return bytes(at: address, count: MemoryLayout<T>.size)?.littleEndian(type, at: 0)
  }

  mutating func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at address: UInt64) -> Bool {
    guard path.windows != nil else { return memory.store(value, at: address) }
    var bytes = [UInt8](repeating: 0, count: MemoryLayout<T>.size)
    bytes.replaceLittleEndian(value, at: 0)
    return write(bytes[...], at: address)
  }

  /// Reads a range, or nothing of it.
  mutating func bytes(at address: UInt64, count: Int) -> [UInt8]? {
    guard path.windows != nil else { return memory.bytes(at: address, count: count) }
    guard let pieces = pieces(address, count: UInt64(count), isWrite: false) else { return nil }
    var bytes: [UInt8] = []
    for piece in pieces { bytes += memory.bytes(at: piece.address, count: Int(piece.count)) ?? [] }
    return bytes
  }

  /// Writes a range, or nothing of it.
  mutating func write(_ bytes: ArraySlice<UInt8>, at address: UInt64) -> Bool {
    guard path.windows != nil else { return bytes.withUnsafeBytes { memory.write(address, from: $0) } }
    guard let pieces = pieces(address, count: UInt64(bytes.count), isWrite: true) else { return false }
    var rest = bytes
    for piece in pieces {
      _ = rest.prefix(Int(piece.count)).withUnsafeBytes { memory.write(piece.address, from: $0) }
      rest = rest.dropFirst(Int(piece.count))
    }
    return true
  }

  /// Where the parts of a range of bus addresses are in RAM, or nil after recording a fault.
  private mutating func pieces(
    _ address: UInt64, count: UInt64, isWrite: Bool
  ) -> [(address: UInt64, count: UInt64)]? {
    var pieces: [(address: UInt64, count: UInt64)] = []
    var position = address
    var remaining = count
    while remaining > 0 {
      let window = path.windows?.first { $0.covers(position, isWrite: isWrite) }
      guard let window else { return refuse(position, isWrite: isWrite) }
      let taken = min(remaining, window.size - (position - window.base))
      let (physical, overflow) = window.target.addingReportingOverflow(position - window.base)
      guard !overflow, memory.contains(physical, count: taken) else { return refuse(position, isWrite: isWrite) }
      pieces.append((physical, taken))
      remaining -= taken
      position &+= taken
    }
    return pieces
  }

  private mutating func refuse(_ address: UInt64, isWrite: Bool) -> [(address: UInt64, count: UInt64)]? {
    if faults.count < Self.mostFaultsKept {
      faults.append(DMAFault(device: path.device, address: address, isWrite: isWrite, tick: path.tick))
    }
    return nil
  }
}
