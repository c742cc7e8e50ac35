// Messages from kernel code to services in user mode: the functions of a stub's transport (ipc.h), for stubs that are
// linked into the kernel.
//
// The kernel calls for the current task, which waits in the kernel meanwhile; it needs no capability, and speaks for
// others as the process manager does, unless it passes a program's own message on.

import Interfaces
import KernelShared
import Transport

/// Whether the message is one of kernel code, with registers of its own.
@inline(__always) func sendsFromKernel(_ task: UnsafeMutablePointer<task>) -> Bool {
  task.pointee.message != task_frame(task)
}

@c @implementation
func ipc_call(
  _ service: UInt64, _ label: UInt64, _ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64,
  _ timeout: UInt64
) -> ipc_result {
  var nothing = ipc_payload()
  return ipc_call_payload(service, label, word0, word1, word2, word3, timeout, &nothing)
}

@c @implementation
func ipc_call_payload(
  _ service: UInt64, _ label: UInt64, _ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64,
  _ timeout: UInt64, _ payload: UnsafeMutablePointer<ipc_payload>
) -> ipc_result {
  callAsCurrent(
    service, badge: UInt64(IPC_BADGE_MANAGER), label, (word0, word1, word2, word3), timeout, payload)
}

/// Calls a service for the current task.
func callAsCurrent(
  _ service: UInt64, badge: UInt64, _ label: UInt64, _ words: (UInt64, UInt64, UInt64, UInt64), _ timeout: UInt64,
  _ payload: UnsafeMutablePointer<ipc_payload>
) -> ipc_result {
  let caller = kernel.current
  var registers = trap_frame()
  return withUnsafeMutablePointer(to: &registers) { registers in
    caller.pointee.message = registers
    defer { caller.pointee.message = task_frame(caller) }
    message_set_register(caller, 11, label)
    message_set_register(caller, 12, words.0)
    message_set_register(caller, 13, words.1)
    message_set_register(caller, 14, words.2)
    message_set_register(caller, 15, words.3)
    message_set_register(caller, MessageRegister.sendAddress, payload.pointee.send.map { address($0) } ?? 0)
    message_set_register(caller, MessageRegister.sendLength, payload.pointee.send_length)
    message_set_register(caller, MessageRegister.receiveAddress, payload.pointee.receive.map { address($0) } ?? 0)
    message_set_register(caller, MessageRegister.receiveLength, payload.pointee.receive_length)
    let status = send(caller, to: service, badge: badge, timeout: timeout)
    payload.pointee.received = message_register(caller, MessageRegister.sendLength)
    return ipc_result(status: status, label: Int64(bitPattern: message_register(caller, MessageRegister.label)))
  }
}

/// Sends the current task's message and waits for the answer; the status of both.
private func send(
  _ caller: UnsafeMutablePointer<task>, to service: UInt64, badge: UInt64, timeout: UInt64
) -> Int64 {
  guard service < UInt64(ENDPOINT_COUNT) else { return ErrorCode.invalid.result }
  let endpoint = endpoint_at(service)
  caller.pointee.endpoint = service
  caller.pointee.badge = badge
  if timeout != 0 { task_deadline(caller, timeout) }
  let reason: WaitReason
  if let receiver = endpoint.pointee.receiver, isReceiving(receiver) {
    endpoint.pointee.receiver = nil
    deliverCall(caller, receiver)
    task_wake(receiver)
    reason = .reply
  } else {
    enqueue(caller, endpoint)
    reason = .send
  }
  if task_wait(UInt64(reason.rawValue)) < 0 {
    withdraw(caller)
    return ErrorCode.timedOut.result
  }
  return Int64(bitPattern: message_register(caller, MessageRegister.a0))
}

@c @implementation
func message_abandon(_ waiter: UnsafeMutablePointer<task>) {
  abandon(waiter, .noSuchTask)
  task_wake(waiter)
}

@c @implementation
func ipc_touch_for_reading(_ place: UnsafeRawPointer, _ length: UInt64) {
  touch(address(place), length, UInt64(VM_ACCESS_READ), UInt64(SPACE_READ))
}

@c @implementation
func ipc_touch_for_writing(_ place: UnsafeMutableRawPointer, _ length: UInt64) {
  touch(address(place), length, UInt64(VM_ACCESS_WRITE), UInt64(SPACE_WRITE))
}

/// Has the pager fill the pages of a user's bytes; one that cannot be filled makes the copy fail.
private func touch(_ start: UInt64, _ length: UInt64, _ access: UInt64, _ right: UInt64) {
  guard length > 0, start < Layout.userEnd else { return }
  let satp = state(kernel.current).pointee.satp
  func fill(_ address: UInt64) {
    if space_resolve(satp, address, right) == 0 { _ = core_fill_page(kernel.current, address, access) }
  }
  fill(start)
  fill(start &+ length &- 1)
}
