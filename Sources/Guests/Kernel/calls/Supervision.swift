// The first server, which starts the others, and the way of an interrupt to whoever drives the device.

import Interfaces
import KernelShared
import Transport

@c @implementation
func supervision_start() -> Bool {
  let name: StaticString = "reinc"
  var start = loader_start()
  let loaded = loader_load(
    name.utf8Start, UInt64(name.utf8CodeUnitCount), nil, 0, Layout.stackSize / Layout.pageSize, 0, 0, &start)
  guard loaded > 0 else { return false }
  let root = UInt64(loaded)
  _ = task_grant(root, UInt64(SLOT_RECEIVE), UInt64(CAPABILITY_RECEIVE), start.service)
  for service in UInt64(1)..<UInt64(SLOT_TASKS) where start.calls >> service & 1 != 0 {
    _ = task_grant(root, service, UInt64(CAPABILITY_CALL), service | UInt64(IPC_BADGE_MANAGER) << 32)
  }
  _ = task_grant(root, UInt64(SLOT_TASKS), UInt64(CAPABILITY_TASKS), 0)
  _ = task_grant(root, UInt64(SLOT_MEMORY), UInt64(CAPABILITY_MEMORY), 0)
  return task_start(root, start.entry, start.stack, start.a0, start.a1) == 0
}

@c @implementation
func supervision_interrupt(_ source: UInt64) {
  for index in 0..<UInt64(DEVICE_COUNT)
  where device_at(index).pointee.kind != 0 && device_at(index).pointee.interrupt == source {
    if let owner = task_find(device_at(index).pointee.owner) { return message_interrupt(owner, source) }
  }
  if !residents_interrupt(source) { interrupt_disable(source) }
}

@c @implementation
func supervision_fault(_ task: UnsafeMutablePointer<task>, _ cause: UInt64, _ virtual: UInt64) -> Bool {
  guard task.pointee.supervisor != 0 else {
    // Nobody watches over the one that watches over all.
    if capability_at(task, UInt64(SLOT_TASKS)).pointee.kind == UInt64(CAPABILITY_TASKS) { kernel_panic(nil) }
    return false
  }
  message_fault(task, task.pointee.supervisor, KernelLabel.fault.rawValue, UInt64(VM_ACCESS_READ), cause, virtual)
  return true
}
