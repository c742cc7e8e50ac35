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
  /// What it is, and what it may use.
  public var rights: ArchiveRights

  /// Offset of `rights` in an entry.
  @inlinable public static var rightsOffset: Int { 24 + 3 * 32 }
  /// Bytes of one entry.
  @inlinable public static var stride: Int { rightsOffset + ArchiveRights.stride }
}

/// What a program of the archive is for, and the rights that it needs: given by the recipe, granted when it starts.
public struct ArchiveRights: Sendable {
  /// The `Service` that it is; 0: a program that users start.
  public var service: UInt32
  /// The kind of device that it drives (`ENV_DEVICE_…`); 0: none.
  public var device: UInt32
  /// The services that it may call: bit n for the `Service` with number n.
  ///
  /// Bit 32 + n: it may call that one as an administrator, if whoever starts it is one. Bit 32: it may take modules into
  /// the kernel, likewise.
  public var calls: UInt64
  /// A set of `ArchiveFlags`.
  public var flags: UInt64

  /// Rights to nothing.
  @inlinable public init() {
    service = 0
    device = 0
    calls = 0
    flags = 0
  }

  /// Bytes in an entry.
  @inlinable public static var stride: Int { 24 }
}

/// Further facts of a program in the archive.
public struct ArchiveFlags: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt64
  /// A set from its bits.
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// It makes, starts and ends tasks, and speaks for others.
  @inlinable public static var managesTasks: ArchiveFlags { ArchiveFlags(rawValue: 1) }
  /// It maps and fills other tasks' memory.
  @inlinable public static var managesMemory: ArchiveFlags { ArchiveFlags(rawValue: 2) }
  /// A service that runs only when someone starts it.
  @inlinable public static var onDemand: ArchiveFlags { ArchiveFlags(rawValue: 4) }
  /// Its system calls are those of another system: they go to the environment subsystem.
  @inlinable public static var foreign: ArchiveFlags { ArchiveFlags(rawValue: 8) }
  /// No program: a module that the running kernel can take in.
  @inlinable public static var kernelModule: ArchiveFlags { ArchiveFlags(rawValue: 16) }
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
