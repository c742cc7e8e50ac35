// `bench machine`: the machine alone on workloads of one kind each, and QEMU on the same images in the same run.

import Foundation
import GuestImages
import Machine

/// Measures the machine.
enum MachineBench {
  private static let repetitions = 3
  private static let bootedStructure = "monolithic"
  private static let shellPrompt = "$ "
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
    var rows: [MachineBenchValue.Row] = []
    for loop in BenchLoop.allCases {
      let program = BenchProgram(loop, passes: loop.passes)
      let own = try best { () throws(CommandError) in try measure(program.image) }
      let path = try file("\(loop.rawValue).elf", program.image)
      let other = try qemu.flatMap { qemu throws(CommandError) in try qemu.seconds(toEndOf: path) }
      rows.append(
        MachineBenchValue.Row(
          workload: loop.rawValue, instructions: own.instructions, event: loop.event, events: loop.passes,
          seconds: own.seconds, qemuSeconds: other))
    }
    let (kernel, disk) = try bundledSystem()
    let own = try best { () throws(CommandError) in try measureBoot(kernel, disk) }
    let paths = (try file("boot.elf", kernel), try file("disk.img", disk))
    let other = try qemu.flatMap { qemu throws(CommandError) in
      try qemu.seconds(until: shellPrompt, kernel: paths.0, disk: paths.1)
    }
    rows.append(
      MachineBenchValue.Row(
        workload: "boot", instructions: own.instructions, event: "boots of \(bootedStructure)", events: 1,
        seconds: own.seconds, qemuSeconds: other))
    return MachineBenchValue(rows: rows, comparesWithQEMU: qemu != nil)
  }

  private struct Measurement {
    let seconds: Double
    let instructions: UInt64
  }

  private static func best(
    _ measure: () throws(CommandError) -> Measurement
  ) throws(CommandError) -> Measurement {
    var best = try measure()
    for _ in 1..<repetitions {
      if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "the measurement was interrupted") }
      let next = try measure()
      if next.seconds < best.seconds { best = next }
    }
    return best
  }

  /// Runs an image until it ends.
  private static func measure(_ image: [UInt8]) throws(CommandError) -> Measurement {
    var machine = try loaded(image, disk: nil)
    var reason = StopReason.limit
    let seconds = HostClock.seconds { reason = machine.run(limit: .max) }
    guard reason == .finished(.pass) else {
      throw CommandError(.machine, "a benchmark's guest ended with \(reason) at \(NumberStyle.hexadecimal(machine.pc))")
    }
    return Measurement(seconds: seconds, instructions: machine.instructionCount)
  }

  /// Boots a system until its shell's prompt is on the console.
  private static func measureBoot(_ kernel: [UInt8], _ disk: [UInt8]) throws(CommandError) -> Measurement {
    let image: DiskImage
    do throws(DiskImageError) { image = try DiskImage(contents: disk) } catch {
      throw CommandError(.badFile, "\(error)")
    }
    var machine = try loaded(kernel, disk: image)
    var seen: [UInt8] = []
    let prompt = Array(shellPrompt.utf8)
    let seconds = HostClock.seconds {
      while machine.instructionCount < bootLimit {
        let reason = machine.run(limit: 10_000)
        seen += machine.board.uart.takeOutput()
        if reason != .limit || seen.contains(prompt) { return }
      }
    }
    guard seen.contains(prompt) else {
      throw CommandError(.limit, "\(bootedStructure) wrote no prompt in \(bootLimit) instructions")
    }
    return Measurement(seconds: seconds, instructions: machine.instructionCount)
  }

  private static func loaded(_ image: [UInt8], disk: DiskImage?) throws(CommandError) -> Machine {
    do {
      var machine = try Machine(MachineConfiguration(disk: disk))
      try machine.load(try ELFFile.parse(image))
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

/// What `bench machine` measured; all times are the host's.
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

  func describe(in text: inout StyledText) {
    var table = Table([
      .fixed("host-measured"), .number("MIPS"), .number("events/s"), .text("event"), .number("ratio to QEMU"),
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
      ? "QEMU: its translator, one thread, the same image in the same run; its MIPS are of the instructions counted here."
      : "`qemu-system-riscv64` is not installed; with it, each row shows the ratio."
    text.paragraph(StyledLine(markup: note), indent: 2, hanging: 2)
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
