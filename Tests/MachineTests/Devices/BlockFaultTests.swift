// The faults of the virtio disk: each misbehaves in its own way, is counted, and ends when it is taken away.

import Testing

@testable import Machine

@Suite("Disk faults")
struct BlockFaultTests {
  private static let wild = MemoryMap.ram + 0x1_8000

  private func started(hasIOMMU: Bool = false) throws -> BoardHarness {
    let disk = try DiskImage(contents: (0..<64 * 512).map { UInt8(truncatingIfNeeded: $0 / 512 &* 7 &+ $0 | 1) })
    var configuration = BoardConfiguration(disk: disk)
    configuration.hasIOMMU = hasIOMMU
    let harness = BoardHarness(configuration)
    harness.startBlockDevice()
    return harness
  }

  private func read(_ harness: BoardHarness, sector: UInt64 = 2) {
    harness.prepare(
      type: 0, sector: sector,
      data: [Descriptor(address: BlockLayout.data, count: 1024, flags: Descriptor.deviceWrites)])
    harness.submit()
    harness.advance(by: 100)
  }

  private func sectors(_ harness: BoardHarness) -> [UInt8] {
    (harness.board.disk?[sector: 2] ?? []) + (harness.board.disk?[sector: 3] ?? [])
  }

  @Test func lostInterruptCompletesTheRequestInSilence() throws {
    let harness = try started()
    #expect(harness.arm(.lostInterrupt, requests: 1))
    read(harness)
    #expect(harness.usedIndex == 1 && harness.requestStatus == 0)
    #expect(harness.load(BoardHarness.register(0x60)) == 0)
    #expect(harness.board.blockFault?.fired == 1)
    read(harness)
    #expect(harness.load(BoardHarness.register(0x60)) == 1)
  }

  @Test func stormRaisesAcknowledgedInterruptsAgainUntilItIsOver() throws {
    let harness = try started()
    #expect(harness.arm(.interruptStorm, requests: 3))
    read(harness)
    for count in 1...3 {
      harness.store(BoardHarness.register(0x64), 1)
      #expect(harness.load(BoardHarness.register(0x60)) == 1)
      #expect(harness.board.blockFault?.fired == UInt64(count))
    }
    harness.store(BoardHarness.register(0x64), 1)
    #expect(harness.load(BoardHarness.register(0x60)) == 0)
  }

  @Test func endlessStormEndsWhenItIsTakenAway() throws {
    let harness = try started()
    #expect(harness.arm(.interruptStorm, requests: nil))
    read(harness)
    for _ in 0..<50 { harness.store(BoardHarness.register(0x64), 1) }
    #expect(harness.load(BoardHarness.register(0x60)) == 1)
    harness.board.disarmBlockFault()
    harness.store(BoardHarness.register(0x64), 1)
    #expect(harness.load(BoardHarness.register(0x60)) == 0)
  }

  @Test func shortReadLeavesTheSecondHalfAsItWasAndClaimsSuccess() throws {
    let harness = try started()
    #expect(harness.arm(.shortRead, requests: 1))
    read(harness)
    #expect(harness.requestStatus == 0)
    #expect(harness.memory.bytes(at: BlockLayout.data, count: 512) == Array(sectors(harness).prefix(512)))
    #expect(harness.memory.bytes(at: BlockLayout.data + 512, count: 512) == [UInt8](repeating: 0, count: 512))
    #expect(harness.memory.load(UInt32.self, at: BlockLayout.used + 8) == 513)
    read(harness)
    #expect(harness.memory.bytes(at: BlockLayout.data, count: 1024) == sectors(harness))
  }

  @Test func faultOfReadsSparesWritesAndFlushes() throws {
    let harness = try started()
    #expect(harness.arm(.shortRead, requests: nil))
    for type: UInt32 in [1, 4] {
      harness.prepare(type: type, sector: 2, data: [Descriptor(address: BlockLayout.data, count: 512)])
      harness.submit()
      harness.advance(by: 100)
      #expect(harness.requestStatus == 0)
    }
    #expect(harness.board.blockFault?.fired == 0)
  }

