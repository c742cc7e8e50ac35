// Why a machine stopped running, and the flag by which another thread or a signal handler makes it stop.

import Synchronization

/// Why `Machine.run` returned.
public enum StopReason: Hashable, Sendable {
  /// As many instructions as asked for have retired, or the time to stop has come; from `step`: one step is done.
  case limit
  /// The instruction at this virtual address is next and is a breakpoint.
  case breakpoint(pc: UInt64)
  /// The instruction at this virtual address is next and is a tracepoint.
  case tracepoint(pc: UInt64)
  /// The guest wrote to the test finisher.
  case finished(FinisherStatus)
  /// The hart waits in `wfi` and nothing but input from outside can ever wake it.
  case idle
  /// Exceptions follow each other without an instruction retiring, or without any return: the handler at this address
  /// cannot even start, or traps itself.
  case trapLoop(pc: UInt64)
  /// The host asked for it through `StopFlag`.
  case hostInterrupt
  /// An event of a kind in `stoppingEvents` happened.
  case event(MachineEvent)
}

/// A request to stop that may come from any thread or from a signal handler.
public final class StopFlag: Sendable {
  private let flag = Atomic<Bool>(false)

  /// A flag that is not raised.
  public init() {}

  /// Asks the machine to stop soon; safe in a signal handler.
  public func request() {
    flag.store(true, ordering: .relaxed)
  }

  var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Takes the request back and says whether there was one.
  func consume() -> Bool {
    flag.exchange(false, ordering: .relaxed)
  }
}
