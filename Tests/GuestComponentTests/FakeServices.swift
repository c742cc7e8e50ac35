// Services for tests of the call layer: they keep what they were asked and answer what the test has prepared.
//
// Tests must not share an instance. The client's addresses are plain numbers here; nobody looks behind them.

import GuestABI
import Interfaces
import Synchronization

/// All services in one.
final class FakeServices {
  /// What was called, in order, as `name(numbers…)`.
  var calls: [String] = []
  /// Answers by function name; 0 for all others.
  var answers: [String: Int64] = [:]

  var pointer: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

  var services: unix_services {
    unix_services(
      files: pointer, console: pointer, processes: pointer, memory: pointer, pipes: pointer, network: pointer)
  }

  fileprivate func note(_ name: String, _ numbers: [UInt64]) -> Int64 {
    calls.append("\(name)(\(numbers.map(String.init).joined(separator: " ")))")
    return answers[name] ?? 0
  }
}

/// Ticks that `env_sleep` was asked for.
let sleptTicks = Mutex<[UInt64]>([])

private func call(_ service: OpaquePointer, _ numbers: UInt64..., name: String = #function) -> Int64 {
  let fake = Unmanaged<FakeServices>.fromOpaque(UnsafeRawPointer(service)).takeUnretainedValue()
  return fake.note(String(name.prefix { $0 != "(" }), numbers)
}

/// Only a network request can still be pending: its link runs on.
@c @implementation
func env_await(_ request: UnsafeMutablePointer<env_request>) -> Int64 {
  if request.pointee.done == 0 { FakeLink.current.run { request.pointee.done != 0 } }
  return request.pointee.result
}

@c @implementation
func env_yield() { env_sleep(0) }

@c @implementation
func env_sleep(_ ticks: UInt64) { sleptTicks.withLock { $0.append(ticks) } }

@c @implementation
func fs_open(
  _ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64, _ flags: UInt64
) -> Int64 { call(service, client, path, length, flags) }

@c @implementation
func fs_close(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64) -> Int64 {
  call(service, client, handle)
}

@c @implementation
func fs_read(
  _ service: OpaquePointer, _ client: UInt64, _ handle: UInt64, _ offset: UInt64, _ destination: user_address,
  _ length: UInt64
) -> Int64 { call(service, client, handle, offset, destination, length) }

@c @implementation
func fs_write(
  _ service: OpaquePointer, _ client: UInt64, _ handle: UInt64, _ offset: UInt64, _ source: user_address,
  _ length: UInt64
) -> Int64 { call(service, client, handle, offset, source, length) }

@c @implementation
func fs_length(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64) -> Int64 {
  call(service, client, handle)
}

@c @implementation
func fs_readdir(
  _ service: OpaquePointer, _ client: UInt64, _ handle: UInt64, _ index: UInt64, _ destination: user_address,
  _ length: UInt64
) -> Int64 { call(service, client, handle, index, destination, length) }

@c @implementation
func fs_mkdir(_ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64) -> Int64 {
  call(service, client, path, length)
}

@c @implementation
func fs_remove(_ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64) -> Int64 {
  call(service, client, path, length)
}

@c @implementation
func fs_rename(
  _ service: OpaquePointer, _ client: UInt64, _ from: user_address, _ fromLength: UInt64, _ to: user_address,
  _ toLength: UInt64
) -> Int64 { call(service, client, from, fromLength, to, toLength) }

@c @implementation
func fs_stat(
  _ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64, _ destination: user_address
) -> Int64 { call(service, client, path, length, destination) }

@c @implementation
func fs_sync(_ service: OpaquePointer) -> Int64 { call(service) }

@c @implementation
func fs_policy(_ service: OpaquePointer, _ policy: UInt64) -> Int64 { call(service, policy) }

@c @implementation
func fs_statistics(
  _ service: OpaquePointer, _ client: UInt64, _ destination: user_address, _ length: UInt64
) -> Int64 { call(service, client, destination, length) }

/// There is one service by name: the name at address 1000 leads to handle 77.
@c @implementation
func services_find(_ client: UInt64, _ name: user_address, _ length: UInt64) -> Int64 {
  name == 1000 ? 77 : ErrorCode.notFound.result
}

/// The answer tells who asked whom.
@c @implementation
func services_call(_ client: UInt64, _ handle: UInt64, _ message: user_address) -> Int64 {
  Int64(client * 1_000_000 + handle * 1000 + message)
}

