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
  /// Pages that the kernel has asked it to give back so far.
  public var pagesAsked: UInt64
  /// Of these, those that it gave back in time.
  public var pagesGiven: UInt64
  /// Frames that came through its packet filters.
  public var framesReceived: UInt64
  /// Frames that it has sent.
  public var framesSent: UInt64
  /// Frames that it tried to send from what is not its own.
  public var framesRefused: UInt64
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

/// A secure binding of the network: frames that are one environment's, in both directions.
public struct PacketFilterReport: Codable, Equatable, Sendable {
  /// What passes it, such as `TCP port 80`.
  public var filter: String
  /// The task whose frames they are.
  public var owner: UInt64
  /// That task's name.
  public var ownerName: String?
}

/// What `exo revoke` answers.
public struct RevocationReport: Codable, Equatable, Sendable {
  /// The environment's task number.
  public var task: UInt64
  /// Its name.
  public var name: String
  /// Pages that it was asked for.
  public var asked: UInt64
  /// Of these, those that it gave back in time.
  public var given: UInt64
  /// Pages that the kernel then took by force.
  public var taken: UInt64
  /// Pages that it owned before.
  public var pagesBefore: UInt64
  /// Pages that it owns now; nil when it has ended over it.
  @ExplicitNull public var pagesAfter: UInt64?
  /// The time that it had to comply, in milliseconds.
  public var patience: UInt64
  /// What happened meanwhile.
  public var events: [SystemEvent]
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
  /// The adapter's packet filters.
  public var filters: [PacketFilterReport]
  /// Devices, and who has their registers mapped.
  public var devices: [DeviceReport]
}
