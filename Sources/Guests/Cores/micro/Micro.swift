// What is special to the microkernel: all services are processes, so a trap is a kernel call, and faults and
// interrupts become messages. The kernel itself starts one task, which starts the rest.

import Interfaces
import KernelShared

@c @implementation
func core_start() {
  let name: StaticString = "reinc"
  var start = loader_start()
  let loaded = loader_load(
    name.utf8Start, UInt64(name.utf8CodeUnitCount), nil, 0, Layout.stackSize / Layout.pageSize, 0, 0, &start)
  guard loaded > 0 else { kernel_panic(("the first server cannot be loaded" as StaticString).utf8Start) }
  let root = UInt64(loaded)
  _ = task_grant(root, UInt64(SLOT_RECEIVE), UInt64(CAPABILITY_RECEIVE), Service.reinc.rawValue)
  _ = task_grant(root, Service.pm.rawValue, UInt64(CAPABILITY_CALL), Service.pm.rawValue)
  _ = task_grant(root, Service.fs.rawValue, UInt64(CAPABILITY_CALL), Service.fs.rawValue)
  _ = task_grant(root, UInt64(SLOT_TASKS), UInt64(CAPABILITY_TASKS), 0)
  _ = task_grant(root, UInt64(SLOT_MEMORY), UInt64(CAPABILITY_MEMORY), 0)
  _ = task_start(root, start.entry, start.stack, start.a0, start.a1)
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
  // Nobody watches over the one that watches over all.
  guard task.pointee.supervisor != 0 else { kernel_panic(nil) }
  message_fault(
    task, task.pointee.supervisor, KernelLabel.fault.rawValue, UInt64(VM_ACCESS_READ), cause, virtual)
}

@c @implementation
func core_interrupt(_ source: UInt64) {
  for index in 0..<UInt64(DEVICE_COUNT)
  where device_at(index).pointee.kind != 0 && device_at(index).pointee.interrupt == source {
    if let owner = task_find(device_at(index).pointee.owner) { return message_interrupt(owner, source) }
  }
  interrupt_disable(source)
}

@c @implementation
func core_timed_out(_ task: UnsafeMutablePointer<task>) { message_timed_out(task) }

@c @implementation
func core_alarm(_ task: UnsafeMutablePointer<task>) { message_interrupt(task, UInt64(INTERRUPT_ALARM)) }

@c @implementation
func core_task_gone(_ task: UnsafeMutablePointer<task>) { message_task_gone(task) }

@c @implementation
func archive_base() -> UnsafePointer<UInt8> {
  UnsafePointer(memory(archive_physical()).assumingMemoryBound(to: UInt8.self))
}
