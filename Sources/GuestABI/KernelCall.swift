// The kernel calls of those structures whose services run in user mode: what is left for an `ecall`.
//
// Registers: a7 the call, a0…a6 and t0…t3 its arguments, a0 the result (a0…a5, t1 for messages).

/// A call to a kernel that keeps only messages, memory, tasks and scheduling.
public enum KernelCall: UInt64, CaseIterable, Sendable {
  /// a0 capability slot, a1 label, a2…a5 words, a6 timeout in ticks (0: none), t0 and t1 bytes to send, t2 and t3
  /// room for the reply's. Returns a0 status, a1 label, a2…a5 words, t1 bytes received.
  case call = 1
  /// a0 0 for anything, 1 for interrupts only; a6 timeout, t2 and t3 room. Returns a0 the sender's
  /// number (0 the kernel), in its upper half the badge of the capability that it used.
  case receive = 2
  /// a0 the caller's number (the upper half is ignored), a1 label, a2…a5 words, t0 and t1 bytes.
  case reply = 3
  /// `reply` and then `receive`.
  case replyReceive = 4
  case yield = 5
  /// a0 ticks.
  case sleep = 6
  // Interfaces/tasks.h, with a capability for tasks.
  case taskCreate = 16
  case taskStart = 17
  case taskEnd = 18
  case taskCollect = 19
  /// a0 task, a1 slot, a2 kind, a3 object, in its upper half the badge.
  case taskGrant = 20
  /// a0 task, a1 pager's endpoint, a2 supervisor's.
  case taskGuard = 21
  /// a0 parent, which waits for the caller's answer.
  case taskFork = 22
  /// a0 task, a1 and a2 its a0 and a1.
  case taskContinue = 23
  /// a0 task, which waits for the caller's answer; a1 and a2 the name, a3 the program's index.
  case taskClear = 24
  // Interfaces/tasks.h, with a capability for memory.
  case spaceMap = 32
  case spaceUnmap = 33
  case spaceWrite = 34
  /// a0 parent, a1 child, a2 address, a3 pages.
  case spaceShare = 35
  /// a0 task, a1 address.
  case spaceCopy = 36
  case spaceAvailable = 37
  // A server's own memory and device.
  /// a0 pages, a1 1 for device memory. Returns the address.
  case memory = 48
  /// a0 address. Returns the physical address.
  case physical = 49
  /// a0 kind. Returns a0 status, a1 the registers' address, a2 the interrupt.
  case device = 50
  case enableInterrupt = 51
  case finishInterrupt = 52
  /// Maps the boot archive read-only. Returns its address.
  case archive = 53
  /// Returns the caller's number.
  case identify = 54

  #if !hasFeature(Embedded)
    /// The name as a path shows it.
    public var name: String { "\(self)" }
  #endif
}

/// Labels of messages that the kernel sends, with 0 as the sender's number.
public enum KernelLabel: UInt64, CaseIterable, Sendable {
  /// Words: the interrupt's source.
  case interrupt = 0x1000
  /// A task waits for its pager. Words: task, access, address, cause. The reply's label 0 lets it repeat the access.
  case pageFault = 0x1001
  /// A task cannot go on and waits for its end. Words: task, access, address, cause.
  case fault = 0x1002
}
