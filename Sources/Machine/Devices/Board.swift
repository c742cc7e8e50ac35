// Everything of the machine that is neither hart nor RAM, at the addresses of QEMU's `virt` board.
// A plain value: copying it is the snapshot of all devices. Time is passed in, in `mtime` ticks, and must not go backwards
// except by restoring a snapshot; nothing here reads a host clock. Whoever changes a device must call `refresh` after.

/// The devices of the machine and the interrupt lines between them and the hart.
public struct Board: Sendable {
  /// The serial port, through which the host talks to the guest's console.
  public var uart: UART {
    get { serialPort }
    set {
      serialPort = newValue
      refresh()
    }
  }
  /// What the guest wrote to the test finisher, or said through the host-target interface, if anything.
  public var finished: FinisherStatus? { finisher.status }
  /// The levels of the interrupt lines into the hart, as bits of `mip`: MSIP, MTIP, MEIP and SEIP.
  public private(set) var pendingInterrupts: UInt64 = 0
  /// The IOMMU, or nil if the board has none.
  public var iommu: IOMMU? {
    get { windows }
    set {
      windows = newValue
      refresh()
    }
  }
  /// The switch on which the adapters with a built-in link and the built-in host are, or nil if there is no such adapter.
  public internal(set) var network: VirtualSwitch?

  private var serialPort = UART()
  private var windows: IOMMU?
  var virtio: VirtioSlots
  var simpleDiskController: SimpleDisk?
  /// By the order of the adapters' slots, the port on `network`; nil for an adapter with an external link.
  var networkPorts: [Int?] = []
  /// The built-in host's port on `network`.
  var networkHostPort: Int?
  private var finisher = Finisher()
  private var clint = CLINT()
  private var plic = PLIC()
  private var rtc: RTC
  private(set) var hostInterface: HostInterface?
  /// The latest time the board was told.
  private(set) var now: UInt64 = 0
  /// When `performDueWork` has something to do; the timer of the CLINT is not counted.
  private var nextDeviceEvent = UInt64.max

