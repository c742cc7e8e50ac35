// Ctrl-C. The handler only sets a flag and asks the running guest to stop; whoever reads input or runs commands looks
// at the flag. Only one instance exists, because a process has only one handler for a signal.

import Glibc
import Lab
import Synchronization

/// The user's wish to stop what is going on.
final class UserInterrupt: Sendable {
  /// The process's only instance.
  static let shared = UserInterrupt()

  private let requested = Atomic<Bool>(false)
  private let guestMayRun = Atomic<Bool>(false)
  /// Read by the signal handler, which must not take a lock: written once, before the handler is installed.
  nonisolated(unsafe) private static var handlerSignal: StopSignal?

  private init() {}

  /// Whether Ctrl-C was pressed since the last `clear()`.
  var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Forgets an interruption that has been dealt with.
  func clear() { requested.store(false, ordering: .relaxed) }

  /// Does work that may run a guest; only then is the guest asked to stop, so that no request waits for a later one.
  func whileGuestMayRun<Value>(_ work: () throws(CommandError) -> Value) throws(CommandError) -> Value {
    let before = guestMayRun.exchange(true, ordering: .relaxed)
    defer { guestMayRun.store(before, ordering: .relaxed) }
    return try work()
  }

  /// Installs the handler of SIGINT; it stops the guests of one laboratory.
  ///
  /// - Parameter signal: Stops the guest that is running; nil if whoever runs it looks at `isRequested`.
  func install(stopping signal: StopSignal?) {
    clear()
    Self.handlerSignal = signal
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      UserInterrupt.shared.requested.store(true, ordering: .relaxed)
      if UserInterrupt.shared.guestMayRun.load(ordering: .relaxed) { UserInterrupt.handlerSignal?.interrupt() }
    }
    // Without SA_RESTART, so that a read from the terminal ends.
    action.sa_flags = 0
    sigaction(SIGINT, &action, nil)
  }
}
