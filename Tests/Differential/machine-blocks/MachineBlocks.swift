// Runs a raw image of RAM on the machine until it writes to the test finisher, and saves RAM as it is then: this
// machine's side of the differential tests. A test tool, not part of the product; `Tests/Differential/run.py` calls it.

import Foundation
import Machine

/// What the command line asks for.
struct Arguments {
  static let usage = "usage: machine-blocks IMAGE OUTPUT MEMORY-BYTES LIMIT [--reference]"

  var image: String
  var output: String
  var memoryBytes: UInt64
  var limit: UInt64
  /// One instruction at a time, decoded from memory, instead of the run loop.
  var usesReferencePath: Bool

  init?(_ words: [String]) {
    guard words.count == 4 || words.count == 5 && words[4] == "--reference",
      let memoryBytes = UInt64(words[2]), let limit = UInt64(words[3])
    else { return nil }
    image = words[0]
    output = words[1]
    self.memoryBytes = memoryBytes
    self.limit = limit
    usesReferencePath = words.count == 5
  }
}

struct BlockError: Error, CustomStringConvertible {
  let description: String
}

@main
enum MachineBlocks {
  static func main() {
    guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else {
      fail(Arguments.usage, status: 2)
    }
    do {
      try run(arguments)
    } catch {
      fail("machine-blocks: \(error)", status: 1)
    }
  }

  private static func fail(_ message: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(status)
  }

  private static func run(_ arguments: Arguments) throws {
    var machine = try Machine(MachineConfiguration(memoryBytes: arguments.memoryBytes))
    let image = try Data(contentsOf: URL(fileURLWithPath: arguments.image))
    guard image.withUnsafeBytes({ machine.memory.write(Machine.memoryBase, from: $0) }) else {
      throw BlockError(description: "the image of \(image.count) bytes is larger than RAM")
    }
    machine.pc = Machine.memoryBase
    let reason =
      arguments.usesReferencePath
      ? stepUntilStopped(&machine, limit: arguments.limit) : machine.run(limit: arguments.limit)
    guard reason == .finished(.pass) else {
      throw BlockError(
        description: "stopped with \(reason) at pc 0x\(String(machine.pc, radix: 16)) "
          + "after \(machine.instructionCount) instructions")
    }
    guard let bytes = machine.memory.bytes(at: Machine.memoryBase, count: Int(arguments.memoryBytes)) else {
      throw BlockError(description: "RAM cannot be read")
    }
    try Data(bytes).write(to: URL(fileURLWithPath: arguments.output))
  }

  private static func stepUntilStopped(_ machine: inout Machine, limit: UInt64) -> StopReason {
    while machine.instructionCount < limit {
      let reason = machine.step()
      if reason != .limit { return reason }
    }
    return .limit
  }
}
