// `poll`: which descriptors could be used without waiting.
//
// It looks again every millisecond: no service has to know who asks.

import Interfaces

extension UnixCalls {
  /// How long to sleep between two looks, and what a millisecond is: in ticks of the clock.
  private static var pause: UInt64 { 10_000 }

  /// The descriptors of two sets that are ready, or none when the time is up.
  mutating func poll(
    _ client: UInt64, _ readable: UInt64, _ writable: UInt64, _ milliseconds: UInt64
  ) throws(ErrorCode) -> Int64 {
    let known: UInt64 = 1 << UInt64(DescriptorTable.capacity) - 1
    guard readable & ~known == 0, writable & ~known == 0 else { throw .badDescriptor }
    var left = milliseconds
    while true {
      let ready =
        try ready(client, among: readable, toWrite: false) | (try ready(client, among: writable, toWrite: true)) << 32
      if ready != 0 || left == 0 { return Int64(ready) }
      env_sleep(Self.pause)
      left &-= 1
    }
  }

  private mutating func ready(_ client: UInt64, among set: UInt64, toWrite: Bool) throws(ErrorCode) -> UInt64 {
    var result: UInt64 = 0
    var rest = set
    while rest != 0 {
      let descriptor = UInt64(rest.trailingZeroBitCount)
      rest &= rest &- 1
      let entry = try descriptors.entry(descriptor)
      if try isReady(client, entry, toWrite: toWrite) { result |= 1 << descriptor }
    }
    return result
  }

  private func isReady(_ client: UInt64, _ entry: Descriptor, toWrite: Bool) throws(ErrorCode) -> Bool {
    switch entry.kind {
    case .free: throw .badDescriptor
    case .console:
      // The serial line takes what it is given.
      if toWrite { return true }
      return try checked(con_poll(services.console)) != 0
    case .file: return true
    case .service: throw .invalid
    case .socket:
      let ready = UInt64(try checked(net_ready(services.network, client, entry.handle)))
      return ready & UInt64(toWrite ? NET_READY_WRITE : NET_READY_READ) != 0
    case .pipe:
      // The other end of a pipe never becomes ready for this.
      guard (entry.handle % 2 == 1) == toWrite else { return false }
      return try checked(pipe_poll(services.pipes, client, entry.handle)) != 0
    }
  }
}
