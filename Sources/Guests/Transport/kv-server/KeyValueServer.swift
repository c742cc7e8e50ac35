// The key-value service as a server: a message in, one entry point called, its result out. The same calls reach it
// where it is a module of the kernel (Interfaces/gate.h).

import Interfaces
import Transport

@c @implementation
func kv_server_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  guard let place = env_pages(kv_size().pageCeiling / Layout.pageSize) else { return ErrorCode.noMemory.result }
  _ = kv_init(OpaquePointer(place))
  while true {
    server_receive()
    var call = server_call()
    server_reply(kv_gate(place, &call))
  }
}

@c @implementation
func kv_gate(_ instance: UnsafeMutableRawPointer, _ call: UnsafePointer<gate_call>) -> Int64 {
  let service = OpaquePointer(instance)
  let call = call.pointee
  switch Int(truncatingIfNeeded: call.label) {
  case KV_LABEL_GET:
    return kv_get(service, call.client, call.send, call.send_length, call.receive, call.receive_length)
  case KV_LABEL_PUT:
    let length = call.words.0
    guard length <= call.send_length else { return ErrorCode.invalid.result }
    return kv_put(service, call.client, call.send, length, call.send &+ length, call.send_length &- length)
  case KV_LABEL_DELETE: return kv_delete(service, call.client, call.send, call.send_length)
  case KV_LABEL_COUNT: return kv_count(service)
  default: return ErrorCode.notImplemented.result
  }
}
