// The scheduling policy through its C entry points, as a kernel calls it.

import GuestSched
import Interfaces
import Testing

/// A policy in memory of its own.
private final class Policy {
  private let memory = UnsafeMutableRawPointer.allocate(byteCount: Int(sched_size()), alignment: 16)
  var instance: OpaquePointer { OpaquePointer(memory) }

  init() { sched_init(instance) }
  deinit { memory.deallocate() }

  /// Takes slots out until the policy has none.
  func drain() -> [Int64] {
    var slots: [Int64] = []
    while true {
      let slot = sched_next(instance)
      guard slot >= 0 else { return slots }
      slots.append(slot)
    }
  }
}

@Suite struct RoundRobinTests {
  @Test func slotsRunInTheOrderInWhichTheyBecameReady() {
    let policy = Policy()
    for slot in [7, 0, 31, 3] as [UInt64] { sched_ready(policy.instance, slot) }
    #expect(policy.drain() == [7, 0, 31, 3])
  }

  @Test func aSlotStandsInTheQueueOnce() {
    let policy = Policy()
    for slot in [1, 2, 1] as [UInt64] { sched_ready(policy.instance, slot) }
    #expect(policy.drain() == [1, 2])
  }

  @Test func removalLeavesTheOthersInOrder() {
    let policy = Policy()
    for slot in 0..<6 as Range<UInt64> { sched_ready(policy.instance, slot) }
    for slot in [0, 3, 5, 9] as [UInt64] { sched_remove(policy.instance, slot) }
    #expect(policy.drain() == [1, 2, 4])
  }

  @Test func slotsBeyondTheTableAreIgnored() {
    let policy = Policy()
    sched_ready(policy.instance, 32)
    sched_ready(policy.instance, .max)
    sched_remove(policy.instance, .max)
    #expect(sched_waiting(policy.instance) == 0)
    #expect(policy.drain() == [])
  }

  @Test func someoneWaitsExactlyWhileTheQueueIsNotEmpty() {
    let policy = Policy()
    #expect(sched_waiting(policy.instance) == 0)
    sched_ready(policy.instance, 4)
    #expect(sched_waiting(policy.instance) == 1)
    _ = sched_next(policy.instance)
    #expect(sched_waiting(policy.instance) == 0)
  }

  @Test func theTimeSliceIsTenMilliseconds() {
    #expect(sched_slice(Policy().instance) == 100_000)
  }

  @Test func anyMixOfOperationsAgreesWithAPlainArray() {
    let policy = Policy()
    var model: [UInt64] = []
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let slot = state >> 40 & 31
      switch state >> 60 {
      case 0..<8:
        sched_ready(policy.instance, slot)
        if !model.contains(slot) { model.append(slot) }
      case 8..<12:
        sched_remove(policy.instance, slot)
        model.removeAll { $0 == slot }
      default:
        let expected = model.isEmpty ? -1 : Int64(model.removeFirst())
        #expect(sched_next(policy.instance) == expected)
      }
    }
  }
}
