// Tests of the copy-on-write memory that RAM and disks are made of.

import Testing

@testable import Machine

@Suite struct PhysicalMemoryTests {
  static let base: UInt64 = 0x8000_0000

  private func memory() -> PhysicalMemory { PhysicalMemory(base: Self.base, size: 4 << 20) }

  @Test func untouchedMemoryReadsAsZero() {
    let ram = memory()
    #expect(ram.load(UInt64.self, at: Self.base + 0x1234) == 0)
    #expect(ram.bytes(at: Self.base, count: 3) == [0, 0, 0])
  }

  @Test func integersAreLittleEndianAndMayCrossPages() {
    var ram = memory()
    let address = Self.base + 0x1ffd
    #expect(ram.store(UInt64(0x1122_3344_5566_7788), at: address) == true)
    #expect(ram.load(UInt64.self, at: address) == 0x1122_3344_5566_7788)
    #expect(ram.bytes(at: address, count: 8) == [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
  }

  @Test func accessesOutsideAreRefusedWhole() {
    var ram = memory()
    let end = Self.base + (4 << 20)
    #expect(ram.load(UInt32.self, at: end - 3) == nil)
    #expect(ram.load(UInt8.self, at: Self.base - 1) == nil)
    #expect(ram.store(UInt32.max, at: end - 3) == false)
    #expect(ram.load(UInt8.self, at: end - 1) == 0)
    #expect(ram.bytes(at: UInt64.max, count: 8) == nil)
    #expect(ram.contains(0, count: Self.base + 1) == false)
  }

  @Test func aSnapshotKeepsItsContentsWhileMemoryGoesOn() {
    var ram = memory()
    #expect(ram.store(UInt32(1), at: Self.base + 8) == true)
    let first = ram.snapshot()
    #expect(ram.store(UInt32(2), at: Self.base + 8) == true)
    let second = ram.snapshot()
    ram.restore(first)
    #expect(ram.load(UInt32.self, at: Self.base + 8) == 1)
    #expect(ram.store(UInt32(3), at: Self.base + 8) == true)
    ram.restore(second)
    #expect(ram.load(UInt32.self, at: Self.base + 8) == 2)
    ram.restore(first)
    #expect(ram.load(UInt32.self, at: Self.base + 8) == 1)
  }

  @Test func theHashDependsOnContentsOnly() {
    var ram = memory()
    let empty = ram.contentHash()
    #expect(ram.store(UInt64(7), at: Self.base + 0x2000) == true)
    let seven = ram.contentHash()
    #expect(seven != empty)
    #expect(ram.store(UInt64(0), at: Self.base + 0x2000) == true)
    #expect(ram.contentHash() == empty)
    #expect(ram.store(UInt64(7), at: Self.base + 0x3000) == true)
    #expect(ram.contentHash() != seven)
  }

  @Test func writingDecodedBytesReportsThePageOnce() {
    var ram = memory()
    ram.noteDecoded(page: 1, offset: 0x80, count: 4)
    #expect(ram.store(UInt8(1), at: Self.base + 0x1000) == true)
    #expect(ram.takePagesWithStaleCode() == [])
    #expect(ram.store(UInt8(1), at: Self.base + 0x1083) == true)
    #expect(ram.store(UInt8(1), at: Self.base + 0x1083) == true)
    #expect(ram.takePagesWithStaleCode() == [1])
  }

  @Test func restoringReportsOnlyPagesThatDiffer() {
    var ram = memory()
    let snapshot = ram.snapshot()
    ram.noteDecoded(page: 1, offset: 0, count: 4)
    ram.noteDecoded(page: 2, offset: 0, count: 4)
    #expect(ram.store(UInt8(1), at: Self.base + 0x2800) == true)
    ram.restore(snapshot)
    #expect(ram.takePagesWithStaleCode() == [2])
    #expect(ram.hasDecodedCode(page: 1) == true)
  }
}
