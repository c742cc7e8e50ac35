// Sockets: connections and what listens for them, by handle. A handle below NET_CONNECTIONS is a connection's row, one
// from there on a listener's.

import Interfaces

extension Network {
  /// The first of the ports that connections of our own take.
  private static var firstOwnPort: UInt16 { 49152 }

  /// The row of the client's connection with that handle.
  mutating func connection(_ handle: UInt64, of client: UInt64) throws(ErrorCode) -> Int {
    guard handle < UInt64(NET_CONNECTIONS), connections[Int(handle)].phase != .free,
      connections[Int(handle)].isOwned, connections[Int(handle)].client == client
    else { throw .badDescriptor }
    return Int(handle)
  }

  /// The row of the client's listener with that handle.
  mutating func listener(_ handle: UInt64, of client: UInt64) throws(ErrorCode) -> Int {
    guard handle >= UInt64(NET_CONNECTIONS), handle < UInt64(NET_CONNECTIONS + NET_LISTENERS) else {
      throw handle < UInt64(NET_CONNECTIONS) ? .invalid : .badDescriptor
    }
    let index = Int(handle) - NET_CONNECTIONS
    guard listeners[index].isUsed, listeners[index].client == client else { throw .badDescriptor }
    return index
  }

  mutating func listener(onPort port: UInt16) -> Int? {
    for index in 0..<NET_LISTENERS where listeners[index].isUsed && listeners[index].port == port { return index }
    return nil
  }

  mutating func listen(_ client: UInt64, _ port: UInt64) throws(ErrorCode) -> Int64 {
    try configure()
    guard port > 0, port <= UInt64(UInt16.max) else { throw .invalid }
    guard listener(onPort: UInt16(port)) == nil else { throw .addressInUse }
    for index in 0..<NET_LISTENERS where !listeners[index].isUsed {
      guard env_claim(UInt64(ENV_CLAIM_PORT), port) >= 0 else { throw .addressInUse }
      listeners[index] = Listener(isUsed: true, client: client, port: UInt16(port))
      return Int64(NET_CONNECTIONS + index)
    }
    throw .tooManyOpenFiles
  }

  /// A row for a new connection, with memory for its buffers; one that only lingers is taken when no other is free.
  mutating func freeConnection() -> Int? {
    var found: Int?
    for index in 0..<NET_CONNECTIONS {
      if connections[index].phase == .free {
        found = index
        break
      }
      if connections[index].phase == .lingering, found == nil { found = index }
    }
    guard let index = found else { return nil }
    if connections[index].outgoing.memory == nil {
      guard let pages = env_pages(2) else { return nil }
      connections[index].outgoing.memory = pages
      connections[index].incoming.memory = pages + Ring.capacity
    }
    let port = connections[index].port
    connections[index].reset()
    disclaim(port)
    return index
  }

  /// Gives a port up that neither a listener nor a connection has any more.
  private mutating func disclaim(_ port: UInt16) {
    guard port != 0, listener(onPort: port) == nil, !hasConnection(onPort: port) else { return }
    env_disclaim(UInt64(ENV_CLAIM_PORT), UInt64(port))
  }

  private mutating func hasConnection(onPort port: UInt16) -> Bool {
    for index in 0..<NET_CONNECTIONS where connections[index].phase != .free && connections[index].port == port {
      return true
    }
    return false
  }

  /// Begins a connection to a port of an address; its row.
  mutating func connect(_ client: UInt64, _ peer: UInt32, _ port: UInt64) throws(ErrorCode) -> Int {
    guard port > 0, port <= UInt64(UInt16.max), peer != 0, peer != InternetHeader.everyone else { throw .invalid }
    guard let index = freeConnection() else { throw .tooManyOpenFiles }
    connections[index].port = try ownPort()
    connections[index].peer = peer
    connections[index].peerPort = UInt16(port)
    connections[index].isOwned = true
    connections[index].client = client
    connections[index].begin(.opening, sequence: initialSequence(index))
    touched |= 1 << UInt32(index)
    return index
  }

  /// The next port that no connection has.
  private mutating func ownPort() throws(ErrorCode) -> UInt16 {
    while true {
      lastPort = lastPort < Self.firstOwnPort || lastPort == .max ? Self.firstOwnPort : lastPort + 1
      // A port that was closed here stays claimed until its row is needed again; so does one of another service.
      if hasConnection(onPort: lastPort) { continue }
      let claimed = env_claim(UInt64(ENV_CLAIM_PORT), UInt64(lastPort))
      if claimed >= 0 { return lastPort }
      guard claimed == ErrorCode.addressInUse.result else { throw .tooManyOpenFiles }
    }
  }

