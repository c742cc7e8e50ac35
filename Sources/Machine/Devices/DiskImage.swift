// The contents of a disk: a fixed base and, over it, the sectors that the guest has written.
// A value: copies share what they have in common, so a snapshot of a disk costs next to nothing. The base is never changed;
// whoever wants to keep a guest's writes asks for `changedSectors` and stores them.

/// Why bytes cannot serve as a disk.
public enum DiskImageError: Error, Hashable, CustomStringConvertible {
  /// There are no bytes at all.
  case empty
  /// The size is no whole number of sectors.
  case partialSector(byteCount: Int)

  /// What is wrong, and one thing to try.
  public var description: String {
    switch self {
    case .empty:
      "the disk image is empty; expected at least one sector of \(DiskImage.sectorSize) bytes. "
        + "Check that the file was written completely"
    case .partialSector(let byteCount):
      "the disk image has \(byteCount) bytes, which is no whole number of \(DiskImage.sectorSize)-byte sectors. "
        + "Pad it, for example with `truncate -s %\(DiskImage.sectorSize) FILE`"
    }
  }
}

/// A copy-on-write disk of 512-byte sectors.
public struct DiskImage: Sendable {
  /// The size of a sector in bytes.
  public static let sectorSize = 512

  /// Whether the guest is told not to write, and its writes fail.
  public var isReadOnly: Bool
  private let base: [UInt8]
  private var overlay: [UInt64: [UInt8]] = [:]

  /// Makes a disk from its contents.
  ///
  /// - Parameters:
  ///   - contents: The bytes of the disk, a whole number of sectors.
  ///   - isReadOnly: Whether writes by the guest fail.
  /// - Throws: `DiskImageError` if the size fits no disk.
  public init(contents: [UInt8], isReadOnly: Bool = false) throws(DiskImageError) {
    guard !contents.isEmpty else { throw .empty }
    guard contents.count % Self.sectorSize == 0 else { throw .partialSector(byteCount: contents.count) }
    self.base = contents
    self.isReadOnly = isReadOnly
  }

  /// The size of the disk in sectors.
  public var sectorCount: UInt64 { UInt64(base.count / Self.sectorSize) }

  /// The numbers of all sectors that have been written, in ascending order.
  public var changedSectors: [UInt64] { overlay.keys.sorted() }

  /// The bytes of a sector, or nil if the disk has no such sector.
  public subscript(sector sector: UInt64) -> [UInt8]? {
    guard sector < sectorCount else { return nil }
    if let changed = overlay[sector] { return changed }
    let start = Int(sector) * Self.sectorSize
    return Array(base[start..<start + Self.sectorSize])
  }

  /// Writes one sector.
  ///
  /// - Returns: False, with nothing written, if there is no such sector or `bytes` is not exactly one sector long.
  public mutating func write(_ bytes: [UInt8], sector: UInt64) -> Bool {
    guard sector < sectorCount, bytes.count == Self.sectorSize else { return false }
    overlay[sector] = bytes
    return true
  }

  /// The whole disk as one array, with the guest's writes applied.
  public func contents() -> [UInt8] {
    var bytes = base
    for (sector, changed) in overlay {
      let start = Int(sector) * Self.sectorSize
      bytes.replaceSubrange(start..<start + Self.sectorSize, with: changed)
    }
    return bytes
  }

  /// Feeds every word by which the disk differs from its base, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    let changed = changedSectors
    body(UInt64(changed.count))
    for sector in changed {
      body(sector)
      let bytes = self[sector: sector] ?? []
      for offset in stride(from: 0, to: bytes.count, by: 8) { body(bytes.littleEndian(UInt64.self, at: offset)) }
    }
  }
}
