// The core-local interruptor, the platform-level interrupt controller and the test finisher, through the bus.

import Testing

@testable import Machine

@Suite("Core-local interruptor")
struct CLINTTests {
  private let timeCompare = MemoryMap.clint.lowerBound + 0x4000
  private let time = MemoryMap.clint.lowerBound + 0xbff8

  @Test func timerLineRisesAtTheComparedTickAndFallsWhenComparedLater() {
    let harness = BoardHarness()
    harness.store(timeCompare, 50, size: 8)
    #expect(harness.board.nextEvent == 50)
    harness.advance(by: 49)
    #expect(!harness.isPending(.machineTimer))
    harness.advance(by: 1)
    #expect(harness.isPending(.machineTimer))
    #expect(harness.board.nextEvent == .max)
    harness.store(timeCompare, 80, size: 8)
    #expect(!harness.isPending(.machineTimer))
    #expect(harness.board.nextEvent == 80)
  }

  @Test func compareRegisterIsWrittenByHalves() {
    let harness = BoardHarness()
    harness.store(timeCompare, 0x1111_2222)
    harness.store(timeCompare + 4, 0x3333_4444)
    #expect(harness.load(timeCompare, size: 8) == 0x3333_4444_1111_2222)
    #expect(harness.load(timeCompare + 4) == 0x3333_4444)
  }

  @Test func timeCanBeSetAndMovesTheTimerWithIt() {
    let harness = BoardHarness()
    harness.advance(by: 10)
    harness.store(time, 1000, size: 8)
    harness.store(timeCompare, 1005, size: 8)
    #expect(harness.load(time, size: 8) == 1000)
    #expect(harness.board.timeOffset == 990)
    #expect(harness.board.nextEvent == 15)
    harness.advance(by: 5)
    #expect(harness.isPending(.machineTimer))
  }

  @Test func softwareInterruptFollowsTheLowestBit() {
    let harness = BoardHarness()
    harness.store(MemoryMap.clint.lowerBound, 0xffff_ffff)
    #expect(harness.isPending(.machineSoftware))
    #expect(harness.load(MemoryMap.clint.lowerBound) == 1)
    harness.store(MemoryMap.clint.lowerBound, 0)
    #expect(!harness.isPending(.machineSoftware))
  }

  @Test(arguments: [(0x0, 8), (0x0, 1), (0x4000, 2), (0x4004, 8), (0xc000, 4)])
  func unsupportedAccessesFault(offset: UInt64, size: Int) {
    let harness = BoardHarness()
    #expect(harness.load(MemoryMap.clint.lowerBound + offset, size: size) == nil)
    #expect(!harness.store(MemoryMap.clint.lowerBound + offset, 0, size: size))
  }
}

/// A controller behind a reference, so that expectations can call what changes it.
private final class PLICHarness {
  private var plic = PLIC()

  func load(offset: UInt64, size: Int) -> UInt64? { plic.load(offset: offset, size: size) }

  func store(offset: UInt64, size: Int, value: UInt64) -> Bool { plic.store(offset: offset, size: size, value: value) }

  func setLevel(_ high: Bool, source: Int) { plic.setLevel(high, source: source) }

  func interrupts(_ context: PLIC.Context) -> Bool { plic.interrupts(context) }
}

@Suite("Platform-level interrupt controller")
struct PLICTests {
  private static let enable: UInt64 = 0x2000
  private static let threshold: UInt64 = 0x20_0000
  private static let claim: UInt64 = 0x20_0004
  private static let supervisorStride: UInt64 = 0x1000

  /// A controller with the given sources enabled for M-mode at the given priorities.
  private func controller(_ priorities: [Int: UInt64]) -> PLICHarness {
    let plic = PLICHarness()
    for (source, priority) in priorities {
      _ = plic.store(offset: UInt64(4 * source), size: 4, value: priority)
      let word = Self.enable + UInt64(source / 32 * 4)
      let enabled = plic.load(offset: word, size: 4) ?? 0
      _ = plic.store(offset: word, size: 4, value: enabled | 1 << UInt64(source % 32))
    }
    return plic
  }

  @Test func claimTakesTheHighestPriorityThenTheLowestNumber() {
    let plic = controller([3: 2, 9: 5, 40: 5])
    for source in [3, 9, 40] { plic.setLevel(true, source: source) }
    var claimed: [UInt64?] = []
    for _ in 0..<4 { claimed.append(plic.load(offset: Self.claim, size: 4)) }
    #expect(claimed == [9, 40, 3, 0])
  }

