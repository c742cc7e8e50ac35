// `bench machine`: the machine alone on workloads of one kind each, and QEMU on the same images in the same run.

import Foundation
import GuestImages
import Machine

/// Measures the machine.
enum MachineBench {
  private static let repetitions = 3
  private static let bootedStructure = "monolithic"
  private static let shellPrompt = "$ "
  /// Boots in one measurement: one alone is shorter than the start of QEMU's process varies.
  static let boots = 50
  private static let bootLimit: UInt64 = 1_000_000_000

  /// Runs all workloads.
  static func run() throws(CommandError) -> MachineBenchValue {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kernelarium-bench-\(UUID().uuidString)")
    do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
      throw CommandError(.badFile, "cannot make \(folder.path)", hint: "is there room for temporary files?")
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    func file(_ name: String, _ bytes: [UInt8]) throws(CommandError) -> String {
      let path = folder.appendingPathComponent(name).path
      try HostFile.write(bytes, to: path, as: "the temporary file")
      return path
    }

    var qemu = QEMU()
    try qemu?.calibrate(with: file("empty.elf", BenchProgram(.integer, passes: 1).image), repetitions: repetitions)
    let emulator = qemu
    var rows: [MachineBenchValue.Row] = []
    var loops: [BenchLoop: WorkloadMeasurement] = [:]
    var measured: [(name: String, WorkloadMeasurement)] = []
    for loop in BenchLoop.allCases {
      let program = BenchProgram(loop, passes: loop.passes)
      let path = try file("\(loop.rawValue).elf", program.image)
      let (own, other) = try best(
        { () throws(CommandError) in try measure(program.image) },
        { () throws(CommandError) in loop.isWorkload ? try emulator?.seconds(toEndOf: path) : nil })
      loops[loop] = own
      guard loop.isWorkload else { continue }
      measured.append((loop.rawValue, own))
      rows.append(
        MachineBenchValue.Row(
          workload: loop.rawValue, instructions: own.counts.instructions, event: loop.event, events: loop.passes,
          seconds: own.seconds, qemuSeconds: other))
    }
    let (kernel, disk) = try bundledSystem()
    let paths = (try file("boot.elf", kernel), try file("disk.img", disk))
    let (own, other) = try best(
      { () throws(CommandError) in try measureBoots(kernel, disk) },
      { () throws(CommandError) in
        try emulator?.seconds(of: boots, until: shellPrompt, kernel: paths.0, disk: paths.1)
      })
    measured.append(("boot", own))
    rows.append(
      MachineBenchValue.Row(
        workload: "boot", instructions: own.counts.instructions, event: "boots of \(bootedStructure)",
        events: UInt64(boots), seconds: own.seconds, qemuSeconds: other))
    let profile = UnitPrices(loops).map { prices in
      MachineProfile(prices: prices, workloads: measured.map { WorkloadProfile($0.name, $0.1, prices: prices) })
    }
    return MachineBenchValue(rows: rows, comparesWithQEMU: qemu != nil, profile: profile)
  }

