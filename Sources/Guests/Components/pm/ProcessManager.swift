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
  var services: pm_services
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

/// Bytes of an instance.
@c @implementation
public func pm_size() -> UInt64 { UInt64(MemoryLayout<Manager>.stride) }

/// Starts without tasks.
@c @implementation
public func pm_init(_ service: OpaquePointer, _ services: UnsafePointer<pm_services>) -> Int64 {
  // All zeros is the empty table.
  UnsafeMutableRawPointer(service).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<Manager>.stride)
  manager(service).pointee.services = services.pointee
  return 0
}

// MARK: Beginnings

/// Starts a program as a child of the client; its task.
@c @implementation
public func pm_spawn(
  _ service: OpaquePointer, _ client: UInt64, _ name: user_address, _ nameLength: UInt64,
  _ arguments: user_address, _ argumentsLength: UInt64
) -> Int64 {
  let manager = manager(service)
  manager.pointee.collect()
  do throws(ErrorCode) {
    var line = try CommandLine(client, name, nameLength, arguments, argumentsLength)
    guard let row = manager.pointee.row(of: 0) else { throw .tryAgain }
    var start = loader_start()
    let task = try line.with { (name, arguments) throws(ErrorCode) in
      try check(loader_load(name, nameLength, arguments, argumentsLength, 1, client, 0, &start))
    }
    do throws(ErrorCode) {
      try check(vm_attach(manager.pointee.services.memory, task))
      try check(task_admit(task, start.calls))
      if start.flags & ArchiveFlags.foreign.rawValue != 0 { try check(task_set_foreign(task)) }
      try check(task_start(task, start.entry, start.stack, start.a0, start.a1))
    } catch {
      drop(manager, embryo: task, error)
      throw error
    }
    manager.pointee.processes[row] = Process(task: task, parent: client, hasEnded: false, status: 0)
    return Int64(task)
  } catch {
    return error.result
  }
}

/// Takes back what was given to a task that never ran.
private func drop(_ manager: UnsafeMutablePointer<Manager>, embryo task: UInt64, _ error: ErrorCode) {
  forget(manager, task)
  _ = task_end(task, error.result)
  _ = task_collect(task)
}

/// Makes a copy of the client; its task.
@c @implementation
public func pm_fork(_ service: OpaquePointer, _ client: UInt64) -> Int64 {
  let manager = manager(service)
  manager.pointee.collect()
  do throws(ErrorCode) {
    guard let row = manager.pointee.row(of: 0) else { throw .tryAgain }
    let child = try check(task_fork(client))
    if child == 0 { return 0 }
    do throws(ErrorCode) {
      try check(vm_fork(manager.pointee.services.memory, client, child))
      try check(fs_inherit(manager.pointee.services.files, client, child))
      try check(pipe_inherit(manager.pointee.services.pipes, client, child))
      try check(task_inherit(client, child))
      // It comes back from the same call with 0 twice: as a system call's result, or as a message's status and label.
      try check(task_continue(child, 0, 0))
    } catch {
      drop(manager, embryo: child, error)
      throw error
    }
    manager.pointee.processes[row] = Process(task: child, parent: client, hasEnded: false, status: 0)
    return Int64(child)
  } catch {
    return error.result
  }
}

/// Continues the client as another program.
@c @implementation
public func pm_exec(
  _ service: OpaquePointer, _ client: UInt64, _ name: user_address, _ nameLength: UInt64,
  _ arguments: user_address, _ argumentsLength: UInt64
) -> Int64 {
  let manager = manager(service)
  do throws(ErrorCode) {
    var line = try CommandLine(client, name, nameLength, arguments, argumentsLength)
    return try line.with { (name, arguments) throws(ErrorCode) in
      let program = try check(loader_find(name, nameLength))
      try check(task_clear(client, name, nameLength, program))
      // From here on there is no caller to tell of an error.
      do throws(ErrorCode) {
        var start = loader_start()
        try check(loader_replace(client, name, nameLength, arguments, argumentsLength, &start))
        vm_detach(manager.pointee.services.memory, client)
        try check(vm_attach(manager.pointee.services.memory, client))
        try check(task_start(client, start.entry, start.stack, start.a0, start.a1))
        return Int64(start.a0)
      } catch {
        end(manager, client, error.result)
        return 0
      }
    }
  } catch {
    return error.result
  }
}

