// The console, the entropy source and the clock, and how devices get into slots.

import Testing

@testable import Machine

@Suite("Virtio console and entropy source")
struct VirtioConsoleTests {
  private func harness(_ device: VirtioDeviceKind, seed: UInt64 = 1) throws -> BoardHarness {
    var configuration = BoardConfiguration()
    configuration.seed = seed
    try configuration.place(device, slot: 0)
    return BoardHarness(configuration)
  }

  @Test func consoleCarriesBytesBothWays() throws {
    let harness = try harness(.console)
    let driver = VirtioDriver(harness, slot: 0, queues: 2)
    #expect(driver.read(0x08) == 3)
    #expect(driver.read(0x100) == 80 | 25 << 16)
    driver.send(Array("hello".utf8), queue: 1)
    #expect(driver.takeUsed(queue: 1).count == 1)
    #expect(harness.board.takeConsoleOutput(slot: 0) == Array("hello".utf8))
    #expect(harness.board.takeConsoleOutput(slot: 0) == [])
    #expect(harness.give(.console(Array("abc".utf8), slot: 0)))
    #expect(harness.board.nextEvent == .max)
    driver.offer(queue: 0, index: 2, count: 2)
    driver.offer(queue: 0, index: 3, count: 16)
    #expect(driver.takeUsed(queue: 0).map(\.bytes) == [[97, 98], [99]])
    driver.offer(queue: 0, index: 4)
    #expect(harness.give(.console([100], slot: 0)))
    harness.advance(by: 0)
    #expect(driver.takeUsed(queue: 0).map(\.bytes) == [[100]])
  }

  @Test func slotsWithoutAConsoleTakeNoInput() throws {
    let harness = try harness(.entropy)
    #expect(!harness.give(.console([1], slot: 0)))
    #expect(!harness.give(.console([1], slot: -1)))
    #expect(harness.board.takeConsoleOutput(slot: 8) == nil)
  }

  @Test func entropyFollowsTheSeed() throws {
    func bytes(seed: UInt64) throws -> [UInt8] {
      let driver = VirtioDriver(try harness(.entropy, seed: seed), slot: 0, queues: 1)
      #expect(driver.read(0x08) == 4)
      driver.offer(queue: 0, index: 0, count: 1024)
      driver.offer(queue: 0, index: 1, count: 1024)
      return driver.takeUsed(queue: 0).flatMap(\.bytes)
    }
    let first = try bytes(seed: 1)
    #expect(first.count == 2048)
    #expect(try bytes(seed: 1) == first)
    #expect(try bytes(seed: 2) != first)
    // All values occur about equally often: 8 times each is expected.
    let counts = first.reduce(into: [UInt8: Int]()) { $0[$1, default: 0] += 1 }
    #expect(counts.count > 245 && (counts.values.max() ?? 0) < 25)
  }

  @Test func requestsOfTheWrongDirectionNeedAReset() throws {
    let entropy = VirtioDriver(try harness(.entropy), slot: 0, queues: 1)
    entropy.send([1], queue: 0)
    #expect(entropy.needsReset)
    let console = VirtioDriver(try harness(.console), slot: 0, queues: 2)
    console.offer(queue: 1, index: 0)
    #expect(console.needsReset)
  }

  @Test func requestUnderWayThatIsMadeAvailableAgainNeedsAReset() throws {
    let driver = VirtioDriver(try harness(.console), slot: 0, queues: 2)
    for index in 0..<8 { driver.offer(queue: 0, index: UInt16(index)) }
    #expect(!driver.needsReset)
    driver.offer(queue: 0, index: 0)
    #expect(driver.needsReset)
  }
}

