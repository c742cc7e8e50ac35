// The simple disk, driven by its data sheet.

import Testing

@testable import Machine

@Suite("Simple disk")
struct SimpleDiskTests {
  private static let base = MemoryMap.simpleDisk.lowerBound
  private static let buffer = MemoryMap.ram + 0x4_0000

  private func harness(isReadOnly: Bool = false, hasIOMMU: Bool = false) throws -> BoardHarness {
    var configuration = BoardConfiguration()
    configuration.simpleDisk = try DiskImage(
      contents: (0..<16 * 512).map { UInt8(truncatingIfNeeded: $0 / 512 &+ $0 &* 3) }, isReadOnly: isReadOnly)
    configuration.hasIOMMU = hasIOMMU
    return BoardHarness(configuration)
  }

  private func read(_ harness: BoardHarness, _ offset: UInt64) -> UInt64 { harness.load(Self.base + offset) ?? .max }

  private func command(
    _ harness: BoardHarness, _ command: UInt64, sector: UInt64 = 0, count: UInt64 = 1, address: UInt64 = buffer
  ) {
    harness.store(Self.base + 0x18, sector & 0xffff_ffff)
    harness.store(Self.base + 0x1c, sector >> 32)
    harness.store(Self.base + 0x20, count)
    harness.store(Self.base + 0x28, address & 0xffff_ffff)
    harness.store(Self.base + 0x2c, address >> 32)
    harness.store(Self.base + 0x30, command)
    harness.advance(by: 100)
  }

  @Test func isOnlyThereWhenConfigured() throws {
    #expect(BoardHarness().load(Self.base) == nil)
    let harness = try harness()
    #expect(read(harness, 0) == 0x4b53_4453)
    #expect(read(harness, 4) == 1)
    #expect(read(harness, 0x10) == 16)
    #expect(harness.load(Self.base, size: 8) == nil)
    #expect(harness.board.devices.contains { $0.compatible == "kernelarium,sdisk" })
  }

  @Test func readFillsTheBufferAfterTheLatencyAndInterrupts() throws {
    let harness = try harness()
    harness.store(MemoryMap.plic.lowerBound + 4 * 12, 1)
    harness.store(MemoryMap.plic.lowerBound + 0x2000, 1 << 12)
    harness.store(Self.base + 0x24, 1)
    harness.store(Self.base + 0x18, 3)
    harness.store(Self.base + 0x30, 1)
    #expect(read(harness, 8) == 1)
    #expect(harness.board.nextEvent == 100)
    harness.advance(by: 100)
    #expect(read(harness, 8) == 2)
    #expect(harness.isPending(.machineExternal))
    let bytes = (0..<512).map { UInt8(harness.load(Self.base + 0x200 + UInt64($0), size: 1) ?? 0) }
    #expect(bytes == harness.board.simpleDisk?[sector: 3])
    #expect(harness.load(Self.base + 0x3f8, size: 8) != nil)
    harness.store(Self.base + 0x34, 1)
    #expect(read(harness, 8) == 0)
  }

  @Test func writeTakesTheBufferToTheDisk() throws {
    let harness = try harness()
    for offset in stride(from: UInt64(0), to: 512, by: 8) {
      harness.store(Self.base + 0x200 + offset, 0x0101_0101_0101_0101 &* offset, size: 8)
    }
    command(harness, 2, sector: 5)
    #expect(read(harness, 8) == 2)
    #expect(harness.board.simpleDisk?.changedSectors == [5])
    #expect(harness.board.simpleDisk?[sector: 5]?[8..<17] == [8, 8, 8, 8, 8, 8, 8, 8, 16])
  }

  @Test func transfersSectorsToAndFromMemory() throws {
    let harness = try harness()
    command(harness, 3, sector: 2, count: 3, address: Self.buffer + 1)
    #expect(read(harness, 0x0c) == 0)
    let expected = (2...4).flatMap { harness.board.simpleDisk?[sector: $0] ?? [] }
    #expect(harness.memory.bytes(at: Self.buffer + 1, count: 1536) == expected)
    command(harness, 4, sector: 9, count: 3, address: Self.buffer + 1)
    #expect(harness.board.simpleDisk?.changedSectors == [9, 10, 11])
    #expect(harness.board.simpleDisk?[sector: 10] == Array(expected[512..<1024]))
    command(harness, 5)
    #expect(read(harness, 8) == 2)
  }

