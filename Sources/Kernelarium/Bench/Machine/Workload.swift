// What was measured of one workload: time on the host beside the machine's exact counts. Values only.

import Machine

/// The counts that explain where a workload's time goes; all exact, from the machine's counters.
struct WorkloadCounts: Encodable, Equatable, Sendable {
  var instructions: UInt64 = 0
  var tlbMisses: UInt64 = 0
  var pageTableReads: UInt64 = 0
  /// Synchronous exceptions and interrupts.
  var traps: UInt64 = 0
  var addressSpaceSwitches: UInt64 = 0
  var deviceAccesses: UInt64 = 0
}

extension WorkloadCounts {
  init(_ counters: Counters) {
    instructions = counters.instructions
    tlbMisses = counters.tlbMisses
    pageTableReads = counters.pageTableReads
    traps = counters.traps + counters.interrupts
    addressSpaceSwitches = counters.addressSpaceSwitches
    deviceAccesses = counters.mmioAccesses
  }

  static func += (sum: inout WorkloadCounts, more: WorkloadCounts) {
    sum.instructions += more.instructions
    sum.tlbMisses += more.tlbMisses
    sum.pageTableReads += more.pageTableReads
    sum.traps += more.traps
    sum.addressSpaceSwitches += more.addressSpaceSwitches
    sum.deviceAccesses += more.deviceAccesses
  }
}

/// One workload as it ran on this machine.
struct WorkloadMeasurement: Sendable {
  /// Seconds of the host's processor, the best of all repetitions.
  var seconds: Double
  /// How many of them went into making the machine and loading its image.
  var loadingSeconds = 0.0
  var counts: WorkloadCounts
}
