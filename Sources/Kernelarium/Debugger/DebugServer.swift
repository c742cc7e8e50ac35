// Serving one debugger: from listening to the end of the conversation. Used by `gdbserver` at the prompt and by the
// plain emulator; the protocol itself is the laboratory's.

import Lab

/// Serves one debugger.
enum DebugServer {
  /// The port when none is given: the one that QEMU uses.
  static let defaultPort: UInt16 = 1234

  /// Waits for a debugger on the loopback interface and serves it until it goes.
  ///
  /// - Parameters:
  ///   - target: What is debugged; its state afterwards is where the debugger left it.
  ///   - port: The TCP port; 0 for any free one.
  ///   - announce: Told the port as soon as a debugger can connect.
  ///   - monitor: Answers the debugger's `monitor` command with a text.
  /// - Returns: What became of the conversation; nil when the user interrupted before anyone came.
  /// - Throws: `CommandError` when the port cannot be used.
  static func serve(
    _ target: any DebugTarget, port: UInt16, announce: (UInt16) -> Void,
    monitor: @escaping (String) -> String = { _ in "there are no monitor commands here" }
  ) throws(CommandError) -> DebugSession? {
    let listener = try LoopbackListener(port: port)
    announce(listener.port)
    guard let connection = listener.accept() else { return nil }
    var session = DebugSession(target: target, link: connection, monitor: monitor)
    session.run()
    return session
  }
}