/// A program's name and arguments, copied from the one who names them.
private struct CommandLine {
  /// The name in the first 16 bytes, the arguments behind it.
  private var text = InlineArray<272, UInt8>(repeating: 0)

  init(
    _ client: UInt64, _ name: user_address, _ nameLength: UInt64, _ arguments: user_address, _ argumentsLength: UInt64
  ) throws(ErrorCode) {
    guard nameLength > 0, nameLength <= UInt64(PM_MAXIMUM_NAME), argumentsLength <= UInt64(PM_MAXIMUM_ARGUMENTS) else {
      throw .nameTooLong
    }
    let copied = withUnsafeMutableBytes(of: &text) { bytes in
      let place = bytes.baseAddress.unsafelyUnwrapped
      let result = env_copy_in(client, place, name, nameLength)
      guard result == 0, argumentsLength > 0 else { return result }
      return env_copy_in(client, place + 16, arguments, argumentsLength)
    }
    try check(copied)
  }

  /// Calls `body` with the name and the arguments.
  @inline(__always) mutating func with<Result>(
    _ body: (UnsafePointer<UInt8>, UnsafePointer<UInt8>) throws(ErrorCode) -> Result
  ) throws(ErrorCode) -> Result {
    try withUnsafeMutableBytes(of: &text) { bytes throws(ErrorCode) in
      let place = UnsafePointer(bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self))
      return try body(place, place + 16)
    }
  }
}

@discardableResult
private func check(_ result: Int64) throws(ErrorCode) -> UInt64 {
  if result < 0 { throw ErrorCode(rawValue: -result) ?? .invalid }
  return UInt64(result)
}

/// Does nothing.
@c @implementation
public func pm_null(_ service: OpaquePointer, _ client: UInt64) -> Int64 { 0 }

/// The client's task number.
@c @implementation
public func pm_getpid(_ service: OpaquePointer, _ client: UInt64) -> Int64 { Int64(client) }

// MARK: Ends

/// Ends the client.
@c @implementation
public func pm_exit(_ service: OpaquePointer, _ client: UInt64, _ status: Int64) {
  end(manager(service), client, status)
}

/// Ends another task.
@c @implementation
public func pm_kill(_ service: OpaquePointer, _ client: UInt64, _ task: UInt64) -> Int64 {
  let manager = manager(service)
  guard task != 0, let row = manager.pointee.row(of: task), !manager.pointee.processes[row].hasEnded else {
    return ErrorCode.noSuchTask.result
  }
  end(manager, task, Int64(PM_STATUS_KILLED))
  return 0
}

/// Ends a task that cannot go on.
@c @implementation
public func pm_fault(_ service: OpaquePointer, _ task: UInt64, _ cause: UInt64, _ virtual: UInt64) {
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
  forget(manager, task)
  _ = task_end(task, status)
  tellParent(manager, of: task)
}

/// Tells all who keep something for a task that it is gone.
private func forget(_ manager: UnsafeMutablePointer<Manager>, _ task: UInt64) {
  con_forget(manager.pointee.services.console, task)
  pipe_forget(manager.pointee.services.pipes, task)
  fs_forget(manager.pointee.services.files, task)
  net_forget(manager.pointee.services.network, task)
  vm_detach(manager.pointee.services.memory, task)
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

/// Completes the request when a child has ended.
@c @implementation
public func pm_submit_wait(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pm_request>) -> Int64 {
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
