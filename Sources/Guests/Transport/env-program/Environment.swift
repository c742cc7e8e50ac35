// The environment (Interfaces/env.h) of what is linked into a program whose services are reached by messages.
//
// Requests made through a stub are complete when the stub returns, so there is nothing to wait for.

import Interfaces
import Transport

@c @implementation
func env_complete(_ request: UnsafeMutablePointer<env_request>, _ result: Int64) {
  request.pointee.result = result
  request.pointee.done = 1
}

@c @implementation
func env_await(_ request: UnsafeMutablePointer<env_request>) -> Int64 { request.pointee.result }

@c @implementation
func env_time() -> UInt64 { ipc_time() }

@c @implementation
func env_yield() { _ = kernel_yield() }

@c @implementation
func env_sleep(_ ticks: UInt64) { _ = kernel_sleep(ticks) }

/// The only client of what is linked into a program is the program itself.
@c @implementation
func env_copy_in(
  _ client: UInt64, _ destination: UnsafeMutableRawPointer, _ source: user_address, _ length: UInt64
) -> Int64 {
  if length > 0 { destination.copyMemory(from: memory(source), byteCount: Int(length)) }
  return 0
}
