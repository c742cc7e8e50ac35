// Pipes as descriptors.
//
// Callers must not keep a request beyond the call that made it: it lies on the stack.

import Interfaces

extension UnixCalls {
  /// A new pipe; both descriptors in one number.
  mutating func pipe(_ client: UInt64) throws(ErrorCode) -> Int64 {
    let reading = try descriptors.lowestFree()
    let handle = UInt64(try checked(pipe_create(services.pipes, client)))
    descriptors.set(reading, Descriptor(kind: .pipe, handle: handle))
    do throws(ErrorCode) {
      let writing = try descriptors.lowestFree()
      descriptors.set(writing, Descriptor(kind: .pipe, handle: handle | 1))
      return Int64(reading | writing << 8)
    } catch {
      descriptors.close(UInt64(reading))
      _ = pipe_close(services.pipes, client, handle)
      _ = pipe_close(services.pipes, client, handle | 1)
      throw error
    }
  }
}

/// A request of a client for an end of a pipe.
@inline(__always)
private func request(
  _ client: UInt64, _ handle: UInt64, _ place: user_address, _ length: UInt64,
  _ submit: (UnsafeMutablePointer<pipe_request>) -> Int64
) -> Int64 {
  var request = pipe_request(
    base: env_request(client: client, result: 0, done: 0, waiter: 0, next: nil), handle: handle, place: place,
    length: length)
  return withUnsafeMutablePointer(to: &request) { request in
    let submitted = submit(request)
    return submitted < 0 ? submitted : env_await(&request.pointee.base)
  }
}

/// Waits for bytes; how many, 0 at the end, or a negated error.
func readPipe(
  _ pipes: OpaquePointer, _ client: UInt64, _ handle: UInt64, _ destination: user_address, _ length: UInt64
) -> Int64 {
  request(client, handle, destination, length) { pipe_submit_read(pipes, $0) }
}

/// Writes all bytes, however long that takes; their number, or a negated error if none could be written.
func writePipe(
  _ pipes: OpaquePointer, _ client: UInt64, _ handle: UInt64, _ source: user_address, _ length: UInt64
) -> Int64 {
  var done: UInt64 = 0
  repeat {
    let part = min(length &- done, UInt64(PIPE_CAPACITY))
    let taken = request(client, handle, source &+ done, part) { pipe_submit_write(pipes, $0) }
    if taken < 0 { return done > 0 ? Int64(done) : taken }
    done &+= UInt64(taken)
  } while done < length
  return Int64(done)
}
