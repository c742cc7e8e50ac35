// The modes of address translation, Sv39 and Sv48, as numbers that walking needs (privileged specification 1.12, sections
// 4.1.11, 4.4 and 4.5). They differ in nothing but the count of levels.

/// A mode of `satp` that translates.
enum TranslationMode: UInt64 {
  case sv39 = 8
  case sv48 = 9

  /// The mode that a value of `satp` chooses; nil in bare mode.
  @inline(__always)
  init?(satp: UInt64) {
    switch satp >> 60 {
    case 8: self = .sv39
    case 9: self = .sv48
    default: return nil
    }
  }

  static let rootMask: UInt64 = 1 << 44 - 1

  /// The levels of page tables.
  @inline(__always)
  var levels: Int { self == .sv39 ? 3 : 4 }

  /// The bits of a virtual page number.
  @inline(__always)
  var virtualPageMask: UInt64 { 1 << UInt64(9 * levels) - 1 }

  @inline(__always)
  func virtualPage(_ address: UInt64) -> UInt64 { address >> 12 & virtualPageMask }

  /// Whether all bits above the translated ones equal the highest of those.
  @inline(__always)
  func isCanonical(_ address: UInt64) -> Bool {
    let unused = Int64(52 - 9 * levels)
    return (Int64(bitPattern: address) << unused) >> unused == Int64(bitPattern: address)
  }

  /// The index into the table of a level.
  @inline(__always)
  static func index(_ virtualPage: UInt64, level: Int) -> UInt64 {
    virtualPage >> UInt64(9 * level) & 0x1ff
  }
}
