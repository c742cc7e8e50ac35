// System calls of programs that were made for another system: the kernel does not know what they mean, so they become
// messages to the environment subsystem, a server in user mode.
//
// The caller waits as for a page fault; the answer is a result, or the caller's end.

import Interfaces
import KernelShared

/// The foreign program's argument registers and its call number: a0…a7.
private var registers: UInt64 { 8 }
/// Where the first of them is in a frame.
private var firstRegister: UInt64 { 10 }

@c @implementation
func task_set_foreign(_ number: UInt64) -> Int64 {
  guard let task = task_find(number) else { return ErrorCode.noSuchTask.result }
  // Without a subsystem nobody would ever answer.
  guard endpoint_at(Service.linux.rawValue).pointee.is_served != 0 else { return ErrorCode.notImplemented.result }
  task.pointee.is_foreign = 1
  return 0
}

@c @implementation
func message_foreign_call(_ caller: UnsafeMutablePointer<task>) {
  message_fault(caller, Service.linux.rawValue, KernelLabel.foreignCall.rawValue, 0, 0, 0)
}

/// Puts the caller's registers where the subsystem has room for a payload; the number of bytes.
func copyForeignCall(_ caller: UnsafeMutablePointer<task>, _ receiver: UnsafeMutablePointer<task>) -> UInt64 {
  let length = registers &* 8
  guard message_register(receiver, MessageRegister.receiveLength) >= length else { return 0 }
  let destination = message_register(receiver, MessageRegister.receiveAddress)
  for index in 0..<registers {
    let place = space_resolve(state(receiver).pointee.satp, destination &+ index &* 8, UInt64(SPACE_WRITE))
    guard place != 0 else { return 0 }
    word(place).pointee = task_register(caller, firstRegister &+ index)
  }
  return length
}

/// Acts on the subsystem's answer; whether the caller can run.
func resumeForeignCaller(_ replier: UnsafeMutablePointer<task>, _ caller: UnsafeMutablePointer<task>) -> Bool {
  let value = message_register(replier, 12)
  guard message_register(replier, MessageRegister.label) == 0 else {
    core_end(caller, Int64(bitPattern: value))
    return false
  }
  task_set_register(caller, firstRegister, value)
  return true
}

/// Nobody will answer the call any more: it failed.
func failForeignCall(_ caller: UnsafeMutablePointer<task>) {
  task_set_register(caller, firstRegister, UInt64(bitPattern: ErrorCode.inputOutput.result))
}
