// The fields of a page-table entry (privileged specification 1.12, sections 4.4 and 4.5). A value to look at; walking and
// updating page tables is `PageWalk.swift`'s business.

/// A page-table entry of Sv39 or Sv48.
public struct PageTableEntry: Codable, Hashable, Sendable {
  /// The 64 bits in memory.
  public let bits: UInt64

  /// Wraps 64 bits read from a page table.
  public init(bits: UInt64) { self.bits = bits }

  static let valid: UInt8 = 1 << 0
  static let readable: UInt8 = 1 << 1
  static let writable: UInt8 = 1 << 2
  static let executable: UInt8 = 1 << 3
  static let user: UInt8 = 1 << 4
  static let global: UInt8 = 1 << 5
  static let accessed: UInt8 = 1 << 6
  static let dirty: UInt8 = 1 << 7

  /// The low eight bits: V R W X U G A D from bit 0.
  public var flags: UInt8 { UInt8(truncatingIfNeeded: bits) }
  /// V: the entry takes part in translation.
  public var isValid: Bool { flags & Self.valid != 0 }
  /// R: loads are permitted.
  public var isReadable: Bool { flags & Self.readable != 0 }
  /// W: stores are permitted.
  public var isWritable: Bool { flags & Self.writable != 0 }
  /// X: fetches are permitted.
  public var isExecutable: Bool { flags & Self.executable != 0 }
  /// U: the page is for U-mode.
  public var isUser: Bool { flags & Self.user != 0 }
  /// G: the mapping is the same in all address spaces.
  public var isGlobal: Bool { flags & Self.global != 0 }
  /// A: the page has been used since the bit was cleared.
  public var isAccessed: Bool { flags & Self.accessed != 0 }
  /// D: the page has been written since the bit was cleared.
  public var isDirty: Bool { flags & Self.dirty != 0 }
  /// True if it maps a page instead of pointing to the next table.
  public var isLeaf: Bool { isReadable || isExecutable }
  /// The physical page number, 44 bits.
  public var physicalPage: UInt64 { (bits >> 10) & (1 << 44 - 1) }

  /// True if reserved bits are set or the permissions are a reserved combination, at a level of the table.
  @inline(__always)
  func isReserved(level: Int) -> Bool {
    if bits >> 54 != 0 || (isWritable && !isReadable) { return true }
    if isLeaf { return physicalPage & (1 << UInt64(9 * level) - 1) != 0 }
    return level == 0 || isUser || isAccessed || isDirty
  }
}
