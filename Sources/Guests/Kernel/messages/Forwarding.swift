// Messages of programs that reach services by system calls only: the kernel passes them on to the reincarnation server,
// with the program's own right and not the kernel's.

import Interfaces
import KernelShared
import Transport

/// What stands for the reincarnation server; modules have smaller handles.
private var supervisor: UInt64 { 1 << 32 | Service.reinc.rawValue }
/// How long the server may take: a second.
private var patience: UInt64 { 10_000_000 }

@c @implementation
func message_find_server(_ low: UInt64, _ high: UInt64) -> Int64 {
  // The letters of its name, "reinc", from the lowest byte on.
  guard low == 0x63_6E69_6572, high == 0, endpoint_at(Service.reinc.rawValue).pointee.owner != 0 else {
    return ErrorCode.notFound.result
  }
  return Int64(supervisor)
}

@c @implementation
func message_forward(_ handle: UInt64, _ message: UnsafePointer<service_message>) -> Int64 {
  guard handle == supervisor else { return ErrorCode.notFound.result }
  // What lies beyond is the kernel's, and what kernel code sends may lie there.
  guard message.pointee.send < Layout.userEnd, message.pointee.receive < Layout.userEnd else {
    return ErrorCode.badAddress.result
  }
  var payload = ipc_payload(
    send: UnsafeRawPointer(bitPattern: UInt(message.pointee.send)), send_length: message.pointee.send_length,
    receive: UnsafeMutableRawPointer(bitPattern: UInt(message.pointee.receive)),
    receive_length: message.pointee.receive_length, received: 0)
  if let send = payload.send { ipc_touch_for_reading(send, payload.send_length) }
  if let receive = payload.receive { ipc_touch_for_writing(receive, payload.receive_length) }
  let administers = kernel.current.pointee.administers >> Service.reinc.rawValue & 1 != 0
  let result = callAsCurrent(
    Service.reinc.rawValue, badge: UInt64(administers ? IPC_BADGE_ADMINISTRATOR : IPC_BADGE_NONE),
    message.pointee.label, (message.pointee.words.0, message.pointee.words.1, message.pointee.words.2, 0), patience,
    &payload)
  return result.status < 0 ? result.status : result.label
}
