// Which block leaves the cache when room is needed: the one whose last use is longest ago, or the very last one used.
//
// The policy only chooses among the buffers that the cache offers; it must not touch them.

/// A choice by the time of last use.
struct ReplacementPolicy {
  /// Who goes first; may be changed at any time between two searches.
  var kind = CachePolicy.leastRecentlyUsed
  private var clock: UInt64 = 0
  private var best: UInt64 = 0
  private var choice: Int = -1

  /// A buffer is used now; the result is to be remembered with it.
  mutating func use() -> UInt64 {
    clock &+= 1
    return clock
  }

  /// A new search begins.
  mutating func beginChoice() { choice = -1 }

  /// Buffer `index`, last used at `use`, may be replaced.
  mutating func offer(_ index: Int, lastUse use: UInt64) {
    if choice < 0 || (kind == .mostRecentlyUsed ? use > best : use < best) {
      best = use
      choice = index
    }
  }

  /// The offered buffer to replace; nil when none was offered.
  func chosen() -> Int? { choice < 0 ? nil : choice }
}
