// Sv48: one level more than Sv39, other canonical addresses, and no mixing with translations of the other mode.

import Testing

@testable import Machine

@Suite struct FourLevelTranslationTests {
  private static let tables = MemoryMap.ram + 0x10000
  private static let data = MemoryMap.ram + 0x20000
  private static let satp: UInt64 = 9 << 60 | 1 << 44 | tables >> 12

  /// A machine in S-mode with code in a gigapage at its own address and the data page at `address`.
  private func machine(_ words: [UInt32], data address: UInt64) throws -> Machine {
    var machine = try Machine.executing(words)
    func table(_ number: UInt64) -> UInt64 { Self.tables + number * 0x1000 }
    func index(_ level: UInt64) -> UInt64 { (address >> (12 + 9 * level) & 0x1ff) * 8 }
    // Table 1 maps the code below root entry 0; tables 2 to 4 lead to the data.
    var entries = [(table(0), table(1) >> 2 | 1), (table(1) + 16, MemoryMap.ram >> 2 | 0xcf)]
    let second = index(3) == 0 ? table(1) : table(2)
    entries += [
      (table(0) + index(3), second >> 2 | 1), (second + index(2), table(3) >> 2 | 1),
      (table(3) + index(1), table(4) >> 2 | 1), (table(4) + index(0), Self.data >> 2 | 0xc7),
    ]
    for (place, value) in entries { _ = machine.memory.store(value, at: place) }
    _ = machine.memory.store(UInt64(42), at: Self.data)
    machine.enter(.supervisor)
    _ = machine.setCSR(0x305, to: MemoryMap.ram + 0x1000)
    machine.place([Assembler.loopForever], at: MemoryMap.ram + 0x1000)
    _ = machine.setCSR(0x180, to: Self.satp)
    machine[.a1] = address
    return machine
  }

  @Test(arguments: [0x1000, 0x7fff_ffff_f000, 0xffff_8000_0000_0000, 0xffff_ffff_ffff_f000] as [UInt64])
  func aMissWalksFourLevels(address: UInt64) throws {
    var machine = try machine([Assembler.ld(.a0, 0, .a1)], data: address)
    let report = machine.translate(address, access: .read)
    #expect(report.verdict == .permitted)
    #expect(report.steps.map(\.level) == [3, 2, 1, 0])
    _ = machine.run(limit: 1)
    #expect(machine[.a0] == 42)
    #expect(machine.counters.tlbMisses == 2)
    // Two levels down to the gigapage of the code, four to the data.
    #expect(machine.counters.pageTableReads == 6)
  }

  @Test(arguments: [0x8000_0000_0000, 0xffff_7fff_ffff_f000] as [UInt64])
  func addressesBeyond48BitsFault(address: UInt64) throws {
    var machine = try machine([Assembler.ld(.a0, 0, .a1)], data: 0x1000)
    machine[.a1] = address
    #expect(machine.translate(address, access: .read).verdict == .notCanonical)
    _ = machine.run(limit: 1)
    #expect(machine.csr(0x342) == 13)
    #expect(machine.csr(0x343) == address)
  }

  @Test func entriesOfTheOtherModeDoNotAnswer() throws {
    // Address 0x7f_ffff_f000 of Sv48 and the highest page of Sv39 have the same 27 bits.
    var machine = try machine([Assembler.ld(.a0, 0, .a1)], data: 0x7f_ffff_f000)
    _ = machine.run(limit: 1)
    #expect(machine[.a0] == 42)
    _ = machine.setCSR(0x180, to: 8 << 60 | 1 << 44 | Self.tables >> 12)
    #expect(machine.translate(0xffff_ffff_ffff_f000, access: .read).tlbEntry == nil)
    let held = machine.tlbEntries().map(\.levels)
    #expect(held == [4, 4])
  }

  @Test func modesThatDoNotExistLeaveTheRegisterAlone() throws {
    var machine = try machine([], data: 0x1000)
    for mode: UInt64 in [1, 7, 10, 11, 15] {
      _ = machine.setCSR(0x180, to: mode << 60)
      #expect(machine.csr(0x180) == Self.satp)
    }
  }
}
