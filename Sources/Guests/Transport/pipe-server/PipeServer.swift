// The pipe service as a server. Who has to wait is answered when the other end has moved; meanwhile others are served.

import Interfaces
import Transport

/// Requests under way: as many as there can be tasks.
private var places: Int { 32 }

@c @implementation
func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = pipe_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages), let table = env_pages(1) else { return ErrorCode.noMemory.result }
  let service = OpaquePointer(place)
  let requests = table.assumingMemoryBound(to: pipe_request.self)
  _ = pipe_init(service)
  while true {
    server_receive()
    dispatch(service, requests)
  }
}

private func dispatch(_ service: OpaquePointer, _ requests: UnsafeMutablePointer<pipe_request>) {
  let client = ipc_client(server.message.sender)
  let words = server.message.words
  switch Int(server.message.label) {
  case PIPE_LABEL_CREATE: server_reply(pipe_create(service, client))
  case PIPE_LABEL_READ:
    file(requests, client, words.0, min(words.1, UInt64(IPC_MAXIMUM_PAYLOAD))) { pipe_submit_read(service, $0) }
  case PIPE_LABEL_WRITE:
    file(requests, client, words.0, min(words.1, server.message.received)) { pipe_submit_write(service, $0) }
  case PIPE_LABEL_POLL: server_reply(pipe_poll(service, client, words.0))
  case PIPE_LABEL_CLOSE: server_reply(pipe_close(service, client, words.0))
  case PIPE_LABEL_INHERIT:
    guard server_caller_is_manager() else { return server_reply(ErrorCode.notPermitted.result) }
    server_reply(pipe_inherit(service, words.0, words.1))
  case PIPE_LABEL_FORGET:
    guard server_caller_is_manager() else { return server_reply(ErrorCode.notPermitted.result) }
    // Nobody is there for an answer.
    for index in 0..<places where requests[index].base.client == words.0 { requests[index].base.waiter = 0 }
    pipe_forget(service, words.0)
    server_reply(0)
  default: server_reply(ErrorCode.notImplemented.result)
  }
}

/// Submits a request; env_complete will answer it.
@inline(__always)
private func file(
  _ requests: UnsafeMutablePointer<pipe_request>, _ client: UInt64, _ end: UInt64, _ length: UInt64,
  _ submit: (UnsafeMutablePointer<pipe_request>) -> Int64
) {
  for index in 0..<places where requests[index].base.client == 0 || requests[index].base.done != 0 {
    requests[index] = pipe_request(
      base: env_request(client: client, result: 0, done: 0, waiter: client, next: nil), handle: end, place: 0,
      length: length)
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
