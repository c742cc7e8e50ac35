// Who owns which physical resource, where a kernel hands those out.
//
// Field names are part of the program's JSON output: add, never rename.

/// What one environment has.
public struct EnvironmentResources: Codable, Equatable, Sendable {
  /// Its task number.
  public var task: UInt64
  /// Its name.
  public var name: String
  /// Physical pages that it owns.
  public var pages: UInt64
  /// Of these, those that another environment maps as well.
  public var sharedPages: UInt64
  /// Pages that the kernel took from it by force.
  public var pagesTaken: UInt64
  /// Whether it has the processor, waits for it (`ready`) or for something else.
  public var slice: String
}

/// A run of sectors.
public struct ExtentReport: Codable, Equatable, Sendable {
  /// The extent's number.
  public var extent: Int
  /// Its first sector of 512 bytes.
  public var first: UInt64
  /// Its length in sectors.
  public var sectors: UInt64
  /// The task that may read and write it; nil: all may read it, nobody may write it.
  public var owner: UInt64?
  /// That task's name.
  public var ownerName: String?
}

/// What `info resources` answers.
public struct ResourceReport: Codable, Equatable, Sendable {
  /// Bytes of a page.
  public var pageSize: UInt64
  /// All pages that the kernel hands out or keeps for itself.
  public var pages: UInt64
  /// Pages that no environment has: the kernel's own and the free ones.
  public var pagesOfNobody: UInt64
  /// By task number.
  public var environments: [EnvironmentResources]
  /// The disk's extents.
  public var extents: [ExtentReport]
  /// Devices, and who has their registers mapped.
  public var devices: [DeviceReport]
}