  /// Makes a board in its reset state.
  public init(_ configuration: BoardConfiguration) {
    virtio = VirtioSlots(configuration)
    rtc = RTC(epoch: configuration.epoch)
    if configuration.hasIOMMU { windows = IOMMU() }
    if let disk = configuration.simpleDisk {
      simpleDiskController = SimpleDisk(disk: disk, latency: configuration.diskLatency)
    }
    connectNetwork(configuration)
    refresh()
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
    performDueWork(at: now, memory: &memory)
    defer {
      // The other devices' loads change nothing that could raise an interrupt.
      if case .uart = place.device { refresh(after: .uart) } else { updateHartLines() }
    }
    let offset = place.offset
    switch place.device {
    case .finisher: return finisher.load(offset: offset, size: size)
    case .clint: return clint.load(offset: offset, size: size, now: now)
    case .plic: return plic.load(offset: offset, size: size)
    case .uart: return serialPort.load(offset: offset, size: size)
    case .rtc: return rtc.load(offset: offset, size: size, now: now)
    case .simpleDisk: return simpleDiskController?.load(offset: offset, size: size)
    case .iommu: return windows?.load(offset: offset, size: size)
    case .virtio(let slot):
      guard size == 8 else { return virtio.load(slot: slot, offset: offset, size: size) }
      // The transport is 32 bits wide; the bus splits wider accesses.
      guard let low = virtio.load(slot: slot, offset: offset, size: 4),
        let high = virtio.load(slot: slot, offset: offset + 4, size: 4)
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
    performDueWork(at: now, memory: &memory)
    defer { refresh(after: place.device) }
    let offset = place.offset
    switch place.device {
    case .finisher: return finisher.store(offset: offset, size: size, value: value)
    case .clint: return clint.store(offset: offset, size: size, value: value, now: now)
    case .plic: return plic.store(offset: offset, size: size, value: value)
    case .uart: return serialPort.store(offset: offset, size: size, value: value)
    case .rtc: return rtc.store(offset: offset, size: size, value: value, now: now)
    case .simpleDisk:
      return simpleDiskController?.store(offset: offset, size: size, value: value, now: now) ?? false
    case .iommu: return windows?.store(offset: offset, size: size, value: value) ?? false
    case .virtio(let slot):
      return withDeviceMemory(of: slot, tick: now, &memory) { board, memory in
        guard size == 8 else {
          return board.virtio.store(slot: slot, offset: offset, size: size, value: value, now: now, memory: &memory)
        }
        return board.virtio.store(
          slot: slot, offset: offset, size: 4, value: value & 0xffff_ffff, now: now, memory: &memory)
          && board.virtio.store(
            slot: slot, offset: offset + 4, size: 4, value: value >> 32, now: now, memory: &memory)
      }
    }
  }

  // MARK: Time

  /// Does the work that is due at or before `now`.
  public mutating func advance(to now: UInt64, memory: inout PhysicalMemory) {
    performDueWork(at: now, memory: &memory)
    updateHartLines()
  }

  /// The `mtime` tick of the next thing that will happen by itself, or `.max` if nothing will.
  public var nextEvent: UInt64 { min(clint.nextEvent(after: now), nextDeviceEvent) }

  /// What a guest's writes to `mtime` have added to the time passed in; the `time` CSR shows the sum.
  public var timeOffset: UInt64 { clint.timeOffset }

  // MARK: State

  /// What is on the board, in order of address.
  public var devices: [DeviceDescription] {
    MemoryMap.devices(
      virtioNames: (0..<MemoryMap.virtioSlotCount).map(virtio.name(ofSlot:)),
      hasSimpleDisk: simpleDiskController != nil,
      hasIOMMU: windows != nil)
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
    serialPort.forEachStateWord(body)
    rtc.forEachStateWord(body)
    virtio.forEachStateWord(body)
    simpleDiskController?.forEachStateWord(body)
    windows?.forEachStateWord(body)
    network?.forEachStateWord(body)
    hostInterface?.forEachStateWord(body)
  }

  // MARK: The host-target interface

  /// Answers stores to `tohost` from now on.
  ///
  /// - Parameters:
  ///   - toHost: The physical address of the word, a multiple of 8.
  ///   - fromHost: The physical address of the word for answers, or nil if the guest has none.
  public mutating func attachHostInterface(toHost: UInt64, fromHost: UInt64?) {
    hostInterface = HostInterface(toHost: toHost, fromHost: fromHost)
  }

  /// Whether stores to the 4 KiB page of RAM at a physical address must be reported with `storedToMemory`.
  @inline(__always)
  func observesStores(toPageOf address: UInt64) -> Bool {
    guard let hostInterface else { return false }
    return (hostInterface.toHost ^ address) >> 12 == 0
  }

  /// Looks at a store to RAM that may have touched `tohost`.
  mutating func storedToMemory(_ address: UInt64, size: Int, memory: inout PhysicalMemory) {
    switch hostInterface?.stored(at: address, size: size, memory: &memory) {
    case .end(code: 0): finisher.end(.pass)
    case .end(let code): finisher.end(.fail(code: UInt16(clamping: code)))
    // The host has one console, whichever way the guest writes to it.
    case .output(let bytes): serialPort.addOutput(bytes)
    case .nothing, nil: break
    }
    refresh()
  }

  // MARK: Inside

  private enum Device {
    case finisher
    case clint
    case plic
    case uart
    case rtc
    case simpleDisk
    case iommu
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
    if MemoryMap.rtc.contains(address) { return (.rtc, address - MemoryMap.rtc.lowerBound) }
    if MemoryMap.simpleDisk.contains(address) { return (.simpleDisk, address - MemoryMap.simpleDisk.lowerBound) }
    if MemoryMap.iommu.contains(address) { return (.iommu, address - MemoryMap.iommu.lowerBound) }
    if MemoryMap.finisher.contains(address) { return (.finisher, address - MemoryMap.finisher.lowerBound) }
    return nil
  }

  /// Lets a device reach RAM, through the IOMMU if that is on, and records what the IOMMU refused.
  private mutating func withDeviceMemory<Result>(
    of device: Int, tick: UInt64, _ memory: inout PhysicalMemory,
    _ body: (inout Board, inout DeviceMemory) -> Result
  ) -> Result {
    let path = DeviceMemory.Path(
      device: device, tick: tick, windows: windows?.windowsInForce(device: device))
    var view = DeviceMemory(memory, path: path)
    let result = body(&self, &view)
    let faults = view.faults
    memory = view.release()
    if !faults.isEmpty {
      windows?.record(faults)
      updateInterruptLines()
    }
    moveSentFrames()
    return result
  }

  /// Does what is due, in order of time.
  private mutating func performDueWork(at now: UInt64, memory: inout PhysicalMemory) {
    self.now = now
    while nextDeviceEvent <= now {
      // Work that only waited for the host has no time of its own.
      let tick = nextDeviceEvent == 0 ? now : nextDeviceEvent
      network?.advance(to: tick)
      moveArrivedFrames()
      for slot in virtio.occupied where virtio.nextEvent(slot: slot) <= tick {
        withDeviceMemory(of: slot, tick: tick, &memory) { $0.virtio.advance(slot: slot, to: tick, memory: &$1) }
      }
      if simpleDiskController?.nextEvent ?? .max <= tick {
        withDeviceMemory(of: IOMMU.simpleDiskDevice, tick: tick, &memory) {
          $0.simpleDiskController?.advance(to: tick, memory: &$1)
        }
      }
      rtc.advance(to: tick)
      if let byte = byteForHostInterface() { hostInterface?.give(byte, memory: &memory) }
      refresh()
    }
  }

  private mutating func byteForHostInterface() -> UInt8? {
    hostInterface?.wantsInput == true ? serialPort.takeUnread() : nil
  }

  /// Brings up to date what follows from the devices' state.
  mutating func refresh() {
    updateNextDeviceEvent()
    updateInterruptLines()
  }

  /// Brings up to date what an access to one device can have changed; it is too frequent for looking at all of them.
  private mutating func refresh(after device: Device) {
    switch device {
    case .finisher, .clint, .plic: updateHartLines()
    case .uart:
      plic.setLevel(serialPort.interrupts, source: MemoryMap.uartInterrupt)
      updateHartLines()
    case .virtio(let slot):
      plic.setLevel(virtio.interrupts(slot: slot), source: MemoryMap.virtioInterrupt(slot: slot))
      updateNextDeviceEvent()
      updateHartLines()
    case .rtc, .simpleDisk, .iommu: refresh()
    }
  }

  private mutating func updateNextDeviceEvent() {
    var next = min(rtc.nextEvent, simpleDiskController?.nextEvent ?? .max, network?.nextEvent ?? .max)
    for slot in virtio.occupied { next = min(next, virtio.nextEvent(slot: slot)) }
    if hostInterface?.wantsInput == true && serialPort.hasUnreadInput { next = 0 }
    nextDeviceEvent = next
  }

  private mutating func updateInterruptLines() {
    plic.setLevel(serialPort.interrupts, source: MemoryMap.uartInterrupt)
    plic.setLevel(rtc.interrupts, source: MemoryMap.rtcInterrupt)
    for slot in virtio.occupied {
      plic.setLevel(virtio.interrupts(slot: slot), source: MemoryMap.virtioInterrupt(slot: slot))
    }
    if let simpleDiskController {
      plic.setLevel(simpleDiskController.interrupts, source: MemoryMap.simpleDiskInterrupt)
    }
    if let windows { plic.setLevel(windows.interrupts, source: MemoryMap.iommuInterrupt) }
    updateHartLines()
  }

  private mutating func updateHartLines() {
    pendingInterrupts =
      (clint.softwareInterruptPending ? 1 << 3 : 0) | (clint.timerInterruptPending(now: now) ? 1 << 7 : 0)
      | (plic.interrupts(.machine) ? 1 << 11 : 0) | (plic.interrupts(.supervisor) ? 1 << 9 : 0)
  }
}
