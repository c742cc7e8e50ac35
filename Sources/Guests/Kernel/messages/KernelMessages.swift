// Messages that the kernel itself sends: interrupts to drivers, page faults to pagers, the end of a task to
// its supervisor.

import Interfaces
import KernelShared

@c @implementation
func message_interrupt(_ owner: UnsafeMutablePointer<task>, _ source: UInt64) {
  owner.pointee.interrupts |= 1 << source
  guard state(owner).pointee.state == TaskState.blocked.rawValue,
    state(owner).pointee.waitReason == WaitReason.receive.rawValue
  else { return }
  let endpoint = endpoint_at(owner.pointee.endpoint)
  if endpoint.pointee.receiver == owner { endpoint.pointee.receiver = nil }
  receiveInterrupt(owner)
  task_wake(owner)
}

@c @implementation
func message_notify(_ notifier: UnsafeMutablePointer<task>, _ slot: UInt64) -> Int64 {
  guard slot < UInt64(CAPABILITY_COUNT) else { return ErrorCode.invalid.result }
  let right = capability_at(notifier, slot).pointee
  guard right.kind == UInt64(CAPABILITY_CALL) else { return ErrorCode.accessDenied.result }
  guard let owner = task_find(endpoint_at(right.object).pointee.owner) else { return ErrorCode.noSuchTask.result }
  message_interrupt(owner, UInt64(INTERRUPT_NOTIFICATION))
  return 0
}

/// Hands the lowest pending interrupt to its driver.
func receiveInterrupt(_ owner: UnsafeMutablePointer<task>) {
  let source = UInt64(owner.pointee.interrupts.trailingZeroBitCount)
  owner.pointee.interrupts &= ~(1 << source)
  ipc_deliver_interrupt(0, task_number(owner), KernelLabel.interrupt.rawValue)
  message_set_register(owner, MessageRegister.a0, 0)
  message_set_register(owner, MessageRegister.label, KernelLabel.interrupt.rawValue)
  message_set_register(owner, 12, source)
  message_set_register(owner, MessageRegister.sendLength, 0)
}

@c @implementation
func message_fault(
  _ faulter: UnsafeMutablePointer<task>, _ endpoint: UInt64, _ label: UInt64, _ access: UInt64, _ cause: UInt64,
  _ address: UInt64
) {
  faulter.pointee.fault_access = access
  faulter.pointee.fault_cause = cause
  faulter.pointee.fault_address = address
  task_suspend(UInt64(WaitReason.reply.rawValue))
  sendFault(faulter, endpoint, label)
}

/// Sends a suspended task's fault to an endpoint.
private func sendFault(_ faulter: UnsafeMutablePointer<task>, _ number: UInt64, _ label: UInt64) {
  faulter.pointee.fault_label = label
  faulter.pointee.endpoint = number
  let endpoint = endpoint_at(number)
  if let receiver = endpoint.pointee.receiver {
    endpoint.pointee.receiver = nil
    deliverFault(faulter, receiver)
    task_wake(receiver)
  } else {
    enqueue(faulter, endpoint)
  }
}

/// Tells a pager or supervisor about a task's fault; the faulter waits for the reply.
func deliverFault(_ faulter: UnsafeMutablePointer<task>, _ receiver: UnsafeMutablePointer<task>) {
  ipc_deliver_fault(0, task_number(receiver), faulter.pointee.fault_label)
  faulter.pointee.partner = task_number(receiver)
  message_set_register(receiver, MessageRegister.a0, 0)
  message_set_register(receiver, MessageRegister.label, faulter.pointee.fault_label)
  message_set_register(receiver, 12, task_number(faulter))
  message_set_register(receiver, 13, faulter.pointee.fault_access)
  message_set_register(receiver, 14, faulter.pointee.fault_address)
  message_set_register(receiver, 15, faulter.pointee.fault_cause)
  let isForeignCall = faulter.pointee.fault_label == KernelLabel.foreignCall.rawValue
  message_set_register(receiver, MessageRegister.sendLength, isForeignCall ? copyForeignCall(faulter, receiver) : 0)
}

/// Acts on a pager's answer: label 0 repeats the access, anything else makes it the supervisor's case.
///
/// Returns whether the task can run.
func resumeFaulter(_ replier: UnsafeMutablePointer<task>, _ faulter: UnsafeMutablePointer<task>) -> Bool {
  let label = faulter.pointee.fault_label
  faulter.pointee.fault_label = 0
  if label == KernelLabel.foreignCall.rawValue { return resumeForeignCaller(replier, faulter) }
  let answer = Int64(bitPattern: message_register(replier, MessageRegister.label))
  guard answer != 0 else { return true }
  if answer == ErrorCode.noMemory.result { faulter.pointee.fault_cause = FaultCause.noMemory }
  if faulter.pointee.supervisor != 0 {
    task_fault(task_number(faulter), faulter.pointee.fault_cause, faulter.pointee.fault_address)
    sendFault(faulter, faulter.pointee.supervisor, KernelLabel.fault.rawValue)
  }
  return false
}