  /// The least time of several repetitions here and there, in turns, so that a busy computer disturbs both alike.
  private static func best(
    _ own: () throws(CommandError) -> WorkloadMeasurement, _ other: () throws(CommandError) -> Double?
  ) throws(CommandError) -> (own: WorkloadMeasurement, other: Double?) {
    var best = try own()
    var otherBest = try other()
    for _ in 1..<repetitions {
      if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "the measurement was interrupted") }
      let next = try own()
      if next.seconds < best.seconds { best = next }
      if let seconds = try other() { otherBest = min(otherBest ?? seconds, seconds) }
    }
    return (best, otherBest)
  }

  /// Runs an image until it ends.
  private static func measure(_ image: [UInt8]) throws(CommandError) -> WorkloadMeasurement {
    var machine = try loaded(image, disk: nil)
    var reason = StopReason.limit
    let seconds = HostClock.processorSeconds { reason = machine.run(limit: .max) }
    guard reason == .finished(.pass) else {
      throw CommandError(.machine, "a benchmark's guest ended with \(reason) at \(NumberStyle.hexadecimal(machine.pc))")
    }
    return WorkloadMeasurement(seconds: seconds, counts: WorkloadCounts(machine.counters))
  }

  /// Boots a system some times, each from reset, with its image loaded anew, until its shell's prompt is on the console.
  private static func measureBoots(_ kernel: [UInt8], _ disk: [UInt8]) throws(CommandError) -> WorkloadMeasurement {
    let image: DiskImage
    let elf: ELFFile
    do throws(DiskImageError) { image = try DiskImage(contents: disk) } catch {
      throw CommandError(.badFile, "\(error)")
    }
    do throws(ELFError) { elf = try ELFFile.parse(kernel) } catch { throw CommandError(.badFile, "\(error)") }
    // As on QEMU, the first boot does not count.
    _ = try boot(elf, image)
    var measured = WorkloadMeasurement(seconds: 0, counts: WorkloadCounts())
    for _ in 0..<boots {
      let next = try boot(elf, image)
      measured.seconds += next.seconds
      measured.loadingSeconds += next.loadingSeconds
      measured.counts += next.counts
    }
    return measured
  }

  private static func boot(_ kernel: ELFFile, _ disk: DiskImage) throws(CommandError) -> WorkloadMeasurement {
    let prompt = Array(shellPrompt.utf8)
    var seen: [UInt8] = []
    var counts: WorkloadCounts?
    var loadingSeconds = 0.0
    var failure: CommandError?
    let seconds = HostClock.processorSeconds {
      do throws(CommandError) {
        let start = HostClock.processorSeconds
        var machine = try loaded(kernel, disk: disk)
        loadingSeconds = HostClock.processorSeconds - start
        while counts == nil, machine.instructionCount < bootLimit {
          let reason = machine.run(limit: 10_000)
          seen += machine.board.uart.takeOutput()
          if seen.contains(prompt) { counts = WorkloadCounts(machine.counters) }
          guard reason == .limit else { return }
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
    guard let counts else {
      throw CommandError(.limit, "\(bootedStructure) wrote no prompt in \(bootLimit) instructions")
    }
    return WorkloadMeasurement(seconds: seconds, loadingSeconds: loadingSeconds, counts: counts)
  }

  private static func loaded(_ image: [UInt8], disk: DiskImage?) throws(CommandError) -> Machine {
    let elf: ELFFile
    do throws(ELFError) { elf = try ELFFile.parse(image) } catch { throw CommandError(.machine, "\(error)") }
    return try loaded(elf, disk: disk)
  }

  private static func loaded(_ elf: ELFFile, disk: DiskImage?) throws(CommandError) -> Machine {
    do throws(MachineError) {
      var machine = try Machine(MachineConfiguration(disk: disk))
      try machine.load(elf)
      return machine
    } catch {
      throw CommandError(.machine, "\(error)")
    }
  }

  private static func bundledSystem() throws(CommandError) -> (kernel: [UInt8], disk: [UInt8]) {
    do throws(GuestImageError) {
      return (try GuestImages.image(of: bootedStructure).kernel, try GuestImages.disk())
    } catch {
      throw CommandError(.badFile, "\(error)")
    }
  }
}

/// What `bench machine` measured; all times are processor time of the host.
struct MachineBenchValue: CommandValue {
  /// One workload.
  struct Row: Encodable, Sendable {
    let workload: String
    let instructions: UInt64
    /// What is counted besides instructions, if anything.
    let event: String?
    let events: UInt64?
    let seconds: Double
    let millionInstructionsPerSecond: Double
    let eventsPerSecond: Double?
    let qemuSeconds: Double?
    let qemuMillionInstructionsPerSecond: Double?
    let qemuEventsPerSecond: Double?
    /// The speed here divided by QEMU's: above 1, this machine is faster.
    let ratioToQEMU: Double?

    init(
      workload: String, instructions: UInt64, event: String?, events: UInt64, seconds: Double, qemuSeconds: Double?
    ) {
      self.workload = workload
      self.instructions = instructions
      self.event = event
      self.events = event == nil ? nil : events
      self.seconds = Self.rounded(seconds, 10_000)
      self.qemuSeconds = qemuSeconds.map { Self.rounded($0, 10_000) }
      // What is below the clock's resolution is no measurement.
      let other = qemuSeconds.flatMap { $0 > 0 ? $0 : nil }
      millionInstructionsPerSecond = Self.rounded(Double(instructions) / seconds / 1e6, 100)
      qemuMillionInstructionsPerSecond = other.map { Self.rounded(Double(instructions) / $0 / 1e6, 100) }
      eventsPerSecond = event == nil ? nil : Self.rounded(Double(events) / seconds, 10)
      qemuEventsPerSecond = event == nil ? nil : other.map { Self.rounded(Double(events) / $0, 10) }
      ratioToQEMU = other.map { Self.rounded($0 / seconds, 1000) }
    }

    private static func rounded(_ value: Double, _ scale: Double) -> Double { (value * scale).rounded() / scale }
  }

  let rows: [Row]
  /// Whether QEMU is installed.
  let comparesWithQEMU: Bool
  /// Where the time goes.
  let profile: MachineProfile?

  func describe(in text: inout StyledText) {
    var table = Table([
      .fixed("host-measured"), .number("MIPS"), .number("events/s"), .text("event"), .number("× QEMU"),
    ])
    for row in rows {
      table.row([
        StyledLine(row.workload), StyledLine(Self.decimals(row.millionInstructionsPerSecond)),
        StyledLine(row.eventsPerSecond.map(Self.decimals) ?? ""), StyledLine(row.event ?? ""),
        StyledLine(row.ratioToQEMU.map { Self.hundredths($0) } ?? "–"),
      ])
    }
    text.append(table.text())
    let note =
      comparesWithQEMU
      ? "QEMU: its translator, one thread, the same images and repetitions in the same run, processor time on "
        + "both sides; a boot is one of \(MachineBench.boots) from reset, with the image loaded anew."
      : "`qemu-system-riscv64` is not installed; with it, each row shows the ratio."
    text.paragraph(StyledLine(markup: note), indent: 2, hanging: 2)
    profile?.describe(in: &text)
  }

  private static func decimals(_ value: Double) -> String {
    if value >= 1000 { return NumberStyle.decimal(Int(value.rounded())) }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func hundredths(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let digits = hundredths % 100
    return "\(hundredths / 100).\(digits < 10 ? "0" : "")\(digits)"
  }
}
