// Random register accesses and random virtqueue structures: whatever a guest does, the host goes on.

import Testing

@testable import Machine

@Suite("Board under random guests")
struct BoardFuzzTests {
  @Test func randomRegisterAccessesNeverCrash() throws {
    var generator = SeededGenerator(seed: 1)
    let disk = try DiskImage(contents: [UInt8](repeating: 5, count: 8192))
    var configuration = BoardConfiguration(disk: disk, diskLatency: 3)
    configuration.simpleDisk = disk
    configuration.hasIOMMU = true
    for device in [.network(NetworkAdapter()), .console, .entropy] as [VirtioDeviceKind] {
      try configuration.place(device)
    }
    let harness = BoardHarness(configuration)
    let regions = [
      MemoryMap.finisher, MemoryMap.clint, MemoryMap.plic, MemoryMap.uart, MemoryMap.virtio, MemoryMap.rtc,
      MemoryMap.simpleDisk, MemoryMap.iommu,
    ]
    var answered = 0
    for _ in 0..<300_000 {
      let region = regions.randomElement(using: &generator) ?? MemoryMap.uart
      var address = UInt64.random(in: region, using: &generator)
      if Bool.random(using: &generator) { address = region.lowerBound + address % 0x208 }
      let size = [1, 2, 4, 8].randomElement(using: &generator) ?? 4
      harness.advance(by: .random(in: 0...2, using: &generator))
      if Bool.random(using: &generator) {
        if harness.load(address & ~UInt64(size - 1), size: size) != nil { answered += 1 }
      } else if harness.store(address & ~UInt64(size - 1), generator.next(), size: size) {
        answered += 1
      }
      if answered % 64 == 0 { harness.board.uart.receive([UInt8.random(in: 0...255, using: &generator)]) }
    }
    #expect(answered > 50_000)
  }

  @Test func randomFaultsAndWindowsUnderRandomRequestsNeverCrash() throws {
    var generator = SeededGenerator(seed: 3)
    var statuses: [UInt8: Int] = [:]
    var refusals: UInt64 = 0
    for _ in 0..<2_000 {
      var configuration = BoardConfiguration(disk: try DiskImage(contents: [UInt8](repeating: 5, count: 8192)))
      configuration.hasIOMMU = true
      let harness = BoardHarness(configuration)
      harness.startBlockDevice()
      harness.board.iommu?.isEnabled = Bool.random(using: &generator)
      for index in 0..<3 {
        var window = IOMMUWindow(
          identity: MemoryMap.ram..<MemoryMap.ram + UInt64.random(in: 0...0x2_0000, using: &generator))
        if Int.random(in: 0..<4, using: &generator) == 0 { window.target = generator.next() }
        if Int.random(in: 0..<4, using: &generator) == 0 { window.size = generator.next() }
        _ = harness.board.iommu?.setWindow(index, device: 7, to: window)
      }
      if let fault = BlockFault.allCases.randomElement(using: &generator) {
        let isNear = Bool.random(using: &generator)
        let address = isNear ? MemoryMap.ram + UInt64.random(in: 0...0x2_0000, using: &generator) : generator.next()
        _ = harness.arm(fault, requests: UInt64.random(in: 0...3, using: &generator), wildAddress: address)
      }
      for _ in 0..<4 {
        harness.prepare(
          type: .random(in: 0...1, using: &generator), sector: .random(in: 0...15, using: &generator),
          data: [Descriptor(address: BlockLayout.data, count: 512, flags: .random(in: 0...1, using: &generator) * 2)])
        harness.submit()
        harness.advance(by: 100)
        harness.store(BoardHarness.register(0x64), 3)
        statuses[harness.requestStatus, default: 0] += 1
      }
      refusals += harness.board.iommu?.faultCount ?? 0
    }
    #expect((statuses[0] ?? 0) > 500 && (statuses[1] ?? 0) > 100)
    #expect(refusals > 200)
  }

  @Test func randomQueueStructuresNeverCrash() throws {
    var generator = SeededGenerator(seed: 2)
    var served = 0
    var refused = 0
    for _ in 0..<3_000 {
      let harness = BoardHarness(disk: try DiskImage(contents: [UInt8](repeating: 5, count: 8192)), latency: 1)
      harness.startBlockDevice()
      for index in 0..<BlockLayout.queueSize {
        harness.write(randomDescriptor(&generator), at: BlockLayout.descriptors + 16 * index)
        harness.write(randomDescriptor(&generator), at: BlockLayout.indirect + 16 * index)
      }
      _ = harness.memory.store(UInt32.random(in: 0...10, using: &generator), at: BlockLayout.header)
      _ = harness.memory.store(UInt64.random(in: 0...20, using: &generator), at: BlockLayout.header + 8)
      for _ in 0..<4 {
        harness.submit(head: .random(in: 0...8, using: &generator))
        harness.advance(by: 1)
      }
      served += Int(harness.usedIndex)
      if (harness.load(BoardHarness.register(0x70)) ?? 0) & 0x40 != 0 { refused += 1 }
    }
    // Both outcomes must occur often, or the generator tests nothing.
    #expect(served > 100)
    #expect(refused > 100)
  }

  private func randomDescriptor(_ generator: inout SeededGenerator) -> Descriptor {
    let addresses = [
      BlockLayout.header, BlockLayout.header, BlockLayout.data, BlockLayout.status, BlockLayout.indirect,
      Int.random(in: 0..<8, using: &generator) == 0 ? generator.next() : BlockLayout.data,
    ]
    let counts: [UInt32] = [
      16, 16, 512, 1, 513, 32,
      Int.random(in: 0..<8, using: &generator) == 0 ? UInt32(truncatingIfNeeded: generator.next()) : 16,
    ]
    return Descriptor(
      address: addresses.randomElement(using: &generator) ?? 0, count: counts.randomElement(using: &generator) ?? 0,
      flags: .random(in: 0...7, using: &generator) & (Int.random(in: 0..<4, using: &generator) == 0 ? 7 : 3),
      next: .random(in: 0...8, using: &generator))
  }
}
