// The Unix call layer's state, and the calls about descriptors.
//
// Callers must not make two calls on one instance at a time: a task is one thread.

import Interfaces

/// One task's view of the system.
struct UnixCalls {
  var services: unix_services
  /// Gives the second file system; nil where the first one has all paths.
  var scratch: (@convention(c) () -> OpaquePointer?)?
  var descriptors = DescriptorTable()
  /// Whether the task has ever mapped a file: then addresses may need a page that has to be read first.
  var mapsFiles = false

  mutating func open(_ client: UInt64, _ path: user_address, _ length: UInt64, _ flags: UInt64) throws(ErrorCode)
    -> Int64
  {
    let flags = OpenFlags(rawValue: flags)
    let number = try descriptors.lowestFree()
    let place = try self.place(client, path, length)
    let handle = try checked(fs_open(place.files, client, place.path, place.length, flags.rawValue))
    descriptors.set(
      number,
      Descriptor(
        kind: .file, appends: flags.contains(.append), isScratch: place.isScratch, handle: UInt64(handle), position: 0))
    return Int64(number)
  }

  mutating func close(_ client: UInt64, _ descriptor: UInt64) throws(ErrorCode) -> Int64 {
    let entry = try descriptors.entry(descriptor)
    descriptors.close(descriptor)
    if entry.isDuplicated && descriptors.hasOpen(entry) { return 0 }
    switch entry.kind {
    case .file: return try checked(fs_close(files(of: entry), client, entry.handle))
    case .pipe: return try checked(pipe_close(services.pipes, client, entry.handle))
    case .socket: return try checked(net_close(services.network, client, entry.handle))
    case .console, .service, .free: return 0
    }
  }

  mutating func read(
    _ client: UInt64, _ descriptor: UInt64, _ destination: user_address, _ length: UInt64
  ) throws(ErrorCode) -> Int64 {
    let entry = try descriptors.entry(descriptor)
    try prepare(client, destination, length)
    switch entry.kind {
    case .free, .service: throw .invalid
    case .console: return try checked(readConsole(services.console, client, destination, length))
    case .pipe: return try checked(readPipe(services.pipes, client, entry.handle, destination, length))
    case .socket:
      return try checked(
        askNetwork(
          services.network, client, NET_READ, handle: entry.handle, buffer: destination, length: length))
    case .file:
      let count = try checked(fs_read(files(of: entry), client, entry.handle, entry.position, destination, length))
      descriptors.move(descriptor, to: entry.position &+ UInt64(count))
      return count
    }
  }

  mutating func write(
    _ client: UInt64, _ descriptor: UInt64, _ source: user_address, _ length: UInt64
  ) throws(ErrorCode) -> Int64 {
    let entry = try descriptors.entry(descriptor)
    try prepare(client, source, length)
    switch entry.kind {
    case .free, .service: throw .invalid
    case .console: return try checked(con_write(services.console, client, source, length))
    case .pipe: return try checked(writePipe(services.pipes, client, entry.handle, source, length))
    case .socket: return try checked(writeSocket(client, entry.handle, source, length))
    case .file:
      var position = entry.position
      if entry.appends { position = UInt64(try checked(fs_length(files(of: entry), client, entry.handle))) }
      let count = try checked(fs_write(files(of: entry), client, entry.handle, position, source, length))
      descriptors.move(descriptor, to: position &+ UInt64(count))
      return count
    }
  }

  mutating func seek(_ descriptor: UInt64, _ offset: UInt64) throws(ErrorCode) -> Int64 {
    _ = try descriptors.file(descriptor)
    guard let result = Int64(exactly: offset) else { throw .invalid }
    descriptors.move(descriptor, to: offset)
    return result
  }

  mutating func readDirectory(
    _ client: UInt64, _ descriptor: UInt64, _ destination: user_address, _ length: UInt64
  ) throws(ErrorCode) -> Int64 {
    let entry = try descriptors.file(descriptor)
    try prepare(client, destination, length)
    let count = try checked(fs_readdir(files(of: entry), client, entry.handle, entry.position, destination, length))
    let entries = UInt64(count) / UInt64(DirectoryEntryLayout.size)
    descriptors.move(descriptor, to: entry.position &+ entries)
    return count
  }

  /// Makes sure that a service can reach the client's memory without waiting for a page of a mapped file.
  @inline(__always)
  func prepare(_ client: UInt64, _ start: user_address, _ length: UInt64) throws(ErrorCode) {
    if mapsFiles { _ = try checked(vm_prepare(services.memory, client, start, length)) }
  }

  /// A service's result, its error number turned into the error.
  ///
  /// A number that is no error's is a service's fault, so it becomes an input/output error.
  @inline(__always)
  func checked(_ result: Int64) throws(ErrorCode) -> Int64 {
    guard result < 0 else { return result }
    throw ErrorCode(rawValue: 0 &- result) ?? .inputOutput
  }
}

// MARK: Requests that wait

/// Waits for the console's next line; bytes, or a negated error.
func readConsole(_ console: OpaquePointer, _ client: UInt64, _ destination: user_address, _ length: UInt64) -> Int64 {
  var request = con_request(
    base: env_request(client: client, result: 0, done: 0, waiter: 0, next: nil), destination: destination,
    length: length)
  return withUnsafeMutablePointer(to: &request) { request in
    let submitted = con_submit_read(console, request)
    return submitted < 0 ? submitted : env_await(&request.pointee.base)
  }
}

/// Waits for a child to end; the result is its status, which may be negative.
func waitForChild(_ processes: OpaquePointer, _ client: UInt64, _ task: UInt64) -> Int64 {
  var request = pm_request(
    base: env_request(client: client, result: 0, done: 0, waiter: 0, next: nil), child: task)
  return withUnsafeMutablePointer(to: &request) { request in
    let submitted = pm_submit_wait(processes, request)
    return submitted < 0 ? submitted : env_await(&request.pointee.base)
  }
}
