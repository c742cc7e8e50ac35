// Messages between tasks: synchronous, unbuffered in time, over endpoints named by capabilities.
//
// A call waits for its reply; only the task that received the call can reply, once. The kernel never waits
// inside these functions: a task's state says where its message stands, its frame holds the registers. What the
// fastpath (fastpath.S) cannot take comes here.

import Interfaces
import KernelShared

/// Register numbers of a message (GuestABI, KernelCall).
enum MessageRegister {
  static var a0: UInt64 { 10 }
  static var label: UInt64 { 11 }
  static var timeout: UInt64 { 16 }
  static var sendAddress: UInt64 { 5 }
  static var sendLength: UInt64 { 6 }
  static var receiveAddress: UInt64 { 7 }
  static var receiveLength: UInt64 { 28 }
}

/// Label and words: a1…a5.
///
/// Written out: a loop would cost more than the copies.
@inline(__always) private func copyWords(_ from: UnsafeMutablePointer<task>, _ to: UnsafeMutablePointer<task>) {
  message_set_register(to, 11, message_register(from, 11))
  message_set_register(to, 12, message_register(from, 12))
  message_set_register(to, 13, message_register(from, 13))
  message_set_register(to, 14, message_register(from, 14))
  message_set_register(to, 15, message_register(from, 15))
}

@inline(__always) func state(_ task: UnsafeMutablePointer<task>) -> UnsafeMutablePointer<TaskRecord> {
  taskRecord(task.pointee.slot)
}

@inline(__always) func isReceiving(_ task: UnsafeMutablePointer<task>) -> Bool {
  let record = state(task)
  return record.pointee.state == TaskState.blocked.rawValue
    && record.pointee.waitReason == WaitReason.receive.rawValue && task.pointee.only_interrupts == 0
}

/// Whether the option is on that sends every message through a buffer, and its receiver through the ready queue.
@inline(__always) private var isBuffered: Bool { kernel_options.buffered_messages != 0 }

// MARK: Call

@c @implementation
func message_call(_ caller: UnsafeMutablePointer<task>) {
  let slot = message_register(caller, MessageRegister.a0)
  guard slot < UInt64(CAPABILITY_COUNT) else { return fail(caller, .invalid) }
  let right = capability_at(caller, slot).pointee
  guard right.kind == UInt64(CAPABILITY_CALL) else { return fail(caller, .accessDenied) }
  let endpoint = endpoint_at(right.object)
  let ticks = message_register(caller, MessageRegister.timeout)
  caller.pointee.endpoint = right.object
  caller.pointee.badge = right.badge

  if endpoint.pointee.gate != nil { return answerHere(caller, endpoint) }
  if ticks != 0 { task_deadline(caller, ticks) }
  if let receiver = endpoint.pointee.receiver, isReceiving(receiver) {
    endpoint.pointee.receiver = nil
    task_suspend(UInt64(WaitReason.reply.rawValue))
    deliverCall(caller, receiver)
    if isBuffered { return task_wake(receiver) }
    task_switch_direct(receiver)
  }
  task_suspend(UInt64(WaitReason.send.rawValue))
  enqueue(caller, endpoint)
}

/// Hands a waiting caller's message to a receiver, which then is ready to run.
func deliverCall(_ caller: UnsafeMutablePointer<task>, _ receiver: UnsafeMutablePointer<task>) {
  ipc_transfer_slow(task_number(caller), task_number(receiver), message_register(caller, MessageRegister.label))
  state(caller).pointee.waitReason = WaitReason.reply.rawValue
  caller.pointee.partner = task_number(receiver)
  message_set_register(receiver, MessageRegister.a0, task_number(caller) | caller.pointee.badge << 32)
  copyWords(caller, receiver)
  let copied = copyPayload(caller, receiver)
  message_set_register(receiver, MessageRegister.sendLength, copied < 0 ? 0 : UInt64(copied))
}

/// Copies what the sender sends to where the receiver has room; bytes, or a negated error.
private func copyPayload(_ sender: UnsafeMutablePointer<task>, _ receiver: UnsafeMutablePointer<task>) -> Int64 {
  let length = min(
    message_register(sender, MessageRegister.sendLength), message_register(receiver, MessageRegister.receiveLength),
    UInt64(MAXIMUM_PAYLOAD))
  guard length > 0 else { return 0 }
  if isBuffered { return copyThroughBuffer(sender, receiver, length) }
  let result = ipc_copy(
    sender, message_register(sender, MessageRegister.sendAddress), receiver,
    message_register(receiver, MessageRegister.receiveAddress), length)
  return result < 0 ? result : Int64(length)
}

// MARK: Receive

