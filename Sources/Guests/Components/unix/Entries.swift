// The C-ABI entry points of the Unix call layer: one for each library call.
//
// Addresses from the client go on to the services untouched; only those may look behind them.

import Interfaces

/// The instance behind the opaque pointer.
@inline(__always)
private func instance(_ calls: OpaquePointer) -> UnsafeMutablePointer<UnixCalls> {
  UnsafeMutablePointer<UnixCalls>(calls)
}

/// Makes sure that a service can reach the client's memory; an error's number, or nil.
@inline(__always)
private func prepared(_ calls: OpaquePointer, _ client: UInt64, _ start: user_address, _ length: UInt64) -> Int64? {
  do throws(ErrorCode) {
    try instance(calls).pointee.prepare(client, start, length)
    return nil
  } catch {
    return error.result
  }
}

/// Bytes of an instance.
@c @implementation
public func unix_size() -> UInt64 {
  UInt64(MemoryLayout<UnixCalls>.stride)
}

/// Opens the console as descriptors 0, 1 and 2.
@c @implementation
public func unix_init(_ calls: OpaquePointer, _ services: UnsafePointer<unix_services>) {
  instance(calls).initialize(to: UnixCalls(services: services.pointee))
}

/// Takes a parent's descriptors over.
@c @implementation
public func unix_inherit(_ calls: OpaquePointer, _ parent: OpaquePointer) {
  instance(calls).update(from: instance(parent), count: 1)
}

/// Sends paths below /tmp elsewhere.
@c @implementation
public func unix_set_scratch(_ calls: OpaquePointer, _ scratch: @convention(c) () -> OpaquePointer?) {
  instance(calls).pointee.scratch = scratch
}

/// Does nothing: the price of the way itself.
@c @implementation
public func unix_null(_ calls: OpaquePointer, _ client: UInt64) -> Int64 {
  pm_null(instance(calls).pointee.services.processes, client)
}

/// The client's task number.
@c @implementation
public func unix_getpid(_ calls: OpaquePointer, _ client: UInt64) -> Int64 {
  pm_getpid(instance(calls).pointee.services.processes, client)
}

/// Gives the processor away.
@c @implementation
public func unix_yield(_ calls: OpaquePointer, _ client: UInt64) -> Int64 {
  env_yield()
  return 0
}

/// Ends the client; where it comes back at all, the result means nothing.
@c @implementation
public func unix_exit(_ calls: OpaquePointer, _ client: UInt64, _ status: Int64) -> Int64 {
  pm_exit(instance(calls).pointee.services.processes, client, status)
  return 0
}

/// Starts a program as a child of the client.
@c @implementation
public func unix_spawn(
  _ calls: OpaquePointer, _ client: UInt64, _ name: user_address, _ nameLength: UInt64, _ arguments: user_address,
  _ argumentsLength: UInt64
) -> Int64 {
  prepared(calls, client, name, nameLength) ?? prepared(calls, client, arguments, argumentsLength)
    ?? pm_spawn(instance(calls).pointee.services.processes, client, name, nameLength, arguments, argumentsLength)
}

/// Waits for a child to end; its status.
@c @implementation
public func unix_wait(_ calls: OpaquePointer, _ client: UInt64, _ task: UInt64) -> Int64 {
  waitForChild(instance(calls).pointee.services.processes, client, task)
}

/// Ends another task.
@c @implementation
public func unix_kill(_ calls: OpaquePointer, _ client: UInt64, _ task: UInt64) -> Int64 {
  pm_kill(instance(calls).pointee.services.processes, client, task)
}

/// Sleeps, at most for as long as the clock can count.
@c @implementation
public func unix_sleep(_ calls: OpaquePointer, _ client: UInt64, _ milliseconds: UInt64) -> Int64 {
  let ticksAMillisecond: UInt64 = 10_000
  let (ticks, overflow) = milliseconds.multipliedReportingOverflow(by: ticksAMillisecond)
  guard !overflow, ticks <= UInt64(Int64.max) else { return ErrorCode.invalid.result }
  env_sleep(ticks)
  return 0
}

/// Opens a file or directory; its descriptor.
@c @implementation
public func unix_open(
  _ calls: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64, _ flags: UInt64
) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.open(client, path, length, flags)
  } catch {
    return error.result
  }
}

/// Closes a descriptor.
@c @implementation
public func unix_close(_ calls: OpaquePointer, _ client: UInt64, _ descriptor: UInt64) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.close(client, descriptor)
  } catch {
    return error.result
  }
}

/// Reads from a descriptor; the number of bytes, 0 at the end.
@c @implementation
public func unix_read(
  _ calls: OpaquePointer, _ client: UInt64, _ descriptor: UInt64, _ destination: user_address, _ length: UInt64
) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.read(client, descriptor, destination, length)
  } catch {
    return error.result
  }
}

/// Writes to a descriptor; the number of bytes.
@c @implementation
public func unix_write(
  _ calls: OpaquePointer, _ client: UInt64, _ descriptor: UInt64, _ source: user_address, _ length: UInt64
) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.write(client, descriptor, source, length)
  } catch {
    return error.result
  }
}

/// Sets a descriptor's position; the new one.
@c @implementation
public func unix_seek(_ calls: OpaquePointer, _ client: UInt64, _ descriptor: UInt64, _ offset: UInt64) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.seek(descriptor, offset)
  } catch {
    return error.result
  }
}

/// Makes a directory.
@c @implementation
public func unix_mkdir(_ calls: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64) -> Int64 {
  onPath(calls, client, path, length) { fs_mkdir($0.files, client, $0.path, $0.length) }
}

