// The terminal, or whatever standard input and output are, as the other end of a guest's serial port. It must be closed
// before the process ends, because a terminal stays raw otherwise.

import Glibc

/// Standard input and output as a console.
final class HostConsole {
  /// What came from standard input.
  enum Input {
    case bytes([UInt8])
    /// The user wants to leave.
    case leave
  }

  /// The key that leaves: Ctrl-].
  private static let leaveKey: UInt8 = 0x1d

  private let terminal: RawTerminal?
  private let output: Output
  /// Whether more input may come.
  private(set) var isOpen = true

  /// Takes over standard input; a terminal becomes raw.
  init(output: Output) {
    self.output = output
    terminal = RawTerminal()
    terminal?.enter()
  }

  /// Gives a terminal back as it was.
  func close() { terminal?.restore() }

  /// Whether a person may be at the other end.
  var isTerminal: Bool { terminal != nil }

  /// Whether someone closed the other end of standard output.
  var isBroken: Bool { output.isClosed }

  /// Passes on what the guest wrote, all of it at once: whole lines, and prompts that have no line end.
  func write(_ bytes: [UInt8]) { output.write(bytes: bytes) }

  /// What has arrived on standard input.
  ///
  /// - Parameter milliseconds: How long to wait for something; -1 for ever.
  func read(waiting milliseconds: Int32) -> Input {
    guard isOpen else {
      if milliseconds > 0 { _ = poll(nil, 0, milliseconds) }
      return .bytes([])
    }
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, milliseconds) > 0 else { return .bytes([]) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
    guard count > 0 else {
      if count == 0 || errno != EINTR { isOpen = false }
      // A terminal that is gone acts as if the user had left.
      return isTerminal && !isOpen ? .leave : .bytes([])
    }
    let bytes = Array(buffer[..<count])
    return isTerminal && bytes.contains(Self.leaveKey) ? .leave : .bytes(bytes)
  }
}
