// The IOMMU: its registers, what its windows let through, and what devices do when they are refused.

import Testing

@testable import Machine

@Suite("IOMMU")
struct IOMMUTests {
  private let base = MemoryMap.iommu.lowerBound

  private func harness() throws -> BoardHarness {
    var configuration = BoardConfiguration(disk: try DiskImage(contents: [UInt8](repeating: 7, count: 4096)))
    configuration.hasIOMMU = true
    return BoardHarness(configuration)
  }

  private func window(_ device: UInt64, _ index: UInt64) -> UInt64 { base + 0x1000 * (device + 1) + 32 * index }

  /// Sets a window through the registers, as a guest does.
  private func set(
    _ harness: BoardHarness, device: UInt64 = 7, index: UInt64 = 0, base: UInt64, size: UInt64, target: UInt64,
    permissions: UInt64 = 3
  ) {
    for (offset, value): (UInt64, UInt64) in [(0, base), (8, size), (16, target), (24, permissions)] {
      harness.store(window(device, index) + offset, value, size: 8)
    }
  }

  private func read(_ harness: BoardHarness) {
    harness.prepare(
      type: 0, sector: 0,
      data: [Descriptor(address: BlockLayout.data, count: 512, flags: Descriptor.deviceWrites)])
    harness.submit()
    harness.advance(by: 100)
  }

  private func needsReset(_ harness: BoardHarness) -> Bool {
    (harness.load(BoardHarness.register(0x70)) ?? 0) & 0x40 != 0
  }

  @Test func boardWithoutOneFaultsAtItsAddress() {
    let harness = BoardHarness()
    #expect(harness.load(base) == nil)
    #expect(!harness.store(base + 0x0c, 1))
  }

  @Test func identifiesItselfAndHoldsWindows() throws {
    let harness = try harness()
    #expect(harness.load(base) == 0x554d_4d49)
    #expect(harness.load(base + 4) == 1)
    #expect(harness.load(base + 8) == 9 | 64 << 8)
    set(harness, device: 8, index: 63, base: 0x1_2345_6789, size: 0x5fff, target: 0x8000_1234, permissions: 0xff)
    #expect(harness.load(window(8, 63), size: 8) == 0x1_2345_6000)
    #expect(harness.load(window(8, 63) + 4) == 1)
    #expect(harness.load(window(8, 63) + 8, size: 8) == 0x5000)
    #expect(harness.load(window(8, 63) + 16, size: 8) == 0x8000_1000)
    #expect(harness.load(window(8, 63) + 24) == 3)
    #expect(harness.load(base + 1, size: 1) == nil)
    #expect(harness.load(window(9, 0), size: 8) == 0)
    #expect(harness.load(MemoryMap.iommu.upperBound - 8, size: 8) == 0)
    #expect(harness.board.iommu?.windows(device: 8).count == 1)
  }

  @Test func passesEverythingWhileItIsOff() throws {
    let harness = try harness()
    harness.startBlockDevice()
    read(harness)
    #expect(harness.requestStatus == 0)
    #expect(harness.board.iommu?.faultCount == 0)
  }

  @Test func deviceWithoutWindowsCannotEvenReadItsRings() throws {
    let harness = try harness()
    harness.store(base + 0x0c, 3)
    harness.store(MemoryMap.plic.lowerBound + 4 * 13, 1)
    harness.store(MemoryMap.plic.lowerBound + 0x2000, 1 << 13)
    harness.startBlockDevice()
    read(harness)
    #expect(needsReset(harness))
    #expect(harness.load(base + 0x10) == 1 | 7 << 8)
    #expect(harness.load(base + 0x18, size: 8) == BlockLayout.available + 2)
    #expect(harness.load(base + 0x14) == 1)
    #expect(harness.isPending(.machineExternal))
    harness.store(base + 0x10, 1)
    #expect(harness.load(base + 0x10) == 0)
    _ = harness.load(MemoryMap.plic.lowerBound + 0x20_0004)
    harness.store(MemoryMap.plic.lowerBound + 0x20_0004, 13)
    #expect(!harness.isPending(.machineExternal))
  }