  @Test func garbageRegistersShowNothingTrueAndTheSameGarbageEveryTime() throws {
    func garbage() throws -> [UInt64?] {
      let harness = try started()
      #expect(harness.arm(.garbageRegisters, requests: 4))
      return (0..<6).map { _ in harness.load(BoardHarness.register(0)) }
    }
    let values = try garbage()
    #expect(Set(values.prefix(4)).count == 4 && !values.prefix(4).contains(0x7472_6976))
    #expect(values.prefix(4).allSatisfy { $0 ?? .max <= 0xffff_ffff })
    #expect(Array(values.suffix(2)) == [0x7472_6976, 0x7472_6976])
    #expect(try garbage() == values)
  }

  @Test func wildDMAWritesToItsOwnAddressAndClaimsSuccess() throws {
    let harness = try started()
    #expect(harness.arm(.wildDMA, requests: 1, wildAddress: Self.wild))
    #expect(harness.board.blockFault?.wildAddress == Self.wild)
    read(harness)
    #expect(harness.requestStatus == 0)
    #expect(harness.memory.bytes(at: Self.wild, count: 1024) == sectors(harness))
    #expect(harness.memory.bytes(at: BlockLayout.data, count: 1024) == [UInt8](repeating: 0, count: 1024))
    #expect(harness.board.blockFault?.fired == 1)
  }

  @Test func wildDMAOutsideMemoryIsAnErrorAndNoMore() throws {
    let harness = try started()
    for address: UInt64 in [0, 0x1000_0000, .max - 100, MemoryMap.ram + 0x10_0000] {
      #expect(harness.arm(.wildDMA, requests: 1, wildAddress: address))
      read(harness)
      #expect(harness.requestStatus == 1)
    }
  }

  @Test func wildDMAOfAWriteStoresForeignMemory() throws {
    let harness = try started()
    let foreign = [UInt8](repeating: 0xee, count: 512)
    foreign.withUnsafeBytes { _ = harness.memory.write(Self.wild, from: $0) }
    #expect(harness.arm(.wildDMA, requests: 1, wildAddress: Self.wild))
    harness.prepare(type: 1, sector: 5, data: [Descriptor(address: BlockLayout.data, count: 512)])
    harness.submit()
    harness.advance(by: 100)
    #expect(harness.board.disk?[sector: 5] == foreign)
  }

  @Test func iommuStopsWildDMAAndSaysWhere() throws {
    let harness = try started(hasIOMMU: true)
    harness.board.iommu?.isEnabled = true
    let window = IOMMUWindow(identity: MemoryMap.ram..<MemoryMap.ram + 0x1_0000)
    #expect(harness.setWindow(0, device: MemoryMap.virtioBlockSlot, to: window))
    read(harness)
    #expect(harness.requestStatus == 0)
    #expect(harness.memory.bytes(at: BlockLayout.data, count: 1024) == sectors(harness))
    #expect(harness.arm(.wildDMA, requests: 1, wildAddress: Self.wild))
    read(harness)
    #expect(harness.requestStatus == 1)
    #expect(harness.memory.bytes(at: Self.wild, count: 1024) == [UInt8](repeating: 0, count: 1024))
    #expect(
      harness.board.iommu?.faults == [DMAFault(device: 7, address: Self.wild, isWrite: true, tick: 200)])
  }

  @Test func armedFaultsAreValuesWithStableNames() {
    #expect(
      BlockFault.allCases.map(\.rawValue) == [
        "io-error", "dead", "lost-interrupt", "interrupt-storm", "short-read", "garbage-registers", "wild-dma",
      ])
    #expect(Set(BlockFault.allCases.map(\.stateWord)).count == BlockFault.allCases.count)
  }
}
