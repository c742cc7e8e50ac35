// What the host does to a machine from outside, as values with the moment at which it was done: replaying a run means
// giving the same inputs at the same moments. Nothing else in this module may write to a system's machine.

import Machine

/// One thing done to a machine from outside.
enum HostInput: Equatable, Sendable {
  /// Bytes written to physical memory: the mailbox, `set mem`, the instructions of a fault.
  case memory(address: UInt64, bytes: [UInt8])
  /// Bytes typed on a console, or a frame from the network.
  case board(BoardInput)
  case programCounter(UInt64)
  case register(Int, value: UInt64)
  case floatingPointRegister(Int, value: UInt64)
  case controlRegister(Int, value: UInt64)
  case blockFault(BlockFault, requests: UInt64?, disk: Board.Disk, wildAddress: UInt64?)
  case noBlockFault(disk: Board.Disk)
  /// The built-in host is asked to do something with the guest.
  case errand(HostErrand)

  /// What the log keeps for it, in bytes.
  var size: UInt64 {
    switch self {
    case .memory(_, let bytes), .board(.serial(let bytes)), .board(.console(let bytes, _)): UInt64(bytes.count) + 64
    case .board(.frame(let frame, _)): UInt64(frame.bytes.count) + 64
    default: 64
    }
  }
}

/// An input in the log.
struct LoggedInput: Sendable {
  /// `Machine.stepCount` when it was given.
  let step: UInt64
  /// The machine's time, which passes without steps while the hart waits.
  let time: UInt64
  let input: HostInput
}

/// A place in a system's history: between two steps, and after so many of the inputs given there.
struct Moment: Comparable, Sendable {
  let step: UInt64
  /// Inputs given since the beginning.
  let inputs: Int

  static func < (left: Moment, right: Moment) -> Bool { (left.step, left.inputs) < (right.step, right.inputs) }
}

extension System {
  /// Where the system stands.
  var moment: Moment { Moment(step: machine.stepCount, inputs: history.appliedInputs) }

  /// Does something to the machine from outside and writes it down; in the past, that is where another future begins.
  ///
  /// - Returns: Whether the machine accepted it.
  @discardableResult
  func apply(_ input: HostInput) -> Bool {
    if history.isRecording {
      forgetFuture()
      history.log(LoggedInput(step: machine.stepCount, time: machine.time, input: input))
    } else {
      history.appliedInputs += 1
    }
    return perform(input)
  }

  /// Does something to the machine from outside.
  @discardableResult
  func perform(_ input: HostInput) -> Bool {
    switch input {
    case .memory(let address, let bytes): return bytes.withUnsafeBytes { machine.memory.write(address, from: $0) }
    case .board(let input): return machine.board.apply(input)
    case .programCounter(let value): machine.pc = value
    case .register(let number, let value): machine[register: number] = value
    case .floatingPointRegister(let number, let value): machine[floatingPointRegister: number] = value
    case .controlRegister(let number, let value): return machine.setCSR(number, to: value)
    case .blockFault(let fault, let requests, let disk, let address):
      return machine.board.armBlockFault(
        fault, requests: requests, on: disk, wildAddress: address ?? ArmedBlockFault.defaultWildAddress)
    case .noBlockFault(let disk): machine.board.disarmBlockFault(of: disk)
    case .errand(let errand): return machine.board.begin(errand, at: machine.time)
    }
    return true
  }
}
