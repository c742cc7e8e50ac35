// The board as the host sees it: disks and their faults, consoles, the network. What the host puts in here is outside
// input: callers that want a repeatable run must log it with its time.

extension Board {
  /// One of the board's disks.
  public enum Disk: Hashable, Sendable {
    /// The virtio disk in the last slot that has one.
    case virtio
    /// The disk behind the simple controller.
    case simple
  }

  // MARK: Disks

  /// The virtio disk with the guest's writes, or nil if there is none.
  public var disk: DiskImage? { virtio.blocks.last?.device.disk }

  /// The simple disk with the guest's writes, or nil if there is none.
  public var simpleDisk: DiskImage? { simpleDiskController?.disk }

  /// The virtio slot whose disk `disk` is, or nil if there is none.
  public var diskSlot: Int? { virtio.blockSlots.last }

  /// The fault armed on the virtio disk, with how often it has struck, or nil if there is none.
  public var blockFault: ArmedBlockFault? { blockFault(of: .virtio) }

  /// The fault armed on a disk, with how often it has struck, or nil if there is none.
  public func blockFault(of disk: Disk) -> ArmedBlockFault? {
    switch disk {
    case .virtio: virtio.blocks.last?.device.fault
    case .simple: simpleDiskController?.fault
    }
  }

  /// Arms a fault on a disk, in place of any other.
  ///
  /// - Parameters:
  ///   - fault: What is to go wrong.
  ///   - requests: How many times it will strike; nil for every time until `disarmBlockFault`.
  ///   - disk: Which disk.
  ///   - wildAddress: The bus address that wild DMA uses; the other faults do not look at it.
  /// - Returns: False if the board has no such disk.
  public mutating func armBlockFault(
    _ fault: BlockFault, requests: UInt64?, on disk: Disk = .virtio,
    wildAddress: UInt64 = ArmedBlockFault.defaultWildAddress
  ) -> Bool {
    let armed = ArmedBlockFault(fault, requests: requests, wildAddress: wildAddress)
    switch disk {
    case .virtio:
      guard let last = virtio.blocks.indices.last else { return false }
      virtio.blocks[last].device.arm(armed)
    case .simple:
      guard simpleDiskController != nil else { return false }
      simpleDiskController?.arm(armed)
    }
    return true
  }

  /// Takes a disk's fault away; requests that a dead disk swallowed, and the driver still waits for, start anew.
  public mutating func disarmBlockFault(of disk: Disk = .virtio) {
    switch disk {
    case .virtio:
      if let last = virtio.blocks.indices.last { virtio.blocks[last].device.disarmFault(now: now) }
    case .simple: simpleDiskController?.disarmFault(now: now)
    }
    refresh()
  }

  // MARK: Virtio consoles

  /// Queues bytes for the guest on a virtio console.
  ///
  /// - Returns: False if the slot has no console.
  public mutating func receiveConsoleInput(_ bytes: [UInt8], slot: Int) -> Bool {
    guard let index = virtio.console(inSlot: slot) else { return false }
    virtio.consoles[index].device.receive(bytes)
    refresh()
    return true
  }

  /// Removes and returns what the guest has transmitted on a virtio console; nil if the slot has no console.
  public mutating func takeConsoleOutput(slot: Int) -> [UInt8]? {
    guard let index = virtio.console(inSlot: slot) else { return nil }
    return virtio.consoles[index].device.takeOutput()
  }

  // MARK: Network

  /// The virtio slots that have network adapters, in ascending order.
  public var networkSlots: [Int] { virtio.networkSlots }

  /// Frames that an adapter lost, because the driver gave no buffers in time or the frame had no possible length; nil if the
  /// slot has no adapter.
  public func lostFrames(slot: Int) -> UInt64? {
    virtio.network(inSlot: slot).map { virtio.networks[$0].device.lostFrames }
  }

  /// Puts a frame on an external link, to reach the adapter at the frame's time.
  ///
  /// - Returns: False if the slot has no adapter with an external link.
  public mutating func receive(_ frame: TimedFrame, slot: Int) -> Bool {
    guard let index = virtio.network(inSlot: slot), networkPorts[index] == nil else { return false }
    virtio.networks[index].device.receive(frame)
    refresh()
    return true
  }

  /// Removes and returns what an adapter has sent over its external link; nil if the slot has no such adapter.
  public mutating func takeSentFrames(slot: Int) -> [TimedFrame]? {
    guard let index = virtio.network(inSlot: slot), networkPorts[index] == nil else { return nil }
    return virtio.networks[index].device.takeSentFrames()
  }

  /// Starts to record the frames that pass the built-in switch.
  ///
  /// - Returns: False if the board has none.
  public mutating func startCapture() -> Bool {
    network?.startCapture()
    return network != nil
  }

  /// Ends the recording and returns it; nil if there was none.
  public mutating func endCapture() -> PacketCapture? { network?.endCapture() }

  /// Sets how many of a thousand frames the built-in switch loses.
  public mutating func setLoss(perThousand: UInt64) { network?.lossPerThousand = perThousand }

  /// Sends the built-in host on an errand to the guest, in place of the one that it may be on.
  ///
  /// - Parameters:
  ///   - errand: What to do.
  ///   - now: The time in `mtime` ticks.
  /// - Returns: False if the board has no built-in host.
  public mutating func begin(_ errand: HostErrand, at now: UInt64) -> Bool {
    guard let port = networkHostPort, network?.begin(errand, with: nil, onPort: port, at: now) == true else {
      return false
    }
    refresh()
    return true
  }

  /// How the built-in host's errand ended; nil while it is under way, and when there was none.
  public var errandResult: HostErrandResult? {
    networkHostPort.flatMap { network?.host(onPort: $0)?.errandResult }
  }

  /// When the built-in host's errand ended, in `mtime` ticks; nil while it is under way, and when there was none.
  public var errandEnd: UInt64? {
    networkHostPort.flatMap { network?.host(onPort: $0)?.errandEnd }
  }

  // MARK: Inside

  mutating func connectNetwork(_ configuration: BoardConfiguration) {
    var network = VirtualSwitch(latency: configuration.networkLatency, seed: configuration.seed)
    for device in configuration.virtioDevices {
      guard case .network(let adapter) = device else { continue }
      networkPorts.append(adapter.link == .builtIn ? network.addPort() : nil)
    }
    guard networkPorts.contains(where: { $0 != nil }) else { return }
    networkHostPort = network.attach(VirtualHost(configuration.networkHost))
    self.network = network
  }

  /// Hands what adapters have sent to the built-in switch.
  mutating func moveSentFrames() {
    for (index, port) in networkPorts.enumerated() {
      guard let port, virtio.networks[index].device.hasSentFrames else { continue }
      for frame in virtio.networks[index].device.takeSentFrames() { network?.send(frame, from: port) }
    }
  }

  /// Hands what has arrived at the built-in switch's ports to the adapters.
  mutating func moveArrivedFrames() {
    for (index, port) in networkPorts.enumerated() {
      guard let port, network?.hasArrived(port: port) == true else { continue }
      for frame in network?.takeArrived(port: port) ?? [] { virtio.networks[index].device.receive(frame) }
    }
  }
}
