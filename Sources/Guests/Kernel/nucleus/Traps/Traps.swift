// What a trap is: a call, a page fault, an interrupt, or the end of a task or of the system.
//
// Entered from trap.S only, with interrupts off.
// Source: RISC-V Privileged Architecture 1.12, section 4.1.9 (scause).

import Interfaces
import KernelShared

/// Values of `scause`.
private enum Cause {
  static var interrupt: UInt64 { 1 << 63 }
  static var timer: UInt64 { interrupt | 5 }
  static var external: UInt64 { interrupt | 9 }
  static var userCall: UInt64 { 8 }
  static var instructionPageFault: UInt64 { 12 }
  static var loadPageFault: UInt64 { 13 }
  static var storePageFault: UInt64 { 15 }
}

@c @implementation
func trap_from_user(_ frame: UnsafeMutablePointer<trap_frame>) {
  let current = kernel.current
  let cause = csr_read_scause()
  // Tested first: calls are what a kernel is entered for most.
  if cause == Cause.userCall {
    // The call's own length: the task goes on behind it.
    task_set_register(current, 0, task_register(current, 0) &+ 4)
    core_call(current)
    task_resume_user()
  }
  switch cause {
  case Cause.timer, Cause.external:
    handleInterrupt(cause)
  case Cause.loadPageFault:
    pageFault(current, UInt64(VM_ACCESS_READ), cause)
  case Cause.storePageFault:
    pageFault(current, UInt64(VM_ACCESS_WRITE), cause)
  case Cause.instructionPageFault:
    pageFault(current, UInt64(VM_ACCESS_EXECUTE), cause)
  default:
    endByFault(current, cause, csr_read_stval())
  }
  task_resume_user()
}

private func pageFault(_ task: UnsafeMutablePointer<task>, _ access: UInt64, _ cause: UInt64) {
  let virtual = csr_read_stval()
  let result = core_page_fault(task, virtual, access, cause)
  guard result < 0 else { return }
  endByFault(task, result == ErrorCode.noMemory.result ? FaultCause.noMemory : cause, virtual)
}

private func endByFault(_ task: UnsafeMutablePointer<task>, _ cause: UInt64, _ virtual: UInt64) {
  task_fault(task_number(task), cause, virtual)
  core_fault(task, cause, virtual)
}

@c @implementation
func trap_from_kernel(_ frame: UnsafeMutablePointer<UInt64>) {
  let cause = csr_read_scause()
  guard cause & Cause.interrupt != 0 else { kernel_panic(nil) }
  handleInterrupt(cause)
}

private func handleInterrupt(_ cause: UInt64) {
  if cause == Cause.timer {
    task_tick()
  } else {
    let source = interrupt_claim()
    if source != 0 { core_interrupt(source) }
  }
}
