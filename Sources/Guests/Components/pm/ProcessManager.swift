// The process manager: who is whose child, who waits for whom, and what happens to what a task leaves behind.
//
// A task ends in one place, `end`, whether it exits, is killed or faults.

import Interfaces

/// One program's task.
private struct Process {
  /// The task's number; 0: the row is free.
  var task: UInt64
  /// The parent's number; 0: nobody will ask.
  var parent: UInt64
  var hasEnded: Bool
  var status: Int64
}

/// Its methods are all mutating, so that they work in place: one that only looks would get a copy of it.
private struct Manager {
  var processes: InlineArray<32, Process>
  var memory: OpaquePointer
  var files: OpaquePointer
  var console: OpaquePointer
  var network: OpaquePointer
  /// Requests to be told of a child's end.
  var waiting: UnsafeMutablePointer<env_request>?
}

private func manager(_ service: OpaquePointer) -> UnsafeMutablePointer<Manager> { UnsafeMutablePointer(service) }

extension Manager {
  /// The row of a task; 0 finds a free one.
  fileprivate mutating func row(of task: UInt64) -> Int? {
    for index in 0..<32 where processes[index].task == task { return index }
    return nil
  }

  /// The row of a child that ended: of that child, or of any for 0.
  fileprivate mutating func endedChild(_ child: UInt64, of parent: UInt64) -> Int? {
    for index in 0..<32
    where processes[index].task != 0 && processes[index].parent == parent && processes[index].hasEnded
      && (child == 0 || processes[index].task == child)
    {
      return index
    }
    return nil
  }

  /// Whether the parent has that child, or any for 0.
  fileprivate mutating func hasChild(_ child: UInt64, of parent: UInt64) -> Bool {
    for index in 0..<32
    where processes[index].task != 0 && processes[index].parent == parent
      && (child == 0 || processes[index].task == child)
    {
      return true
    }
    return false
  }

  /// Frees the rows that nobody will ask about, where the kernel has let go of the task.
  fileprivate mutating func collect() {
    for index in 0..<32
    where processes[index].task != 0 && processes[index].hasEnded && processes[index].parent == 0 {
      let result = task_collect(processes[index].task)
      if result == 0 || result == ErrorCode.noSuchTask.result { processes[index].task = 0 }
    }
  }
}

@c @implementation
func pm_size() -> UInt64 { UInt64(MemoryLayout<Manager>.stride) }

@c @implementation
func pm_init(
  _ service: OpaquePointer, _ memory: OpaquePointer, _ files: OpaquePointer, _ console: OpaquePointer,
  _ network: OpaquePointer
) -> Int64 {
  // All zeros is the empty table.
  UnsafeMutableRawPointer(service).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<Manager>.stride)
  let manager = manager(service)
  manager.pointee.memory = memory
  manager.pointee.files = files
  manager.pointee.console = console
  manager.pointee.network = network
  return 0
}

// MARK: Beginnings

@c @implementation
func pm_spawn(
  _ service: OpaquePointer, _ client: UInt64, _ name: user_address, _ nameLength: UInt64,
  _ arguments: user_address, _ argumentsLength: UInt64
) -> Int64 {
  let manager = manager(service)
  manager.pointee.collect()
  do throws(ErrorCode) {
    guard nameLength > 0, nameLength <= UInt64(PM_MAXIMUM_NAME), argumentsLength <= UInt64(PM_MAXIMUM_ARGUMENTS) else {
      throw .nameTooLong
    }
    guard let row = manager.pointee.row(of: 0) else { throw .tryAgain }
    // The name in the first 16 bytes, the arguments behind it.
    var text = InlineArray<272, UInt8>(repeating: 0)
    var start = loader_start()
    let loaded = withUnsafeMutableBytes(of: &text) { bytes in
      let place = bytes.baseAddress.unsafelyUnwrapped
      var result = env_copy_in(client, place, name, nameLength)
      if result == 0 && argumentsLength > 0 { result = env_copy_in(client, place + 16, arguments, argumentsLength) }
      guard result == 0 else { return result }
      let bytes = place.assumingMemoryBound(to: UInt8.self)
      return loader_load(bytes, nameLength, bytes + 16, argumentsLength, 1, client, 0, &start)
    }
    let task = try check(loaded)
    do throws(ErrorCode) {
      try check(vm_attach(manager.pointee.memory, task))
      try check(task_admit(task, start.calls))
      if start.flags & ArchiveFlags.foreign.rawValue != 0 { try check(task_set_foreign(task)) }
      try check(task_start(task, start.entry, start.stack, start.a0, start.a1))
    } catch {
      vm_detach(manager.pointee.memory, task)
      _ = task_end(task, error.result)
      _ = task_collect(task)
      throw error
    }
    manager.pointee.processes[row] = Process(task: task, parent: client, hasEnded: false, status: 0)
    return Int64(task)
  } catch {
    return error.result
  }
}

