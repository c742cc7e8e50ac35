// What is special to the microkernel: all services are processes, so a trap is a kernel call, and faults and
// interrupts become messages. The kernel itself starts one task, which starts the rest.

import Interfaces
import KernelShared

@c @implementation
func core_start() {
  guard supervision_start() else { kernel_panic(("the first server cannot be loaded" as StaticString).utf8Start) }
  message_use_fastpath()
  residents_start()
}

@c @implementation
func core_call(_ caller: UnsafeMutablePointer<task>) { kernel_call(caller) }

@c @implementation
func core_page_fault(
  _ task: UnsafeMutablePointer<task>, _ virtual: UInt64, _ access: UInt64, _ cause: UInt64
) -> Int64 {
  guard task.pointee.pager != 0 else { return ErrorCode.badAddress.result }
  message_fault(task, task.pointee.pager, KernelLabel.pageFault.rawValue, access, cause, virtual)
  return 1
}

@c @implementation
func core_fill_page(_ task: UnsafeMutablePointer<task>, _ virtual: UInt64, _ access: UInt64) -> Int64 {
  // The kernel does not wait for a pager: who passes an address has touched it.
  ErrorCode.badAddress.result
}

@c @implementation
func core_fault(_ task: UnsafeMutablePointer<task>, _ cause: UInt64, _ virtual: UInt64) {
  // Every task of this structure has a supervisor.
  if !supervision_fault(task, cause, virtual) { kernel_panic(nil) }
}

@c @implementation
func core_interrupt(_ source: UInt64) { supervision_interrupt(source) }

@c @implementation
func core_timed_out(_ task: UnsafeMutablePointer<task>) { message_timed_out(task) }

/// A foreign program's end is no fault, but it ends by the same way: nobody else tells the process manager.
@c @implementation
func core_end(_ task: UnsafeMutablePointer<task>, _ status: Int64) { _ = supervision_fault(task, 0, 0) }

@c @implementation
func core_task_gone(_ task: UnsafeMutablePointer<task>) { message_task_gone(task) }

@c @implementation
func archive_base() -> UnsafePointer<UInt8> {
  UnsafePointer(memory(archive_physical()).assumingMemoryBound(to: UInt8.self))
}