  /// The connection that has waited longest to be accepted.
  mutating func arrived(_ listener: Int) -> Int? {
    var found: Int?
    for index in 0..<NET_CONNECTIONS
    where connections[index].listener == listener && connections[index].phase == .open {
      if let earlier = found, connections[earlier].order < connections[index].order { continue }
      found = index
    }
    return found
  }

  mutating func write(
    _ client: UInt64, _ handle: UInt64, _ source: user_address, _ length: UInt64
  ) throws(ErrorCode) -> Int64 {
    let index = try connection(handle, of: client)
    guard connections[index].phase == .open else { throw connections[index].failure }
    var taken: UInt64 = 0
    while taken < length, let run = connections[index].outgoing.freeRun(limit: Int(clamping: length &- taken)) {
      guard env_copy_in(client, run.start, source &+ taken, UInt64(run.count)) >= 0 else { throw .badAddress }
      connections[index].outgoing.grow(run.count)
      taken &+= UInt64(run.count)
    }
    guard taken > 0 || length == 0 else { throw .tryAgain }
    touched |= 1 << UInt32(index)
    return Int64(taken)
  }

  /// Copies what has arrived to the client; nil when there is nothing yet.
  mutating func read(_ index: Int, _ request: net_request) throws(ErrorCode) -> Int64? {
    guard connections[index].phase != .failed else { throw connections[index].failure }
    var copied: UInt64 = 0
    while copied < request.length,
      let run = connections[index].incoming.run(at: 0, limit: Int(clamping: request.length &- copied))
    {
      guard env_copy_out(request.base.client, request.buffer &+ copied, run.start, UInt64(run.count)) >= 0 else {
        throw .badAddress
      }
      connections[index].incoming.drop(run.count)
      copied &+= UInt64(run.count)
    }
    guard copied > 0 else { return connections[index].peerHasClosed || request.length == 0 ? 0 : nil }
    // The peer learns of new room when it is worth a segment.
    let window = connections[index].expected &+ UInt32(connections[index].incoming.room)
    if Int(window &- connections[index].promised) >= Ring.capacity / 2, !connections[index].peerHasClosed {
      connections[index].owesAcknowledgment = true
      touched |= 1 << UInt32(index)
    }
    return Int64(copied)
  }

  mutating func close(_ client: UInt64, _ handle: UInt64) throws(ErrorCode) {
    guard handle < UInt64(NET_CONNECTIONS) else { return closeListener(try listener(handle, of: client)) }
    closeConnection(try connection(handle, of: client))
  }

  private mutating func closeListener(_ index: Int) {
    let port = listeners[index].port
    listeners[index] = Listener()
    for row in 0..<NET_CONNECTIONS where connections[row].listener == index {
      abort(row)
      connections[row].fail(.connectionAborted)
    }
    disclaim(port)
  }

  private mutating func closeConnection(_ index: Int) {
    connections[index].isOwned = false
    guard connections[index].phase == .open else {
      connections[index].phase = .free
      connections[index].deadline = 0
      return
    }
    // The peer learns at once that what it has sent will not be read (RFC 9293, section 3.6.1).
    if connections[index].incoming.count > 0 {
      abort(index)
      return connections[index].fail(.connectionAborted)
    }
    connections[index].isClosing = true
    touched |= 1 << UInt32(index)
  }

  mutating func ready(_ client: UInt64, _ handle: UInt64) throws(ErrorCode) -> Int64 {
    guard handle < UInt64(NET_CONNECTIONS) else {
      return arrived(try listener(handle, of: client)) == nil ? 0 : Int64(NET_READY_READ)
    }
    let index = try connection(handle, of: client)
    // What fails does not wait either.
    guard connections[index].phase == .open else { return Int64(NET_READY_READ | NET_READY_WRITE) }
    let canRead = connections[index].incoming.count > 0 || connections[index].peerHasClosed
    return Int64((canRead ? NET_READY_READ : 0) | (connections[index].outgoing.room > 0 ? NET_READY_WRITE : 0))
  }

  /// Closes what a client leaves behind.
  mutating func forget(_ client: UInt64) {
    for index in 0..<NET_CONNECTIONS
    where connections[index].phase != .free && connections[index].isOwned && connections[index].client == client {
      closeConnection(index)
    }
    for index in 0..<NET_LISTENERS where listeners[index].isUsed && listeners[index].client == client {
      closeListener(index)
    }
  }
}
