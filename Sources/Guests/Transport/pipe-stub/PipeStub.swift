// The pipe service's interface (Interfaces/pipe.h) for those who reach it by messages.
//
// A user_address is an address of the caller's own.

import Interfaces
import Transport

/// Pipes that died with their service are gone: its clients see a failed device.
private func failure(_ status: Int64) -> Int64 {
  status == ErrorCode.serverDied.result ? ErrorCode.inputOutput.result : status
}

private func exchange(_ service: OpaquePointer, _ label: Int, _ first: UInt64 = 0, _ second: UInt64 = 0) -> Int64 {
  let result = ipc_call(slot(service), UInt64(label), first, second, 0, 0, 0)
  return result.status < 0 ? failure(result.status) : result.label
}

private func exchange(
  _ service: OpaquePointer, _ label: Int, _ request: UnsafeMutablePointer<pipe_request>, _ length: UInt64,
  _ payload: UnsafeMutablePointer<ipc_payload>
) -> Int64 {
  let result = ipc_call_payload(slot(service), UInt64(label), request.pointee.handle, length, 0, 0, 0, payload)
  let answer = result.status < 0 ? failure(result.status) : result.label
  env_complete(UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self), answer)
  return 0
}

@c @implementation
func pipe_create(_ service: OpaquePointer, _ client: UInt64) -> Int64 { exchange(service, PIPE_LABEL_CREATE) }

@c @implementation
func pipe_submit_read(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pipe_request>) -> Int64 {
  var payload = ipc_payload()
  let length = min(request.pointee.length, UInt64(IPC_MAXIMUM_PAYLOAD))
  if length > 0 {
    payload.receive = memory(request.pointee.place)
    payload.receive_length = length
    ipc_touch_for_writing(memory(request.pointee.place), length)
  }
  return exchange(service, PIPE_LABEL_READ, request, length, &payload)
}

@c @implementation
func pipe_submit_write(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pipe_request>) -> Int64 {
  var payload = ipc_payload()
  let length = min(request.pointee.length, UInt64(IPC_MAXIMUM_PAYLOAD))
  if length > 0 {
    payload.send = UnsafeRawPointer(memory(request.pointee.place))
    payload.send_length = length
    ipc_touch_for_reading(memory(request.pointee.place), length)
  }
  return exchange(service, PIPE_LABEL_WRITE, request, length, &payload)
}

@c @implementation
func pipe_poll(_ service: OpaquePointer, _ client: UInt64, _ end: UInt64) -> Int64 {
  exchange(service, PIPE_LABEL_POLL, end)
}

@c @implementation
func pipe_close(_ service: OpaquePointer, _ client: UInt64, _ end: UInt64) -> Int64 {
  exchange(service, PIPE_LABEL_CLOSE, end)
}

@c @implementation
func pipe_inherit(_ service: OpaquePointer, _ parent: UInt64, _ child: UInt64) -> Int64 {
  exchange(service, PIPE_LABEL_INHERIT, parent, child)
}

@c @implementation
func pipe_forget(_ service: OpaquePointer, _ client: UInt64) { _ = exchange(service, PIPE_LABEL_FORGET, client) }

/// Nothing to hold: the instance is the handle of the service.
@c @implementation
func pipe_size() -> UInt64 { 0 }

/// The server has set itself up.
@c @implementation
func pipe_init(_ service: OpaquePointer) -> Int64 { 0 }
