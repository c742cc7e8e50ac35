// The console driver as a server. A read is answered when a line is there; meanwhile others are served.

import Interfaces
import Transport

/// Reads that wait for a line: as many as there can be tasks.
private var places: Int { 32 }

@c @implementation
func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = con_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages), let table = env_pages(1) else { return ErrorCode.noMemory.result }
  let driver = OpaquePointer(place)
  let requests = table.assumingMemoryBound(to: con_request.self)
  server.instance = UnsafeMutableRawPointer(place)
  server.interrupt = { con_interrupt(OpaquePointer($0)) }
  _ = con_init(driver)
  while true {
    server_receive()
    dispatch(driver, requests)
  }
}

private func dispatch(_ driver: OpaquePointer, _ requests: UnsafeMutablePointer<con_request>) {
  let client = ipc_client(server.message.sender)
  let word = server.message.words.0
  switch Int(server.message.label) {
  case CON_LABEL_WRITE: server_reply(con_write(driver, client, 0, min(word, server.message.received)))
  case CON_LABEL_READ: read(driver, requests, client, min(word, UInt64(IPC_MAXIMUM_PAYLOAD)))
  case CON_LABEL_FORGET:
    guard server_caller_is_manager() else { return server_reply(ErrorCode.notPermitted.result) }
    // Nobody is there for an answer.
    for index in 0..<places where requests[index].base.client == word { requests[index].base.waiter = 0 }
    con_forget(driver, word)
    server_reply(0)
  case CON_LABEL_POLL: server_reply(con_poll(driver))
  default: server_reply(ErrorCode.notImplemented.result)
  }
}

/// Files a read; env_complete will answer it.
private func read(
  _ driver: OpaquePointer, _ requests: UnsafeMutablePointer<con_request>, _ client: UInt64, _ length: UInt64
) {
  for index in 0..<places where requests[index].base.client == 0 || requests[index].base.done != 0 {
    requests[index] = con_request(
      base: env_request(client: client, result: 0, done: 0, waiter: client, next: nil), destination: 0, length: length)
    let result = con_submit_read(driver, requests + index)
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
