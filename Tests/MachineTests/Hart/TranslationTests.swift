// Sv39, the TLB and physical memory protection: what is permitted, what is counted, and what an explanation says.

import Testing

@testable import Machine

@Suite struct TranslationTests {
  static let root = MemoryMap.ram + 0x10000
  static let middle = root + 0x1000
  static let leaves = root + 0x2000
  static let data = MemoryMap.ram + 0x20000
  static let satp: UInt64 = 8 << 60 | 1 << 44 | root >> 12

  /// A machine in S-mode whose code is mapped by a gigapage and whose page at virtual 0x1000 has the given flags.
  private func machine(_ words: [UInt32], flags: UInt64) throws -> Machine {
    var machine = try Machine.executing(words)
    let tables: [(UInt64, UInt64)] = [
      (Self.root + 16, MemoryMap.ram >> 2 | 0xef), (Self.root, Self.middle >> 2 | 1),
      (Self.middle, Self.leaves >> 2 | 1), (Self.leaves + 8, Self.data >> 2 | flags),
    ]
    for (address, value) in tables { _ = machine.memory.store(value, at: address) }
    machine.enter(.supervisor)
    _ = machine.setCSR(0x180, to: Self.satp)
    _ = machine.setCSR(0x305, to: MemoryMap.ram + 0x1000)
    machine.place([Assembler.loopForever], at: MemoryMap.ram + 0x1000)
    machine[.a1] = 0x1000
    return machine
  }

  @Test func aMissWalksThreeLevelsAndAHitNone() throws {
    var machine = try machine(
      [Assembler.ld(.a0, 0, .a1), Assembler.ld(.a0, 8, .a1), Assembler.ld(.a0, 16, .a1)], flags: 0xc7)
    _ = machine.memory.store(UInt64(42), at: Self.data)
    _ = machine.run(limit: 1)
    // One gigapage for the code, three levels for the data.
    #expect(machine.counters.tlbMisses == 2)
    #expect(machine.counters.pageTableReads == 4)
    #expect(machine[.a0] == 42)
    _ = machine.run(limit: 2)
    #expect(machine.counters.tlbMisses == 2)
    #expect(machine.tlbEntries().count == 2)
  }

  @Test func aStopComesBeforeTheFetchAndItsMissWhoeverExecutes() throws {
    for isProfiled in [false, true] {
      var machine = try machine([Assembler.ld(.a0, 0, .a1)], flags: 0xc7)
      if isProfiled { machine.profile = InstructionProfile() }
      machine.tracepoints = [machine.pc]
      #expect(machine.run(limit: 1) == .tracepoint(pc: machine.pc))
      #expect(machine.counters.tlbMisses == 0, "profiled: \(isProfiled)")
      #expect(machine.run(limit: 1) == .limit)
      #expect(machine.counters.tlbMisses == 2, "profiled: \(isProfiled)")
    }
  }

  @Test func theHardwareSetsAccessedAndDirty() throws {
    var machine = try machine([Assembler.ld(.a0, 0, .a1), Assembler.sd(.a0, 0, .a1)], flags: 0x07)
    _ = machine.run(limit: 1)
    #expect(machine.memory.load(UInt64.self, at: Self.leaves + 8) == Self.data >> 2 | 0x47)
    let misses = machine.counters.tlbMisses
    _ = machine.run(limit: 1)
    #expect(machine.memory.load(UInt64.self, at: Self.leaves + 8) == Self.data >> 2 | 0xc7)
    #expect(machine.counters.tlbMisses == misses + 1)
  }

  @Test func aStaleEntryIsBelievedUntilTheFence() throws {
    var machine = try machine(
      [
        Assembler.ld(.a0, 0, .a1), Assembler.ld(.a0, 0, .a1), Assembler.fenceAllTranslations, Assembler.ld(.a0, 0, .a1),
      ],
      flags: 0xc7)
    _ = machine.run(limit: 1)
    _ = machine.memory.store(UInt64(0), at: Self.leaves + 8)
    let report = machine.translate(0x1000, access: .read)
    #expect(report.verdict == .permitted)
    #expect(report.walkVerdict == .invalidEntry(level: 0))
    _ = machine.run(limit: 2)
    #expect(machine.counters.traps == 0)
    _ = machine.run(limit: 1)
    #expect(machine.csr(0x342) == 13)
    #expect(machine.csr(0x343) == 0x1000)
  }

  @Test func switchingAddressSpacesKeepsTheTranslationsOfBoth() throws {
    let loop = [
      Assembler.csrrw(.zero, 0x180, .a2), Assembler.ld(.a0, 0, .a1), Assembler.csrrw(.zero, 0x180, .a3),
      Assembler.ld(.a0, 0, .a1), Assembler.jal(.zero, -16),
    ]
    var machine = try machine(loop, flags: 0xc7)
    machine[.a3] = Self.satp
    machine[.a2] = Self.satp ^ 3 << 44
    _ = machine.run(limit: 5)
    let warm = machine.counters
    _ = machine.run(limit: 5000)
    let difference = machine.counters - warm
    #expect(difference.addressSpaceSwitches == 2000)
    #expect(difference.tlbMisses == 0)
    // The code is global: one entry. The data page is not: one for each address space.
    #expect(machine.tlbEntries().count == 3)
  }

