// The environment subsystem's loop: a foreign program's trap in, this system's calls made for it, the answer out.
//
// It is a server and a program: what Linux would do itself, it does with the library of this system.

import Interfaces
import Transport

@c @implementation
func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  while true {
    server_receive()
    let isCall =
      ipc_client(server.message.sender) == 0 && server.message.label == Int64(KernelLabel.foreignCall.rawValue)
      && server.message.received >= UInt64(MemoryLayout<linux_call>.size)
    guard isCall else {
      server_reply(ErrorCode.notImplemented.result)
      continue
    }
    let task = server.message.words.0
    let call = UnsafeRawPointer(server_request_buffer()).assumingMemoryBound(to: linux_call.self).pointee
    let answer = withUnsafePointer(to: call) { linux_perform(task, $0) }
    server.message.sender = task
    server.message.words.0 = UInt64(bitPattern: answer.value)
    server_reply(Int64(answer.ends))
  }
}