  @Test func priorityZeroNeverInterruptsNorIsClaimed() {
    let plic = controller([5: 0])
    plic.setLevel(true, source: 5)
    #expect(!plic.interrupts(.machine))
    #expect(plic.load(offset: Self.claim, size: 4) == 0)
    #expect(plic.load(offset: 0x1000, size: 4) == 1 << 5)
  }

  @Test func thresholdMasksTheLineButNotTheClaim() {
    let plic = controller([5: 3])
    plic.setLevel(true, source: 5)
    _ = plic.store(offset: Self.threshold, size: 4, value: 3)
    #expect(!plic.interrupts(.machine))
    _ = plic.store(offset: Self.threshold, size: 4, value: 2)
    #expect(plic.interrupts(.machine))
    _ = plic.store(offset: Self.threshold, size: 4, value: 7)
    #expect(plic.load(offset: Self.claim, size: 4) == 5)
  }

  @Test func lineStillHighAfterCompletionIsPendingAgain() {
    let plic = controller([5: 1])
    plic.setLevel(true, source: 5)
    #expect(plic.load(offset: Self.claim, size: 4) == 5)
    #expect(!plic.interrupts(.machine))
    _ = plic.store(offset: Self.claim, size: 4, value: 5)
    #expect(plic.interrupts(.machine))
  }

  @Test func lineLowAtCompletionIsNotPendingAgain() {
    let plic = controller([5: 1])
    plic.setLevel(true, source: 5)
    _ = plic.load(offset: Self.claim, size: 4)
    plic.setLevel(false, source: 5)
    _ = plic.store(offset: Self.claim, size: 4, value: 5)
    #expect(!plic.interrupts(.machine))
  }

  @Test func completionOfASourceThatIsNotEnabledIsIgnored() {
    let plic = controller([5: 1])
    plic.setLevel(true, source: 5)
    _ = plic.load(offset: Self.claim, size: 4)
    // Context 1 has nothing enabled.
    _ = plic.store(offset: Self.claim + Self.supervisorStride, size: 4, value: 5)
    #expect(!plic.interrupts(.machine))
  }

  @Test func contextsAreIndependentAndASourceIsClaimedOnce() {
    let plic = controller([7: 1])
    _ = plic.store(offset: Self.enable + 0x80, size: 4, value: 1 << 7)
    plic.setLevel(true, source: 7)
    #expect(plic.interrupts(.machine) && plic.interrupts(.supervisor))
    #expect(plic.load(offset: Self.claim + Self.supervisorStride, size: 4) == 7)
    #expect(!plic.interrupts(.machine) && !plic.interrupts(.supervisor))
  }

  @Test func registersHoldOnlyWhatExists() {
    let plic = PLICHarness()
    _ = plic.store(offset: 0, size: 4, value: 7)
    _ = plic.store(offset: 4, size: 4, value: 0xff)
    _ = plic.store(offset: Self.enable, size: 4, value: 0xffff_ffff)
    _ = plic.store(offset: Self.enable + 12, size: 4, value: 0xffff_ffff)
    #expect(plic.load(offset: 0, size: 4) == 0)
    #expect(plic.load(offset: 4, size: 4) == 7)
    #expect(plic.load(offset: Self.enable, size: 4) == 0xffff_fffe)
    #expect(plic.load(offset: Self.enable + 12, size: 4) == 1)
    #expect(plic.load(offset: 4, size: 8) == nil)
    #expect(plic.load(offset: 4, size: 1) == nil)
  }
}

@Suite("Test finisher")
struct FinisherTests {
  @Test(arguments: [
    (UInt64(0x5555), FinisherStatus.pass), (0x2a_3333, .fail(code: 42)), (0x7777, .reset),
  ])
  func commandsAreRecorded(value: UInt64, status: FinisherStatus) {
    let harness = BoardHarness()
    #expect(harness.store(MemoryMap.finisher.lowerBound, value))
    #expect(harness.board.finished == status)
  }

  @Test func otherValuesAndSizesDoNothing() {
    let harness = BoardHarness()
    #expect(harness.store(MemoryMap.finisher.lowerBound, 0x1234))
    #expect(!harness.store(MemoryMap.finisher.lowerBound, 0x5555, size: 8))
    #expect(harness.store(MemoryMap.finisher.lowerBound + 4, 0x5555))
    #expect(harness.board.finished == nil)
  }
}
