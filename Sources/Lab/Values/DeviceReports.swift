// What is said when the hardware changes: which images have to be linked again.
//
// Field names are part of the program's JSON output: add, never rename.

/// One image of a structure, before and after.
public struct ImageChange: Codable, Equatable, Sendable {
  /// `kernel`, or the program.
  public var image: String
  /// Whether any byte that is loaded differs; of the kernel, without the archive of the other images.
  public var differs: Bool
  /// Whether other objects are in it; if not, the bytes that differ are addresses.
  public var otherObjects: Bool
  /// Bytes that are loaded, afterwards.
  public var bytes: UInt64
}

/// A structure whose disk is another one.
public struct DeviceReplacement: Codable, Equatable, Sendable {
  /// The structure.
  public var kernel: String
  /// The driver that it has now, and the one before.
  public var driver: String
  /// The object that drove the disk before.
  public var previous: String
  /// Objects that went, and the ones in their places.
  public var objects: [String: String]
  /// All images, the kernel first.
  public var images: [ImageChange]
  /// How many of them had to be linked again, because other objects are in them; their bytes differ.
  public var relinked: Int
  /// Of these, bytes that are loaded.
  public var relinkedBytes: UInt64
  /// Whether the kernel itself is one of them.
  public var kernelChanged: Bool
  /// Images with the same objects at other addresses: a kernel that carries the archive of those that changed.
  public var moved: [String]
}

/// What `device replace` answers.
public struct DeviceReplacementReport: Codable, Equatable, Sendable {
  /// A row a structure.
  public var rows: [DeviceReplacement]
  /// The system that was booted with the new disk, when one was.
  public var boot: BootReport?

  /// Makes a report.
  public init(rows: [DeviceReplacement], boot: BootReport? = nil) {
    (self.rows, self.boot) = (rows, boot)
  }
}