  @Test func windowsTranslateAndMayBeAdjacent() throws {
    let harness = try harness()
    harness.startBlockDevice()
    harness.board.iommu?.isEnabled = true
    set(harness, base: MemoryMap.ram, size: 0x8000, target: MemoryMap.ram)
    // The data buffer's two halves lie apart in memory.
    set(harness, index: 1, base: BlockLayout.data, size: 0x1000, target: MemoryMap.ram + 0x2_0000)
    set(harness, index: 2, base: BlockLayout.data + 0x1000, size: 0x1000, target: MemoryMap.ram + 0x4_0000)
    harness.prepare(
      type: 0, sector: 0,
      data: [Descriptor(address: BlockLayout.data + 0xf00, count: 512, flags: Descriptor.deviceWrites)])
    harness.submit()
    harness.advance(by: 100)
    #expect(harness.requestStatus == 0)
    #expect(harness.memory.bytes(at: MemoryMap.ram + 0x2_0f00, count: 256) == [UInt8](repeating: 7, count: 256))
    #expect(harness.memory.bytes(at: MemoryMap.ram + 0x4_0000, count: 257) == [UInt8](repeating: 7, count: 256) + [0])
    #expect(harness.memory.load(UInt8.self, at: BlockLayout.data + 0xf00) == 0)
  }

  @Test func readOnlyWindowRefusesTheDevicesWrites() throws {
    let harness = try harness()
    harness.startBlockDevice()
    harness.board.iommu?.isEnabled = true
    set(harness, base: MemoryMap.ram, size: 0x8000, target: MemoryMap.ram)
    set(harness, index: 1, base: BlockLayout.data, size: 0x1000, target: BlockLayout.data, permissions: 1)
    read(harness)
    #expect(needsReset(harness))
    #expect(harness.board.iommu?.faults.first?.address == BlockLayout.data)
    #expect(harness.board.iommu?.faults.first?.isWrite == true)
  }

  @Test func windowTakenAwayStopsARequestUnderWay() throws {
    let harness = try harness()
    harness.startBlockDevice()
    harness.board.iommu?.isEnabled = true
    set(harness, base: MemoryMap.ram, size: 0x8000, target: MemoryMap.ram)
    set(harness, index: 1, base: BlockLayout.data, size: 0x1000, target: BlockLayout.data)
    harness.prepare(
      type: 0, sector: 0,
      data: [Descriptor(address: BlockLayout.data, count: 512, flags: Descriptor.deviceWrites)])
    harness.submit()
    set(harness, index: 1, base: BlockLayout.data, size: 0, target: BlockLayout.data)
    harness.advance(by: 100)
    #expect(harness.requestStatus == 1)
    #expect(harness.memory.load(UInt8.self, at: BlockLayout.data) == 0)
  }

  @Test func windowThatWrapsOrLeadsOutsideMemoryRefuses() throws {
    let harness = try harness()
    for (base, size, target): (UInt64, UInt64, UInt64) in [
      (MemoryMap.ram, 0x10_0000, 0), (MemoryMap.ram, 0x10_0000, .max - 0xfff), (.max - 0xfff, 0x1000, MemoryMap.ram),
    ] {
      harness.startBlockDevice()
      harness.board.iommu?.isEnabled = true
      set(harness, base: base, size: size, target: target)
      read(harness)
      #expect(needsReset(harness))
    }
    #expect(harness.board.iommu?.faultCount == 3)
  }

  @Test func identityWindowsCoverWholePagesOnly() {
    let window = IOMMUWindow(identity: 0x1001..<0x3fff)
    #expect(window.base == 0x2000 && window.size == 0x1000 && window.target == 0x2000)
    #expect(IOMMUWindow(identity: 0x1001..<0x1fff).size == 0)
    #expect(IOMMUWindow(identity: UInt64.max - 5..<UInt64.max).size == 0)
  }
}

extension BoardHarness {
  func setWindow(_ index: Int, device: Int, to window: IOMMUWindow) -> Bool {
    board.iommu?.setWindow(index, device: device, to: window) ?? false
  }
}
