// The smallest driver of any virtio device with up to two queues: what a guest does, for tests of the device's side.
// Each queue has eight descriptors, and each descriptor a buffer of its own; a request is one buffer.

import Machine

/// A driver of the device in one slot of a harness's board.
final class VirtioDriver {
  static let queueSize = 8
  static let bufferSize: UInt64 = 0x800

  let harness: BoardHarness
  let slot: Int
  private let base: UInt64
  private var available: [UInt16] = [0, 0]
  private var seen: [UInt16] = [0, 0]

  /// Resets the device, accepts VERSION_1 and the given features, and sets the queues up.
  init(_ harness: BoardHarness, slot: Int, queues: Int, features: UInt64 = 1 << 32) {
    self.harness = harness
    self.slot = slot
    base = MemoryMap.ram + 0x2_0000 + UInt64(slot) * 0x1_4000
    write(0x70, 0)
    write(0x70, 3)
    for half: UInt64 in [0, 1] {
      write(0x24, half)
      write(0x20, features >> (32 * half) & 0xffff_ffff)
    }
    write(0x70, 11)
    for queue in 0..<queues {
      write(0x30, UInt64(queue))
      write(0x38, UInt64(Self.queueSize))
      for (offset, address): (UInt64, UInt64) in [
        (0x80, descriptors(queue)), (0x90, availableRing(queue)), (0xa0, usedRing(queue)),
      ] {
        write(offset, address & 0xffff_ffff)
        write(offset + 4, address >> 32)
      }
      _ = harness.memory.store(UInt32(0), at: availableRing(queue))
      _ = harness.memory.store(UInt32(0), at: usedRing(queue))
      write(0x44, 1)
    }
    write(0x70, 15)
  }

  func register(_ offset: UInt64) -> UInt64 { MemoryMap.virtioSlot(slot).lowerBound + offset }

  func read(_ offset: UInt64, size: Int = 4) -> UInt64 { harness.load(register(offset), size: size) ?? .max }

  func write(_ offset: UInt64, _ value: UInt64) { harness.store(register(offset), value) }

  var needsReset: Bool { read(0x70) & 0x40 != 0 }

  func descriptors(_ queue: Int) -> UInt64 { base + UInt64(queue) * 0x8000 }
  func availableRing(_ queue: Int) -> UInt64 { descriptors(queue) + 0x1000 }
  func usedRing(_ queue: Int) -> UInt64 { descriptors(queue) + 0x2000 }
  func buffer(_ queue: Int, _ index: UInt16) -> UInt64 { descriptors(queue) + 0x3000 + UInt64(index) * Self.bufferSize }

  /// Gives the device an empty buffer, in the descriptor of the given number.
  func offer(queue: Int, index: UInt16, count: UInt32 = 1600, notifies: Bool = true) {
    submit(
      queue, index, Descriptor(address: buffer(queue, index), count: count, flags: Descriptor.deviceWrites), notifies)
  }

  /// Gives the device bytes, in the descriptor of the given number.
  func send(_ bytes: [UInt8], queue: Int, index: UInt16 = 0) {
    bytes.withUnsafeBytes { _ = harness.memory.write(buffer(queue, index), from: $0) }
    submit(queue, index, Descriptor(address: buffer(queue, index), count: UInt32(bytes.count)), true)
  }

  /// The requests that the device has returned since the last call: descriptor and bytes written.
  func takeUsed(queue: Int) -> [(index: UInt16, bytes: [UInt8])] {
    var used: [(index: UInt16, bytes: [UInt8])] = []
    let ring = usedRing(queue)
    while seen[queue] != harness.memory.load(UInt16.self, at: ring + 2) {
      let element = ring + 4 + 8 * UInt64(seen[queue]) % 64
      let index = UInt16(truncatingIfNeeded: harness.memory.load(UInt32.self, at: element) ?? 0)
      let count = harness.memory.load(UInt32.self, at: element + 4) ?? 0
      used.append((index, harness.memory.bytes(at: buffer(queue, index), count: Int(count)) ?? []))
      seen[queue] &+= 1
    }
    return used
  }

  private func submit(_ queue: Int, _ index: UInt16, _ descriptor: Descriptor, _ notifies: Bool) {
    harness.write(descriptor, at: descriptors(queue) + 16 * UInt64(index))
    let ring = availableRing(queue)
    _ = harness.memory.store(index, at: ring + 4 + 2 * UInt64(available[queue]) % 16)
    available[queue] &+= 1
    _ = harness.memory.store(available[queue], at: ring + 2)
    if notifies { write(0x50, UInt64(queue)) }
  }
}
