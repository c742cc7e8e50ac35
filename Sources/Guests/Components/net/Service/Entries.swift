// The C-ABI entry points of the network service.
//
// Each brings the state up to the present, does its part, and settles.

import Interfaces

/// The instance behind the opaque pointer.
@inline(__always)
private func instance(_ service: OpaquePointer) -> UnsafeMutablePointer<Network> {
  UnsafeMutablePointer<Network>(service)
}

/// Bytes of an instance.
@c @implementation
public func net_size() -> UInt64 {
  UInt64(MemoryLayout<Network>.stride)
}

/// Takes the adapter into use; without one every later call is refused.
@c @implementation
public func net_init(_ service: OpaquePointer, _ driver: OpaquePointer) -> Int64 {
  instance(service).initialize(to: Network())
  do throws(ErrorCode) {
    try instance(service).pointee.start(driver)
    return 0
  } catch {
    return error.result
  }
}

/// Takes what has arrived, and does what is due.
@c @implementation
public func net_interrupt(_ service: OpaquePointer) {
  let network = instance(service)
  guard network.pointee.isPresent else { return }
  network.pointee.passTime()
  network.pointee.receiveFrames()
  network.pointee.settle()
}

/// Tries a request, and keeps it while it has to wait.
@c @implementation
public func net_submit(_ service: OpaquePointer, _ request: UnsafeMutablePointer<net_request>) -> Int64 {
  let network = instance(service)
  let operation = Int(clamping: request.pointee.operation)
  guard operation >= NET_ADDRESS, operation <= NET_PING else { return ErrorCode.notImplemented.result }
  network.pointee.passTime()
  do throws(ErrorCode) {
    try network.pointee.configure()
  } catch {
    return error.result
  }
  network.pointee.enqueue(request)
  network.pointee.settle()
  return 0
}

/// Listens on a port.
@c @implementation
public func net_listen(_ service: OpaquePointer, _ client: UInt64, _ port: UInt64) -> Int64 {
  let network = instance(service)
  network.pointee.passTime()
  defer { network.pointee.settle() }
  do throws(ErrorCode) {
    return try network.pointee.listen(client, port)
  } catch {
    return error.result
  }
}

/// Takes bytes to send.
@c @implementation
public func net_write(
  _ service: OpaquePointer, _ client: UInt64, _ handle: UInt64, _ source: user_address, _ length: UInt64
) -> Int64 {
  let network = instance(service)
  network.pointee.passTime()
  defer { network.pointee.settle() }
  do throws(ErrorCode) {
    return try network.pointee.write(client, handle, source, length)
  } catch {
    return error.result
  }
}

/// Closes a socket.
@c @implementation
public func net_close(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64) -> Int64 {
  let network = instance(service)
  network.pointee.passTime()
  defer { network.pointee.settle() }
  do throws(ErrorCode) {
    try network.pointee.close(client, handle)
    return 0
  } catch {
    return error.result
  }
}

/// What would not wait.
@c @implementation
public func net_ready(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64) -> Int64 {
  do throws(ErrorCode) {
    return try instance(service).pointee.ready(client, handle)
  } catch {
    return error.result
  }
}

/// Closes what a client leaves behind.
@c @implementation
public func net_forget(_ service: OpaquePointer, _ client: UInt64) {
  let network = instance(service)
  guard network.pointee.isPresent else { return }
  network.pointee.passTime()
  network.pointee.dropRequests(of: client)
  network.pointee.forget(client)
  network.pointee.settle()
}
