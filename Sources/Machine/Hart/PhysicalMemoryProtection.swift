// Physical memory protection: 16 entries that limit what each privilege may do with physical addresses (privileged
// specification 1.12, section 3.7). Callers must drop cached verdicts after every write to its registers.

struct PhysicalMemoryProtection: Equatable, Sendable {
  static let entryCount = 16

  private enum Field {
    static let read: UInt8 = 1
    static let write: UInt8 = 2
    static let execute: UInt8 = 4
    static let all = read | write | execute
    static let locked: UInt8 = 0x80
    static let writable: UInt8 = 0x9f
  }

  private enum Matching: UInt8 {
    case off, topOfRange, naturallyAlignedFour, naturallyAlignedPowerOfTwo

    init(configuration: UInt8) {
      self = Matching(rawValue: (configuration >> 3) & 3) ?? .off
    }
  }

  /// What one entry covers: `first...last`, or nothing when it is off or empty.
  private struct Region {
    var first: UInt64
    var last: UInt64
    var configuration: UInt8
  }

  private var configurations = [UInt8](repeating: 0, count: entryCount)
  private var addresses = [UInt64](repeating: 0, count: entryCount)
  private var regions: [Region] = []
  /// The range of the first region if it permits everything to everyone, as firmware often sets it; else empty.
  private var openRange: (first: UInt64, last: UInt64) = (1, 0)

  // MARK: Registers

  /// The value of `pmpcfg0` (`index` 0) or `pmpcfg2` (`index` 2).
  func configurationRegister(_ index: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(configurations[index * 4 + $1]) << UInt64($1 * 8) }
  }

  mutating func setConfigurationRegister(_ index: Int, to value: UInt64) {
    for byte in 0..<8 {
      let entry = index * 4 + byte
      guard configurations[entry] & Field.locked == 0 else { continue }
      var configuration = UInt8(truncatingIfNeeded: value >> UInt64(byte * 8)) & Field.writable
      // W without R is reserved: no write permission is the legal value chosen here.
      if configuration & Field.read == 0 { configuration &= ~Field.write }
      configurations[entry] = configuration
    }
    updateRegions()
  }

  func addressRegister(_ index: Int) -> UInt64 { addresses[index] }

  mutating func setAddressRegister(_ index: Int, to value: UInt64) {
    guard configurations[index] & Field.locked == 0 else { return }
    if index + 1 < Self.entryCount {
      let next = configurations[index + 1]
      guard next & Field.locked == 0 || Matching(configuration: next) != .topOfRange else { return }
    }
    addresses[index] = value & (1 << 54 - 1)
    updateRegions()
  }

  private mutating func updateRegions() {
    regions = []
    for index in 0..<Self.entryCount {
      let address = addresses[index]
      let first: UInt64
      let last: UInt64
      switch Matching(configuration: configurations[index]) {
      case .off: continue
      case .topOfRange:
        let bottom = index == 0 ? 0 : addresses[index - 1] << 2
        let top = address << 2
        guard bottom < top else { continue }
        first = bottom
        last = top - 1
      case .naturallyAlignedFour:
        first = address << 2
        last = first + 3
      case .naturallyAlignedPowerOfTwo:
        let ones = address ^ (address + 1)
        first = (address & ~ones) << 2
        last = first | (ones << 2 | 3)
      }
      regions.append(Region(first: first, last: last, configuration: configurations[index]))
    }
    openRange = (1, 0)
    if let first = regions.first, first.configuration & Field.all == Field.all {
      openRange = (first.first, first.last)
    }
  }

  // MARK: Verdicts

  /// Says whether an access of `count` bytes is allowed; the first entry that matches any byte decides.
  @inline(__always)
  func allows(_ access: Access, at address: UInt64, count: UInt64, privilege: Privilege) -> Bool {
    let last = address &+ (count &- 1)
    if address >= openRange.first && last <= openRange.last && address <= last { return true }
    return regionsAllow(access, from: address, to: last, privilege: privilege)
  }

  @inline(never)
  private func regionsAllow(
    _ access: Access, from address: UInt64, to last: UInt64, privilege: Privilege
  ) -> Bool {
    for region in regions where address <= region.last && last >= region.first {
      guard address >= region.first && last <= region.last else { return false }
      return Self.permits(region.configuration, access, privilege)
    }
    return privilege == .machine
  }

  /// Says whether one verdict holds for all bytes of the 4 KiB page at `page`.
  func isUniform(page: UInt64) -> Bool {
    let last = page | 0xfff
    for region in regions where page <= region.last && last >= region.first {
      return page >= region.first && last <= region.last
    }
    return true
  }

  private static func permits(_ configuration: UInt8, _ access: Access, _ privilege: Privilege) -> Bool {
    if privilege == .machine && configuration & Field.locked == 0 { return true }
    switch access {
    case .read: return configuration & Field.read != 0
    case .write: return configuration & Field.write != 0
    case .execute: return configuration & Field.execute != 0
    }
  }

  static func == (left: Self, right: Self) -> Bool {
    left.configurations == right.configurations && left.addresses == right.addresses
  }

  func hash(into hash: inout StateHash) {
    for index in 0..<Self.entryCount {
      hash.combine(UInt64(configurations[index]))
      hash.combine(addresses[index])
    }
  }
}
