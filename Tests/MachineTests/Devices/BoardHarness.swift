// A board with RAM for tests, and the shortest way to its registers.

import Machine

/// A board whose clock the test turns by hand.
final class BoardHarness {
  var board: Board
  var memory = PhysicalMemory(base: MemoryMap.ram, size: 1 << 20)
  var now: UInt64 = 0

  init(disk: DiskImage? = nil, latency: UInt64 = 100) {
    board = Board(BoardConfiguration(disk: disk, diskLatency: latency))
  }

  init(_ configuration: BoardConfiguration) {
    board = Board(configuration)
  }

  func load(_ address: UInt64, size: Int = 4) -> UInt64? {
    board.load(address, size: size, now: now, memory: &memory)
  }

  @discardableResult
  func store(_ address: UInt64, _ value: UInt64, size: Int = 4) -> Bool {
    board.store(address, size: size, value: value, now: now, memory: &memory)
  }

  func advance(by ticks: UInt64) {
    now += ticks
    board.advance(to: now, memory: &memory)
  }

  /// Lets time pass as the machine does: to each event in turn.
  func advanceThroughEvents(until end: UInt64) {
    while board.nextEvent <= end {
      now = max(now, board.nextEvent)
      board.advance(to: now, memory: &memory)
    }
    now = max(now, end)
    board.advance(to: now, memory: &memory)
  }

  func arm(_ fault: BlockFault, requests: UInt64?, wildAddress: UInt64 = MemoryMap.ram) -> Bool {
    board.armBlockFault(fault, requests: requests, wildAddress: wildAddress)
  }

  func give(_ input: BoardInput) -> Bool { board.apply(input) }

  func takeOutput() -> [UInt8] {
    board.uart.takeOutput()
  }

  func isPending(_ line: InterruptLine) -> Bool {
    board.pendingInterrupts >> line.rawValue & 1 == 1
  }

  func stateWords() -> [UInt64] {
    var words: [UInt64] = []
    board.forEachStateWord { words.append($0) }
    return words
  }
}

/// Bits of `mip`.
enum InterruptLine: UInt64 {
  case machineSoftware = 3
  case machineTimer = 7
  case supervisorExternal = 9
  case machineExternal = 11
}

/// A seeded generator, so that a failing fuzz test fails again (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
