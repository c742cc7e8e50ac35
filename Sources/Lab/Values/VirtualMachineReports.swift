// What is said about the systems that run side by side as virtual machines.
//
// Field names are part of the program's JSON output: add, never rename.

/// One virtual machine.
public struct VirtualMachineReport: Codable, Equatable, Sendable {
  /// The system's name.
  public var name: String
  /// The kernel structure.
  public var kernel: String
  /// The one application of a unikernel.
  public var application: String?
  /// What it is doing.
  public var state: SystemState
  /// Whether it waits for something from outside, and nothing will wake it otherwise.
  public var waiting: Bool
  /// Why it is not running, one sentence.
  @ExplicitNull public var reason: String?
  /// Loadable bytes of the image.
  public var imageBytes: UInt64
  /// RAM in bytes.
  public var memoryBytes: UInt64
  /// From reset to its first program being ready; nil before.
  @ExplicitNull public var startInstructions: UInt64?
  /// The same in ticks of 100 ns of its own time.
  @ExplicitNull public var startTicks: UInt64?
  /// Instructions retired since reset.
  public var instructions: UInt64
  /// Times that it left to the monitor since reset: device accesses, calls out of S-mode, `wfi`.
  public var vmExits: UInt64
  /// How often the monitor gave it the processor.
  public var turns: UInt64
  /// Its Ethernet address on the virtual switch.
  public var networkAddress: String
  /// What it wrote to its console while the command ran.
  public var console: String
}

/// What the `vm` commands answer.
public struct VirtualMachineList: Codable, Equatable, Sendable {
  /// The monitor's time in ticks of 100 ns.
  public var time: UInt64
  /// The most time that a machine runs in one turn, in ticks of 100 ns.
  public var quantum: UInt64
  /// Frames that the virtual switch has passed on.
  public var frames: UInt64
  /// In the order of their start.
  public var machines: [VirtualMachineReport]
  /// Why running ended before the time was over; nil when it did not.
  public var stopped: String?
}
