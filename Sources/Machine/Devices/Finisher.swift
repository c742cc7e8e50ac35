// The test finisher (SiFive test device): a guest writes here to end or restart the machine.
// It only records what was asked for; whoever runs the machine must look at the status and act on it.

/// How a guest asked for the machine to end.
public enum FinisherStatus: Hashable, Sendable {
  /// The guest ended with success.
  case pass
  /// The guest ended with a failure and gave a code.
  case fail(code: UInt16)
  /// The guest asked for a restart.
  case reset
}

/// The registers of the test finisher, compatible with `sifive,test1`.
struct Finisher: Sendable {
  private enum Command {
    static let fail: UInt16 = 0x3333
    static let pass: UInt16 = 0x5555
    static let reset: UInt16 = 0x7777
  }

  private(set) var status: FinisherStatus?

  /// Ends the machine in another way than by a register.
  mutating func end(_ status: FinisherStatus) { self.status = status }

  func load(offset: UInt64, size: Int) -> UInt64? {
    size == 2 || size == 4 ? 0 : nil
  }

  mutating func store(offset: UInt64, size: Int, value: UInt64) -> Bool {
    guard size == 2 || size == 4 else { return false }
    guard offset == 0 else { return true }
    switch UInt16(truncatingIfNeeded: value) {
    case Command.pass: status = .pass
    case Command.fail: status = .fail(code: UInt16(truncatingIfNeeded: value >> 16))
    case Command.reset: status = .reset
    default: break
    }
    return true
  }
}
