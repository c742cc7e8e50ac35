// The boot archive: the programs of one structure, linked, in the kernel's image.
//
// Offsets are in bytes from the archive's first byte. Readers in guests and host validate every offset.

/// The archive's header.
public struct ArchiveHeader: Sendable {
  /// `expectedMagic`.
  public var magic: UInt32
  /// Number of `ArchiveEntry`s that follow.
  public var count: UInt32
  /// Bytes of the whole archive.
  public var size: UInt64

  /// "KARC" as a little-endian word.
  @inlinable public static var expectedMagic: UInt32 { 0x4352_414B }
  /// Bytes of the header.
  @inlinable public static var stride: Int { 16 }
}

/// One program: up to three segments, each page aligned in memory and in the archive.
public struct ArchiveEntry: Sendable {
  /// ASCII, padded with zeros.
  public var name: (UInt64, UInt64)
  /// Virtual address of the first instruction.
  public var entry: UInt64
  /// Readable and executable.
  public var text: ArchiveSegment
  /// Readable only.
  public var constants: ArchiveSegment
  /// Readable and writable.
  public var data: ArchiveSegment

  /// Bytes of one entry.
  @inlinable public static var stride: Int { 24 + 3 * 32 }
}

/// A run of bytes that a loader places in an address space.
public struct ArchiveSegment: Sendable {
  /// First byte in the archive.
  public var offset: UInt64
  /// Bytes in the archive.
  public var fileSize: UInt64
  /// Virtual address, page aligned.
  public var address: UInt64
  /// Bytes in memory; those beyond `fileSize` are zero.
  public var memorySize: UInt64
}
