// The kernel calls of those structures whose services run in user mode: what is left for an `ecall`.
//
// Numbers begin at 256, above all library calls', so that a kernel that takes both knows which is which.
// Registers: a7 the call, a0…a6 and t0…t3 its arguments, a0 the result (a0…a5, t1 for messages).

/// A call to a kernel that keeps only messages, memory, tasks and scheduling.
public enum KernelCall: UInt64, CaseIterable, Sendable {
  /// a0 capability slot, a1 label, a2…a5 words, a6 timeout in ticks (0: none), t0 and t1 bytes to send, t2 and t3
  /// room for the reply's. Returns a0 status, a1 label, a2…a5 words, t1 bytes received.
  case call = 0x101
  /// a0 0 for anything, 1 for interrupts only; a6 timeout, t2 and t3 room. Returns a0 the sender's
  /// number (0 the kernel), in its upper half the badge of the capability that it used.
  case receive = 0x102
  /// a0 the caller's number (the upper half is ignored), a1 label, a2…a5 words, t0 and t1 bytes.
  case reply = 0x103
  /// `reply` and then `receive`.
  case replyReceive = 0x104
  case yield = 0x105
  /// a0 ticks.
  case sleep = 0x106
  /// a0 capability slot: interrupts the task that receives there, and does not wait.
  case notify = 0x107
  /// a0 the tick at which the caller is interrupted, in place of an earlier one; 0: no more.
  case alarm = 0x108
  // Interfaces/tasks.h, with a capability for tasks.
  case taskCreate = 0x110
  case taskStart = 0x111
  case taskEnd = 0x112
  case taskCollect = 0x113
  /// a0 task, a1 slot, a2 kind, a3 object, in its upper half the badge.
  case taskGrant = 0x114
  /// a0 task, a1 pager's endpoint, a2 supervisor's.
  case taskGuard = 0x115
  /// a0 parent, which waits for the caller's answer.
  case taskFork = 0x116
  /// a0 task, a1 and a2 its a0 and a1.
  case taskContinue = 0x117
  /// a0 task, which waits for the caller's answer; a1 and a2 the name, a3 the program's index.
  case taskClear = 0x118
  case taskSetForeign = 0x11c
  // Interfaces/tasks.h, with a capability for memory.
  case spaceMap = 0x120
  case spaceUnmap = 0x121
  case spaceWrite = 0x122
  /// a0 parent, a1 child, a2 address, a3 pages.
  case spaceShare = 0x123
  /// a0 task, a1 address.
  case spaceCopy = 0x124
  case spaceAvailable = 0x125
  case spaceRead = 0x12c
  // A server's own memory and device.
  /// a0 pages, a1 1 for device memory. Returns the address.
  case memory = 0x130
  /// a0 address. Returns the physical address.
  case physical = 0x131
  /// a0 kind. Returns a0 status, a1 the registers' address, a2 the interrupt.
  case device = 0x132
  case enableInterrupt = 0x133
  case finishInterrupt = 0x134
  /// Maps the boot archive read-only. Returns its address.
  case archive = 0x135
  /// Returns the caller's number.
  case identify = 0x136

  #if !hasFeature(Embedded)
    /// The name as a path shows it.
    public var name: String { "\(self)" }
  #endif
}

/// Labels of messages that the kernel sends, with 0 as the sender's number.
public enum KernelLabel: UInt64, CaseIterable, Sendable {
  /// Words: the interrupt's source; 0 for the receiver's alarm, 63 for a notification.
  case interrupt = 0x1000
  /// A task waits for its pager. Words: task, access, address, cause. The reply's label 0 lets it repeat the access.
  case pageFault = 0x1001
  /// A task cannot go on and waits for its end. Words: task, access, address, cause.
  case fault = 0x1002
  /// A program of another system made a system call, and waits for the answer. Words: task; payload: its a0…a7. The
  /// reply's label 0 lets it go on with word 0 as the result in a0; any other label ends it with word 0 as its status.
  case foreignCall = 0x1003
}
