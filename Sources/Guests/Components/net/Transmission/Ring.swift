// Bytes that wait, in the order in which they came: a connection's buffers.

import Interfaces

/// A ring in memory that somebody else owns.
struct Ring {
  /// One page.
  static var capacity: Int { 4096 }

  /// `capacity` bytes; nil until the connection is used for the first time.
  var memory: UnsafeMutableRawPointer?
  private var head = 0
  private(set) var count = 0

  var room: Int { Self.capacity - count }

  mutating func clear() {
    head = 0
    count = 0
  }

  /// The longest run of bytes in a row at `offset`, at most `limit`.
  func run(at offset: Int, limit: Int) -> Packet? {
    guard let memory, offset >= 0, offset < count else { return nil }
    let place = (head + offset) % Self.capacity
    return Packet(start: memory + place, count: min(limit, count - offset, Self.capacity - place))
  }

  /// The longest run of free bytes in a row, at most `limit`; what is put there counts after `grow`.
  func freeRun(limit: Int) -> Packet? {
    guard let memory, room > 0 else { return nil }
    let place = (head + count) % Self.capacity
    return Packet(start: memory + place, count: min(limit, room, Self.capacity - place))
  }

  mutating func grow(_ bytes: Int) {
    precondition(bytes >= 0 && bytes <= room)
    count += bytes
  }

  mutating func drop(_ bytes: Int) {
    precondition(bytes >= 0 && bytes <= count)
    head = (head + bytes) % Self.capacity
    count -= bytes
  }

  /// Appends as much as there is room for; the bytes taken.
  mutating func append(_ bytes: Packet) -> Int {
    var taken = 0
    while let run = freeRun(limit: bytes.count - taken), run.count > 0 {
      run.copy(bytes.part(taken..<(taken + run.count)), to: 0)
      grow(run.count)
      taken += run.count
    }
    return taken
  }

  /// Copies bytes from `offset` on to `target`, which they must fill.
  func copy(at offset: Int, to target: Packet) {
    var copied = 0
    while copied < target.count, let run = run(at: offset + copied, limit: target.count - copied) {
      target.copy(run, to: copied)
      copied += run.count
    }
  }
}
