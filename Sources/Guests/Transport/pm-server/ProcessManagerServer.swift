// The process manager as a server, and the supervisor of all programs: it learns of their faults by message.

import Interfaces
import Transport

private var places: Int { 32 }

@c @implementation
func pm_server_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = pm_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages), let table = env_pages(1) else { return ErrorCode.noMemory.result }
  let service = OpaquePointer(place)
  let requests = table.assumingMemoryBound(to: pm_request.self)
  var services = pm_services(
    memory: handle(.vm), files: handle(.fs), console: handle(.con), pipes: handle(.pipe), network: handle(.net))
  _ = pm_init(service, &services)
  while true {
    server_receive()
    dispatch(service, requests)
  }
}

private func dispatch(_ service: OpaquePointer, _ requests: UnsafeMutablePointer<pm_request>) {
  let client = ipc_client(server.message.sender)
  let words = server.message.words
  if client == 0 {
    if server.message.label == Int64(KernelLabel.fault.rawValue) { pm_fault(service, words.0, words.3, words.2) }
    return
  }
  switch Int(truncatingIfNeeded: server.message.label) {
  case PM_LABEL_NULL: server_reply(pm_null(service, client))
  case PM_LABEL_GETPID: server_reply(pm_getpid(service, client))
  case PM_LABEL_SPAWN:
    guard words.0 <= server.message.received, words.1 <= server.message.received &- words.0 else {
      return server_reply(ErrorCode.invalid.result)
    }
    server_reply(pm_spawn(service, client, 0, words.0, words.0, words.1))
  case PM_LABEL_EXEC:
    guard words.0 <= server.message.received, words.1 <= server.message.received &- words.0 else {
      return server_reply(ErrorCode.invalid.result)
    }
    let result = pm_exec(service, client, 0, words.0, words.0, words.1)
    // The one who called is no more.
    if result < 0 { server_reply(result) } else { server.message.sender = 0 }
  case PM_LABEL_FORK: server_reply(pm_fork(service, client))
  case PM_LABEL_EXIT:
    pm_exit(service, client, Int64(bitPattern: words.0))
    server.message.sender = 0
  case PM_LABEL_WAIT: wait(service, requests, client, child: words.0)
  case PM_LABEL_KILL:
    let result = pm_kill(service, client, words.0)
    if words.0 == client { server.message.sender = 0 } else { server_reply(result) }
  default: server_reply(ErrorCode.notImplemented.result)
  }
}

/// Files a wait; env_complete will answer it.
private func wait(
  _ service: OpaquePointer, _ requests: UnsafeMutablePointer<pm_request>, _ client: UInt64, child: UInt64
) {
  for index in 0..<places where requests[index].base.client == 0 || requests[index].base.done != 0 {
    requests[index] = pm_request(
      base: env_request(client: client, result: 0, done: 0, waiter: client, next: nil), child: child)
    let result = pm_submit_wait(service, requests + index)
    if result == 0 {
      server.message.sender = 0
    } else {
      requests[index].base.done = 1
      server_reply(result)
    }
    return
  }
  server_reply(ErrorCode.tryAgain.result)
}

@c @implementation
func task_admit(_ task: UInt64, _ calls: UInt64) -> Int64 {
  // Whoever may call services as an administrator does so only if an administrator has started it: the one that the
  // first server starts, or one of those that this one starts, and so on.
  let administers = ipc_badge(server.message.sender) != UInt64(IPC_BADGE_NONE) ? calls >> 32 : 0
  for service in UInt64(1)..<UInt64(IPC_SLOT_TASKS) where calls >> service & 1 != 0 {
    let badge = UInt64(administers >> service & 1 != 0 ? IPC_BADGE_ADMINISTRATOR : IPC_BADGE_NONE)
    _ = kernel_grant(task, service, UInt64(IPC_RIGHT_CALL), service | badge << 32)
  }
  return kernel_guard(task, Service.vm.rawValue, Service.pm.rawValue)
}

/// The kernel has copied the rights, and a program's memory holds all else.
@c @implementation
func task_inherit(_ parent: UInt64, _ child: UInt64) -> Int64 { 0 }
