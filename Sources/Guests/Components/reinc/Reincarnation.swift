// The reincarnation server: it starts the services of this system in user mode, each with just the rights it
// needs, and starts one again when it died or a client says that it fell silent.

import Interfaces
import Transport

/// A service that runs in user mode, and its rights.
private struct Ward {
  let service: Service
  let name: StaticString
  /// Services that it may call; how many of the four count.
  let calls: InlineArray<4, Service>
  let callCount: Int
  /// The kind of device that it drives; 0: none.
  let device: Int
  let managesTasks: Bool
  let managesMemory: Bool
  /// The running incarnation's number.
  var task: UInt64 = 0
  var restarts: UInt64 = 0
}

private struct Wards {
  /// In the order of their start.
  var all: InlineArray<6, Ward> = [
    Ward(
      service: .vm, name: "vm", calls: [.fs, .fs, .fs, .fs], callCount: 1, device: 0, managesTasks: false,
      managesMemory: true),
    Ward(
      service: .blk, name: "blk", calls: [.fs, .fs, .fs, .fs], callCount: 0, device: ENV_DEVICE_BLOCK,
      managesTasks: false, managesMemory: false),
    Ward(
      service: .con, name: "con", calls: [.fs, .fs, .fs, .fs], callCount: 0, device: ENV_DEVICE_CONSOLE,
      managesTasks: false, managesMemory: false),
    Ward(
      service: .pipe, name: "pipe", calls: [.fs, .fs, .fs, .fs], callCount: 0, device: 0, managesTasks: false,
      managesMemory: false),
    Ward(
      service: .fs, name: "fs", calls: [.blk, .reinc, .reinc, .reinc], callCount: 2, device: 0, managesTasks: false,
      managesMemory: false),
    Ward(
      service: .pm, name: "pm", calls: [.fs, .con, .vm, .pipe], callCount: 4, device: 0, managesTasks: true,
      managesMemory: true),
  ]
}

private var stackPages: UInt64 { Layout.stackSize / Layout.pageSize }

@c @implementation
func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var wards = Wards()
  for index in 0..<6 { start(&wards.all[index]) }
  // A program may expect its services to be ready: the last to be so is the file system, which reads the disk.
  _ = fs_sync(handle(.fs))
  let first: StaticString = "agent"
  _ = pm_spawn(handle(.pm), 0, address(first.utf8Start), UInt64(first.utf8CodeUnitCount), 0, 0)
  while true {
    server_receive()
    let words = server.message.words
    if ipc_client(server.message.sender) == 0 {
      if server.message.label == Int64(KernelLabel.fault.rawValue) { restart(&wards) { $0.task == words.0 } }
    } else if server.message.label == Int64(REINC_LABEL_REPORT) {
      restart(&wards) { $0.service.rawValue == words.0 }
      server_reply(0)
    } else {
      server_reply(ErrorCode.notImplemented.result)
    }
  }
}

/// Replaces the incarnation of the ward that `matches`, if there is one.
private func restart(_ wards: inout Wards, _ matches: (borrowing Ward) -> Bool) {
  for index in 0..<6 where matches(wards.all[index]) {
    _ = task_end(wards.all[index].task, ErrorCode.serverDied.result)
    _ = task_collect(wards.all[index].task)
    wards.all[index].restarts += 1
    let name = wards.all[index].name
    reinc_restart(name.utf8Start, UInt64(name.utf8CodeUnitCount))
    start(&wards.all[index])
    return
  }
}

/// Loads a fresh incarnation from the boot archive, gives it its rights and lets it run.
private func start(_ ward: inout Ward) {
  var start = loader_start()
  let loaded = loader_load(
    ward.name.utf8Start, UInt64(ward.name.utf8CodeUnitCount), nil, 0, stackPages, 0, ward.restarts, &start)
  guard loaded > 0 else { return }
  let task = UInt64(loaded)
  let service = ward.service.rawValue
  grant(task, UInt64(IPC_SLOT_RECEIVE), IPC_RIGHT_RECEIVE, service)
  let speaksForOthers = ward.managesTasks || ward.managesMemory
  let badge = UInt64(speaksForOthers ? IPC_BADGE_MANAGER : IPC_BADGE_NONE) << 32
  for index in 0..<ward.callCount {
    let called = ward.calls[index].rawValue
    grant(task, called, IPC_RIGHT_CALL, called | badge)
  }
  if ward.managesTasks { grant(task, UInt64(IPC_SLOT_TASKS), IPC_RIGHT_TASKS, 0) }
  if ward.managesMemory { grant(task, UInt64(IPC_SLOT_MEMORY), IPC_RIGHT_MEMORY, 0) }
  if ward.device != 0 { grant(task, UInt64(IPC_SLOT_DEVICE), IPC_RIGHT_DEVICE, UInt64(ward.device)) }
  // Its memory is all there from the start: no pager. Its death is ours to mend.
  _ = kernel_guard(task, 0, Service.reinc.rawValue)
  ward.task = task
  _ = task_start(task, start.entry, start.stack, start.a0, start.a1)
}

private func grant(_ task: UInt64, _ slot: UInt64, _ kind: Int, _ object: UInt64) {
  _ = kernel_grant(task, slot, UInt64(kind), object)
}
