// Sets of clients in one word: bit N stands for the one living client whose number is N modulo 32 (Interfaces/env.h).
//
// Callers must remove a client when it is gone, before another one can get its place.

/// Who holds something that several clients can hold, such as an open file after a fork.
struct ClientSet {
  private var bits: UInt32 = 0

  var isEmpty: Bool { bits == 0 }

  @inline(__always) private static func bit(_ client: UInt64) -> UInt32 { 1 << UInt32(client & 31) }

  func contains(_ client: UInt64) -> Bool { bits & Self.bit(client) != 0 }
  mutating func insert(_ client: UInt64) { bits |= Self.bit(client) }
  mutating func remove(_ client: UInt64) { bits &= ~Self.bit(client) }
}
