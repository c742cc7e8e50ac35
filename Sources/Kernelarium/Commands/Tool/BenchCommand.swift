// `bench`: how fast the program is on this computer. The only command whose JSON holds host-measured figures.

import Lab
import Machine

/// Measures the program.
struct BenchCommand: Command {
  let name = "bench"
  let group = CommandGroup.tool
  let summary = "measure the program on this computer"
  let help = CommandHelp(
    """
    Instructions per second of the emulated hart, boot times, the time from a process's start to its first prompt, \
    and peak memory. Each time is the best of several. All of it is measured on the host and differs from run to run; \
    build with `-c release` for figures that mean something.

    `bench machine` runs the machine alone, on loops of integer, memory and floating-point instructions, system calls \
    and address-space switches, all with the MMU on, and on a boot; where `qemu-system-riscv64` is installed, it runs \
    the same images. It ends with where the time goes.
    """,
    examples: ["bench", "bench machine"], next: ["info stats", "show model"])
  var parameters: [any CommandParameter] { [Self.part] }

  private static let part = Optionally(
    "PART", ArgumentKind<String>.name("part", listedBy: "help bench") { _ in ["machine"] },
    "`machine` for the machine alone")

  private static let loopInstructions: UInt64 = 200_000_000
  private static let repetitions = 5

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    if arguments[Self.part] != nil { return CommandResult(try MachineBench.run()) }
    // First, while nothing else occupies the memory and the caches.
    let prompt = try Self.best { () throws(CommandError) -> Double? in
      PromptProbe.seconds(executable: ProcessPlaces.executable.path)
    }
    let speed = try Self.best { () throws(CommandError) -> Double? in
      do throws(MachineError) {
        return 1
          / (try IntegerLoop.instructionsPerSecond(instructions: Self.loopInstructions / UInt64(Self.repetitions)))
      } catch {
        throw CommandError(.machine, "\(error)")
      }
    }
    var boots: [BenchValue.Boot] = []
    for structure in KernelOrder.sorted(Laboratory.structures) { boots.append(try Self.boot(structure)) }
    return CommandResult(
      BenchValue(
        instructionsPerSecond: speed.map { UInt64(1 / $0) } ?? 0, boots: boots,
        promptMilliseconds: prompt.map { Self.rounded($0 * 1000) }, peakMemoryBytes: HostClock.peakMemoryBytes))
  }

  private static func boot(_ structure: String) throws(CommandError) -> BenchValue.Boot {
    var instructions: UInt64 = 0
    // The first boot also reads and parses the image; it counts as the others do.
    let seconds = try best { () throws(CommandError) -> Double? in
      let laboratory = Laboratory()
      var failure: CommandError?
      let seconds = HostClock.seconds {
        do throws(LabError) {
          instructions = try laboratory.boot(BootRequest(structure: structure)).instructions
        } catch {
          failure = CommandError(error)
        }
      }
      if let failure { throw failure }
      return seconds
    }
    return BenchValue.Boot(
      kernel: structure, instructions: instructions, milliseconds: rounded((seconds ?? 0) * 1000))
  }

  private static func best(
    _ measure: () throws(CommandError) -> Double?
  ) throws(CommandError) -> Double? {
    var best: Double?
    for _ in 0..<repetitions {
      if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "the measurement was interrupted") }
      guard let seconds = try measure() else { continue }
      best = min(best ?? seconds, seconds)
    }
    return best
  }

  private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

private struct BenchValue: CommandValue {
  struct Boot: Encodable, Sendable {
    let kernel: String
    /// From reset to the first program being ready.
    let instructions: UInt64
    let milliseconds: Double
  }

  /// On a loop of integer instructions in M-mode.
  let instructionsPerSecond: UInt64
  let boots: [Boot]
  /// From the start of a process to its first prompt.
  let promptMilliseconds: Double?
  let peakMemoryBytes: UInt64

  func describe(in text: inout StyledText) {
    var table = Table([.text(""), .number(""), .fixed(""), .fixed("")])
    let mark = StyledLine("host-measured", .dim)
    table.row(["integer loop", "\(instructionsPerSecond / 1_000_000)", "million instructions/s", mark])
    for boot in boots {
      let unit = "ms for \(NumberStyle.count(boot.instructions, "instruction"))"
      table.row(["boot \(boot.kernel)", "\(Self.decimals(boot.milliseconds))", StyledLine(unit), mark])
    }
    if let promptMilliseconds {
      table.row(["process start to prompt", "\(Self.decimals(promptMilliseconds))", "ms", mark])
    }
    table.row(["peak memory", "\(peakMemoryBytes >> 20)", "MiB", mark])
    text.append(table.text())
  }

  private static func decimals(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(NumberStyle.decimal(tenths / 10)).\(tenths % 10)"
  }
}
