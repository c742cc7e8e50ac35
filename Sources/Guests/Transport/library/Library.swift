// The program library (Interfaces/library.h) where the Unix call layer is linked into the program: every
// call is a plain function call, and the services behind it are reached by whatever they are bound to. Another
// object binds them: it implements library_start.

import Interfaces
import Transport

private var calls: OpaquePointer { OpaquePointer(library_calls()) }

private var caller: UInt64 { library_client() }

@c @implementation
func sys_null() -> Int64 { unix_null(calls, caller) }

@c @implementation
func sys_getpid() -> Int64 { unix_getpid(calls, caller) }

@c @implementation
func sys_yield() -> Int64 { unix_yield(calls, caller) }

@c @implementation
func sys_exit(_ status: Int64) -> Int64 { unix_exit(calls, caller, status) }

@c @implementation
func sys_spawn(
  _ name: UnsafeRawPointer, _ nameLength: UInt64, _ arguments: UnsafeRawPointer?, _ argumentsLength: UInt64
) -> Int64 {
  unix_spawn(
    calls, caller, address(name), nameLength, arguments.map { address($0) } ?? 0, arguments == nil ? 0 : argumentsLength
  )
}

@c @implementation
func sys_wait(_ task: UInt64) -> Int64 { unix_wait(calls, caller, task) }

@c @implementation
func sys_kill(_ task: UInt64) -> Int64 { unix_kill(calls, caller, task) }

@c @implementation
func sys_sleep(_ milliseconds: UInt64) -> Int64 { unix_sleep(calls, caller, milliseconds) }

@c @implementation
func sys_open(_ path: UnsafeRawPointer, _ length: UInt64, _ flags: UInt64) -> Int64 {
  unix_open(calls, caller, address(path), length, flags)
}

@c @implementation
func sys_close(_ descriptor: UInt64) -> Int64 { unix_close(calls, caller, descriptor) }

@c @implementation
func sys_read(_ descriptor: UInt64, _ destination: UnsafeMutableRawPointer, _ length: UInt64) -> Int64 {
  unix_read(calls, caller, descriptor, address(destination), length)
}

@c @implementation
func sys_write(_ descriptor: UInt64, _ source: UnsafeRawPointer, _ length: UInt64) -> Int64 {
  unix_write(calls, caller, descriptor, address(source), length)
}

@c @implementation
func sys_seek(_ descriptor: UInt64, _ offset: UInt64) -> Int64 { unix_seek(calls, caller, descriptor, offset) }

@c @implementation
func sys_mkdir(_ path: UnsafeRawPointer, _ length: UInt64) -> Int64 {
  unix_mkdir(calls, caller, address(path), length)
}

@c @implementation
func sys_remove(_ path: UnsafeRawPointer, _ length: UInt64) -> Int64 {
  unix_remove(calls, caller, address(path), length)
}

@c @implementation
func sys_rename(
  _ from: UnsafeRawPointer, _ fromLength: UInt64, _ to: UnsafeRawPointer, _ toLength: UInt64
) -> Int64 { unix_rename(calls, caller, address(from), fromLength, address(to), toLength) }

@c @implementation
func sys_readdir(_ descriptor: UInt64, _ destination: UnsafeMutableRawPointer, _ length: UInt64) -> Int64 {
  unix_readdir(calls, caller, descriptor, address(destination), length)
}

@c @implementation
func sys_stat(_ path: UnsafeRawPointer, _ length: UInt64, _ status: UnsafeMutableRawPointer) -> Int64 {
  unix_stat(calls, caller, address(path), length, address(status))
}

@c @implementation
func sys_sync() -> Int64 { unix_sync(calls, caller) }

@c @implementation
func sys_map(_ length: UInt64) -> Int64 { unix_map(calls, caller, length) }

@c @implementation
func sys_unmap(_ start: UInt64, _ length: UInt64) -> Int64 { unix_unmap(calls, caller, start, length) }

@c @implementation
func sys_fork() -> Int64 { unix_fork(calls, caller) }

@c @implementation
func sys_exec(
  _ name: UnsafeRawPointer, _ nameLength: UInt64, _ arguments: UnsafeRawPointer?, _ argumentsLength: UInt64
) -> Int64 {
  unix_exec(
    calls, caller, address(name), nameLength, arguments.map { address($0) } ?? 0, arguments == nil ? 0 : argumentsLength
  )
}

@c @implementation
func sys_pipe() -> Int64 { unix_pipe(calls, caller) }

@c @implementation
func sys_duplicate(_ descriptor: UInt64, _ target: UInt64) -> Int64 {
  unix_duplicate(calls, caller, descriptor, target)
}

@c @implementation
func sys_poll(_ readable: UInt64, _ writable: UInt64, _ milliseconds: UInt64) -> Int64 {
  unix_poll(calls, caller, readable, writable, milliseconds)
}

@c @implementation
func sys_time() -> Int64 { unix_time(calls, caller) }

@c @implementation
func sys_mapfile(_ descriptor: UInt64, _ offset: UInt64, _ length: UInt64) -> Int64 {
  unix_mapfile(calls, caller, descriptor, offset, length)
}

@c @implementation
func sys_listen(_ port: UInt64) -> Int64 { unix_listen(calls, caller, port) }

@c @implementation
func sys_accept(_ descriptor: UInt64) -> Int64 { unix_accept(calls, caller, descriptor) }

@c @implementation
func sys_connect(_ peer: UInt64, _ port: UInt64) -> Int64 { unix_connect(calls, caller, peer, port) }

@c @implementation
func sys_ping(_ peer: UInt64) -> Int64 { unix_ping(calls, caller, peer) }

@c @implementation
func sys_address() -> Int64 { unix_address(calls, caller) }

@c @implementation
func sys_findservice(_ name: UnsafeRawPointer, _ length: UInt64) -> Int64 {
  unix_findservice(calls, caller, address(name), length)
}

@c @implementation
func sys_callservice(_ descriptor: UInt64, _ message: UnsafeRawPointer) -> Int64 {
  unix_callservice(calls, caller, descriptor, address(message))
}

@c @implementation
func sys_loadmodule(_ name: UnsafeRawPointer, _ length: UInt64) -> Int64 {
  unix_loadmodule(calls, caller, address(name), length)
}

@c @implementation
func sys_unloadmodule(_ name: UnsafeRawPointer, _ length: UInt64) -> Int64 {
  unix_unloadmodule(calls, caller, address(name), length)
}

@c @implementation
func sys_cachepolicy(_ policy: UInt64) -> Int64 { unix_cachepolicy(calls, caller, policy) }

@c @implementation
func sys_statistics(_ destination: UnsafeMutableRawPointer, _ length: UInt64) -> Int64 {
  unix_statistics(calls, caller, address(destination), length)
}
