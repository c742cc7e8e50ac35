// The services in this server's care, and how one is started: loaded afresh, given its rights, let run.
//
// Rights come from the boot archive only; nothing here adds to them.

import Interfaces
import Transport

/// A service that runs in user mode.
struct Ward {
  /// Padded with zeros.
  let name: (UInt64, UInt64)
  let service: UInt64
  /// The running incarnation's number; 0: none.
  var task: UInt64
  var restarts: UInt64
  let isOnDemand: Bool
}

/// Calls `body` with the ward's name and its length.
func withName<Result>(
  _ ward: UnsafeMutablePointer<Ward>, _ body: (UnsafePointer<UInt8>, UInt64) -> Result
) -> Result {
  let name = UnsafeRawPointer(ward).assumingMemoryBound(to: UInt8.self)
  var length: UInt64 = 0
  while length < 16 && name[Int(length)] != 0 { length += 1 }
  return body(name, length)
}

/// Loads a fresh incarnation from the boot archive, gives it its rights and lets it run.
func start(_ ward: UnsafeMutablePointer<Ward>) {
  var start = loader_start()
  let loaded = withName(ward) { name, length in
    loader_load(
      name, length, nil, 0, Layout.stackSize / Layout.pageSize, 0, ward.pointee.restarts, &start)
  }
  ward.pointee.task = 0
  guard loaded > 0 else { return }
  let task = UInt64(loaded)
  grant(task, UInt64(IPC_SLOT_RECEIVE), IPC_RIGHT_RECEIVE, ward.pointee.service)
  let flags = ArchiveFlags(rawValue: start.flags)
  let managesTasks = flags.contains(.managesTasks)
  let speaksForOthers = managesTasks || flags.contains(.managesMemory)
  let badge = UInt64(speaksForOthers ? IPC_BADGE_MANAGER : IPC_BADGE_NONE) << 32
  for service in UInt64(1)..<UInt64(IPC_SLOT_TASKS) where start.calls >> service & 1 != 0 {
    grant(task, service, IPC_RIGHT_CALL, service | badge)
  }
  if managesTasks { grant(task, UInt64(IPC_SLOT_TASKS), IPC_RIGHT_TASKS, 0) }
  if flags.contains(.managesMemory) { grant(task, UInt64(IPC_SLOT_MEMORY), IPC_RIGHT_MEMORY, 0) }
  if start.device != 0 { grant(task, UInt64(IPC_SLOT_DEVICE), IPC_RIGHT_DEVICE, start.device) }
  // Its memory is all there from the start: no pager. Its death is ours to mend.
  _ = kernel_guard(task, 0, Service.reinc.rawValue)
  ward.pointee.task = task
  _ = task_start(task, start.entry, start.stack, start.a0, start.a1)
}

private func grant(_ task: UInt64, _ slot: UInt64, _ kind: Int, _ object: UInt64) {
  _ = kernel_grant(task, slot, UInt64(kind), object)
}