  @Test(
    arguments: [
      (UInt64(9), UInt64(0), UInt64(1), UInt64(buffer), UInt64(1)), (3, 16, 1, buffer, 2), (3, 15, 2, buffer, 2),
      (3, 0, 0, buffer, 2), (3, 0, 257, buffer, 2), (1, .max, 1, buffer, 2), (3, 0, 1, 0x1000, 4), (4, 0, 1, .max, 4),
    ])
  func impossibleCommandsNameTheirError(
    command: UInt64, sector: UInt64, count: UInt64, address: UInt64, error: UInt64
  ) throws {
    let harness = try harness()
    self.command(harness, command, sector: sector, count: count, address: address)
    #expect(read(harness, 8) == 2 | 4)
    #expect(read(harness, 0x0c) == error)
    harness.store(Self.base + 0x34, 0)
    #expect(read(harness, 0x0c) == 0)
  }

  @Test func readOnlyDiskRefusesWrites() throws {
    let harness = try harness(isReadOnly: true)
    #expect(read(harness, 8) == 8)
    command(harness, 2)
    #expect(read(harness, 0x0c) == 5)
    #expect(harness.board.simpleDisk?.changedSectors == [])
  }

  @Test func secondCommandIsRefusedAndTheFirstGoesOn() throws {
    let harness = try harness()
    harness.store(Self.base + 0x18, 1)
    harness.store(Self.base + 0x30, 1)
    harness.store(Self.base + 0x30, 2)
    #expect(read(harness, 0x0c) == 6)
    harness.advance(by: 100)
    #expect(read(harness, 0x0c) == 0)
    #expect(harness.load(Self.base + 0x200, size: 1) == harness.board.simpleDisk?[sector: 1].map { UInt64($0[0]) })
  }

  @Test func resetForgetsTheCommandButNotTheDiskNorItsFault() throws {
    let harness = try harness()
    let isArmed = harness.board.armBlockFault(.ioError, requests: nil, on: .simple)
    #expect(isArmed)
    command(harness, 2, sector: 1)
    harness.store(Self.base + 0x30, 1)
    harness.store(Self.base + 0x24, 2)
    #expect(harness.board.nextEvent == .max)
    #expect(read(harness, 8) == 0 && read(harness, 0x18) == 0)
    #expect(harness.board.blockFault(of: .simple)?.fired == 2)
  }

  @Test func faultsStrikeItLikeTheVirtioDisk() throws {
    let harness = try harness()
    func arm(_ fault: BlockFault) {
      _ = harness.board.armBlockFault(fault, requests: 1, on: .simple, wildAddress: Self.buffer + 0x2000)
    }
    arm(.ioError)
    command(harness, 1)
    #expect(read(harness, 0x0c) == 3)
    arm(.shortRead)
    command(harness, 3, sector: 1, count: 2)
    #expect(read(harness, 0x0c) == 0)
    #expect(harness.memory.bytes(at: Self.buffer + 512, count: 512) == [UInt8](repeating: 0, count: 512))
    arm(.wildDMA)
    command(harness, 3, sector: 1)
    #expect(harness.memory.bytes(at: Self.buffer + 0x2000, count: 512) == harness.board.simpleDisk?[sector: 1])
    arm(.garbageRegisters)
    #expect(read(harness, 0) != 0x4b53_4453)
    #expect(read(harness, 0) == 0x4b53_4453)
    arm(.dead)
    command(harness, 1)
    #expect(read(harness, 8) == 1)
    harness.board.disarmBlockFault(of: .simple)
    harness.advance(by: 100)
    #expect(read(harness, 8) == 2)
  }

  @Test func interruptsCanBeLostAndCanStorm() throws {
    let harness = try harness()
    harness.store(MemoryMap.plic.lowerBound + 4 * 12, 1)
    harness.store(MemoryMap.plic.lowerBound + 0x2000, 1 << 12)
    harness.store(Self.base + 0x24, 1)
    _ = harness.board.armBlockFault(.lostInterrupt, requests: 1, on: .simple)
    command(harness, 1)
    #expect(read(harness, 8) == 2)
    #expect(!harness.isPending(.machineExternal))
    _ = harness.board.armBlockFault(.interruptStorm, requests: 2, on: .simple)
    command(harness, 1)
    for isRaisedAgain in [true, true, false] {
      harness.store(Self.base + 0x34, 1)
      #expect((read(harness, 8) == 2) == isRaisedAgain)
    }
  }

  @Test func itsMemoryAccessesGoThroughTheIOMMU() throws {
    let harness = try harness(hasIOMMU: true)
    harness.board.iommu?.isEnabled = true
    command(harness, 3)
    #expect(read(harness, 0x0c) == 4)
    #expect(harness.board.iommu?.faults.first?.device == IOMMU.simpleDiskDevice)
    #expect(
      harness.setWindow(0, device: IOMMU.simpleDiskDevice, to: IOMMUWindow(identity: Self.buffer..<Self.buffer + 4096)))
    command(harness, 3)
    #expect(read(harness, 0x0c) == 0)
  }
}
