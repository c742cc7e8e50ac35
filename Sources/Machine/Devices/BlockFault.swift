// Faults of the disk that the host can arm, at the level of the device: the driver's code stays intact.
// A fault survives the driver's reset of the device; only the host takes it away.

/// A way in which the disk can misbehave.
public enum BlockFault: String, CaseIterable, Hashable, Codable, Sendable {
  /// Requests complete with the status "I/O error" and transfer nothing.
  case ioError = "io-error"
  /// Requests are taken and never completed.
  case dead
}

/// A fault together with how often it may strike and has struck.
public struct ArmedBlockFault: Hashable, Codable, Sendable {
  /// What goes wrong.
  public let fault: BlockFault
  /// How many more requests will be hit; nil means every one until the fault is removed.
  public internal(set) var remaining: UInt64?
  /// How many requests have been hit.
  public internal(set) var fired: UInt64 = 0

  init(_ fault: BlockFault, requests: UInt64?) {
    self.fault = fault
    self.remaining = requests
  }

  /// Whether the next request will be hit; if so, the hit is counted.
  mutating func strikes() -> Bool {
    if let remaining {
      guard remaining > 0 else { return false }
      self.remaining = remaining - 1
    }
    fired += 1
    return true
  }
}
