// The process manager's interface (Interfaces/pm.h) for those who reach it by messages.

import Interfaces
import Transport

private func exchange(_ service: OpaquePointer, _ label: Int, _ word: UInt64) -> Int64 {
  let result = ipc_call(slot(service), UInt64(label), word, 0, 0, 0, 0)
  return result.status < 0 ? result.status : result.label
}

@c @implementation
func pm_null(_ service: OpaquePointer, _ client: UInt64) -> Int64 { exchange(service, PM_LABEL_NULL, 0) }

@c @implementation
func pm_getpid(_ service: OpaquePointer, _ client: UInt64) -> Int64 { exchange(service, PM_LABEL_GETPID, 0) }

@c @implementation
func pm_spawn(
  _ service: OpaquePointer, _ client: UInt64, _ name: user_address, _ nameLength: UInt64,
  _ arguments: user_address, _ argumentsLength: UInt64
) -> Int64 { sendCommandLine(service, client, PM_LABEL_SPAWN, name, nameLength, arguments, argumentsLength) }

/// Comes back only if there is an error to tell.
@c @implementation
func pm_exec(
  _ service: OpaquePointer, _ client: UInt64, _ name: user_address, _ nameLength: UInt64,
  _ arguments: user_address, _ argumentsLength: UInt64
) -> Int64 { sendCommandLine(service, client, PM_LABEL_EXEC, name, nameLength, arguments, argumentsLength) }

private func sendCommandLine(
  _ service: OpaquePointer, _ client: UInt64, _ label: Int, _ name: user_address, _ nameLength: UInt64,
  _ arguments: user_address, _ argumentsLength: UInt64
) -> Int64 {
  guard nameLength <= UInt64(PM_MAXIMUM_NAME), argumentsLength <= UInt64(PM_MAXIMUM_ARGUMENTS) else {
    return ErrorCode.nameTooLong.result
  }
  // Name and arguments travel in one payload.
  var both = InlineArray<272, UInt8>(repeating: 0)
  return withUnsafeMutableBytes(of: &both) { bytes in
    let place = bytes.baseAddress.unsafelyUnwrapped
    var copied = env_copy_in(client, place, name, nameLength)
    if copied == 0 { copied = env_copy_in(client, place + Int(nameLength), arguments, argumentsLength) }
    guard copied == 0 else { return copied }
    var payload = ipc_payload()
    payload.send = UnsafeRawPointer(place)
    payload.send_length = nameLength &+ argumentsLength
    let result = ipc_call_payload(slot(service), UInt64(label), nameLength, argumentsLength, 0, 0, 0, &payload)
    return result.status < 0 ? result.status : result.label
  }
}

/// In the copy the call's answer is 0.
@c @implementation
func pm_fork(_ service: OpaquePointer, _ client: UInt64) -> Int64 { exchange(service, PM_LABEL_FORK, 0) }

@c @implementation
func pm_exit(_ service: OpaquePointer, _ client: UInt64, _ status: Int64) {
  // The manager ends the caller instead of answering.
  while true { _ = exchange(service, PM_LABEL_EXIT, UInt64(bitPattern: status)) }
}

@c @implementation
func pm_submit_wait(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pm_request>) -> Int64 {
  let result = ipc_call(slot(service), UInt64(PM_LABEL_WAIT), request.pointee.child, 0, 0, 0, 0)
  guard result.status == 0 else { return result.status }
  env_complete(UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self), result.label)
  return 0
}

@c @implementation
func pm_kill(_ service: OpaquePointer, _ client: UInt64, _ task: UInt64) -> Int64 {
  exchange(service, PM_LABEL_KILL, task)
}

/// Nothing to hold: the instance is the handle of the service.
@c @implementation
func pm_size() -> UInt64 { 0 }

/// The server has set itself up.
@c @implementation
func pm_init(_ service: OpaquePointer, _ services: UnsafePointer<pm_services>) -> Int64 { 0 }
