// The server loop's halves: receiving and answering.

import Interfaces
import Transport

@c @implementation
func server_receive() {
  server.message.receive = UnsafeMutableRawPointer(server_request_buffer())
  server.message.receive_length = UInt64(IPC_MAXIMUM_PAYLOAD)
  if server.message.sender != 0 {
    // Answer and receive in one call; `server_reply` has left the answer in the message.
    server.message.send = server.reply_source ?? UnsafeRawPointer(server_reply_buffer())
    server.message.send_length = server.reply_length
    server.reply_length = 0
    server.reply_source = nil
    _ = ipc_reply_receive(&server.message)
  } else {
    _ = ipc_receive(&server.message)
  }
  while server.message.sender == 0 && server.message.label == Int64(KernelLabel.interrupt.rawValue) {
    serveInterrupt()
    server.message.sender = 0
    _ = ipc_receive(&server.message)
  }
}

@c @implementation
func server_reply(_ result: Int64) { server.message.label = result }

/// Passes an interrupt to the component.
func serveInterrupt() {
  if let entry = server.interrupt, let instance = server.instance { entry(instance) }
}

@c @implementation
func server_call() -> gate_call {
  let words = server.message.words
  return gate_call(
    client: ipc_client(server.message.sender), is_manager: server_caller_is_manager() ? 1 : 0,
    label: UInt64(bitPattern: server.message.label), words: words, send: 0, send_length: server.message.received,
    receive: 0, receive_length: UInt64(IPC_MAXIMUM_PAYLOAD))
}

@c @implementation
func gate_answer(
  _ client: UInt64, _ destination: user_address, _ source: UnsafeRawPointer, _ length: UInt64
) -> Int64 {
  // The kernel copies straight from there.
  server.reply_source = source
  server.reply_length = length
  return 0
}
