// What is said when two address spaces are set beside each other.
//
// Field names are part of the program's JSON output: add, never rename.

/// An address space that `space diff` compares.
public struct SpaceName: Codable, Equatable, Sendable {
  /// The task.
  public var task: String
  /// The checkpoint in which it is looked at; nil for now.
  public var checkpoint: String?

  /// Reads `TASK` or `TASK@CHECKPOINT`.
  public init(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    task = parts[0]
    checkpoint = parts.count > 1 ? parts[1] : nil
  }

  /// As it is typed.
  public var text: String { checkpoint.map { "\(task)@\($0)" } ?? task }
}

/// How one range of addresses differs.
public enum SpaceChange: String, Codable, Sendable {
  /// Mapped in the first space only.
  case firstOnly
  /// Mapped in the second space only.
  case secondOnly
  /// Mapped in both to the same physical pages, with other rights.
  case permissions
  /// Mapped in both with the same rights, to other physical pages.
  case physical
  /// Mapped in both, with other rights and to other physical pages.
  case permissionsAndPhysical
}

/// A range of addresses that differs in one way.
public struct SpaceDifference: Codable, Equatable, Sendable {
  /// How it differs.
  public var change: SpaceChange
  /// First virtual address.
  public var start: UInt64
  /// First virtual address after it; 0 when it reaches the end of the address space.
  public var end: UInt64
  /// Rights and privilege in the first space, such as `r-x U`.
  public var first: String?
  /// Rights and privilege in the second space.
  public var second: String?
  /// Physical address of the range's first byte in the first space.
  public var firstPhysical: UInt64?
  /// Physical address of the range's first byte in the second space.
  public var secondPhysical: UInt64?
  /// What lies there, in the first space if it is mapped there.
  public var owner: String
}

/// What `space diff` answers.
public struct SpaceDifferenceReport: Codable, Equatable, Sendable {
  /// The first space.
  public var first: String
  /// The second space.
  public var second: String
  /// The address-space numbers of both.
  public var asids: [UInt64]
  /// Bytes of addresses that mean the same in both.
  public var sameBytes: UInt64
  /// The rest, in the order of the addresses.
  public var differences: [SpaceDifference]
}
