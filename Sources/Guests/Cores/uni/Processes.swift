// The process manager's interface where there is one application and no process: what can be said without any.

import Interfaces
import KernelShared
import UniState

@c @implementation
func pm_null(_ service: OpaquePointer, _ client: UInt64) -> Int64 { 0 }

@c @implementation
func pm_getpid(_ service: OpaquePointer, _ client: UInt64) -> Int64 { 1 }

@c @implementation
func pm_spawn(
  _ service: OpaquePointer, _ client: UInt64, _ name: user_address, _ nameLength: UInt64,
  _ arguments: user_address, _ argumentsLength: UInt64
) -> Int64 { ErrorCode.oneApplication.result }

@c @implementation
func pm_fork(_ service: OpaquePointer, _ client: UInt64) -> Int64 { ErrorCode.oneApplication.result }

@c @implementation
func pm_exec(
  _ service: OpaquePointer, _ client: UInt64, _ name: user_address, _ nameLength: UInt64,
  _ arguments: user_address, _ argumentsLength: UInt64
) -> Int64 { ErrorCode.oneApplication.result }

@c @implementation
func pm_exit(_ service: OpaquePointer, _ client: UInt64, _ status: Int64) { finish(status) }

@c @implementation
func pm_submit_wait(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pm_request>) -> Int64 {
  ErrorCode.noChild.result
}

@c @implementation
func pm_kill(_ service: OpaquePointer, _ client: UInt64, _ task: UInt64) -> Int64 { ErrorCode.oneApplication.result }

// MARK: Services that are not linked in

/// Answers for every function of a service that the image does without.
@c @implementation
func service_absent() -> Int64 { ErrorCode.notImplemented.result }

/// Such a service has no instance.
@c @implementation
func service_absent_size() -> UInt64 { 0 }
