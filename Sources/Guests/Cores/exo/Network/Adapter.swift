// The real network adapter: the kernel owns its queues. Frames that arrive are copied to whoever has a filter for them;
// frames that are sent are copied before they are checked, because their owner could change them any time.
//
// Source: virtio 1.2, sections 2.7 (split virtqueues), 4.2 (MMIO) and 5.1 (network device).

import DeviceAccess
import ExoState
import Interfaces
import KernelShared

private var receiving: UInt64 { 0 }
private var sending: UInt64 { 1 }
/// Frames of each direction that the device works on at a time, and entries of each ring.
private var frames: UInt64 { 8 }
private var bufferSize: UInt64 { 2048 }
/// Bytes in front of each frame (section 5.1.6).
private var headerSize: UInt64 { 12 }
/// VIRTIO_NET_F_MAC (section 5.1.3): the configuration begins with the adapter's address.
private var hasAddress: UInt32 { 1 << 5 }
/// Device number 1 (section 5).
private var networkDevice: UInt32 { 1 }

/// Places in the pages that are shared with the device: half a page of rings for each direction, then the buffers.
private enum Place {
  static func descriptors(_ queue: UInt64) -> UInt64 { exo.adapter_memory &+ queue &* (Layout.pageSize / 2) }
  static func available(_ queue: UInt64) -> UInt64 { descriptors(queue) &+ 256 }
  static func used(_ queue: UInt64) -> UInt64 { descriptors(queue) &+ 512 }
  static func buffer(_ queue: UInt64, _ index: UInt64) -> UInt64 {
    exo.adapter_memory &+ Layout.pageSize &+ (queue &* frames &+ index) &* bufferSize
  }
}

private var transport: VirtioTransport { VirtioTransport(base: UInt(exo.adapter)) }

/// What a shadow's device offers in the first word of its features.
func features(ofKind kind: UInt64) -> UInt32 { kind == UInt64(ENV_DEVICE_NETWORK) ? hasAddress : 0 }

/// Finds the adapter and offers it all buffers; without one, nobody gets a window on it.
func startAdapter() {
  for index in 0..<UInt64(DEVICE_COUNT) where device_at(index).pointee.kind == UInt64(ENV_DEVICE_NETWORK) {
    exo.adapter = Layout.deviceWindow &+ device_at(index).pointee.physical
    exo.adapter_interrupt = device_at(index).pointee.interrupt
    break
  }
  guard exo.adapter != 0 else { return }
  exo.adapter_memory = frame_allocate(1 &+ 2 &* frames &* bufferSize / Layout.pageSize)
  do throws(ErrorCode) {
    try transport.identify(kind: networkDevice)
    try transport.reset()
    try transport.negotiate(features: hasAddress)
    for queue in receiving...sending {
      try transport.configureQueue(
        UInt32(queue), size: UInt32(frames), descriptors: Place.descriptors(queue),
        available: Place.available(queue), used: Place.used(queue))
    }
    exo.adapter_address = try transport.configuration(at: 0).byteSwapped >> 16
  } catch {
    exo.adapter = 0
    return
  }
  transport.start()
  interrupt_enable(exo.adapter_interrupt)
  // A sent frame's buffer is found free by the next one.
  half_at(Place.available(sending)).pointee = 1
  for index in 0..<frames { offer(receiving, index, length: bufferSize) }
}

private func offer(_ queue: UInt64, _ index: UInt64, length: UInt64) {
  descriptor_at(Place.descriptors(queue), index).pointee = exo_descriptor(
    address: Place.buffer(queue, index), length: UInt32(length),
    flags: queue == receiving ? UInt16(EXO_DESCRIPTOR_WRITTEN) : 0, next: 0)
  let offered = adapter_offered(queue)
  half_at(Place.available(queue) &+ 4 &+ UInt64(offered.pointee) % frames &* 2).pointee = UInt16(index)
  offered.pointee &+= 1
  device_fence()
  half_at(Place.available(queue) &+ 2).pointee = offered.pointee
  device_fence()
  transport.write(Register.queueNotify, UInt32(queue))
}

/// The next buffer that the device has returned, and the bytes that it wrote.
private func returned(_ queue: UInt64) -> (index: UInt64, written: UInt64)? {
  device_fence()
  let collected = adapter_collected(queue)
  guard half_at(Place.used(queue) &+ 2).pointee != collected.pointee else { return nil }
  let entry = Place.used(queue) &+ 4 &+ UInt64(collected.pointee) % frames &* 8
  collected.pointee &+= 1
  return (UInt64(single_at(entry).pointee) % frames, UInt64(single_at(entry &+ 4).pointee))
}

