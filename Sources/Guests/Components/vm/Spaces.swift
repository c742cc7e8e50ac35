// The ranges of all address spaces, as the virtual-memory manager keeps them.
//
// A range is a number of whole pages; which of them are there only the page tables say.

import Interfaces

/// A range that exists; an empty one is a free place.
struct Region {
  var start: UInt64 = 0
  var end: UInt64 = 0
  /// What it shows of a file: the manager's own handle plus one, 0 for anonymous memory; and from which byte on.
  var file: UInt64 = 0
  var offset: UInt64 = 0

  var isFree: Bool { end == 0 }
  func contains(_ address: UInt64) -> Bool { address >= start && address < end }

  /// The part from `address` on.
  func from(_ address: UInt64) -> Region {
    Region(start: address, end: end, file: file, offset: file == 0 ? 0 : offset &+ (address &- start))
  }
}

/// What is known of one task's address space.
struct AddressSpace {
  /// The stack, then what was mapped.
  static var regionCount: Int { 9 }

  /// The task's number; 0: the row is free.
  var task: UInt64
  /// Where the next range goes.
  var next: UInt64
  var regions: InlineArray<9, Region>
}

/// Its methods are all mutating, so that they work in place: one that only looks would get a copy of it.
struct Manager {
  static var spaceCount: Int { 32 }

  var files: OpaquePointer
  /// A page that passes from a file to a task, and who uses it at the moment.
  var buffer: UnsafeMutableRawPointer
  var bufferLock: env_lock
  var spaces: InlineArray<32, AddressSpace>

  /// The row of a task; 0 finds a free one.
  mutating func row(of task: UInt64) -> Int? {
    for index in 0..<Self.spaceCount where spaces[index].task == task { return index }
    return nil
  }

  /// The region that holds an address of a task.
  mutating func region(_ row: Int, at address: UInt64) -> Region? {
    for index in 0..<AddressSpace.regionCount where spaces[row].regions[index].contains(address) {
      return spaces[row].regions[index]
    }
    return nil
  }

  mutating func freePlace(_ row: Int) throws(ErrorCode) -> Int {
    for index in 1..<AddressSpace.regionCount where spaces[row].regions[index].isFree { return index }
    throw .noMemory
  }

  /// Whether any region still shows a file.
  mutating func shows(_ file: UInt64) -> Bool {
    for row in 0..<Self.spaceCount where spaces[row].task != 0 {
      for index in 0..<AddressSpace.regionCount where spaces[row].regions[index].file == file { return true }
    }
    return false
  }
}
