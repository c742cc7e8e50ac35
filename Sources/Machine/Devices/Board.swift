// Everything of the machine that is neither hart nor RAM, at the addresses of QEMU's `virt` board.
// A plain value: copying it is the snapshot of all devices. Time is passed in, in `mtime` ticks, and must not go backwards
// except by restoring a snapshot; nothing here reads a host clock.

/// What distinguishes one board from another.
public struct BoardConfiguration: Sendable {
  /// The disk in the last virtio slot, or nil for none.
  public var disk: DiskImage?
  /// The time from a disk request to its completion, in `mtime` ticks.
  public var diskLatency: UInt64

  /// Describes a board.
  public init(disk: DiskImage? = nil, diskLatency: UInt64 = 100) {
    self.disk = disk
    self.diskLatency = diskLatency
  }
}

/// The devices of the machine and the interrupt lines between them and the hart.
public struct Board: Sendable {
  /// The serial port, through which the host talks to the guest's console.
  public var uart = UART() {
    didSet { updateInterruptLines() }
  }
  /// What the guest wrote to the test finisher, if anything.
  public var finished: FinisherStatus? { finisher.status }
  /// The levels of the interrupt lines into the hart, as bits of `mip`: MSIP, MTIP, MEIP and SEIP.
  public private(set) var pendingInterrupts: UInt64 = 0

  private var finisher = Finisher()
  private var clint = CLINT()
  private var plic = PLIC()
  private var block: VirtioTransport<VirtioBlock>?
  /// The latest time the board was told.
  private var now: UInt64 = 0

  /// Makes a board in its reset state.
  public init(_ configuration: BoardConfiguration) {
    if let disk = configuration.disk {
      block = VirtioTransport(VirtioBlock(disk: disk, latency: configuration.diskLatency))
    }
  }

  // MARK: Memory-mapped registers

  /// Reads a device register, with the side effects the device gives to reads.
  ///
  /// - Parameters:
  ///   - address: The physical address.
  ///   - size: 1, 2, 4 or 8 bytes.
  ///   - now: The time in `mtime` ticks.
  ///   - memory: RAM, which devices may write to.
  /// - Returns: The value, zero-extended, or nil for an access fault: nothing is there, the address is not a multiple of the
  ///   size, or the device refuses the size.
  public mutating func load(_ address: UInt64, size: Int, now: UInt64, memory: inout PhysicalMemory) -> UInt64? {
    guard let place = Self.place(of: address, size: size) else { return nil }
    completeDueWork(at: now, memory: &memory)
    defer { updateInterruptLines() }
    let offset = place.offset
    switch place.device {
    case .finisher: return finisher.load(offset: offset, size: size)
    case .clint: return clint.load(offset: offset, size: size, now: now)
    case .plic: return plic.load(offset: offset, size: size)
    case .uart: return uart.load(offset: offset, size: size)
    case .virtio(let slot):
      guard size == 8 else { return loadVirtio(slot: slot, offset: offset, size: size) }
      // The transport is 32 bits wide; the bus splits wider accesses.
      guard let low = loadVirtio(slot: slot, offset: offset, size: 4),
        let high = loadVirtio(slot: slot, offset: offset + 4, size: 4)
      else { return nil }
      return low | high << 32
    }
  }

  /// Writes a device register.
  ///
  /// - Parameters:
  ///   - address: The physical address.
  ///   - size: 1, 2, 4 or 8 bytes.
  ///   - value: The value, in the lowest bytes.
  ///   - now: The time in `mtime` ticks.
  ///   - memory: RAM, which devices may write to.
  /// - Returns: False for an access fault, as for `load`.
  public mutating func store(
    _ address: UInt64, size: Int, value: UInt64, now: UInt64, memory: inout PhysicalMemory
  ) -> Bool {
    guard let place = Self.place(of: address, size: size) else { return false }
    completeDueWork(at: now, memory: &memory)
    defer { updateInterruptLines() }
    let offset = place.offset
    switch place.device {
    case .finisher: return finisher.store(offset: offset, size: size, value: value)
    case .clint: return clint.store(offset: offset, size: size, value: value, now: now)
    case .plic: return plic.store(offset: offset, size: size, value: value)
    case .uart: return uart.store(offset: offset, size: size, value: value)
    case .virtio(let slot):
      guard size == 8 else { return storeVirtio(slot: slot, offset: offset, size: size, value: value, memory: &memory) }
      return storeVirtio(slot: slot, offset: offset, size: 4, value: value & 0xffff_ffff, memory: &memory)
        && storeVirtio(slot: slot, offset: offset + 4, size: 4, value: value >> 32, memory: &memory)
    }
  }

  // MARK: Time

  /// Does the work that is due at or before `now`.
  public mutating func advance(to now: UInt64, memory: inout PhysicalMemory) {
    completeDueWork(at: now, memory: &memory)
    updateInterruptLines()
  }

