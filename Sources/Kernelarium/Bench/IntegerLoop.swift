// The speed of the emulated hart on a loop of integer instructions: the machine alone, without a guest system.

import Machine

/// Measures instructions per second.
enum IntegerLoop {
  // loop: addi a0, a0, 1; xor a1, a1, a0; slli a2, a1, 1; add a3, a3, a2; j loop
  private static let program: [UInt32] = [0x0015_0513, 0x00a5_c5b3, 0x0015_9613, 0x00c6_86b3, 0xff1f_f06f]

  /// Instructions retired in each second of the host's time.
  ///
  /// - Parameter instructions: How many to run.
  static func instructionsPerSecond(instructions: UInt64) throws(MachineError) -> Double {
    var machine = try Machine(MachineConfiguration(memoryBytes: 1 << 20))
    let start = machine.memory.base
    for (index, word) in program.enumerated() {
      _ = machine.memory.store(word, at: start + UInt64(4 * index))
    }
    machine.pc = start
    // The first pass decodes.
    _ = machine.run(limit: 1000)
    let before = machine.instructionCount
    let seconds = HostClock.seconds { _ = machine.run(limit: instructions) }
    return Double(machine.instructionCount - before) / seconds
  }
}
