// The eight virtio-mmio slots and what is in them. Devices of one kind are kept in an array of their own, so that they
// are changed in place and never copied out of an enum. Only the board may use this; slots must be 0 to 7.

/// The virtio slots with their devices.
struct VirtioSlots: Sendable {
  private enum Occupant: Sendable {
    case block(Int)
    case network(Int)
    case console(Int)
    case entropy(Int)
  }

  private var occupants = [Occupant?](repeating: nil, count: MemoryMap.virtioSlotCount)
  /// The slots that have a device, in ascending order.
  private(set) var occupied: [Int] = []
  private(set) var blockSlots: [Int] = []
  private(set) var networkSlots: [Int] = []
  var blocks: [VirtioTransport<VirtioBlock>] = []
  var networks: [VirtioTransport<VirtioNetwork>] = []
  var consoles: [VirtioTransport<VirtioConsole>] = []
  private var entropies: [VirtioTransport<VirtioEntropy>] = []

  init(_ configuration: BoardConfiguration) {
    for (slot, device) in configuration.virtioDevices.enumerated() {
      guard let device else { continue }
      occupied.append(slot)
      switch device {
      case .block(let disk):
        occupants[slot] = .block(blocks.count)
        blockSlots.append(slot)
        blocks.append(VirtioTransport(VirtioBlock(disk: disk, latency: configuration.diskLatency)))
      case .network(let adapter):
        occupants[slot] = .network(networks.count)
        networkSlots.append(slot)
        networks.append(VirtioTransport(VirtioNetwork(address: adapter.address)))
      case .console:
        occupants[slot] = .console(consoles.count)
        consoles.append(VirtioTransport(VirtioConsole()))
      case .entropy:
        occupants[slot] = .entropy(entropies.count)
        entropies.append(VirtioTransport(VirtioEntropy(seed: configuration.seed ^ UInt64(slot))))
      }
    }
  }

  /// The index among consoles of the device in a slot, or nil if it is no console.
  func console(inSlot slot: Int) -> Int? {
    if occupants.indices.contains(slot), case .console(let index) = occupants[slot] { index } else { nil }
  }

  /// The index among network adapters of the device in a slot, or nil if it is no adapter.
  func network(inSlot slot: Int) -> Int? {
    if occupants.indices.contains(slot), case .network(let index) = occupants[slot] { index } else { nil }
  }

  /// What a listing calls the slot.
  func name(ofSlot slot: Int) -> String {
    switch occupants[slot] {
    case .block: "virtio block device"
    case .network: "virtio network adapter"
    case .console: "virtio console"
    case .entropy: "virtio entropy source"
    case nil: "virtio slot, empty"
    }
  }

  mutating func load(slot: Int, offset: UInt64, size: Int) -> UInt64? {
    switch occupants[slot] {
    case .block(let index): blocks[index].load(offset: offset, size: size)
    case .network(let index): networks[index].load(offset: offset, size: size)
    case .console(let index): consoles[index].load(offset: offset, size: size)
    case .entropy(let index): entropies[index].load(offset: offset, size: size)
    case nil: VirtioRegister.loadFromEmptySlot(offset: offset, size: size)
    }
  }

  mutating func store(
    slot: Int, offset: UInt64, size: Int, value: UInt64, now: UInt64, memory: inout DeviceMemory
  ) -> Bool {
    switch occupants[slot] {
    case .block(let index):
      blocks[index].store(offset: offset, size: size, value: value, now: now, memory: &memory)
    case .network(let index):
      networks[index].store(offset: offset, size: size, value: value, now: now, memory: &memory)
    case .console(let index):
      consoles[index].store(offset: offset, size: size, value: value, now: now, memory: &memory)
    case .entropy(let index):
      entropies[index].store(offset: offset, size: size, value: value, now: now, memory: &memory)
    case nil: offset < VirtioRegister.end
    }
  }

  /// Finishes the requests of a slot that are due at or before `now`.
  mutating func advance(slot: Int, to now: UInt64, memory: inout DeviceMemory) {
    switch occupants[slot] {
    case .block(let index): blocks[index].advance(to: now, memory: &memory)
    case .network(let index): networks[index].advance(to: now, memory: &memory)
    case .console(let index): consoles[index].advance(to: now, memory: &memory)
    case .entropy(let index): entropies[index].advance(to: now, memory: &memory)
    case nil: break
    }
  }

  func nextEvent(slot: Int) -> UInt64 {
    switch occupants[slot] {
    case .block(let index): blocks[index].nextEvent
    case .network(let index): networks[index].nextEvent
    case .console(let index): consoles[index].nextEvent
    case .entropy(let index): entropies[index].nextEvent
    case nil: .max
    }
  }

  func interrupts(slot: Int) -> Bool {
    switch occupants[slot] {
    case .block(let index): blocks[index].interrupts
    case .network(let index): networks[index].interrupts
    case .console(let index): consoles[index].interrupts
    case .entropy(let index): entropies[index].interrupts
    case nil: false
    }
  }

  /// Feeds every word of the devices' state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    for slot in occupied {
      body(UInt64(slot))
      switch occupants[slot] {
      case .block(let index): blocks[index].forEachStateWord(body)
      case .network(let index): networks[index].forEachStateWord(body)
      case .console(let index): consoles[index].forEachStateWord(body)
      case .entropy(let index): entropies[index].forEachStateWord(body)
      case nil: break
      }
    }
  }
}
