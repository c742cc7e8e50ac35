// The network service's interface (Interfaces/net.h) for those who reach it by messages.
//
// A user_address is an address of the caller's own. A service that dies takes its connections along: its clients see
// a broken connection.

import Interfaces
import Transport

private func result(_ answer: ipc_result) -> Int64 {
  if answer.status == ErrorCode.serverDied.result { return ErrorCode.connectionAborted.result }
  return answer.status < 0 ? answer.status : answer.label
}

private func call(_ service: OpaquePointer, _ label: Int, _ first: UInt64, _ second: UInt64 = 0) -> Int64 {
  result(ipc_call(slot(service), UInt64(label), first, second, 0, 0, 0))
}

@c @implementation
func net_submit(_ service: OpaquePointer, _ request: UnsafeMutablePointer<net_request>) -> Int64 {
  let label = Int(clamping: request.pointee.operation)
  guard label >= NET_ADDRESS, label <= NET_PING else { return ErrorCode.notImplemented.result }
  var answer: Int64
  if label == NET_READ, request.pointee.length > 0 {
    let length = min(request.pointee.length, UInt64(IPC_MAXIMUM_PAYLOAD))
    var payload = ipc_payload()
    payload.receive = memory(request.pointee.buffer)
    payload.receive_length = length
    ipc_touch_for_writing(memory(request.pointee.buffer), length)
    answer = result(
      ipc_call_payload(slot(service), UInt64(label), request.pointee.handle, length, 0, 0, 0, &payload))
  } else {
    answer = call(service, label, request.pointee.handle, request.pointee.length)
  }
  env_complete(&request.pointee.base, answer)
  return 0
}

@c @implementation
func net_listen(_ service: OpaquePointer, _ client: UInt64, _ port: UInt64) -> Int64 {
  call(service, NET_LABEL_LISTEN, port)
}

@c @implementation
func net_write(
  _ service: OpaquePointer, _ client: UInt64, _ socket: UInt64, _ source: user_address, _ length: UInt64
) -> Int64 {
  guard length > 0 else { return call(service, NET_LABEL_WRITE, socket) }
  var payload = ipc_payload()
  payload.send_length = min(length, UInt64(IPC_MAXIMUM_PAYLOAD))
  payload.send = UnsafeRawPointer(memory(source))
  ipc_touch_for_reading(memory(source), payload.send_length)
  return result(ipc_call_payload(slot(service), UInt64(NET_LABEL_WRITE), socket, 0, 0, 0, 0, &payload))
}

@c @implementation
func net_close(_ service: OpaquePointer, _ client: UInt64, _ socket: UInt64) -> Int64 {
  call(service, NET_LABEL_CLOSE, socket)
}

@c @implementation
func net_ready(_ service: OpaquePointer, _ client: UInt64, _ socket: UInt64) -> Int64 {
  call(service, NET_LABEL_READY, socket)
}

@c @implementation
func net_forget(_ service: OpaquePointer, _ client: UInt64) { _ = call(service, NET_LABEL_FORGET, client) }

/// Nothing to hold: the instance is the handle of the service.
@c @implementation
func net_size() -> UInt64 { 0 }

/// The server has set itself up.
@c @implementation
func net_init(_ service: OpaquePointer, _ driver: OpaquePointer) -> Int64 { 0 }

/// The server looks after its driver and its time itself.
@c @implementation
func net_interrupt(_ service: OpaquePointer) {}
