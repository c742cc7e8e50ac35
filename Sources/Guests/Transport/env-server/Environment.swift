// The environment (Interfaces/env.h) of a service that runs in user mode and is reached by messages.
//
// A user_address is an offset: into the payload that came with the message, or into that of the answer. Client 0 is
// the server itself, whose addresses are its own.

import Interfaces
import Transport

@c @implementation
func env_complete(_ request: UnsafeMutablePointer<env_request>, _ result: Int64) {
  request.pointee.result = result
  request.pointee.done = 1
  let caller = request.pointee.waiter
  guard caller != 0 else { return }
  // The request came by message and its answer is due now, whatever message is at hand.
  var answer = ipc_message()
  answer.sender = caller
  answer.label = result
  answer.send = UnsafeRawPointer(server_reply_buffer())
  answer.send_length = server.reply_length
  server.reply_length = 0
  _ = ipc_reply(&answer)
}

@c @implementation
func env_await(_ request: UnsafeMutablePointer<env_request>) -> Int64 {
  var interrupt = ipc_message()
  while request.pointee.done == 0 {
    interrupt.sender = 1
    _ = ipc_receive(&interrupt)
    serveInterrupt()
  }
  return request.pointee.result
}

/// One thread: nobody else can hold a lock while it runs.
@c @implementation
func env_acquire(_ lock: UnsafeMutablePointer<env_lock>) { lock.pointee.holder = 1 }

@c @implementation
func env_release(_ lock: UnsafeMutablePointer<env_lock>) { lock.pointee.holder = 0 }

@c @implementation
func env_pages(_ count: UInt64) -> UnsafeMutableRawPointer? {
  let result = kernel_memory(count, 0)
  return result <= 0 ? nil : memory(UInt64(result))
}

@c @implementation
func env_device_pages(_ count: UInt64) -> UnsafeMutableRawPointer? {
  let result = kernel_memory(count, 1)
  return result <= 0 ? nil : memory(UInt64(result))
}

@c @implementation
func env_physical(_ place: UnsafeRawPointer) -> UInt64 { UInt64(kernel_physical(address(place))) }

@c @implementation
func env_find_device(_ kind: UInt64, _ device: UnsafeMutablePointer<env_device>) -> Int64 {
  var place: (UInt64, UInt64) = (0, 0)
  let result = withUnsafeMutableBytes(of: &place) {
    kernel_device(kind, $0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt64.self))
  }
  guard result == 0 else { return result }
  device.pointee.registers = memory(place.0).assumingMemoryBound(to: UInt32.self)
  device.pointee.interrupt = place.1
  return 0
}

@c @implementation
func env_enable_interrupt(_ interrupt: UInt64) -> Int64 { kernel_enable_interrupt(interrupt) }

@c @implementation
func env_finish_interrupt(_ interrupt: UInt64) { _ = kernel_finish_interrupt(interrupt) }

@c @implementation
func env_copy_in(
  _ client: UInt64, _ destination: UnsafeMutableRawPointer, _ source: user_address, _ length: UInt64
) -> Int64 {
  if client == 0 {
    destination.copyMemory(from: memory(source), byteCount: Int(length))
    return 0
  }
  guard source <= server.message.received, length <= server.message.received &- source else {
    return ErrorCode.badAddress.result
  }
  destination.copyMemory(from: server_request_buffer() + Int(source), byteCount: Int(length))
  return 0
}

@c @implementation
func env_copy_out(
  _ client: UInt64, _ destination: user_address, _ source: UnsafeRawPointer, _ length: UInt64
) -> Int64 {
  let room = UInt64(IPC_MAXIMUM_PAYLOAD)
  guard destination <= room, length <= room &- destination else { return ErrorCode.badAddress.result }
  UnsafeMutableRawPointer(server_reply_buffer() + Int(destination)).copyMemory(from: source, byteCount: Int(length))
  server.reply_length = max(server.reply_length, destination &+ length)
  return 0
}

@c @implementation
func env_time() -> UInt64 { ipc_time() }

@c @implementation
func env_set_alarm(_ time: UInt64) { _ = kernel_alarm(time) }

@c @implementation
func env_yield() { _ = kernel_yield() }

@c @implementation
func env_sleep(_ ticks: UInt64) { _ = kernel_sleep(ticks) }

/// One network service has the adapter to itself.
@c @implementation
func env_claim(_ kind: UInt64, _ value: UInt64) -> Int64 { 0 }

@c @implementation
func env_disclaim(_ kind: UInt64, _ value: UInt64) {}
