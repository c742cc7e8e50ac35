// The pipe service: a fixed number of pipes, and the entry points of Interfaces/pipe.h.
//
// Callers must keep a request alive until it is completed. Nothing here waits.

import Interfaces

/// All pipes.
///
/// Its methods are all mutating, so that they work in place.
private struct Pipes {
  var all: InlineArray<16, Pipe>

  /// The row of a handle that the client holds.
  mutating func row(_ client: UInt64, _ handle: UInt64) throws(ErrorCode) -> Int {
    guard handle < UInt64(2 * PIPE_COUNT) else { throw .badDescriptor }
    let row = Int(handle / 2)
    guard handle % 2 == 0 ? all[row].readers.contains(client) : all[row].writers.contains(client) else {
      throw .badDescriptor
    }
    return row
  }

  mutating func create(_ client: UInt64) throws(ErrorCode) -> UInt64 {
    for row in 0..<Int(PIPE_COUNT) where all[row].isFree {
      if all[row].buffer == nil {
        guard let buffer = env_pages(1) else { throw .noMemory }
        all[row].buffer = buffer
      }
      all[row].start = 0
      all[row].count = 0
      all[row].readers.insert(client)
      all[row].writers.insert(client)
      return UInt64(2 * row)
    }
    throw .tooManyOpenFiles
  }

  mutating func close(_ client: UInt64, _ row: Int, isWriter: Bool) {
    if isWriter { all[row].writers.remove(client) } else { all[row].readers.remove(client) }
    serve(row)
  }

  mutating func inherit(_ parent: UInt64, _ child: UInt64) {
    for row in 0..<Int(PIPE_COUNT) {
      if all[row].readers.contains(parent) { all[row].readers.insert(child) }
      if all[row].writers.contains(parent) { all[row].writers.insert(child) }
    }
  }

  mutating func forget(_ client: UInt64) {
    for row in 0..<Int(PIPE_COUNT) {
      while let request = all[row].waitingReaders.take(of: client) {
        env_complete(request, ErrorCode.noSuchTask.result)
      }
      while let request = all[row].waitingWriters.take(of: client) {
        env_complete(request, ErrorCode.noSuchTask.result)
      }
      guard all[row].readers.contains(client) || all[row].writers.contains(client) else { continue }
      all[row].readers.remove(client)
      all[row].writers.remove(client)
      serve(row)
    }
  }

  /// Completes whoever need not wait any longer.
  mutating func serve(_ row: Int) {
    while all[row].isReadable, let request = all[row].waitingReaders.takeFirst() {
      env_complete(request, read(row, UnsafeMutableRawPointer(request).assumingMemoryBound(to: pipe_request.self)))
    }
    // A writer's bytes are not at hand any more: it is told to offer them again.
    while all[row].isWritable, let request = all[row].waitingWriters.takeFirst() {
      env_complete(request, all[row].readers.isEmpty ? ErrorCode.brokenPipe.result : 0)
    }
  }

  mutating func read(_ row: Int, _ request: UnsafeMutablePointer<pipe_request>) -> Int64 {
    do throws(ErrorCode) {
      return Int64(
        try all[row].read(request.pointee.base.client, request.pointee.place, request.pointee.length))
    } catch {
      return error.result
    }
  }
}

private func state(_ service: OpaquePointer) -> UnsafeMutablePointer<Pipes> { UnsafeMutablePointer(service) }

/// The general part of a request.
private func base(_ request: UnsafeMutablePointer<pipe_request>) -> UnsafeMutablePointer<env_request> {
  UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self)
}

/// Bytes of an instance.
@c @implementation
public func pipe_size() -> UInt64 { UInt64(MemoryLayout<Pipes>.stride) }

/// Starts without pipes.
@c @implementation
public func pipe_init(_ service: OpaquePointer) -> Int64 {
  state(service).initialize(to: Pipes(all: InlineArray(repeating: Pipe())))
  return 0
}

/// Makes a pipe; the handle of its reading end.
@c @implementation
public func pipe_create(_ service: OpaquePointer, _ client: UInt64) -> Int64 {
  do throws(ErrorCode) {
    return Int64(try state(service).pointee.create(client))
  } catch {
    return error.result
  }
}

/// Reads what there is, or files the request until there is something.
@c @implementation
public func pipe_submit_read(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pipe_request>) -> Int64 {
  do throws(ErrorCode) {
    guard request.pointee.handle % 2 == 0 else { throw .badDescriptor }
    let row = try state(service).pointee.row(request.pointee.base.client, request.pointee.handle)
    if request.pointee.length == 0 {
      env_complete(base(request), 0)
    } else {
      state(service).pointee.all[row].waitingReaders.append(base(request))
      state(service).pointee.serve(row)
    }
    return 0
  } catch {
    return error.result
  }
}

/// Takes bytes if there is room, or files the request until there is.
@c @implementation
public func pipe_submit_write(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pipe_request>) -> Int64 {
  do throws(ErrorCode) {
    let client = request.pointee.base.client
    guard request.pointee.handle % 2 == 1 else { throw .badDescriptor }
    let row = try state(service).pointee.row(client, request.pointee.handle)
    guard !state(service).pointee.all[row].readers.isEmpty else { throw .brokenPipe }
    let taken = try state(service).pointee.all[row].write(client, request.pointee.place, request.pointee.length)
    if taken == 0 && request.pointee.length > 0 {
      state(service).pointee.all[row].waitingWriters.append(base(request))
    } else {
      env_complete(base(request), Int64(taken))
      state(service).pointee.serve(row)
    }
    return 0
  } catch {
    return error.result
  }
}

/// Whether an end is ready.
@c @implementation
public func pipe_poll(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64) -> Int64 {
  do throws(ErrorCode) {
    let row = try state(service).pointee.row(client, handle)
    let pipe = state(service).pointee.all[row]
    return (handle % 2 == 0 ? pipe.isReadable : pipe.isWritable) ? 1 : 0
  } catch {
    return error.result
  }
}

/// Gives an end up.
@c @implementation
public func pipe_close(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64) -> Int64 {
  do throws(ErrorCode) {
    let row = try state(service).pointee.row(client, handle)
    state(service).pointee.close(client, row, isWriter: handle % 2 == 1)
    return 0
  } catch {
    return error.result
  }
}

/// Lets a child hold what its parent holds.
@c @implementation
public func pipe_inherit(_ service: OpaquePointer, _ parent: UInt64, _ child: UInt64) -> Int64 {
  state(service).pointee.inherit(parent, child)
  return 0
}

/// Gives everything up that a client held.
@c @implementation
public func pipe_forget(_ service: OpaquePointer, _ client: UInt64) { state(service).pointee.forget(client) }
