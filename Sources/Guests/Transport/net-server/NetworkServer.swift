// The network service as a server. What has to wait is answered when it has a result; meanwhile others are served.

import Interfaces
import Transport

/// Requests that wait: as many as there can be tasks.
private var places: Int { 32 }

@c @implementation
func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = net_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages), let table = env_pages(1) else { return ErrorCode.noMemory.result }
  let service = OpaquePointer(place)
  let requests = table.assumingMemoryBound(to: net_request.self)
  server.instance = UnsafeMutableRawPointer(place)
  // The driver's notification, or the alarm.
  server.interrupt = {
    nic_interrupt(handle(.nic))
    net_interrupt(OpaquePointer($0))
  }
  // Without an adapter every call is refused.
  _ = net_init(service, handle(.nic))
  while true {
    server_receive()
    let message = server.message
    let answer = dispatch(
      service, requests, ipc_client(message.sender), message.label, (message.words.0, message.words.1),
      sendAddress: 0, sendLength: message.received, receiveAddress: 0)
    if let answer { server_reply(answer) } else { server.message.sender = 0 }
  }
}

/// From a message to the service; nil when the answer comes later.
private func dispatch(
  _ service: OpaquePointer, _ requests: UnsafeMutablePointer<net_request>, _ client: UInt64, _ label: Int64,
  _ words: (UInt64, UInt64), sendAddress: user_address, sendLength: UInt64, receiveAddress: user_address
) -> Int64? {
  switch Int(label) {
  case NET_LABEL_LISTEN: return net_listen(service, client, words.0)
  case NET_LABEL_WRITE: return net_write(service, client, words.0, sendAddress, sendLength)
  case NET_LABEL_CLOSE: return net_close(service, client, words.0)
  case NET_LABEL_READY: return net_ready(service, client, words.0)
  case NET_LABEL_FORGET:
    guard server_caller_is_manager() else { return ErrorCode.notPermitted.result }
    net_forget(service, words.0)
    return 0
  case NET_READ:
    let length = min(words.1, UInt64(IPC_MAXIMUM_PAYLOAD))
    return submit(service, requests, client, label, (words.0, length), receiveAddress)
  default: return submit(service, requests, client, label, words, 0)
  }
}

/// Files a request; env_complete will answer it.
private func submit(
  _ service: OpaquePointer, _ requests: UnsafeMutablePointer<net_request>, _ client: UInt64, _ label: Int64,
  _ words: (UInt64, UInt64), _ receiveAddress: user_address
) -> Int64? {
  for index in 0..<places where requests[index].base.client == 0 || requests[index].base.done != 0 {
    requests[index] = net_request(
      base: env_request(client: client, result: 0, done: 0, waiter: client, next: nil),
      operation: UInt64(bitPattern: label), handle: words.0, buffer: receiveAddress, length: words.1, deadline: 0,
      state: 0)
    let result = net_submit(service, requests + index)
    guard result < 0 else { return nil }
    requests[index].base.done = 1
    return result
  }
  return ErrorCode.tryAgain.result
}
