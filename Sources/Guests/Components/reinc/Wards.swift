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
  /// The programs that were given the right to call it: a bit for each slot of the task table.
  var holders: UInt32
  let isOnDemand: Bool
  /// It drives a device, and holds nothing that its clients would miss after a restart.
  let isDriver: Bool
}

/// All of them, in one page of memory.
struct Wards {
  /// Services that a system can have.
  static var capacity: Int { 16 }
  /// Slots of the task table: the low bits of a task's number.
  static var slots: Int { TaskRecord.count }

  let all: UnsafeMutablePointer<Ward>
  var count = 0
  /// The last client from each slot that was given a right.
  let clients: UnsafeMutablePointer<UInt64>

  /// The empty table in a zeroed page.
  init(_ page: UnsafeMutableRawPointer) {
    clients = page.assumingMemoryBound(to: UInt64.self)
    all = (page + Wards.slots * MemoryLayout<UInt64>.stride).assumingMemoryBound(to: Ward.self)
  }

  func first(where matches: (borrowing Ward) -> Bool) -> UnsafeMutablePointer<Ward>? {
    for index in 0..<count where matches(all[index]) { return all + index }
    return nil
  }
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

// MARK: Beginnings

/// Loads a fresh incarnation from the boot archive and gives it its rights; its number, or 0.
private func load(_ ward: UnsafeMutablePointer<Ward>, _ start: inout loader_start) -> UInt64 {
  let loaded = withName(ward) { name, length in
    loader_load(
      name, length, nil, 0, Layout.stackSize / Layout.pageSize, 0, ward.pointee.restarts, &start)
  }
  guard loaded > 0 else { return 0 }
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
  return task
}

private func run(_ ward: UnsafeMutablePointer<Ward>, _ task: UInt64, _ start: loader_start) {
  ward.pointee.task = task
  _ = task_start(task, start.entry, start.stack, start.a0, start.a1)
}

/// Starts a service that does not run; one that cannot be loaded goes on not running.
func start(_ ward: UnsafeMutablePointer<Ward>) {
  var start = loader_start()
  let task = load(ward, &start)
  if task != 0 { run(ward, task, start) }
}

func grant(_ task: UInt64, _ slot: UInt64, _ kind: Int, _ object: UInt64) {
  _ = kernel_grant(task, slot, UInt64(kind), object)
}

// MARK: Ends

/// Ends the running incarnation; whoever waits for its answer learns that it died.
func end(_ ward: UnsafeMutablePointer<Ward>) {
  _ = task_end(ward.pointee.task, ErrorCode.serverDied.result)
  _ = task_collect(ward.pointee.task)
  ward.pointee.task = 0
}

private func noteRestart(_ ward: UnsafeMutablePointer<Ward>) {
  ward.pointee.restarts += 1
  withName(ward) { name, length in reinc_restart(name, length) }
}

/// Ends the running incarnation and starts a fresh one.
func restart(_ ward: UnsafeMutablePointer<Ward>) {
  end(ward)
  noteRestart(ward)
  start(ward)
}

/// Lets a fresh incarnation take the running one's place; false, and nothing changed, when it cannot be loaded.
func replace(_ ward: UnsafeMutablePointer<Ward>) -> Bool {
  var start = loader_start()
  ward.pointee.restarts += 1
  let task = load(ward, &start)
  ward.pointee.restarts -= 1
  guard task != 0 else { return false }
  _ = settle(ward)
  end(ward)
  noteRestart(ward)
  run(ward, task, start)
  return true
}

/// Waits until the service has answered the request that it is at, or for as long as that may take.
///
/// Returns whether it answers.
func settle(_ ward: UnsafeMutablePointer<Ward>) -> Bool {
  let service = ward.pointee.service
  grant(UInt64(kernel_identify()), service, IPC_RIGHT_CALL, service)
  // No service knows this label: the refusal says that the request before it is done.
  return ipc_call(service, .max, 0, 0, 0, 0, UInt64(IPC_PATIENCE)).status == 0
}
