// The debugger's connection: one TCP connection on the loopback interface. Nobody on another computer can reach it.
// Callers must take one connection at a time.

import Glibc
import Lab

/// A socket that waits for a debugger on this computer.
final class LoopbackListener {
  /// The port that debuggers connect to.
  let port: UInt16
  private let descriptor: Int32

  /// Begins to listen.
  ///
  /// - Parameter port: The TCP port; 0 for any free one.
  init(port: UInt16) throws(CommandError) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Self.failure(port) }
    self.descriptor = descriptor
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 && listen(descriptor, 1) == 0
          && getsockname(descriptor, generic, &length) == 0
      }
    }
    self.port = UInt16(bigEndian: address.sin_port)
    guard isBound else { throw Self.failure(port) }
  }

  deinit { close(descriptor) }

  private static func failure(_ port: UInt16) -> CommandError {
    CommandError(
      .notAvailable, "cannot listen on port \(port): \(SystemMessage.text(errno))",
      hint: "0 takes any free port")
  }

  /// Waits for a debugger; nil when the user interrupts.
  func accept() -> LoopbackConnection? {
    while !UserInterrupt.shared.isRequested {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, LoopbackConnection.patience) > 0 else { continue }
      let connection = Glibc.accept(descriptor, nil, nil)
      if connection >= 0 { return LoopbackConnection(connection) }
    }
    return nil
  }
}

/// A connection with a debugger.
final class LoopbackConnection: DebugLink {
  /// Milliseconds between two looks at the user's wish to stop.
  static let patience: Int32 = 200
  private let descriptor: Int32

  fileprivate init(_ descriptor: Int32) {
    self.descriptor = descriptor
    // Packets are small and each waits for the one before.
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent < 0 {
        if errno == EINTR { continue }
        return
      }
      rest = rest.dropFirst(sent)
    }
  }

  func receive(waits: Bool) -> [UInt8]? {
    while true {
      if UserInterrupt.shared.isRequested { return nil }
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waiting, 1, waits ? Self.patience : 0)
      if ready == 0, !waits { return [] }
      guard ready > 0 else { continue }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      return count > 0 ? Array(buffer[..<count]) : nil
    }
  }
}
