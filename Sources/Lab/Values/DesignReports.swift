// What is said about a structure as a design: where each movable service is.

import GuestBuilder

/// Where a service is.
public struct DesignPlace: Codable, Equatable, Sendable {
  /// Its name.
  public var service: String
  /// `user`: a task of its own; `kernel`: in the kernel's image.
  public var place: Placement
}

/// A structure and its services' places.
public struct DesignReport: Codable, Equatable, Sendable {
  /// Its name.
  public var structure: String
  /// What it was made from; nil when it came with the program.
  @ExplicitNull public var base: String?
  /// Those of its services that can be moved.
  public var services: [DesignPlace]
  /// Bytes of text, constants and data that run privileged.
  public var privilegedBytes: UInt64
  /// Bytes that a loader copies into memory.
  public var imageBytes: UInt64
}
