// The smallest driver of the virtio block device: what a guest does, for tests of the device's side.

import Machine

/// Where the driver keeps its structures in the harness's RAM.
enum BlockLayout {
  static let descriptors = MemoryMap.ram + 0x1000
  static let available = MemoryMap.ram + 0x2000
  static let used = MemoryMap.ram + 0x3000
  static let header = MemoryMap.ram + 0x4000
  static let status = MemoryMap.ram + 0x4100
  static let data = MemoryMap.ram + 0x8000
  static let indirect = MemoryMap.ram + 0x5000
  static let queueSize: UInt64 = 8
}

struct Descriptor {
  var address: UInt64
  var count: UInt32
  var flags: UInt16 = 0
  var next: UInt16 = 0

  static let hasNext: UInt16 = 1
  static let deviceWrites: UInt16 = 2
  static let isIndirect: UInt16 = 4
}

extension BoardHarness {
  static func register(_ offset: UInt64) -> UInt64 { MemoryMap.virtioSlot(7).lowerBound + offset }

  /// Resets the device and sets queue 0 up.
  func startBlockDevice() {
    store(Self.register(0x70), 0)
    store(Self.register(0x70), 3)
    store(Self.register(0x24), 1)
    store(Self.register(0x20), 1)
    store(Self.register(0x70), 11)
    store(Self.register(0x30), 0)
    store(Self.register(0x38), BlockLayout.queueSize)
    for (offset, address) in [
      (0x80, BlockLayout.descriptors), (0x90, BlockLayout.available), (0xa0, BlockLayout.used),
    ] {
      store(Self.register(UInt64(offset)), address & 0xffff_ffff)
      store(Self.register(UInt64(offset) + 4), address >> 32)
    }
    _ = memory.store(UInt32(0), at: BlockLayout.available)
    _ = memory.store(UInt32(0), at: BlockLayout.used)
    store(Self.register(0x44), 1)
    store(Self.register(0x70), 15)
  }

  func write(_ descriptor: Descriptor, at address: UInt64) {
    _ = memory.store(descriptor.address, at: address)
    _ = memory.store(descriptor.count, at: address + 8)
    _ = memory.store(descriptor.flags, at: address + 12)
    _ = memory.store(descriptor.next, at: address + 14)
  }

  /// Writes a header, and a chain of it, the data buffers and the status byte, each linked to the next.
  func prepare(type: UInt32, sector: UInt64, data: [Descriptor], table: UInt64 = BlockLayout.descriptors) {
    _ = memory.store(UInt64(type), at: BlockLayout.header)
    _ = memory.store(sector, at: BlockLayout.header + 8)
    _ = memory.store(UInt8(0xff), at: BlockLayout.status)
    var chain = [Descriptor(address: BlockLayout.header, count: 16)] + data
    chain.append(Descriptor(address: BlockLayout.status, count: 1, flags: Descriptor.deviceWrites))
    for index in chain.indices {
      var descriptor = chain[index]
      if index + 1 < chain.count {
        descriptor.flags |= Descriptor.hasNext
        descriptor.next = UInt16(index + 1)
      }
      write(descriptor, at: table + UInt64(16 * index))
    }
  }

  /// Makes descriptor 0 available and notifies the device.
  func submit(head: UInt16 = 0) {
    let index = memory.load(UInt16.self, at: BlockLayout.available + 2) ?? 0
    _ = memory.store(head, at: BlockLayout.available + 4 + UInt64(index) % BlockLayout.queueSize * 2)
    _ = memory.store(index &+ 1, at: BlockLayout.available + 2)
    store(Self.register(0x50), 0)
  }

  var usedIndex: UInt16 { memory.load(UInt16.self, at: BlockLayout.used + 2) ?? .max }
  var requestStatus: UInt8 { memory.load(UInt8.self, at: BlockLayout.status) ?? .max }
}
