// One thing that is not right on a disk.

/// An inconsistency of a file system, and where it is.
public struct DiskFinding: Codable, Equatable, Sendable, CustomStringConvertible {
  /// What sort of thing is wrong.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// The image is no file system of this version, or its sizes contradict each other.
    case superblock
    /// The journal's header makes no sense.
    case journal
    /// A complete transaction waits in the journal: the next mount copies it home.
    case pendingTransaction
    /// An inode that no directory names, marked as such: the next mount frees it.
    case orphan
    /// The superblock's number of orphans is wrong.
    case orphanCount
    /// An inode's kind, size or link count cannot be.
    case inode
    /// An inode in use that no directory names, or one that is named more than once.
    case reachability
    /// A block pointer leads outside the data, beyond the file's end, or a directory has a hole.
    case pointer
    /// Two pointers lead to one block.
    case sharedBlock
    /// A directory entry cannot be: its name, its inode, its kind.
    case entry
    /// A directory does not know its parent.
    case parent
    /// The block bitmap disagrees with the pointers.
    case blockBitmap
    /// The inode bitmap disagrees with the inode table.
    case inodeBitmap
  }

  /// What sort of thing is wrong.
  public var kind: Kind
  /// Where: `superblock`, `journal`, `inode 7`, `block 40`, a path.
  public var place: String
  /// What was found and what was expected.
  public var message: String

  /// Makes a finding.
  public init(_ kind: Kind, at place: String, _ message: String) {
    self.kind = kind
    self.place = place
    self.message = message
  }

  /// Whether a crash at any moment may leave this behind, to be put right by the next mount.
  public var isExpectedAfterCrash: Bool { kind == .pendingTransaction || kind == .orphan }

  /// One line.
  public var description: String { "\(place): \(message)" }
}
