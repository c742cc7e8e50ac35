// The pipe service as a server. Who has to wait is answered when the other end has moved; meanwhile others are served.
// The same calls reach it in the kernel (Interfaces/gate.h), where each caller waits for itself.

import Interfaces
import Transport

/// Requests under way: as many as there can be tasks.
private var places: Int { 32 }

@c @implementation
func pipe_server_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = pipe_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages), let table = env_pages(1) else { return ErrorCode.noMemory.result }
  let service = OpaquePointer(place)
  let requests = table.assumingMemoryBound(to: pipe_request.self)
  _ = pipe_init(service)
  while true {
    server_receive()
    var call = server_call()
    if let transfer = request(of: call) {
      file(transfer, in: requests) { submit(service, $0, call.label) }
    } else {
      server_reply(pipe_gate(place, &call))
    }
  }
}

@c @implementation
func pipe_gate(_ pipes: UnsafeMutableRawPointer, _ call: UnsafePointer<gate_call>) -> Int64 {
  let service = OpaquePointer(pipes)
  let call = call.pointee
  if var transfer = request(of: call) {
    let submitted = submit(service, &transfer, call.label)
    return submitted < 0 ? submitted : env_await(&transfer.base)
  }
  switch Int(truncatingIfNeeded: call.label) {
  case PIPE_LABEL_CREATE: return pipe_create(service, call.client)
  case PIPE_LABEL_POLL: return pipe_poll(service, call.client, call.words.0)
  case PIPE_LABEL_CLOSE: return pipe_close(service, call.client, call.words.0)
  case PIPE_LABEL_INHERIT:
    guard call.is_manager != 0 else { return ErrorCode.notPermitted.result }
    return pipe_inherit(service, call.words.0, call.words.1)
  case PIPE_LABEL_FORGET:
    guard call.is_manager != 0 else { return ErrorCode.notPermitted.result }
    pipe_forget(service, call.words.0)
    return 0
  default: return ErrorCode.notImplemented.result
  }
}

/// The request that a message to read or write is; nil for all others.
private func request(of call: gate_call) -> pipe_request? {
  let base = env_request(client: call.client, result: 0, done: 0, waiter: 0, next: nil)
  switch Int(truncatingIfNeeded: call.label) {
  case PIPE_LABEL_READ:
    return pipe_request(
      base: base, handle: call.words.0, place: call.receive, length: min(call.words.1, call.receive_length))
  case PIPE_LABEL_WRITE:
    return pipe_request(
      base: base, handle: call.words.0, place: call.send, length: min(call.words.1, call.send_length))
  default: return nil
  }
}

private func submit(
  _ service: OpaquePointer, _ request: UnsafeMutablePointer<pipe_request>, _ label: UInt64
) -> Int64 {
  Int(truncatingIfNeeded: label) == PIPE_LABEL_READ
    ? pipe_submit_read(service, request) : pipe_submit_write(service, request)
}

/// Submits a request that is kept until it is done; env_complete will answer it.
@inline(__always)
private func file(
  _ request: pipe_request, in requests: UnsafeMutablePointer<pipe_request>,
  _ submit: (UnsafeMutablePointer<pipe_request>) -> Int64
) {
  for index in 0..<places where requests[index].base.client == 0 || requests[index].base.done != 0 {
    requests[index] = request
    requests[index].base.waiter = request.base.client
    let result = submit(requests + index)
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
