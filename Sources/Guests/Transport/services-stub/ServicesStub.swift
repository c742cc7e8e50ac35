// Services by name (Interfaces/services.h) where they are servers: the reincarnation server knows which of them run,
// and gives the right to call one.

import Interfaces
import Transport

/// How long a service that was found by name may take for an answer, a second: it may be stopped before.
private var patience: UInt64 { 10_000_000 }

@c @implementation
func services_find(_ client: UInt64, _ name: user_address, _ length: UInt64) -> Int64 {
  guard length > 0, length <= UInt64(SERVICES_MAXIMUM_NAME) else {
    return length == 0 ? ErrorCode.notFound.result : ErrorCode.nameTooLong.result
  }
  var payload = ipc_payload()
  payload.send = UnsafeRawPointer(memory(name))
  payload.send_length = length
  ipc_touch_for_reading(memory(name), length)
  let result = ipc_call_payload(Service.reinc.rawValue, UInt64(REINC_LABEL_FIND), 0, 0, 0, 0, patience, &payload)
  return result.status < 0 ? result.status : result.label
}

@c @implementation
func services_call(_ client: UInt64, _ handle: UInt64, _ place: user_address) -> Int64 {
  let message = memory(place).loadUnaligned(as: service_message.self)
  let most = UInt64(SERVICES_MAXIMUM_PAYLOAD)
  guard message.send_length <= most, message.receive_length <= most else { return ErrorCode.invalid.result }
  var payload = ipc_payload()
  if message.send_length > 0 {
    payload.send = UnsafeRawPointer(memory(message.send))
    payload.send_length = message.send_length
    ipc_touch_for_reading(memory(message.send), message.send_length)
  }
  if message.receive_length > 0 {
    payload.receive = memory(message.receive)
    payload.receive_length = message.receive_length
    ipc_touch_for_writing(memory(message.receive), message.receive_length)
  }
  let result = ipc_call_payload(
    handle, message.label, message.words.0, message.words.1, message.words.2, 0, patience, &payload)
  guard result.status < 0 else { return result.label }
  // The right went with the service.
  return result.status == ErrorCode.accessDenied.result ? ErrorCode.notFound.result : result.status
}
