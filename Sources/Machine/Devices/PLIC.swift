// The platform-level interrupt controller: gateways, priorities, and claim/complete for M-mode and S-mode of the one hart.
// RISC-V PLIC specification 1.0.0. Devices must report their line's level, not edges; a line still high after completion
// is pending again.

/// The registers and gateways of the interrupt controller, compatible with `sifive,plic-1.0.0`.
struct PLIC: Sendable {
  /// Who takes interrupts from the controller, in the order of its contexts.
  enum Context: Int, Sendable {
    case machine
    case supervisor
  }

  /// Interrupt sources are numbered from 1 to this.
  static let lastSource = 96

  private enum Register {
    static let pending: UInt64 = 0x1000
    static let enable: UInt64 = 0x2000
    static let enableStride: UInt64 = 0x80
    static let enableEnd: UInt64 = 0x2100
    static let context: UInt64 = 0x20_0000
    static let contextStride: UInt64 = 0x1000
    static let contextEnd: UInt64 = 0x20_2000
    static let threshold: UInt64 = 0
    static let claim: UInt64 = 4
  }

  private static let wordCount = lastSource / 32 + 1
  /// Priorities and thresholds are WARL fields of three bits.
  private static let priorityMask: UInt32 = 7

  private var priority = [UInt32](repeating: 0, count: lastSource + 1)
  private var level = [UInt32](repeating: 0, count: wordCount)
  private var pending = [UInt32](repeating: 0, count: wordCount)
  /// A gateway that forwarded a request stays closed until the handler completes it.
  private var inService = [UInt32](repeating: 0, count: wordCount)
  private var enable = [UInt32](repeating: 0, count: 2 * wordCount)
  private var threshold: [UInt32] = [0, 0]

  /// Reports the level of a source's line to its gateway.
  mutating func setLevel(_ high: Bool, source: Int) {
    precondition((1...Self.lastSource).contains(source), "the interrupt controller has no source \(source)")
    let (word, bit) = Self.position(source)
    let isHigh = level[word] & bit != 0
    guard isHigh != high else { return }
    level[word] ^= bit
    if high { forward(word: word, bit: bit) }
  }

  /// Whether the context's external interrupt line is high.
  func interrupts(_ context: Context) -> Bool {
    guard let source = bestSource(for: context.rawValue) else { return false }
    return priority[source] > threshold[context.rawValue]
  }

  mutating func load(offset: UInt64, size: Int) -> UInt64? {
    guard size == 4 else { return nil }
    switch offset {
    case 0..<Register.pending:
      let source = Int(offset / 4)
      return source <= Self.lastSource ? UInt64(priority[source]) : 0
    case Register.pending..<Register.enable:
      let word = Int(offset - Register.pending) / 4
      return word < Self.wordCount ? UInt64(pending[word]) : 0
    case Register.enable..<Register.enableEnd:
      guard let index = Self.enableIndex(offset) else { return 0 }
      return UInt64(enable[index])
    case Register.context..<Register.contextEnd:
      let context = Int((offset - Register.context) / Register.contextStride)
      switch (offset - Register.context) % Register.contextStride {
      case Register.threshold: return UInt64(threshold[context])
      case Register.claim: return claim(context)
      default: return 0
      }
    default: return 0
    }
  }

  mutating func store(offset: UInt64, size: Int, value: UInt64) -> Bool {
    guard size == 4 else { return false }
    let value = UInt32(truncatingIfNeeded: value)
    switch offset {
    case 0..<Register.pending:
      let source = Int(offset / 4)
      if (1...Self.lastSource).contains(source) { priority[source] = value & Self.priorityMask }
    case Register.enable..<Register.enableEnd:
      if let index = Self.enableIndex(offset) { enable[index] = value & Self.sources(ofWord: index % Self.wordCount) }
    case Register.context..<Register.contextEnd:
      let context = Int((offset - Register.context) / Register.contextStride)
      switch (offset - Register.context) % Register.contextStride {
      case Register.threshold: threshold[context] = value & Self.priorityMask
      case Register.claim: complete(Int(value), context: context)
      default: break
      }
    default: break
    }
    return true
  }

  /// Feeds every word of the controller's state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    for words in [priority, level, pending, inService, enable, threshold] {
      for word in words { body(UInt64(word)) }
    }
  }

  private mutating func forward(word: Int, bit: UInt32) {
    if inService[word] & bit == 0 { pending[word] |= bit }
  }

  /// The highest-priority pending and enabled source, the lowest number among equals.
  ///
  /// A priority of 0 means "never interrupt".
  private func bestSource(for context: Int) -> Int? {
    var best: Int?
    for word in 0..<Self.wordCount {
      var candidates = pending[word] & enable[context * Self.wordCount + word]
      while candidates != 0 {
        let source = word * 32 + candidates.trailingZeroBitCount
        candidates &= candidates - 1
        if priority[source] > best.map({ priority[$0] }) ?? 0 { best = source }
      }
    }
    return best
  }

  /// Takes the best pending source; the threshold plays no part in a claim (section "Interrupt Claim Process").
  private mutating func claim(_ context: Int) -> UInt64 {
    guard let source = bestSource(for: context) else { return 0 }
    let (word, bit) = Self.position(source)
    pending[word] &= ~bit
    inService[word] |= bit
    return UInt64(source)
  }

  /// Reopens a gateway; a completion by a context that does not have the source enabled is ignored.
  private mutating func complete(_ source: Int, context: Int) {
    guard (1...Self.lastSource).contains(source) else { return }
    let (word, bit) = Self.position(source)
    guard enable[context * Self.wordCount + word] & bit != 0 else { return }
    inService[word] &= ~bit
    if level[word] & bit != 0 { forward(word: word, bit: bit) }
  }

  private static func position(_ source: Int) -> (word: Int, bit: UInt32) {
    (source / 32, 1 << UInt32(source % 32))
  }

  private static func enableIndex(_ offset: UInt64) -> Int? {
    let context = Int((offset - Register.enable) / Register.enableStride)
    let word = Int((offset - Register.enable) % Register.enableStride) / 4
    return word < wordCount ? context * wordCount + word : nil
  }

  /// The bits of an enable word that belong to sources; source 0 does not exist.
  private static func sources(ofWord word: Int) -> UInt32 {
    if word == 0 { return ~1 }
    return word == wordCount - 1 ? (2 << UInt32(lastSource % 32)) - 1 : ~0
  }
}
