// The console driver as a server. A read is answered when a line is there; meanwhile others are served. The same calls
// reach it in the kernel (Interfaces/gate.h), where each caller waits for itself.

import Interfaces
import Transport

/// Reads that wait for a line: as many as there can be tasks.
private var places: Int { 32 }

@c @implementation
func con_server_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = con_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages), let table = env_pages(1) else { return ErrorCode.noMemory.result }
  let driver = OpaquePointer(place)
  let requests = table.assumingMemoryBound(to: con_request.self)
  server.instance = UnsafeMutableRawPointer(place)
  server.interrupt = { con_interrupt(OpaquePointer($0)) }
  _ = con_init(driver)
  while true {
    server_receive()
    var call = server_call()
    if call.label == UInt64(CON_LABEL_READ) {
      read(driver, requests, call.client, min(call.words.0, call.receive_length))
    } else {
      server_reply(con_gate(place, &call))
    }
  }
}

@c @implementation
func con_gate(_ instance: UnsafeMutableRawPointer, _ call: UnsafePointer<gate_call>) -> Int64 {
  let driver = OpaquePointer(instance)
  let call = call.pointee
  let word = call.words.0
  switch Int(truncatingIfNeeded: call.label) {
  case CON_LABEL_WRITE: return con_write(driver, call.client, call.send, min(word, call.send_length))
  case CON_LABEL_READ:
    var request = con_request(
      base: env_request(client: call.client, result: 0, done: 0, waiter: 0, next: nil), destination: call.receive,
      length: min(word, call.receive_length))
    let submitted = con_submit_read(driver, &request)
    return submitted < 0 ? submitted : env_await(&request.base)
  case CON_LABEL_FORGET:
    guard call.is_manager != 0 else { return ErrorCode.notPermitted.result }
    con_forget(driver, word)
    return 0
  case CON_LABEL_POLL: return con_poll(driver)
  default: return ErrorCode.notImplemented.result
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