/// Frames have arrived.
func adapterInterrupt() {
  transport.write(Register.interruptAcknowledge, transport.read(Register.interruptStatus))
  while let (index, written) = returned(receiving) {
    let length = written &- headerSize
    if written <= bufferSize, length >= UInt64(NIC_MINIMUM_FRAME), length <= UInt64(NIC_MAXIMUM_FRAME) {
      let frame = Frame(start: Place.buffer(receiving, index) &+ headerSize, length: length)
      if let (kind, value) = frame.filter { forEachOwner(kind, value) { deliver(frame, to: $0) } }
    }
    offer(receiving, index, length: bufferSize)
  }
}

// MARK: Shadows

func showAdapter(_ index: UInt64) {
  queue_show(index, networkDevice)
  word(shadow_at(index).pointee.page &+ UInt64(Register.configuration)).pointee =
    exo.adapter_address.byteSwapped >> 16
}

func storeToAdapter(_ index: UInt64, _ offset: UInt64, _ value: UInt32) {
  // Room for frames is looked for when there is one; those to send go at once.
  guard queue_store(index, offset, value) == Int64(sending) else { return }
  while true {
    let head = queue_next(index, sending)
    guard head >= 0 else { return }
    send(index, UInt64(head))
    queue_return(index, sending, UInt64(head), 0)
  }
}

/// The one buffer behind the header in a chain of the owner's; nil when it is not laid out like that, or not its own.
private func buffer(_ index: UInt64, _ queue: UInt64, _ head: UInt64) -> (header: UInt64, frame: exo_descriptor)? {
  let header = queue_descriptor(index, queue, head)
  let frame = queue_descriptor(index, queue, UInt64(header.next))
  let direction = queue == receiving ? UInt16(EXO_DESCRIPTOR_WRITTEN) : 0
  let length = UInt64(frame.length)
  guard header.flags == direction | UInt16(EXO_DESCRIPTOR_NEXT), UInt64(header.length) == headerSize,
    frame.flags == direction, length > 0, length <= bufferSize, header.address % 16 == 0,
    shadow_owns(index, header.address), shadow_owns(index, frame.address),
    shadow_owns(index, frame.address &+ length &- 1)
  else { return nil }
  return (header.address, frame)
}

/// Sends a frame if its owner may; otherwise it is lost, as it is when the device has no room for it.
private func send(_ index: UInt64, _ head: UInt64) {
  while returned(sending) != nil {}
  guard adapter_offered(sending).pointee &- adapter_collected(sending).pointee < UInt16(frames),
    let (_, frame) = buffer(index, sending, head), frame.length >= UInt32(NIC_MINIMUM_FRAME),
    frame.length <= UInt32(NIC_MAXIMUM_FRAME)
  else { return }
  let slot = UInt64(adapter_offered(sending).pointee) % frames
  let place = Place.buffer(sending, slot)
  let environment = environment_at(owner(index))
  memory(place).initializeMemory(as: UInt8.self, repeating: 0, count: Int(headerSize))
  exo_copy_frame(place &+ headerSize, frame.address, UInt64(frame.length))
  let length = UInt64(frame.length)
  guard Frame(start: place &+ headerSize, length: length).mayBeSent(by: shadow_at(index).pointee.owner) else {
    environment.pointee.refused += 1
    return
  }
  environment.pointee.sent += 1
  offer(sending, slot, length: headerSize &+ length)
}

/// Gives an environment a copy of a frame, if it has room for one.
private func deliver(_ frame: Frame, to number: UInt64) {
  guard let index = shadow(of: number, kind: UInt64(ENV_DEVICE_NETWORK)) else { return }
  let head = queue_next(index, receiving)
  guard head >= 0 else { return }
  guard let (header, room) = buffer(index, receiving, UInt64(head)), UInt64(room.length) >= frame.length else {
    return queue_return(index, receiving, UInt64(head), 0)
  }
  // Without offloads: all that the header says is that the frame is in one buffer.
  memory(header).initializeMemory(as: UInt8.self, repeating: 0, count: Int(headerSize))
  half_at(header &+ 10).pointee = 1
  exo_copy_frame(room.address, frame.start, frame.length)
  environment_at(owner(index)).pointee.received += 1
  queue_return(index, receiving, UInt64(head), headerSize &+ frame.length)
}

/// Bytes between the adapter's buffers and an environment's.
@c @implementation @inline(never)
func exo_copy_frame(_ destination: UInt64, _ source: UInt64, _ length: UInt64) {
  memory(destination).copyMemory(from: memory(source), byteCount: Int(length))
}
