// The page that driver and disk share: a split virtqueue (virtio 1.2, section 2.7) and, behind it, the fixed parts of
// the requests (section 5.2.6).
//
// Every request slot owns three descriptors, chained once and for all: header, data, status. Callers must not reuse a
// slot before the device has returned its chain.

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

/// The header of a block request.
struct BlockHeader {
  var kind: UInt32
  var reserved: UInt32
  var sector: UInt64

  static var read: UInt32 { 0 }
  static var write: UInt32 { 1 }
}

/// The shared page, and the driver's position in it.
struct VirtioQueue {
  /// Entries of each ring: the power of two that holds three descriptors for each slot.
  static var size: Int { 32 }
  /// Requests that the device can work on at a time.
  static var slots: Int { 8 }
  /// What the status byte holds until the device has written it.
  static var statusUnwritten: UInt8 { 0xFF }

  private static var availableOffset: Int { 512 }
  private static var usedOffset: Int { 1024 }
  private static var headerOffset: Int { 2048 }
  private static var statusOffset: Int { 3072 }

  /// A zeroed page of device memory.
  let page: UnsafeMutableRawPointer
  /// The next entry of the available ring; counts on without limit, as the device's own index does.
  private var availableIndex: UInt16 = 0
  /// The first entry of the used ring that has not been looked at.
  private var usedIndex: UInt16 = 0

  /// Chains the descriptors of every slot.
  init(page: UnsafeMutableRawPointer) {
    self.page = page
    for slot in 0..<Self.slots {
      let first = 3 * slot
      descriptors[first] = VirtioDescriptor(
        address: env_physical(headers + slot), length: 16, flags: VirtioDescriptor.hasNext, next: UInt16(first + 1))
      descriptors[first + 1] = VirtioDescriptor(
        address: 0, length: 0, flags: VirtioDescriptor.hasNext, next: UInt16(first + 2))
      descriptors[first + 2] = VirtioDescriptor(
        address: env_physical(statuses + slot), length: 1, flags: VirtioDescriptor.deviceWrites, next: 0)
    }
  }

  var descriptorsAddress: UInt64 { env_physical(page) }
  var availableAddress: UInt64 { env_physical(page + Self.availableOffset) }
  var usedAddress: UInt64 { env_physical(page + Self.usedOffset) }

  /// Fills the slot's chain and offers it to the device, which may start on it before the notification.
  @inline(__always)
  mutating func offer(_ slot: Int, write: Bool, sector: UInt64, buffer: UInt64, length: UInt32) {
    headers[slot].kind = write ? BlockHeader.write : BlockHeader.read
    headers[slot].sector = sector
    statuses[slot] = Self.statusUnwritten
    descriptors[3 * slot + 1].address = buffer
    descriptors[3 * slot + 1].length = length
    descriptors[3 * slot + 1].flags =
      write ? VirtioDescriptor.hasNext : VirtioDescriptor.hasNext | VirtioDescriptor.deviceWrites
    let ring = (page + Self.availableOffset).assumingMemoryBound(to: UInt16.self)
    ring[2 + Int(availableIndex & 31)] = UInt16(truncatingIfNeeded: 3 * slot)
    availableIndex &+= 1
    // The device must not see the new index before what it stands for (section 2.7.13.3.1).
    device_fence()
    ring[1] = availableIndex
    device_fence()
  }

  /// How many chains the device has returned since the last look.
  ///
  /// More than the queue's size cannot be: the device is broken then.
  var returned: UInt16 {
    let index = VolatileMappedRegister<UInt16>(unsafeBitPattern: UInt(bitPattern: page) &+ UInt(Self.usedOffset + 2))
    return index.load() &- usedIndex
  }

  /// Takes the next returned chain, of which there must be one.
  ///
  /// The result is its slot and the status that the device wrote, or nil when no slot has such a chain.
  mutating func takeReturned() -> (slot: Int, status: UInt8)? {
    device_fence()
    let entry = page + (Self.usedOffset + 4 + 8 * Int(usedIndex & 31))
    let head = entry.load(as: UInt32.self)
    usedIndex &+= 1
    guard head < 3 * Self.slots, head % 3 == 0 else { return nil }
    let slot = Int(head / 3)
    return (slot, statuses[slot])
  }

  private var descriptors: UnsafeMutablePointer<VirtioDescriptor> {
    page.assumingMemoryBound(to: VirtioDescriptor.self)
  }
  private var headers: UnsafeMutablePointer<BlockHeader> {
    (page + Self.headerOffset).assumingMemoryBound(to: BlockHeader.self)
  }
  private var statuses: UnsafeMutablePointer<UInt8> {
    (page + Self.statusOffset).assumingMemoryBound(to: UInt8.self)
  }
}
