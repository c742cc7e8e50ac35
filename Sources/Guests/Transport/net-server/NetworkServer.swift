// The network service as a server. What has to wait is answered when it has a result; meanwhile others are served. The
// same calls reach it in the kernel (Interfaces/gate.h), where each caller waits for itself.

import Interfaces
import Transport

/// Requests that wait: as many as there can be tasks.
private var places: Int { 32 }

@c @implementation
func net_server_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = net_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages), let table = env_pages(1) else { return ErrorCode.noMemory.result }
  let requests = table.assumingMemoryBound(to: net_request.self)
  server.instance = UnsafeMutableRawPointer(place)
  // The driver's notification, or the alarm.
  server.interrupt = {
    nic_interrupt(handle(.nic))
    net_interrupt(OpaquePointer($0))
  }
  // Without an adapter every call is refused.
  _ = net_init(OpaquePointer(place), handle(.nic))
  while true {
    server_receive()
    var call = server_call()
    if call.label < UInt64(NET_LABEL_LISTEN) {
      submit(OpaquePointer(place), requests, call)
    } else {
      server_reply(net_gate(place, &call))
    }
  }
}

@c @implementation
func net_gate(_ instance: UnsafeMutableRawPointer, _ call: UnsafePointer<gate_call>) -> Int64 {
  let service = OpaquePointer(instance)
  let call = call.pointee
  let word = call.words.0
  switch Int(truncatingIfNeeded: call.label) {
  case NET_LABEL_LISTEN: return net_listen(service, call.client, word)
  case NET_LABEL_WRITE: return net_write(service, call.client, word, call.send, call.send_length)
  case NET_LABEL_CLOSE: return net_close(service, call.client, word)
  case NET_LABEL_READY: return net_ready(service, call.client, word)
  case NET_LABEL_FORGET:
    guard call.is_manager != 0 else { return ErrorCode.notPermitted.result }
    net_forget(service, word)
    return 0
  default:
    var request = request(call, waiter: 0)
    let submitted = net_submit(service, &request)
    return submitted < 0 ? submitted : env_await(&request.base)
  }
}

/// What a message asks for.
private func request(_ call: gate_call, waiter: UInt64) -> net_request {
  let isRead = call.label == UInt64(NET_READ)
  return net_request(
    base: env_request(client: call.client, result: 0, done: 0, waiter: waiter, next: nil), operation: call.label,
    handle: call.words.0, buffer: isRead ? call.receive : 0,
    length: isRead ? min(call.words.1, call.receive_length) : call.words.1, deadline: 0, state: 0)
}

/// Files a request; env_complete will answer it.
private func submit(_ service: OpaquePointer, _ requests: UnsafeMutablePointer<net_request>, _ call: gate_call) {
  for index in 0..<places where requests[index].base.client == 0 || requests[index].base.done != 0 {
    requests[index] = request(call, waiter: call.client)
    let result = net_submit(service, requests + index)
    if result == 0 {
      server.message.sender = 0
    } else {
      requests[index].base.done = 1
      server_reply(result)
    }
    return
  }
  server_reply(ErrorCode.tryAgain.result)
}
