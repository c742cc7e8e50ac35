// Calls that the kernel answers itself, because the service is in the kernel: a message becomes a function call on the
// caller's own kernel stack.
//
// The service copies from and to the caller's memory itself, so nothing is copied here.

import Interfaces
import KernelShared

@c @implementation
func message_offer(_ service: UInt64, _ answer: gate, _ instance: UnsafeMutableRawPointer) {
  let endpoint = endpoint_at(service)
  endpoint.pointee.gate = answer
  endpoint.pointee.instance = instance
  // Who called too early repeats the call: its registers are as they were, but for the pc.
  while let early = dequeue(endpoint) {
    task_set_register(early, 0, task_register(early, 0) &- 4)
    task_wake(early)
  }
}

/// Calls the gate with the caller's message, and puts the result where a reply would be.
func answerHere(_ caller: UnsafeMutablePointer<task>, _ endpoint: UnsafeMutablePointer<endpoint>) {
  guard let answer = endpoint.pointee.gate, let instance = endpoint.pointee.instance else { return }
  var call = gate_call(
    client: task_number(caller), is_manager: caller.pointee.badge == 1 ? 1 : 0,
    label: message_register(caller, MessageRegister.label),
    words: (
      message_register(caller, 12), message_register(caller, 13), message_register(caller, 14),
      message_register(caller, 15)
    ),
    send: message_register(caller, MessageRegister.sendAddress),
    send_length: min(message_register(caller, MessageRegister.sendLength), UInt64(MAXIMUM_PAYLOAD)),
    receive: message_register(caller, MessageRegister.receiveAddress),
    receive_length: min(message_register(caller, MessageRegister.receiveLength), UInt64(MAXIMUM_PAYLOAD)))
  let result = answer(instance, &call)
  message_set_register(caller, MessageRegister.a0, 0)
  message_set_register(caller, MessageRegister.label, UInt64(bitPattern: result))
  message_set_register(caller, MessageRegister.sendLength, 0)
}

@c @implementation
func gate_none(_ instance: UnsafeMutableRawPointer, _ call: UnsafePointer<gate_call>) -> Int64 {
  ErrorCode.notImplemented.result
}

@c @implementation
func gate_answer(
  _ client: UInt64, _ destination: user_address, _ source: UnsafeRawPointer, _ length: UInt64
) -> Int64 { env_copy_out(client, destination, source, length) }
