// Requests that may wait: each is tried when it is made, and again whenever something has happened, until it has a
// result.

import Interfaces

extension Network {
  /// How long an echo is waited for: 1 s.
  private static var echoPatience: UInt64 { 10_000_000 }
  private static var ticksAMicrosecond: UInt64 { 10 }

  /// Puts a request behind those that wait.
  mutating func enqueue(_ request: UnsafeMutablePointer<net_request>) {
    request.pointee.deadline = 0
    request.pointee.state = 0
    append(UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self))
  }

  private mutating func append(_ base: UnsafeMutablePointer<env_request>) {
    base.pointee.next = nil
    if let last = lastRequest { last.pointee.next = base } else { firstRequest = base }
    lastRequest = base
  }

  /// Takes all requests out of the queue, gives each to `decide`, and keeps those for which that has no result.
  private mutating func forEachRequest(
    _ decide: (inout Network, UnsafeMutablePointer<net_request>) -> Int64?
  ) {
    var place = firstRequest
    firstRequest = nil
    lastRequest = nil
    while let base = place {
      place = base.pointee.next
      if let result = decide(&self, netRequest(base)) { env_complete(base, result) } else { append(base) }
    }
  }

  /// Completes the requests that have a result by now.
  mutating func settleRequests() {
    forEachRequest { network, request in
      do throws(ErrorCode) {
        return try network.perform(request)
      } catch {
        return error.result
      }
    }
  }

  /// Completes what a client that is gone has asked for.
  mutating func dropRequests(of client: UInt64) {
    forEachRequest { _, request in request.pointee.base.client == client ? ErrorCode.noSuchTask.result : nil }
  }

  /// An echo has come back.
  mutating func completeEcho(from source: UInt32, sequence: UInt16) {
    forEachRequest { network, request in
      guard request.pointee.operation == UInt64(NET_PING), request.pointee.state == UInt64(sequence),
        request.pointee.handle == UInt64(source)
      else { return nil }
      return Int64((network.now &- request.pointee.buffer) / Self.ticksAMicrosecond)
    }
  }

  /// Tries a request; nil when it has to wait.
  private mutating func perform(_ request: UnsafeMutablePointer<net_request>) throws(ErrorCode) -> Int64? {
    let client = request.pointee.base.client
    let handle = request.pointee.handle
    switch Int(request.pointee.operation) {
    case NET_ADDRESS: return phase == .done ? Int64(address) : nil
    case NET_ACCEPT: return try accept(client, handle)
    case NET_CONNECT: return try connect(client, request)
    case NET_READ: return try read(try connection(handle, of: client), request.pointee)
    case NET_WRITABLE:
      let index = try connection(handle, of: client)
      guard connections[index].phase == .open else { throw connections[index].failure }
      return connections[index].outgoing.room > 0 ? 0 : nil
    default: return try ping(request)
    }
  }

  private mutating func accept(_ client: UInt64, _ handle: UInt64) throws(ErrorCode) -> Int64? {
    guard let index = arrived(try listener(handle, of: client)) else { return nil }
    connections[index].listener = -1
    connections[index].isOwned = true
    connections[index].client = client
    return Int64(index)
  }

  /// Begins the connection when there is an address; then waits for the other side.
  ///
  /// `state` is the row plus 1.
  private mutating func connect(
    _ client: UInt64, _ request: UnsafeMutablePointer<net_request>
  ) throws(ErrorCode) -> Int64? {
    guard phase == .done else { return nil }
    guard request.pointee.state != 0 else {
      let index = try connect(client, UInt32(truncatingIfNeeded: request.pointee.handle), request.pointee.length)
      request.pointee.state = UInt64(index + 1)
      return nil
    }
    let index = Int(request.pointee.state) - 1
    switch connections[index].phase {
    case .opening: return nil
    case .failed:
      connections[index].phase = .free
      throw connections[index].failure
    default: return Int64(index)
    }
  }

  /// Sends the echo when that is possible; then waits for it.
  ///
  /// `state` is its number, `buffer` when it was sent.
  private mutating func ping(_ request: UnsafeMutablePointer<net_request>) throws(ErrorCode) -> Int64? {
    guard phase == .done else { return nil }
    if request.pointee.deadline == 0 { request.pointee.deadline = now &+ Self.echoPatience }
    guard request.pointee.deadline > now else { throw request.pointee.state == 0 ? .hostUnreachable : .timedOut }
    guard request.pointee.state == 0 else { return nil }
    let number = lastEcho == .max ? 1 : lastEcho + 1
    guard sendEcho(to: UInt32(truncatingIfNeeded: request.pointee.handle), sequence: number) else { return nil }
    lastEcho = number
    request.pointee.state = UInt64(number)
    request.pointee.buffer = now
    return nil
  }
}
