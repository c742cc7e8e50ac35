// One direction of the adapter: a split virtqueue (virtio 1.2, section 2.7), the headers of its frames (section 5.1.6),
// and the requests under way. Half of a page that driver and device share.
//
// Every slot owns two descriptors, chained once and for all: the header, which the driver keeps, and the frame.

import DeviceAccess
import Interfaces
import _Volatile

/// A descriptor of the table.
struct VirtioDescriptor {
  var address: UInt64
  var length: UInt32
  var flags: UInt16
  var next: UInt16

  /// The chain goes on at `next`.
  static var hasNext: UInt16 { 1 }
  /// The device writes the buffer, it does not read it.
  static var deviceWrites: UInt16 { 2 }
}

/// The shared memory of one direction, the driver's position in it, and whose frames are under way.
struct FrameQueue {
  /// Entries of each ring: two descriptors for each slot.
  static var size: Int { 16 }
  static var slots: Int { NIC_REQUESTS }
  /// Bytes of a header without offloads and merged buffers.
  static var headerSize: UInt32 { 12 }
  /// Bytes of shared memory that a queue takes.
  static var memorySize: Int { 2048 }

  private static var availableOffset: Int { 256 }
  private static var usedOffset: Int { 512 }
  private static var headerOffset: Int { 1024 }
  /// The available ring's flag that asks for no interrupts.
  private static var noInterrupt: UInt16 { 1 }

  /// `memorySize` zeroed bytes of device memory.
  private let memory: UnsafeMutableRawPointer
  /// The next entry of the available ring; counts on without limit, as the device's own index does.
  private var availableIndex: UInt16 = 0
  /// The first entry of the used ring that has not been looked at.
  private var usedIndex: UInt16 = 0
  /// The request of each busy slot.
  private var pending = InlineArray<8, UnsafeMutablePointer<nic_request>?>(repeating: nil)
  private(set) var busyCount = 0

  /// Chains the descriptors of every slot.
  init(_ memory: UnsafeMutableRawPointer, deviceWrites: Bool) {
    self.memory = memory
    let flags = deviceWrites ? VirtioDescriptor.deviceWrites : 0
    for slot in 0..<Self.slots {
      let header = env_physical(memory + (Self.headerOffset + 16 * slot))
      descriptors[2 * slot] = VirtioDescriptor(
        address: header, length: Self.headerSize, flags: flags | VirtioDescriptor.hasNext, next: UInt16(2 * slot + 1))
      descriptors[2 * slot + 1] = VirtioDescriptor(address: 0, length: 0, flags: flags, next: 0)
    }
  }

  var descriptorsAddress: UInt64 { env_physical(memory) }
  var availableAddress: UInt64 { env_physical(memory + Self.availableOffset) }
  var usedAddress: UInt64 { env_physical(memory + Self.usedOffset) }

  /// Offers a request to the device, which may start on it before the notification; false when all slots are busy.
  mutating func offer(_ request: UnsafeMutablePointer<nic_request>) -> Bool {
    var slot = 0
    while slot < Self.slots, pending[slot] != nil { slot += 1 }
    guard slot < Self.slots else { return false }
    pending[slot] = request
    busyCount += 1
    descriptors[2 * slot + 1].address = env_physical(request.pointee.buffer)
    descriptors[2 * slot + 1].length = UInt32(truncatingIfNeeded: request.pointee.length)
    available[2 + Int(availableIndex & 15)] = UInt16(truncatingIfNeeded: 2 * slot)
    availableIndex &+= 1
    // The device must not see the new index before what it stands for (section 2.7.13.3.1).
    device_fence()
    available[1] = availableIndex
    device_fence()
    return true
  }

  /// Whether the device shall raise its interrupt when it returns a frame.
  mutating func setInterrupts(_ wanted: Bool) { available[0] = wanted ? 0 : Self.noInterrupt }

  /// Takes the next request that the device has returned, with the bytes that it wrote behind the header; nil for none.
  ///
  /// A device that returns what it was not given is broken.
  mutating func takeReturned() throws(ErrorCode) -> (request: UnsafeMutablePointer<nic_request>, written: UInt64)? {
    let index = VolatileMappedRegister<UInt16>(unsafeBitPattern: UInt(bitPattern: memory) &+ UInt(Self.usedOffset + 2))
    guard index.load() != usedIndex else { return nil }
    device_fence()
    let entry = memory + (Self.usedOffset + 4 + 8 * Int(usedIndex & 15))
    let head = entry.load(as: UInt32.self)
    let written = entry.load(fromByteOffset: 4, as: UInt32.self)
    usedIndex &+= 1
    guard head < 2 * Self.slots, head & 1 == 0, let request = pending[Int(head / 2)] else { throw .inputOutput }
    pending[Int(head / 2)] = nil
    busyCount -= 1
    return (request, written < Self.headerSize ? 0 : UInt64(written - Self.headerSize))
  }

  /// Gives up one request after the other, once the device is stopped.
  mutating func takeAny() -> UnsafeMutablePointer<nic_request>? {
    for slot in 0..<Self.slots {
      guard let request = pending[slot] else { continue }
      pending[slot] = nil
      busyCount -= 1
      return request
    }
    return nil
  }

  private var descriptors: UnsafeMutablePointer<VirtioDescriptor> {
    memory.assumingMemoryBound(to: VirtioDescriptor.self)
  }
  private var available: UnsafeMutablePointer<UInt16> {
    (memory + Self.availableOffset).assumingMemoryBound(to: UInt16.self)
  }
}
