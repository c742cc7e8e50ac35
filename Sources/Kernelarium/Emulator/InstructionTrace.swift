// A trace of every instruction and trap, written to a file. It only looks at the machine, before each step; the machine
// runs as without it.

import Glibc
import Machine
import RISCV

/// Writes what a machine executes.
struct InstructionTrace: ~Copyable {
  private static let bufferSize = 1 << 16

  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// Starts a trace, replacing the file.
  init(path: String) throws(CommandError) {
    descriptor = try HostFile.create(path, as: "the trace")
  }

  deinit {
    _ = buffer.withUnsafeBytes { Output.writeAll($0, to: descriptor) }
    close(descriptor)
  }

  /// Makes a machine note what the trace tells besides instructions.
  func attach(to machine: inout Machine) { machine.recording = [.traps, .interrupts, .addressSpaceSwitches] }

  /// Lets a machine execute at most `limit` instructions, one by one.
  mutating func run(_ machine: inout Machine, limit: UInt64) -> StopReason {
    let end = machine.instructionCount + limit
    while machine.instructionCount < end {
      let count = machine.instructionCount
      let line = Self.instructionLine(machine)
      let reason = machine.step()
      let events = machine.takeEvents()
      // What trapped or was interrupted has not been executed.
      if machine.instructionCount != count { write(line) }
      for event in events { write("\(event.instructionCount)   \(Self.text(of: event.kind))\n") }
      if reason != .limit { return reason }
      if machine.isWaiting { return .limit }
    }
    return .limit
  }

  private mutating func write(_ text: String) {
    buffer += Array(text.utf8)
    guard buffer.count >= Self.bufferSize else { return }
    _ = buffer.withUnsafeBytes { Output.writeAll($0, to: descriptor) }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func instructionLine(_ machine: borrowing Machine) -> String {
    let head = "\(machine.instructionCount) \(letter(machine.privilege)) \(NumberStyle.address(machine.pc))"
    guard let low = half(machine.pc, machine) else { return head + "\n" }
    // An instruction's second half may be on another page.
    let high = low & 3 == 3 ? half(machine.pc &+ 2, machine) ?? 0 : 0
    let word = UInt32(low) | UInt32(high) << 16
    let (text, length) = Disassembler.text(of: word, at: machine.pc)
    return "\(head) \(Quoting.hexadecimal(UInt64(word), digits: 2 * length)) \(text)\n"
  }

  private static func half(_ address: UInt64, _ machine: borrowing Machine) -> UInt16? {
    guard let physical = machine.translate(address, access: .execute).physicalAddress else { return nil }
    return machine.memory.load(UInt16.self, at: physical)
  }

  private static func letter(_ privilege: Privilege) -> String {
    switch privilege {
    case .user: "U"
    case .supervisor: "S"
    case .machine: "M"
    }
  }

  private static func text(of kind: MachineEvent.Kind) -> String {
    switch kind {
    case .trap(let cause, let value, let pc, let from):
      "trap \(TrapCause(rawValue: cause).name) in \(letter(from)) at \(NumberStyle.address(pc)), value "
        + NumberStyle.hexadecimal(value)
    case .interrupt(let cause, let pc, let from):
      "interrupt \(TrapCause(rawValue: cause | 1 << 63).name) in \(letter(from)) before \(NumberStyle.address(pc))"
    case .addressSpaceSwitch(_, let satp): "satp = \(NumberStyle.address(satp))"
    default: "\(kind)"
    }
  }
}