  @Test func aFullSetReplacesItsOldestEntry() {
    var tlb = ArchitecturalTLB(geometry: TLBGeometry(entries: 8, ways: 2))
    func entry(_ page: UInt64) -> TLBEntry {
      TLBEntry(virtualPage: page, physicalPage: page, addressSpace: 1, flags: 1, level: 0, levels: 3)
    }
    for page: UInt64 in [0, 4, 8] { _ = tlb.insert(entry(page), replacing: nil) }
    #expect(tlb.lookup(virtualPage: 0, addressSpace: 1, mode: .sv39) == nil)
    #expect(tlb.lookup(virtualPage: 4, addressSpace: 1, mode: .sv39) != nil)
    #expect(tlb.lookup(virtualPage: 8, addressSpace: 1, mode: .sv39) != nil)
    #expect(tlb.lookup(virtualPage: 8, addressSpace: 2, mode: .sv39) == nil)
  }

  @Test func aFenceNamesAddressesAndSpaces() {
    func filled() -> ArchitecturalTLB {
      var tlb = ArchitecturalTLB(geometry: TLBGeometry(entries: 8, ways: 2))
      for (page, space, flags, level) in [(1, 1, 1, 0), (2, 2, 1, 0), (3, 1, 0x21, 0), (0x200, 1, 1, 1)] {
        let entry = TLBEntry(
          virtualPage: UInt64(page), physicalPage: 0, addressSpace: UInt16(space), flags: UInt8(flags),
          level: UInt8(level), levels: 3)
        _ = tlb.insert(entry, replacing: nil)
      }
      return tlb
    }
    var tlb = filled()
    tlb.flush(virtualPage: nil, addressSpace: 1, mode: .sv39)
    #expect(Set(tlb.present.map(\.virtualPage)) == [2, 3])
    tlb = filled()
    tlb.flush(virtualPage: 3, addressSpace: nil, mode: .sv39)
    #expect(Set(tlb.present.map(\.virtualPage)) == [1, 2, 0x200])
    tlb = filled()
    tlb.flush(virtualPage: 0x3ff, addressSpace: 1, mode: .sv39)
    #expect(Set(tlb.present.map(\.virtualPage)) == [1, 2, 3], "a large page goes as a whole")
  }

  @Test func anExplanationSaysWhatTheHartThenDoes() throws {
    var random = Random(seed: 5)
    for _ in 0..<2000 {
      let flags = random.below(256)
      let accesses: [Access] = [.read, .write]
      let access = accesses[Int(random.below(2))]
      let word = access == .read ? Assembler.ld(.a0, 0, .a1) : Assembler.sd(.a0, 0, .a1)
      var machine = try machine([word], flags: flags | (random.chance(1, in: 10) ? 1 << 60 : 0))
      _ = machine.setCSR(
        0x300, to: random.next() & (HartStatus.supervisorUserMemory | HartStatus.makeExecutableReadable))
      if random.chance(1, in: 10) { machine[.a1] = 1 << 45 }
      if random.chance(1, in: 10) { machine[.a1] = 0x5000_0000 }
      let before = machine.stateHash()
      let counted = machine.counters
      let report = machine.translate(machine[.a1], access: access)
      let untouched = machine.stateHash() == before && machine.counters == counted
      #expect(untouched)
      _ = machine.run(limit: 1)
      let expected = report.verdict.exceptionCause(for: access) ?? 0
      #expect(machine.csr(0x342) == expected, "flags \(flags), \(access), \(report.verdict)")
    }
  }

  @Test func protectionLimitsSupervisorWithinAPageAndMachineWhenLocked() throws {
    var machine = try machine([Assembler.ld(.a0, 8, .a1), Assembler.ld(.a0, 16, .a1)], flags: 0xc7)
    // Entry 0 forbids 8 bytes from data + 16; entry 1 allows everything.
    _ = machine.setCSR(0x3b0, to: (Self.data + 16) >> 2)
    _ = machine.setCSR(0x3b1, to: .max)
    _ = machine.setCSR(0x3a0, to: 0x1f18)
    _ = machine.run(limit: 1)
    #expect(machine.counters.traps == 0)
    #expect(machine.translate(0x1010, access: .read).verdict == .protected)
    _ = machine.run(limit: 1)
    #expect(machine.csr(0x342) == 5)
    #expect(machine.csr(0x343) == 0x1010)
    #expect(machine.translate(Self.data + 16, access: .read, privilege: .machine).verdict == .permitted)
    _ = machine.setCSR(0x3a0, to: 0x1f98)
    #expect(machine.translate(Self.data + 16, access: .read, privilege: .machine).verdict == .protected)
    _ = machine.setCSR(0x3b0, to: 0)
    #expect(machine.csr(0x3b0) == (Self.data + 16) >> 2, "locked")
  }

  @Test func accessesAcrossPagesCheckBothBeforeWriting() throws {
    var machine = try machine([Assembler.sd(.a0, 0, .a1)], flags: 0xc7)
    machine[.a1] = 0x1ffc
    machine[.a0] = .max
    _ = machine.run(limit: 1)
    #expect(machine.csr(0x342) == 15)
    #expect(machine.csr(0x343) == 0x2000)
    #expect(machine.memory.load(UInt32.self, at: Self.data + 0xffc) == 0)
  }
}
