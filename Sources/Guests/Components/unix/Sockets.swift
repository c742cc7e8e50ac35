// The calls about sockets, and what reading, writing and closing mean where a descriptor is one.
//
// Callers must not make two calls on one instance at a time: a task is one thread.

import Interfaces

/// Makes a request of the network service and waits for its result.
func askNetwork(
  _ network: OpaquePointer, _ client: UInt64, _ operation: Int, handle: UInt64 = 0, buffer: user_address = 0,
  length: UInt64 = 0
) -> Int64 {
  var request = net_request(
    base: env_request(client: client, result: 0, done: 0, waiter: 0, next: nil), operation: UInt64(operation),
    handle: handle, buffer: buffer, length: length, deadline: 0, state: 0)
  return withUnsafeMutablePointer(to: &request) { request in
    let submitted = net_submit(network, request)
    return submitted < 0 ? submitted : env_await(&request.pointee.base)
  }
}

extension UnixCalls {
  mutating func listen(_ client: UInt64, _ port: UInt64) throws(ErrorCode) -> Int64 {
    let number = try descriptors.lowestFree()
    return open(number, try checked(net_listen(services.network, client, port)))
  }

  mutating func accept(_ client: UInt64, _ descriptor: UInt64) throws(ErrorCode) -> Int64 {
    let entry = try socket(descriptor)
    let number = try descriptors.lowestFree()
    return open(number, try checked(askNetwork(services.network, client, NET_ACCEPT, handle: entry.handle)))
  }

  mutating func connect(_ client: UInt64, _ address: UInt64, _ port: UInt64) throws(ErrorCode) -> Int64 {
    guard address <= UInt64(UInt32.max) else { throw .invalid }
    let number = try descriptors.lowestFree()
    return open(
      number, try checked(askNetwork(services.network, client, NET_CONNECT, handle: address, length: port)))
  }

  /// Writes all of it, waiting for room as often as it takes.
  func writeSocket(_ client: UInt64, _ handle: UInt64, _ source: user_address, _ length: UInt64) -> Int64 {
    var written: UInt64 = 0
    while written < length {
      var result = net_write(services.network, client, handle, source &+ written, length &- written)
      if result == ErrorCode.tryAgain.result {
        result = askNetwork(services.network, client, NET_WRITABLE, handle: handle)
      }
      guard result >= 0 else { return written > 0 ? Int64(written) : result }
      written &+= UInt64(result)
    }
    return Int64(written)
  }

  private mutating func socket(_ descriptor: UInt64) throws(ErrorCode) -> Descriptor {
    let row = try descriptors.entry(descriptor)
    guard row.kind == .socket else { throw .invalid }
    return row
  }

  private mutating func open(_ number: Int, _ handle: Int64) -> Int64 {
    descriptors.set(number, Descriptor(kind: .socket, appends: false, handle: UInt64(handle), position: 0))
    return Int64(number)
  }
}