@c @implementation
func message_receive(_ receiver: UnsafeMutablePointer<task>) {
  let right = capability_at(receiver, UInt64(SLOT_RECEIVE)).pointee
  guard right.kind == UInt64(CAPABILITY_RECEIVE) else { return fail(receiver, .accessDenied) }
  let onlyInterrupts = message_register(receiver, MessageRegister.a0) != 0
  if receiver.pointee.interrupts != 0 { return receiveInterrupt(receiver) }
  let endpoint = endpoint_at(right.object)
  endpoint.pointee.is_served = 1
  if !onlyInterrupts, let sender = dequeue(endpoint) {
    if sender.pointee.fault_label != 0 { return deliverFault(sender, receiver) }
    return deliverCall(sender, receiver)
  }
  receiver.pointee.only_interrupts = onlyInterrupts ? 1 : 0
  receiver.pointee.endpoint = right.object
  if !onlyInterrupts { endpoint.pointee.receiver = receiver }
  let ticks = message_register(receiver, MessageRegister.timeout)
  if ticks != 0 { task_deadline(receiver, ticks) }
  task_suspend(UInt64(WaitReason.receive.rawValue))
}

// MARK: Reply

/// The task that waits for this replier's answer, or nil.
private func caller(named number: UInt64, of replier: UnsafeMutablePointer<task>) -> UnsafeMutablePointer<task>? {
  guard let caller = task_find(number & 0xFFFF_FFFF), caller.pointee.partner == task_number(replier),
    state(caller).pointee.state == TaskState.blocked.rawValue,
    state(caller).pointee.waitReason == WaitReason.reply.rawValue
  else { return nil }
  return caller
}

@c @implementation
func message_reply(_ replier: UnsafeMutablePointer<task>) {
  guard let caller = caller(named: message_register(replier, MessageRegister.a0), of: replier) else {
    return fail(replier, .noSuchTask)
  }
  let canRun = deliverReply(replier, caller)
  message_set_register(replier, MessageRegister.a0, 0)
  if canRun { task_wake(caller) }
}

@c @implementation
func message_reply_receive(_ replier: UnsafeMutablePointer<task>) {
  var resumed: UnsafeMutablePointer<task>?
  let number = message_register(replier, MessageRegister.a0)
  if let caller = caller(named: number, of: replier), deliverReply(replier, caller) { resumed = caller }
  message_set_register(replier, MessageRegister.a0, 0)
  message_set_register(replier, MessageRegister.timeout, 0)
  message_receive(replier)
  guard let resumed else { return }
  if isBuffered || state(replier).pointee.state == TaskState.running.rawValue {
    task_wake(resumed)
  } else {
    task_cancel_deadline(resumed)
    task_switch_direct(resumed)
  }
}

/// Puts the answer into the caller's registers, and its bytes into the caller's memory.
///
/// Returns whether the caller can run.
private func deliverReply(_ replier: UnsafeMutablePointer<task>, _ caller: UnsafeMutablePointer<task>) -> Bool {
  caller.pointee.partner = 0
  if caller.pointee.fault_label != 0 { return resumeFaulter(replier, caller) }
  var status: Int64 = 0
  ipc_transfer_slow(task_number(replier), task_number(caller), message_register(replier, MessageRegister.label))
  let copied = copyPayload(replier, caller)
  if copied < 0 { status = copied }
  message_set_register(caller, MessageRegister.sendLength, copied < 0 ? 0 : UInt64(copied))
  message_set_register(caller, MessageRegister.a0, UInt64(bitPattern: status))
  copyWords(replier, caller)
  return true
}

// MARK: Ends

@c @implementation
func message_timed_out(_ waiter: UnsafeMutablePointer<task>) { abandon(waiter, .timedOut) }

@c @implementation
func message_task_gone(_ gone: UnsafeMutablePointer<task>) {
  withdraw(gone)
  let number = task_number(gone)
  for slot in 0..<UInt64(TASK_COUNT) {
    let other = task_at(slot)
    guard other != gone, other.pointee.partner == number,
      state(other).pointee.state == TaskState.blocked.rawValue
    else { continue }
    if other.pointee.fault_label == KernelLabel.foreignCall.rawValue {
      other.pointee.fault_label = 0
      withdraw(other)
      failForeignCall(other)
      task_wake(other)
      continue
    }
    // The next incarnation shall find the fault where this one found it.
    if other.pointee.fault_label != 0 {
      other.pointee.partner = 0
      enqueue(other, endpoint_at(other.pointee.endpoint))
      continue
    }
    abandon(other, .serverDied)
    task_wake(other)
  }
}

/// Takes a task out of whatever it waits in, with an error as its result.
func abandon(_ waiter: UnsafeMutablePointer<task>, _ error: ErrorCode) {
  withdraw(waiter)
  fail(waiter, error)
}

func withdraw(_ waiter: UnsafeMutablePointer<task>) {
  let endpoint = endpoint_at(waiter.pointee.endpoint)
  if endpoint.pointee.receiver == waiter { endpoint.pointee.receiver = nil }
  remove(waiter, from: endpoint)
  waiter.pointee.partner = 0
}

func fail(_ task: UnsafeMutablePointer<task>, _ error: ErrorCode) {
  message_set_register(task, MessageRegister.a0, UInt64(bitPattern: error.result))
}