@discardableResult
private func check(_ result: Int64) throws(ErrorCode) -> UInt64 {
  if result < 0 { throw ErrorCode(rawValue: -result) ?? .invalid }
  return UInt64(result)
}

@c @implementation
func pm_null(_ service: OpaquePointer, _ client: UInt64) -> Int64 { 0 }

@c @implementation
func pm_getpid(_ service: OpaquePointer, _ client: UInt64) -> Int64 { Int64(client) }

// MARK: Ends

@c @implementation
func pm_exit(_ service: OpaquePointer, _ client: UInt64, _ status: Int64) { end(manager(service), client, status) }

@c @implementation
func pm_kill(_ service: OpaquePointer, _ client: UInt64, _ task: UInt64) -> Int64 {
  let manager = manager(service)
  guard task != 0, let row = manager.pointee.row(of: task), !manager.pointee.processes[row].hasEnded else {
    return ErrorCode.noSuchTask.result
  }
  end(manager, task, Int64(PM_STATUS_KILLED))
  return 0
}

@c @implementation
func pm_fault(_ service: OpaquePointer, _ task: UInt64, _ cause: UInt64, _ virtual: UInt64) {
  end(manager(service), task, Int64(PM_STATUS_FAULT) - Int64(cause & 63))
}

private func end(_ manager: UnsafeMutablePointer<Manager>, _ task: UInt64, _ status: Int64) {
  if let row = manager.pointee.row(of: task) {
    // Marked first: what follows may wait, and nobody else shall end it meanwhile.
    manager.pointee.processes[row].hasEnded = true
    manager.pointee.processes[row].status = status
    for index in 0..<32 where manager.pointee.processes[index].parent == task {
      manager.pointee.processes[index].parent = 0
    }
    removeRequests(manager, of: task)
  }
  con_forget(manager.pointee.console, task)
  fs_forget(manager.pointee.files, task)
  net_forget(manager.pointee.network, task)
  vm_detach(manager.pointee.memory, task)
  _ = task_end(task, status)
  tellParent(manager, of: task)
}

/// Drops what a task that ends was itself waiting for.
private func removeRequests(_ manager: UnsafeMutablePointer<Manager>, of client: UInt64) {
  var place = manager.pointee.waiting
  manager.pointee.waiting = nil
  while let request = place {
    place = request.pointee.next
    if request.pointee.client == client {
      env_complete(request, ErrorCode.noSuchTask.result)
    } else {
      request.pointee.next = manager.pointee.waiting
      manager.pointee.waiting = request
    }
  }
}

/// Completes the parent's request for this child, if it has made one.
private func tellParent(_ manager: UnsafeMutablePointer<Manager>, of task: UInt64) {
  guard let row = manager.pointee.row(of: task) else { return }
  let process = manager.pointee.processes[row]
  guard process.parent != 0 else { return manager.pointee.collect() }
  var previous: UnsafeMutablePointer<env_request>?
  var place = manager.pointee.waiting
  while let request = place {
    let child = UnsafeMutableRawPointer(request).assumingMemoryBound(to: pm_request.self).pointee.child
    if request.pointee.client == process.parent && (child == 0 || child == task) {
      if let previous {
        previous.pointee.next = request.pointee.next
      } else {
        manager.pointee.waiting = request.pointee.next
      }
      release(manager, row)
      return env_complete(request, process.status)
    }
    previous = request
    place = request.pointee.next
  }
}

/// The parent knows: the row can go, and the task with it.
private func release(_ manager: UnsafeMutablePointer<Manager>, _ row: Int) {
  manager.pointee.processes[row].parent = 0
  manager.pointee.collect()
}

@c @implementation
func pm_submit_wait(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pm_request>) -> Int64 {
  let manager = manager(service)
  let base = UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self)
  let client = base.pointee.client
  guard manager.pointee.hasChild(request.pointee.child, of: client) else { return ErrorCode.noChild.result }
  if let row = manager.pointee.endedChild(request.pointee.child, of: client) {
    let status = manager.pointee.processes[row].status
    release(manager, row)
    env_complete(base, status)
    return 0
  }
  base.pointee.next = manager.pointee.waiting
  manager.pointee.waiting = base
  return 0
}
