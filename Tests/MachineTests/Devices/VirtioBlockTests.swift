// The virtio block device, driven as a guest drives it: good requests, faults, and drivers that break the rules.

import Testing

@testable import Machine

@Suite("Virtio block device")
struct VirtioBlockTests {
  private static let needsReset: UInt64 = 0x40

  private func disk(sectors: Int = 64) throws -> DiskImage {
    try DiskImage(contents: (0..<sectors * 512).map { UInt8(truncatingIfNeeded: $0 / 512 &* 7 &+ $0) })
  }

  private func started(latency: UInt64 = 100) throws -> BoardHarness {
    let harness = BoardHarness(disk: try disk(), latency: latency)
    harness.startBlockDevice()
    return harness
  }

  private static let readBuffer = [
    Descriptor(address: BlockLayout.data, count: 1024, flags: Descriptor.deviceWrites)
  ]

  @Test func identifiesItselfInTheLastSlot() throws {
    let harness = BoardHarness(disk: try disk())
    #expect(harness.load(BoardHarness.register(0x00)) == 0x7472_6976)
    #expect(harness.load(BoardHarness.register(0x04)) == 2)
    #expect(harness.load(BoardHarness.register(0x08)) == 2)
    #expect(harness.load(BoardHarness.register(0x100), size: 8) == 64)
    #expect(harness.load(BoardHarness.register(0x114)) == 512)
    harness.store(BoardHarness.register(0x14), 1)
    #expect(harness.load(BoardHarness.register(0x10)) == 1)
  }

  @Test(arguments: 0..<7)
  func otherSlotsAnswerAsEmpty(slot: Int) throws {
    let harness = BoardHarness(disk: try disk())
    let base = MemoryMap.virtioSlot(slot).lowerBound
    #expect(harness.load(base) == 0x7472_6976)
    #expect(harness.load(base + 4) == 2)
    #expect(harness.load(base + 8) == 0)
    #expect(harness.load(base + 0x200) == nil)
  }

  @Test func slotWithoutDiskIsEmpty() {
    let harness = BoardHarness()
    #expect(harness.load(BoardHarness.register(8)) == 0)
    #expect(harness.board.disk == nil)
  }

  @Test func readCompletesAfterTheLatencyAndInterrupts() throws {
    let harness = try started()
    harness.store(MemoryMap.plic.lowerBound + 32, 1)
    harness.store(MemoryMap.plic.lowerBound + 0x2000, 1 << 8)
    harness.prepare(type: 0, sector: 3, data: Self.readBuffer)
    harness.submit()
    #expect(harness.board.nextEvent == 100)
    harness.advance(by: 99)
    #expect(harness.usedIndex == 0)
    harness.advance(by: 1)
    #expect(harness.usedIndex == 1)
    #expect(harness.requestStatus == 0)
    #expect(harness.memory.load(UInt32.self, at: BlockLayout.used + 8) == 1025)
    let expected = (harness.board.disk?[sector: 3] ?? []) + (harness.board.disk?[sector: 4] ?? [])
    #expect(harness.memory.bytes(at: BlockLayout.data, count: 1024) == expected)
    #expect(harness.isPending(.machineExternal))
    #expect(harness.load(BoardHarness.register(0x60)) == 1)
    _ = harness.load(MemoryMap.plic.lowerBound + 0x20_0004)
    harness.store(BoardHarness.register(0x64), 1)
    harness.store(MemoryMap.plic.lowerBound + 0x20_0004, 8)
    #expect(!harness.isPending(.machineExternal))
  }

  @Test func interruptIsLeftOutWhenTheDriverDoesNotWantIt() throws {
    let harness = try started()
    _ = harness.memory.store(UInt16(1), at: BlockLayout.available)
    harness.prepare(type: 0, sector: 0, data: Self.readBuffer)
    harness.submit()
    harness.advance(by: 100)
    #expect(harness.usedIndex == 1)
    #expect(harness.load(BoardHarness.register(0x60)) == 0)
  }

