// Where the time of each workload goes, in words: exact counts of the machine times prices measured in the same run. The
// prices come from loops that differ in one thing; nothing here is a constant of some other computer.

/// What single things cost on this computer, in nanoseconds.
struct UnitPrices: Encodable, Equatable, Sendable {
  /// An instruction of the integer loop.
  let instruction: Double
  /// A TLB miss: the walk, the replacement, and what the host's own caches miss of the data behind it.
  let tlbMiss: Double
  /// A trap and the return from it, besides the instructions of the handler.
  let trap: Double
  /// A write of `satp` that changes it, besides the trap it happens in.
  let addressSpaceSwitch: Double
  /// A load that a device answers.
  let deviceAccess: Double
}

extension UnitPrices {
  /// Prices from the loops of one run; nil if one of them is missing.
  init?(_ loops: [BenchLoop: WorkloadMeasurement]) {
    guard let integer = loops[.integer], let memory = loops[.memory], let inReach = loops[.memoryInReach],
      let traps = loops[.traps], let switches = loops[.addressSpaces], let devices = loops[.devices]
    else { return nil }
    let perInstruction = integer.seconds / Double(integer.counts.instructions)
    func left(_ loop: WorkloadMeasurement, per count: UInt64, without known: Double) -> Double {
      let rest = loop.seconds - Double(loop.counts.instructions) * perInstruction - known
      return count == 0 ? 0 : max(0, rest / Double(count))
    }
    let misses = Double(memory.counts.tlbMisses) - Double(inReach.counts.tlbMisses)
    let perTrap = left(traps, per: traps.counts.traps, without: 0)
    let inTraps = Double(switches.counts.traps) * perTrap
    instruction = perInstruction * 1e9
    tlbMiss = misses > 0 ? max(0, (memory.seconds - inReach.seconds) / misses) * 1e9 : 0
    trap = perTrap * 1e9
    addressSpaceSwitch = left(switches, per: switches.counts.addressSpaceSwitches, without: inTraps) * 1e9
    deviceAccess = left(devices, per: devices.counts.deviceAccesses, without: 0) * 1e9
  }
}

/// How the time of one workload divides.
struct WorkloadProfile: Encodable, Equatable, Sendable {
  /// A part of the time.
  struct Part: Encodable, Equatable, Sendable {
    let name: String
    /// Between 0 and 1.
    let share: Double
  }

  let workload: String
  let counts: WorkloadCounts
  let nanosecondsPerInstruction: Double
  let tlbMissesPerThousandInstructions: Double
  let trapsPerThousandInstructions: Double
  let pageTableReadsPerMiss: Double?
  /// The largest first; what no price explains is the last.
  let parts: [Part]

  /// What no price explains.
  static let rest = "the rest"

  init(_ workload: String, _ measured: WorkloadMeasurement, prices: UnitPrices) {
    self.workload = workload
    counts = measured.counts
    let instructions = Double(max(counts.instructions, 1))
    nanosecondsPerInstruction = Self.rounded(measured.seconds / instructions * 1e9)
    tlbMissesPerThousandInstructions = Self.rounded(Double(counts.tlbMisses) / instructions * 1000)
    trapsPerThousandInstructions = Self.rounded(Double(counts.traps) / instructions * 1000)
    pageTableReadsPerMiss =
      counts.tlbMisses == 0 ? nil : Self.rounded(Double(counts.pageTableReads) / Double(counts.tlbMisses))
    let priced: [(String, UInt64, Double)] = [
      ("instructions", counts.instructions, prices.instruction),
      ("TLB misses", counts.tlbMisses, prices.tlbMiss),
      ("traps", counts.traps, prices.trap),
      ("address-space switches", counts.addressSpaceSwitches, prices.addressSpaceSwitch),
      ("device accesses", counts.deviceAccesses, prices.deviceAccess),
    ]
    let total = measured.seconds * 1e9
    let loading = measured.loadingSeconds * 1e9
    let explained = priced.reduce(loading) { $0 + Double($1.1) * $1.2 }
    // Prices are measured too: together they may explain a little more than there is.
    let whole = max(total, explained)
    var parts = priced.map { Part(name: $0.0, share: Self.rounded(Double($0.1) * $0.2 / whole)) }
    parts.append(Part(name: "loading the image", share: Self.rounded(loading / whole)))
    parts.sort { $0.share > $1.share }
    parts.append(Part(name: Self.rest, share: Self.rounded((whole - explained) / whole)))
    self.parts = parts.filter { $0.share > 0 }
  }

  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

/// The profile of all workloads of a run.
struct MachineProfile: Encodable, Sendable {
  let prices: UnitPrices
  let workloads: [WorkloadProfile]

  func describe(in text: inout StyledText) {
    text.paragraph(
      StyledLine(
        "Where the time goes: exact counts times prices measured in this run, the best of several. "
          + "An instruction of the integer loop costs \(Self.tenths(prices.instruction)) ns, "
          + "a TLB miss \(Self.tenths(prices.tlbMiss)) ns with what the host's caches miss, "
          + "a trap and its return \(Self.tenths(prices.trap)) ns, "
          + "an address-space switch \(Self.tenths(prices.addressSpaceSwitch)) ns, "
          + "a device access \(Self.tenths(prices.deviceAccess)) ns. The rest is what no price explains: "
          + "floating-point arithmetic, decoding, code too new for the host's caches and branch prediction."),
      indent: 2, hanging: 2)
    for workload in workloads { text.paragraph(StyledLine(Self.sentence(workload)), indent: 2, hanging: 4) }
  }

  static func sentence(_ workload: WorkloadProfile) -> String {
    var sentence = "\(workload.workload): \(tenths(workload.nanosecondsPerInstruction)) ns an instruction"
    if workload.tlbMissesPerThousandInstructions >= 0.1 {
      sentence += ", \(tenths(workload.tlbMissesPerThousandInstructions)) TLB misses in 1,000"
      if let reads = workload.pageTableReadsPerMiss { sentence += " with \(tenths(reads)) page-table reads each" }
    }
    if workload.trapsPerThousandInstructions >= 0.1 {
      sentence += ", \(tenths(workload.trapsPerThousandInstructions)) traps in 1,000"
    }
    let parts = workload.parts.filter { $0.share >= 0.01 }.map { "\(percent($0.share)) \($0.name)" }
    return sentence + ". Of its time: " + parts.joined(separator: ", ") + "."
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(NumberStyle.decimal(tenths / 10)).\(tenths % 10)"
  }

  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
