// Watched memory: each write is seen, on both paths, and nothing else changes.

import Testing

@testable import Machine

@Suite struct WatchedMemoryTests {
  private static let counter = MemoryMap.ram + 0x8000

  private func countingMachine() throws -> Machine {
    var machine = try Machine.executing(MachineTests.counting)
    machine[.a1] = Self.counter
    return machine
  }

  @Test func runStopsAfterEachWatchedStore() throws {
    var machine = try countingMachine()
    _ = machine.run(limit: 5)
    machine.watchedMemory = [Self.counter..<Self.counter + 8]
    machine.stoppingEvents = [.watchedWrites]
    for round in 1...4 as ClosedRange<UInt64> {
      let kind = MachineEvent.Kind.watchedWrite(
        address: Self.counter, count: 8, pc: MemoryMap.ram + 4, by: .instruction)
      let event = MachineEvent(instructionCount: round * 5 + 1, kind: kind)
      #expect(machine.run(limit: 1000) == .event(event))
      #expect(machine.instructionCount == round * 5 + 2)
    }
    machine.watchedMemory = []
    #expect(machine.run(limit: 1000) == .limit)
  }

  @Test func neighboursOfWatchedMemoryAreNotReported() throws {
    var machine = try countingMachine()
    machine.watchedMemory = [Self.counter + 8..<Self.counter + 16, Self.counter - 8..<Self.counter]
    machine.stoppingEvents = [.watchedWrites]
    #expect(machine.run(limit: 1000) == .limit)
  }

  @Test func watchingWorksAfterACheckpointWasRestored() throws {
    var machine = try countingMachine()
    let start = machine.checkpoint()
    machine.watchedMemory = [Self.counter + 7..<Self.counter + 8]
    _ = machine.run(limit: 100)
    try machine.restore(start)
    machine.stoppingEvents = [.watchedWrites]
    guard case .event = machine.run(limit: 100) else {
      Issue.record("the store was missed")
      return
    }
    #expect(machine.instructionCount == 2)
  }

  @Test(arguments: 0..<30 as Range<UInt64>)
  func bothPathsSeeTheSameWritesAndStayTheSame(seed: UInt64) throws {
    var program = RandomProgram(seed: seed, floatingPointShare: 5)
    var sameProgram = RandomProgram(seed: seed, floatingPointShare: 5)
    var plainProgram = RandomProgram(seed: seed, floatingPointShare: 5)
    var fast = try program.machine()
    var reference = try sameProgram.machine()
    var plain = try plainProgram.machine()
    let all = [fast.memory.base..<fast.memory.base + fast.memory.size]
    fast.watchedMemory = all
    reference.watchedMemory = all
    fast.recording = [.watchedWrites]
    reference.recording = [.watchedWrites]
    for _ in 0..<10 {
      let limit: UInt64 = 700
      #expect(fast.run(limit: limit) == reference.runReference(limit: limit))
      _ = plain.run(limit: limit)
      let events = fast.takeEvents()
      #expect(events == reference.takeEvents())
    }
    let hashes = (fast.stateHash(), reference.stateHash(), plain.stateHash())
    #expect(hashes.0 == hashes.1)
    #expect(hashes.0 == hashes.2)
  }

  @Test func checkpointsSayWhichPagesMayDiffer() throws {
    var machine = try countingMachine()
    _ = machine.run(limit: 5)
    let first = machine.checkpoint()
    _ = machine.run(limit: 5)
    let second = machine.checkpoint()
    #expect(first.mayDiffer(from: second, inPageOf: Self.counter))
    #expect(!first.mayDiffer(from: second, inPageOf: MemoryMap.ram))
    #expect(first.changedBytes(until: second) == 4096)
    #expect(second.stepCount == 10)
  }
}
