// The file system's block cache as programs see it: how it chooses what goes, and how well that works.
//
// Numbers are part of the images' contract: append, never renumber.

/// Which block leaves the cache when room is needed.
public enum CachePolicy: UInt64, CaseIterable, Sendable {
  /// The one whose last use is longest ago: what the cache begins with.
  case leastRecentlyUsed = 0
  /// The one used last: better for scans, again and again, of more than fits.
  case mostRecentlyUsed = 1
}

/// What `statistics` reports, as it lies in memory: counted since the file system was mounted.
public struct CacheStatistics: Sendable {
  /// A `CachePolicy`.
  public var policy: UInt64
  /// Blocks that the cache has room for.
  public var capacity: UInt64
  /// Blocks that were asked for and were there.
  public var hits: UInt64
  /// Blocks that had to be read from the disk.
  public var misses: UInt64
  /// Blocks that had to go for others.
  public var evictions: UInt64

  /// Makes a record.
  @inlinable public init(policy: UInt64, capacity: UInt64, hits: UInt64, misses: UInt64, evictions: UInt64) {
    self.policy = policy
    self.capacity = capacity
    self.hits = hits
    self.misses = misses
    self.evictions = evictions
  }
}

#if !hasFeature(Embedded)
  extension CachePolicy {
    /// The name as a person types it: `lru` or `mru`.
    public var name: String {
      switch self {
      case .leastRecentlyUsed: "lru"
      case .mostRecentlyUsed: "mru"
      }
    }
  }
#endif