  /// The `mtime` tick of the next thing that will happen by itself, or `.max` if nothing will.
  public var nextEvent: UInt64 {
    min(clint.nextEvent(after: now), block?.nextEvent ?? .max)
  }

  /// What a guest's writes to `mtime` have added to the time passed in; the `time` CSR shows the sum.
  public var timeOffset: UInt64 { clint.timeOffset }

  // MARK: The host's side

  /// The disk with the guest's writes, or nil if there is none.
  public var disk: DiskImage? { block?.device.disk }

  /// The fault armed on the disk, with how often it has struck, or nil if there is none.
  public var blockFault: ArmedBlockFault? { block?.device.fault }

  /// Arms a fault on the disk, in place of any other.
  ///
  /// - Parameters:
  ///   - fault: What is to go wrong.
  ///   - requests: How many requests will be hit; nil for every one until `disarmBlockFault`.
  /// - Returns: False if the board has no disk.
  public mutating func armBlockFault(_ fault: BlockFault, requests: UInt64?) -> Bool {
    block?.device.arm(fault, requests: requests)
    return block != nil
  }

  /// Takes the disk's fault away; requests that a dead disk swallowed, and the driver still waits for, start anew.
  public mutating func disarmBlockFault() {
    block?.device.disarmFault(now: now)
  }

  /// What is on the board, in order of address.
  public var devices: [DeviceDescription] {
    MemoryMap.devices(virtioBlockSlot: block == nil ? nil : MemoryMap.virtioBlockSlot)
  }

  /// Feeds every word of the devices' state, in a fixed order: two boards that feed the same words behave the same.
  public func forEachStateWord(_ body: (UInt64) -> Void) {
    switch finisher.status {
    case nil: body(0)
    case .pass: body(1)
    case .fail(let code): body(2 | UInt64(code) << 16)
    case .reset: body(3)
    }
    body(clint.softwareInterruptPending ? 1 : 0)
    body(clint.timeCompare)
    body(clint.timeOffset)
    plic.forEachStateWord(body)
    uart.forEachStateWord(body)
    block?.forEachStateWord(body)
  }

  // MARK: Inside

  private enum Device {
    case finisher
    case clint
    case plic
    case uart
    case virtio(slot: Int)
  }

  private static func place(of address: UInt64, size: Int) -> (device: Device, offset: UInt64)? {
    guard size > 0, size <= 8, size.nonzeroBitCount == 1, address % UInt64(size) == 0 else { return nil }
    if MemoryMap.uart.contains(address) { return (.uart, address - MemoryMap.uart.lowerBound) }
    if MemoryMap.clint.contains(address) { return (.clint, address - MemoryMap.clint.lowerBound) }
    if MemoryMap.plic.contains(address) { return (.plic, address - MemoryMap.plic.lowerBound) }
    if MemoryMap.virtio.contains(address) {
      let offset = address - MemoryMap.virtio.lowerBound
      return (.virtio(slot: Int(offset / MemoryMap.virtioStride)), offset % MemoryMap.virtioStride)
    }
    if MemoryMap.finisher.contains(address) { return (.finisher, address - MemoryMap.finisher.lowerBound) }
    return nil
  }

  private func loadVirtio(slot: Int, offset: UInt64, size: Int) -> UInt64? {
    if slot == MemoryMap.virtioBlockSlot, block != nil { return block?.load(offset: offset, size: size) }
    return VirtioRegister.loadFromEmptySlot(offset: offset, size: size)
  }

  private mutating func storeVirtio(
    slot: Int, offset: UInt64, size: Int, value: UInt64, memory: inout PhysicalMemory
  ) -> Bool {
    guard slot == MemoryMap.virtioBlockSlot, block != nil else { return offset < VirtioRegister.end }
    return block?.store(offset: offset, size: size, value: value, now: now, memory: &memory) ?? false
  }

  private mutating func completeDueWork(at now: UInt64, memory: inout PhysicalMemory) {
    self.now = now
    // Asked in place, since a copy of the device would cost more than the question.
    if block?.nextEvent ?? .max <= now { block?.advance(to: now, memory: &memory) }
  }

  private mutating func updateInterruptLines() {
    plic.setLevel(uart.interrupts, source: MemoryMap.uartInterrupt)
    plic.setLevel(
      block?.interrupts ?? false, source: MemoryMap.virtioInterrupt(slot: MemoryMap.virtioBlockSlot))
    pendingInterrupts =
      (clint.softwareInterruptPending ? 1 << 3 : 0) | (clint.timerInterruptPending(now: now) ? 1 << 7 : 0)
      | (plic.interrupts(.machine) ? 1 << 11 : 0) | (plic.interrupts(.supervisor) ? 1 << 9 : 0)
  }
}