/// Does something with the file system that a path leads into.
@inline(__always)
private func onPath(
  _ calls: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64, _ body: (Place) -> Int64
) -> Int64 {
  do throws(ErrorCode) {
    return body(try instance(calls).pointee.place(client, path, length))
  } catch {
    return error.result
  }
}

/// Removes a file or an empty directory.
@c @implementation
public func unix_remove(_ calls: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64) -> Int64 {
  onPath(calls, client, path, length) { fs_remove($0.files, client, $0.path, $0.length) }
}

/// Gives a file another path.
@c @implementation
public func unix_rename(
  _ calls: OpaquePointer, _ client: UInt64, _ from: user_address, _ fromLength: UInt64, _ to: user_address,
  _ toLength: UInt64
) -> Int64 {
  onPath(calls, client, from, fromLength) { old in
    onPath(calls, client, to, toLength) { new in
      guard old.isScratch == new.isScratch else { return ErrorCode.otherFileSystem.result }
      return fs_rename(old.files, client, old.path, old.length, new.path, new.length)
    }
  }
}

/// Reads directory entries; the number of bytes, 0 at the end.
@c @implementation
public func unix_readdir(
  _ calls: OpaquePointer, _ client: UInt64, _ descriptor: UInt64, _ destination: user_address, _ length: UInt64
) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.readDirectory(client, descriptor, destination, length)
  } catch {
    return error.result
  }
}

/// Kind, size and inode of a path.
@c @implementation
public func unix_stat(
  _ calls: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64, _ destination: user_address
) -> Int64 {
  prepared(calls, client, destination, UInt64(MemoryLayout<FileStatus>.size))
    ?? onPath(calls, client, path, length) { fs_stat($0.files, client, $0.path, $0.length, destination) }
}

/// Writes everything to the disk.
@c @implementation
public func unix_sync(_ calls: OpaquePointer, _ client: UInt64) -> Int64 {
  fs_sync(instance(calls).pointee.services.files)
}

/// Anonymous memory; its address.
@c @implementation
public func unix_map(_ calls: OpaquePointer, _ client: UInt64, _ length: UInt64) -> Int64 {
  vm_map(instance(calls).pointee.services.memory, client, length)
}

/// Gives anonymous memory back.
@c @implementation
public func unix_unmap(_ calls: OpaquePointer, _ client: UInt64, _ address: UInt64, _ length: UInt64) -> Int64 {
  vm_unmap(instance(calls).pointee.services.memory, client, address, length)
}

/// Makes a copy of the client.
@c @implementation
public func unix_fork(_ calls: OpaquePointer, _ client: UInt64) -> Int64 {
  pm_fork(instance(calls).pointee.services.processes, client)
}

/// Continues the client as another program.
@c @implementation
public func unix_exec(
  _ calls: OpaquePointer, _ client: UInt64, _ name: user_address, _ nameLength: UInt64, _ arguments: user_address,
  _ argumentsLength: UInt64
) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.exec(client, name, nameLength, arguments, argumentsLength)
  } catch {
    return error.result
  }
}

/// A socket that listens on a port; its descriptor.
@c @implementation
public func unix_listen(_ calls: OpaquePointer, _ client: UInt64, _ port: UInt64) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.listen(client, port)
  } catch {
    return error.result
  }
}

/// Makes a pipe; its two descriptors.
@c @implementation
public func unix_pipe(_ calls: OpaquePointer, _ client: UInt64) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.pipe(client)
  } catch {
    return error.result
  }
}

/// Waits for the next connection to a listening socket; its descriptor.
@c @implementation
public func unix_accept(_ calls: OpaquePointer, _ client: UInt64, _ descriptor: UInt64) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.accept(client, descriptor)
  } catch {
    return error.result
  }
}

/// Gives a descriptor another number; that number.
@c @implementation
public func unix_duplicate(_ calls: OpaquePointer, _ client: UInt64, _ descriptor: UInt64, _ target: UInt64) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.duplicate(client, descriptor, target)
  } catch {
    return error.result
  }
}

/// Connects to a port of an address; the connection's descriptor.
@c @implementation
public func unix_connect(_ calls: OpaquePointer, _ client: UInt64, _ address: UInt64, _ port: UInt64) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.connect(client, address, port)
  } catch {
    return error.result
  }
}

/// Waits until one of two sets of descriptors is ready; which ones are.
@c @implementation
public func unix_poll(
  _ calls: OpaquePointer, _ client: UInt64, _ readable: UInt64, _ writable: UInt64, _ milliseconds: UInt64
) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.poll(client, readable, writable, milliseconds)
  } catch {
    return error.result
  }
}

/// Microseconds since the machine was switched on.
@c @implementation
public func unix_time(_ calls: OpaquePointer, _ client: UInt64) -> Int64 {
  let ticksAMicrosecond: UInt64 = 10
  return Int64(env_time() / ticksAMicrosecond)
}

/// Memory that shows an open file; its address.
@c @implementation
public func unix_mapfile(
  _ calls: OpaquePointer, _ client: UInt64, _ descriptor: UInt64, _ offset: UInt64, _ length: UInt64
) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.mapFile(client, descriptor, offset, length)
  } catch {
    return error.result
  }
}

/// Sends an echo and waits for it; microseconds.
@c @implementation
public func unix_ping(_ calls: OpaquePointer, _ client: UInt64, _ address: UInt64) -> Int64 {
  guard address <= UInt64(UInt32.max) else { return ErrorCode.invalid.result }
  return askNetwork(instance(calls).pointee.services.network, client, NET_PING, handle: address)
}

/// The system's own address.
@c @implementation
public func unix_address(_ calls: OpaquePointer, _ client: UInt64) -> Int64 {
  askNetwork(instance(calls).pointee.services.network, client, NET_ADDRESS)
}
