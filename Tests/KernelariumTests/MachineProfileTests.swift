// Where a workload's time goes is worked out from counts and prices alone.

import Testing

@testable import Kernelarium

@Suite struct MachineProfileTests {
  /// Loops as they would be measured if an instruction took 2 ns, a miss 100, a trap 50, a switch 20 and a device 30.
  private let loops: [BenchLoop: WorkloadMeasurement] = [
    .integer: Self.measured(WorkloadCounts(instructions: 1000)),
    .memoryInReach: Self.measured(WorkloadCounts(instructions: 1000, tlbMisses: 5, pageTableReads: 15)),
    .memory: Self.measured(WorkloadCounts(instructions: 1000, tlbMisses: 205, pageTableReads: 615)),
    .traps: Self.measured(WorkloadCounts(instructions: 600, traps: 100)),
    .addressSpaces: Self.measured(WorkloadCounts(instructions: 800, traps: 100, addressSpaceSwitches: 100)),
    .devices: Self.measured(WorkloadCounts(instructions: 300, deviceAccesses: 100)),
  ]

  private static func measured(_ counts: WorkloadCounts, besides: Double = 0) -> WorkloadMeasurement {
    let parts = [
      Double(counts.instructions) * 2, Double(counts.tlbMisses) * 100, Double(counts.traps) * 50,
      Double(counts.addressSpaceSwitches) * 20, Double(counts.deviceAccesses) * 30,
    ]
    return WorkloadMeasurement(seconds: (parts.reduce(0, +) + besides) * 1e-9, counts: counts)
  }

  @Test func pricesAreFoundFromLoopsThatDifferInOneThing() throws {
    let prices = try #require(UnitPrices(loops))
    for (found, expected) in [
      (prices.instruction, 2.0), (prices.tlbMiss, 100), (prices.trap, 50), (prices.addressSpaceSwitch, 20),
      (prices.deviceAccess, 30),
    ] { #expect(abs(found - expected) < 1e-6) }
    var incomplete = loops
    incomplete[.devices] = nil
    #expect(UnitPrices(incomplete) == nil)
  }

  @Test func sharesAddUpAndTheLargestComesFirst() throws {
    let prices = try #require(UnitPrices(loops))
    let counts = WorkloadCounts(instructions: 1000, tlbMisses: 10, pageTableReads: 30, traps: 20, deviceAccesses: 0)
    let profile = WorkloadProfile("boot", Self.measured(counts, besides: 1000), prices: prices)
    #expect(profile.parts.map(\.name) == ["instructions", "TLB misses", "traps", WorkloadProfile.rest])
    #expect(profile.parts.map(\.share) == [0.4, 0.2, 0.2, 0.2])
    #expect(profile.pageTableReadsPerMiss == 3)
    #expect(
      MachineProfile.sentence(profile)
        == "boot: 5.0 ns an instruction, 10.0 TLB misses in 1,000 with 3.0 page-table reads each, 20.0 traps in 1,000. "
        + "Of its time: 40 % instructions, 20 % TLB misses, 20 % traps, 20 % the rest.")
  }

  @Test func loadingIsAPartOfItsOwn() throws {
    let prices = try #require(UnitPrices(loops))
    var measured = Self.measured(WorkloadCounts(instructions: 1000), besides: 3000)
    measured.loadingSeconds = 2500e-9
    let profile = WorkloadProfile("boot", measured, prices: prices)
    #expect(profile.parts.map(\.name) == ["loading the image", "instructions", WorkloadProfile.rest])
    #expect(profile.parts.map(\.share) == [0.5, 0.4, 0.1])
  }

  @Test func pricesThatExplainTooMuchLeaveNoRest() throws {
    let prices = try #require(UnitPrices(loops))
    let counts = WorkloadCounts(instructions: 1000, traps: 40)
    let profile = WorkloadProfile("fast", Self.measured(counts, besides: -500), prices: prices)
    #expect(profile.parts.map(\.share) == [0.5, 0.5])
  }
}