@c @implementation
func modules_load(_ client: UInt64, _ name: user_address, _ length: UInt64) -> Int64 { Int64(name + length) }

@c @implementation
func modules_unload(_ client: UInt64, _ name: user_address, _ length: UInt64) -> Int64 { -Int64(length) }

@c @implementation
func con_write(
  _ driver: OpaquePointer, _ client: UInt64, _ source: user_address, _ length: UInt64
) -> Int64 { call(driver, client, source, length) }

/// Refuses when the answer is an error, else completes the request with it.
@c @implementation
func con_submit_read(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<con_request>) -> Int64 {
  let answer = call(driver, request.pointee.base.client, request.pointee.destination, request.pointee.length)
  request.pointee.base.result = answer
  request.pointee.base.done = 1
  return min(answer, 0)
}

@c @implementation
func con_poll(_ driver: OpaquePointer) -> Int64 { call(driver) }

@c @implementation
func pipe_create(_ service: OpaquePointer, _ client: UInt64) -> Int64 { call(service, client) }

/// Refuses when the answer is an error, else completes the request with it.
@c @implementation
func pipe_submit_read(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pipe_request>) -> Int64 {
  complete(request, call(service, request.pointee.base.client, request.pointee.handle, request.pointee.length))
}

@c @implementation
func pipe_submit_write(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pipe_request>) -> Int64 {
  complete(
    request,
    call(
      service, request.pointee.base.client, request.pointee.handle, request.pointee.place, request.pointee.length))
}

private func complete(_ request: UnsafeMutablePointer<pipe_request>, _ answer: Int64) -> Int64 {
  request.pointee.base.result = answer
  request.pointee.base.done = 1
  return min(answer, 0)
}

@c @implementation
func pipe_poll(_ service: OpaquePointer, _ client: UInt64, _ end: UInt64) -> Int64 { call(service, client, end) }

@c @implementation
func pipe_close(_ service: OpaquePointer, _ client: UInt64, _ end: UInt64) -> Int64 { call(service, client, end) }

@c @implementation
func pm_fork(_ service: OpaquePointer, _ client: UInt64) -> Int64 { call(service, client) }

@c @implementation
func pm_exec(
  _ service: OpaquePointer, _ client: UInt64, _ name: user_address, _ nameLength: UInt64, _ arguments: user_address,
  _ argumentsLength: UInt64
) -> Int64 { call(service, client, name, nameLength, arguments, argumentsLength) }

@c @implementation
func pm_spawn(
  _ service: OpaquePointer, _ client: UInt64, _ name: user_address, _ nameLength: UInt64, _ arguments: user_address,
  _ argumentsLength: UInt64
) -> Int64 { call(service, client, name, nameLength, arguments, argumentsLength) }

@c @implementation
func pm_null(_ service: OpaquePointer, _ client: UInt64) -> Int64 { call(service, client) }

@c @implementation
func pm_getpid(_ service: OpaquePointer, _ client: UInt64) -> Int64 { call(service, client) }

@c @implementation
func pm_exit(_ service: OpaquePointer, _ client: UInt64, _ status: Int64) {
  _ = call(service, client, UInt64(bitPattern: status))
}

/// Completes the request with the answer, which may be a negative status.
@c @implementation
func pm_submit_wait(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pm_request>) -> Int64 {
  request.pointee.base.result = call(service, request.pointee.base.client, request.pointee.child)
  request.pointee.base.done = 1
  return 0
}

@c @implementation
func pm_kill(_ service: OpaquePointer, _ client: UInt64, _ task: UInt64) -> Int64 {
  call(service, client, task)
}

@c @implementation
func vm_map(_ service: OpaquePointer, _ client: UInt64, _ length: UInt64) -> Int64 {
  call(service, client, length)
}

@c @implementation
func vm_unmap(_ service: OpaquePointer, _ client: UInt64, _ address: UInt64, _ length: UInt64) -> Int64 {
  call(service, client, address, length)
}

@c @implementation
func vm_map_file(
  _ service: OpaquePointer, _ client: UInt64, _ file: UInt64, _ offset: UInt64, _ length: UInt64
) -> Int64 { call(service, client, file, offset, length) }

@c @implementation
func vm_prepare(_ service: OpaquePointer, _ client: UInt64, _ address: UInt64, _ length: UInt64) -> Int64 {
  call(service, client, address, length)
}
