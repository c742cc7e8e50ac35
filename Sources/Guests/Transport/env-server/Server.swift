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