@Suite("Virtio slots")
struct VirtioSlotTests {
  @Test func devicesFillSlotsFromTheLastUnlessPlaced() throws {
    var configuration = BoardConfiguration(disk: try DiskImage(contents: [UInt8](repeating: 0, count: 512)))
    #expect(try configuration.place(.network(NetworkAdapter())) == 6)
    #expect(try configuration.place(.entropy, slot: 2) == 2)
    #expect(try configuration.place(.console) == 5)
    let board = Board(configuration)
    #expect(board.diskSlot == 7 && board.networkSlots == [6])
    let names = board.devices.filter { $0.compatible == "virtio,mmio" }.map(\.name)
    #expect(
      names == [
        "virtio slot, empty", "virtio slot, empty", "virtio entropy source", "virtio slot, empty", "virtio slot, empty",
        "virtio console", "virtio network adapter", "virtio block device",
      ])
  }

  @Test func impossiblePlacesAreNamed() throws {
    var configuration = BoardConfiguration()
    try configuration.place(.console, slot: 3)
    #expect(throws: VirtioSlotError.occupied(3)) { try configuration.place(.entropy, slot: 3) }
    #expect(throws: VirtioSlotError.noSuchSlot(8)) { try configuration.place(.entropy, slot: 8) }
    #expect(throws: VirtioSlotError.noSuchSlot(-1)) { try configuration.place(.entropy, slot: -1) }
    for _ in 0..<7 { try configuration.place(.entropy) }
    #expect(throws: VirtioSlotError.noneFree) { try configuration.place(.entropy) }
  }
}

@Suite("Real-time clock")
struct RTCTests {
  private let base = MemoryMap.rtc.lowerBound

  private func harness() -> BoardHarness {
    var configuration = BoardConfiguration()
    configuration.epoch = 1_000_000_000
    return BoardHarness(configuration)
  }

  private func time(_ harness: BoardHarness) -> UInt64 {
    let low = harness.load(base) ?? 0
    return low | (harness.load(base + 4) ?? 0) << 32
  }

  private func setAlarm(_ harness: BoardHarness, _ time: UInt64) {
    harness.store(base + 0x0c, time >> 32)
    harness.store(base + 0x08, time & 0xffff_ffff)
  }

  @Test func showsTheEpochPlusSimulatedTime() {
    let harness = harness()
    #expect(time(harness) == 1_000_000_000_000_000_000)
    harness.advance(by: 12345)
    #expect(time(harness) == 1_000_000_000_001_234_500)
    #expect(harness.load(base, size: 8) == 1_000_000_000_001_234_500)
    #expect(harness.load(base, size: 2) == nil)
  }

  @Test func upperHalfBelongsToTheLowerHalfLastRead() {
    let harness = harness()
    harness.store(base + 4, 7)
    harness.store(base, 0xffff_ffff)
    #expect(harness.load(base) == 0xffff_ffff)
    harness.advance(by: 1)
    #expect(harness.load(base + 4) == 7)
    #expect(harness.load(base) == 99)
    #expect(harness.load(base + 4) == 8)
  }

  @Test func alarmInterruptsAtItsTime() {
    let harness = harness()
    harness.store(MemoryMap.plic.lowerBound + 4 * 11, 1)
    harness.store(MemoryMap.plic.lowerBound + 0x2000, 1 << 11)
    harness.store(base + 0x10, 1)
    setAlarm(harness, time(harness) + 1_001)
    #expect(harness.load(base + 0x18) == 1)
    #expect(harness.board.nextEvent == 11)
    harness.advance(by: 10)
    #expect(!harness.isPending(.machineExternal))
    harness.advance(by: 1)
    #expect(harness.isPending(.machineExternal))
    #expect(harness.load(base + 0x18) == 0)
    harness.store(base + 0x1c, 1)
    _ = harness.load(MemoryMap.plic.lowerBound + 0x20_0004)
    harness.store(MemoryMap.plic.lowerBound + 0x20_0004, 11)
    #expect(!harness.isPending(.machineExternal))
  }

  @Test func clearedAlarmStaysSilentAndAPastOneIsAtOnce() {
    let harness = harness()
    harness.store(base + 0x10, 1)
    setAlarm(harness, time(harness) + 1_000)
    harness.store(base + 0x14, 1)
    #expect(harness.board.nextEvent == .max)
    setAlarm(harness, 5)
    #expect(harness.load(MemoryMap.plic.lowerBound + 0x1000) == 1 << 11)
  }
}
