// Finding the host-target interface of a loaded image. The board answers it; the hart only reports stores to its page.

extension Machine {
  /// Attaches the host-target interface if the image has a symbol `tohost` at a word of RAM.
  mutating func attachHostInterface(of elf: ELFFile) {
    guard let toHost = physicalAddress(of: "tohost", in: elf) else { return }
    board.attachHostInterface(toHost: toHost, fromHost: physicalAddress(of: "fromhost", in: elf))
    // Stores to its page must be seen from now on.
    softwareTLB.forgetStores()
  }

  /// Where a symbol's aligned doubleword was loaded to, or nil if it was not.
  private func physicalAddress(of name: String, in elf: ELFFile) -> UInt64? {
    guard let symbol = elf.symbols[name], symbol.address % 8 == 0 else { return nil }
    let segment = elf.segments.first { segment in
      symbol.address >= segment.virtualAddress && symbol.address - segment.virtualAddress < segment.memorySize
    }
    guard let segment else { return nil }
    let physical = segment.address &+ (symbol.address - segment.virtualAddress)
    return ram.contains(physical, count: 8) ? physical : nil
  }
}