  @Test func writtenSectorsAreReadBackAndListedAsChanged() throws {
    let harness = try started()
    let bytes = (0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 3) }
    bytes.withUnsafeBytes { _ = harness.memory.write(BlockLayout.data, from: $0) }
    harness.prepare(
      type: 1, sector: 10,
      data: [
        Descriptor(address: BlockLayout.data, count: 700), Descriptor(address: BlockLayout.data + 700, count: 324),
      ])
    harness.submit()
    harness.advance(by: 100)
    #expect(harness.requestStatus == 0)
    #expect(harness.board.disk?.changedSectors == [10, 11])
    #expect(harness.board.disk?[sector: 11] == Array(bytes[512...]))
    #expect(harness.board.disk?.contents()[5120..<6144] == bytes[...])
  }

  @Test func indirectTableWorksLikeAChain() throws {
    let harness = try started()
    harness.prepare(type: 0, sector: 1, data: Self.readBuffer, table: BlockLayout.indirect)
    harness.write(
      Descriptor(address: BlockLayout.indirect, count: 48, flags: Descriptor.isIndirect), at: BlockLayout.descriptors)
    harness.submit()
    harness.advance(by: 100)
    #expect(harness.requestStatus == 0)
    #expect(harness.memory.bytes(at: BlockLayout.data, count: 512) == harness.board.disk?[sector: 1])
  }

  @Test func identifierAndFlushSucceedAndUnknownTypesAreUnsupported() throws {
    let harness = try started()
    harness.prepare(
      type: 8, sector: 0, data: [Descriptor(address: BlockLayout.data, count: 20, flags: Descriptor.deviceWrites)])
    harness.submit()
    harness.advance(by: 100)
    #expect(harness.requestStatus == 0)
    #expect(harness.memory.bytes(at: BlockLayout.data, count: 20) == Array("kernelarium-disk\0\0\0\0".utf8))
    for (type, status) in [(UInt32(4), UInt8(0)), (99, 2)] {
      harness.prepare(type: type, sector: 0, data: [])
      harness.submit()
      harness.advance(by: 100)
      #expect(harness.requestStatus == status)
    }
  }

  @Test(arguments: [(UInt64(63), UInt32(1024)), (64, 512), (.max, 512), (0, 100)])
  func transfersThatDoNotFitTheDiskAreIOErrors(sector: UInt64, count: UInt32) throws {
    let harness = try started()
    harness.prepare(
      type: 0, sector: sector,
      data: [Descriptor(address: BlockLayout.data, count: count, flags: Descriptor.deviceWrites)])
    harness.submit()
    harness.advance(by: 100)
    #expect(harness.requestStatus == 1)
    #expect(harness.usedIndex == 1)
  }

  @Test func readOnlyDiskSaysSoAndRefusesWrites() throws {
    let harness = BoardHarness(disk: try DiskImage(contents: [UInt8](repeating: 1, count: 512), isReadOnly: true))
    harness.startBlockDevice()
    #expect((harness.load(BoardHarness.register(0x10)) ?? 0) & 1 << 5 != 0)
    harness.prepare(type: 1, sector: 0, data: [Descriptor(address: BlockLayout.data, count: 512)])
    harness.submit()
    harness.advance(by: 100)
    #expect(harness.requestStatus == 1)
    #expect(harness.board.disk?.changedSectors == [])
  }

  // MARK: Faults

  @Test func inputOutputErrorsStrikeTheGivenNumberOfRequests() throws {
    let harness = try started()
    #expect(harness.arm(.ioError, requests: 2))
    var statuses: [UInt8] = []
    for _ in 0..<3 {
      harness.prepare(type: 0, sector: 0, data: Self.readBuffer)
      harness.submit()
      harness.advance(by: 100)
      statuses.append(harness.requestStatus)
    }
    #expect(statuses == [1, 1, 0])
    #expect(harness.board.blockFault?.fired == 2)
    #expect(harness.board.blockFault?.remaining == 0)
  }

  @Test func deadDiskStaysDeadAcrossAResetAndRevivesWhenTheFaultIsRemoved() throws {
    let harness = try started()
    #expect(harness.arm(.dead, requests: nil))
    for _ in 0..<2 {
      harness.startBlockDevice()
      harness.prepare(type: 0, sector: 0, data: Self.readBuffer)
      harness.submit()
      #expect(harness.board.nextEvent == .max)
      harness.advance(by: 1_000_000)
      #expect(harness.usedIndex == 0)
    }
    #expect(harness.board.blockFault?.fired == 2)
    harness.board.disarmBlockFault()
    #expect(harness.board.nextEvent == harness.now + 100)
    harness.advance(by: 100)
    #expect(harness.usedIndex == 1)
    #expect(harness.requestStatus == 0)
  }

  @Test func boardWithoutDiskCannotBeGivenADiskFault() {
    let harness = BoardHarness()
    #expect(!harness.arm(.dead, requests: 1))
  }

  // MARK: State

  @Test func copyOfTheBoardIsASnapshot() throws {
    let harness = try started()
    harness.prepare(type: 0, sector: 0, data: Self.readBuffer)
    harness.submit()
    let saved = harness.board
    let words = harness.stateWords()
    harness.advance(by: 100)
    harness.prepare(type: 1, sector: 5, data: [Descriptor(address: BlockLayout.data, count: 512)])
    harness.submit()
    harness.advance(by: 100)
    #expect(harness.stateWords() != words)
    harness.board = saved
    #expect(harness.stateWords() == words)
    #expect(harness.board.nextEvent == 100)
    #expect(harness.board.disk?.changedSectors == [])
  }

  @Test func resetForgetsRequestsAndQueues() throws {
    let harness = try started()
    harness.prepare(type: 0, sector: 0, data: Self.readBuffer)
    harness.submit()
    harness.store(BoardHarness.register(0x70), 0)
    #expect(harness.board.nextEvent == .max)
    #expect(harness.load(BoardHarness.register(0x70)) == 0)
    #expect(harness.load(BoardHarness.register(0x44)) == 0)
  }

  @Test func queueTakenAwayUnderARequestIsNotTouched() throws {
    let harness = try started()
    harness.prepare(type: 0, sector: 0, data: Self.readBuffer)
    harness.submit()
    harness.store(BoardHarness.register(0x44), 0)
    harness.advance(by: 100)
    #expect(harness.usedIndex == 0)
    #expect(harness.load(BoardHarness.register(0x70)) == 15)
  }

  @Test func unknownFeaturesAreRefused() throws {
    let harness = BoardHarness(disk: try disk())
    harness.store(BoardHarness.register(0x70), 3)
    harness.store(BoardHarness.register(0x20), 1 << 24)
    harness.store(BoardHarness.register(0x70), 11)
    #expect(harness.load(BoardHarness.register(0x70)) == 3)
  }

  // MARK: Broken drivers

  /// A way to break a well-formed request.
  enum Mistake: CaseIterable {
    case bufferOutsideMemory, bufferWrapsAround, loop, nextOutOfRange, headOutOfRange, readableAfterWritable
    case nestedIndirect, oddIndirect, noStatus, shortHeader, indexTooFarAhead
  }

  @Test(arguments: Mistake.allCases)
  func malformedChainMakesTheDeviceNeedAReset(mistake: Mistake) throws {
    let harness = try started()
    harness.prepare(type: 0, sector: 0, data: Self.readBuffer)
    let first = BlockLayout.descriptors
    let writable = Descriptor.deviceWrites
    switch mistake {
    case .bufferOutsideMemory: _ = harness.memory.store(UInt64(0x1000), at: first + 16)
    case .bufferWrapsAround: _ = harness.memory.store(UInt64.max - 10, at: first + 16)
    case .loop: _ = harness.memory.store(UInt16(1), at: first + 30)
    case .nextOutOfRange: _ = harness.memory.store(UInt16(8), at: first + 14)
    case .headOutOfRange: break
    case .readableAfterWritable: _ = harness.memory.store(UInt16(0), at: first + 44)
    case .nestedIndirect:
      harness.write(Descriptor(address: first, count: 16, flags: Descriptor.isIndirect), at: first)
    case .oddIndirect:
      harness.write(
        Descriptor(address: BlockLayout.indirect, count: 17, flags: Descriptor.isIndirect), at: first)
    case .noStatus: harness.write(Descriptor(address: BlockLayout.header, count: 16), at: first)
    case .shortHeader:
      harness.write(
        Descriptor(address: BlockLayout.header, count: 15, flags: Descriptor.hasNext, next: 1), at: first)
      harness.write(Descriptor(address: BlockLayout.status, count: 1, flags: writable), at: first + 16)
    case .indexTooFarAhead: _ = harness.memory.store(UInt16(8), at: BlockLayout.available + 2)
    }
    harness.submit(head: mistake == .headOutOfRange ? 8 : 0)
    #expect((harness.load(BoardHarness.register(0x70)) ?? 0) & Self.needsReset != 0)
    #expect((harness.load(BoardHarness.register(0x60)) ?? 0) & 2 != 0)
    #expect(harness.board.nextEvent == .max)

    harness.startBlockDevice()
    harness.prepare(type: 0, sector: 0, data: Self.readBuffer)
    harness.submit()
    harness.advance(by: 100)
    #expect(harness.requestStatus == 0)
  }

  @Test(arguments: [UInt64(0), 3, 2048, 0xffff_ffff])
  func queueSizeThatIsNoPowerOfTwoNeedsAReset(size: UInt64) throws {
    let harness = try started()
    harness.store(BoardHarness.register(0x44), 0)
    harness.store(BoardHarness.register(0x38), size)
    harness.store(BoardHarness.register(0x44), 1)
    harness.store(BoardHarness.register(0x50), 0)
    #expect((harness.load(BoardHarness.register(0x70)) ?? 0) & Self.needsReset != 0)
  }
}
