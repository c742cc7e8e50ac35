// One pipe: a ring of bytes, who holds its ends, and who waits at them.
//
// Callers must serve the lines of waiting requests after every change of the rest.

import Interfaces

/// Requests that wait, in the order of their arrival.
struct WaitingLine {
  private var first: UnsafeMutablePointer<env_request>?

  var isEmpty: Bool { first == nil }

  mutating func append(_ request: UnsafeMutablePointer<env_request>) {
    request.pointee.next = nil
    guard var last = first else {
      first = request
      return
    }
    while let next = last.pointee.next { last = next }
    last.pointee.next = request
  }

  mutating func takeFirst() -> UnsafeMutablePointer<env_request>? {
    let request = first
    first = request?.pointee.next
    return request
  }

  /// Takes out the first request of a client.
  mutating func take(of client: UInt64) -> UnsafeMutablePointer<env_request>? {
    var previous: UnsafeMutablePointer<env_request>?
    var place = first
    while let request = place {
      place = request.pointee.next
      if request.pointee.client == client {
        if let previous { previous.pointee.next = place } else { first = place }
        return request
      }
      previous = request
    }
    return nil
  }
}

/// A row of the table; without holders it is free.
struct Pipe {
  /// `PIPE_CAPACITY` bytes, once the row was used; nil before.
  var buffer: UnsafeMutableRawPointer?
  /// Where the first byte lies, and how many there are.
  var start: UInt64 = 0
  var count: UInt64 = 0
  var readers = ClientSet()
  var writers = ClientSet()
  var waitingReaders = WaitingLine()
  var waitingWriters = WaitingLine()

  var isFree: Bool { readers.isEmpty && writers.isEmpty }
  var isReadable: Bool { count > 0 || writers.isEmpty }
  var isWritable: Bool { count < UInt64(PIPE_CAPACITY) || readers.isEmpty }

  /// Moves bytes to the client; how many.
  mutating func read(_ client: UInt64, _ destination: user_address, _ length: UInt64) throws(ErrorCode) -> UInt64 {
    guard let buffer else { return 0 }
    let wanted = min(length, count)
    var done: UInt64 = 0
    while done < wanted {
      let part = min(wanted - done, UInt64(PIPE_CAPACITY) - start)
      guard env_copy_out(client, destination &+ done, buffer + Int(start), part) >= 0 else { throw .badAddress }
      start = (start + part) % UInt64(PIPE_CAPACITY)
      count -= part
      done += part
    }
    return done
  }

  /// Takes as many bytes from the client as there is room for; how many.
  mutating func write(_ client: UInt64, _ source: user_address, _ length: UInt64) throws(ErrorCode) -> UInt64 {
    guard let buffer else { return 0 }
    let taken = min(length, UInt64(PIPE_CAPACITY) - count)
    var done: UInt64 = 0
    while done < taken {
      let end = (start + count) % UInt64(PIPE_CAPACITY)
      let part = min(taken - done, UInt64(PIPE_CAPACITY) - end)
      guard env_copy_in(client, buffer + Int(end), source &+ done, part) >= 0 else { throw .badAddress }
      count += part
      done += part
    }
    return done
  }
}
