// Pipes (Interfaces/pipe.h) between applications that share nothing else: each pipe is a page that a fork shows to the
// copy too. The kernel knows nothing of pipes; it wakes those who wait at a page.
//
// No service sees to it all, so each application does its part, on the page, under the page's lock.

import ExoLibrary
import Interfaces

private typealias Page = UnsafeMutablePointer<exo_pipe>

/// Where the pages are: the row of a pipe says which one.
private func place(_ row: UInt64) -> UInt64 { Layout.libraryPipes &+ row &* Layout.pageSize }

private func page(_ row: UInt64) -> Page { memory(place(row)).assumingMemoryBound(to: exo_pipe.self) }

/// What an application keeps of its pipes: which pages it has, a bit each.
private struct Pipes {
  var mapped: UInt32 = 0
}

private func state(_ service: OpaquePointer) -> UnsafeMutablePointer<Pipes> { UnsafeMutablePointer(service) }

private func bit(_ client: UInt64) -> UInt32 { 1 << UInt32(client & 31) }

private func isMapped(_ service: OpaquePointer, _ row: UInt64) -> Bool {
  row < UInt64(PIPE_COUNT) && state(service).pointee.mapped >> UInt32(row) & 1 != 0
}

/// The page of a handle that the client holds.
private func page(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64) throws(ErrorCode) -> Page {
  guard isMapped(service, handle / 2) else { throw .badDescriptor }
  let page = page(handle / 2)
  guard (handle % 2 == 0 ? page.pointee.readers : page.pointee.writers) & bit(client) != 0 else {
    throw .badDescriptor
  }
  return page
}

/// Changes a pipe while nobody else does, and wakes those who wait for that.
private func change(_ page: Page, _ body: () -> Bool) {
  while !exo_pipe_try(page) { _ = exo_slice_yield(0) }
  let hasChanged = body()
  if hasChanged { page.pointee.changes &+= 1 }
  let isWaitedFor = hasChanged && page.pointee.waited_for != 0
  if isWaitedFor { page.pointee.waited_for = 0 }
  exo_pipe_release(page)
  if isWaitedFor { _ = exo_page_signal(address(page)) }
}

/// Where the bytes begin and how many there are, whatever somebody has written there.
private func content(_ page: Page) -> (start: UInt64, count: UInt64) {
  let capacity = UInt64(EXO_PIPE_CAPACITY)
  return (page.pointee.start % capacity, min(page.pointee.count, capacity))
}

// MARK: Requests

/// The result of a request if it need not wait, under the page's lock.
private func attempt(_ page: Page, _ request: pipe_request) -> Int64? {
  let (start, count) = content(page)
  let isReading = request.handle % 2 == 0
  if isReading {
    guard count > 0 else { return page.pointee.writers == 0 ? 0 : nil }
  } else {
    guard page.pointee.readers != 0 else { return ErrorCode.brokenPipe.result }
    guard count < UInt64(EXO_PIPE_CAPACITY) else { return nil }
  }
  let total = isReading ? min(request.length, count) : min(request.length, UInt64(EXO_PIPE_CAPACITY) &- count)
  var done: UInt64 = 0
  while done < total {
    let offset = (start &+ (isReading ? 0 : count) &+ done) % UInt64(EXO_PIPE_CAPACITY)
    let part = min(total &- done, UInt64(EXO_PIPE_CAPACITY) &- offset)
    let bytes = exo_pipe_bytes(page) + Int(offset)
    let client = request.base.client
    let copied =
      isReading
      ? env_copy_out(client, request.place &+ done, bytes, part)
      : env_copy_in(client, bytes, request.place &+ done, part)
    guard copied >= 0 else { return copied }
    done &+= part
  }
  page.pointee.start = isReading ? (start &+ total) % UInt64(EXO_PIPE_CAPACITY) : start
  page.pointee.count = isReading ? count &- total : count &+ total
  return Int64(total)
}

/// Completes a request, or notes that it waits.
private func attempt(_ page: Page, _ request: UnsafeMutablePointer<pipe_request>) {
  var result: Int64?
  change(page) {
    result = attempt(page, request.pointee)
    if result == nil { page.pointee.waited_for = 1 }
    return result ?? 0 > 0
  }
  exo_program.pipe_request = result == nil ? request : nil
  if let result { env_complete(&request.pointee.base, result) }
}

@c @implementation
func exo_pipe_awaited(_ value: UnsafeMutablePointer<UInt64>) -> UnsafePointer<UInt64>? {
  guard let request = exo_program.pipe_request else { return nil }
  let page = page(request.pointee.handle / 2)
  // Read first: a change between this and the wait is one that the kernel sees.
  value.pointee = page.pointee.changes
  exo_pipe_retry()
  guard exo_program.pipe_request != nil else { return nil }
  return UnsafePointer(memory(address(page)).assumingMemoryBound(to: UInt64.self))
}

@c @implementation
func exo_pipe_retry() {
  guard let request = exo_program.pipe_request else { return }
  // Not while it is tried: its bytes may be on a page that has to be read in, which is waited for.
  exo_program.pipe_request = nil
  attempt(page(request.pointee.handle / 2), request)
}

private func submit(
  _ service: OpaquePointer, _ request: UnsafeMutablePointer<pipe_request>, isReading: Bool
) -> Int64 {
  do throws(ErrorCode) {
    guard (request.pointee.handle % 2 == 0) == isReading else { throw .badDescriptor }
    let page = try page(service, request.pointee.base.client, request.pointee.handle)
    if request.pointee.length == 0 {
      env_complete(&request.pointee.base, 0)
    } else {
      attempt(page, request)
    }
    return 0
  } catch {
    return error.result
  }
}

// MARK: Entry points

@c @implementation
func pipe_size() -> UInt64 { UInt64(MemoryLayout<Pipes>.stride) }

@c @implementation
func pipe_init(_ service: OpaquePointer) -> Int64 {
  state(service).initialize(to: Pipes())
  return 0
}

@c @implementation
func pipe_create(_ service: OpaquePointer, _ client: UInt64) -> Int64 {
  for row in 0..<UInt64(PIPE_COUNT) {
    if isMapped(service, row) {
      // Nobody holds an end of it any more.
      guard page(row).pointee.readers | page(row).pointee.writers == 0 else { continue }
      _ = exo_page_unmap(0, place(row), 1)
      state(service).pointee.mapped &= ~(1 << UInt32(row))
    }
    let physical = exo_page_allocate(0, place(row), 1, UInt64(SPACE_READ | SPACE_WRITE))
    guard physical > 0 else { return physical }
    state(service).pointee.mapped |= 1 << UInt32(row)
    page(row).pointee.readers = bit(client)
    page(row).pointee.writers = bit(client)
    return Int64(2 &* row)
  }
  return ErrorCode.tooManyOpenFiles.result
}

@c @implementation
func pipe_submit_read(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pipe_request>) -> Int64 {
  submit(service, request, isReading: true)
}

@c @implementation
func pipe_submit_write(_ service: OpaquePointer, _ request: UnsafeMutablePointer<pipe_request>) -> Int64 {
  submit(service, request, isReading: false)
}

@c @implementation
func pipe_poll(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64) -> Int64 {
  do throws(ErrorCode) {
    let page = try page(service, client, handle)
    let count = content(page).count
    let isReady =
      handle % 2 == 0
      ? count > 0 || page.pointee.writers == 0 : count < UInt64(EXO_PIPE_CAPACITY) || page.pointee.readers == 0
    return isReady ? 1 : 0
  } catch {
    return error.result
  }
}

@c @implementation
func pipe_close(_ service: OpaquePointer, _ client: UInt64, _ handle: UInt64) -> Int64 {
  do throws(ErrorCode) {
    let page = try page(service, client, handle)
    change(page) {
      if handle % 2 == 0 { page.pointee.readers &= ~bit(client) } else { page.pointee.writers &= ~bit(client) }
      return true
    }
    return 0
  } catch {
    return error.result
  }
}

/// The pages stay mapped here even when this application holds no end any more: if the copy ends without a word, it is
/// this one that says so to the others.
@c @implementation
func pipe_inherit(_ service: OpaquePointer, _ parent: UInt64, _ child: UInt64) -> Int64 {
  for row in 0..<UInt64(PIPE_COUNT) where isMapped(service, row) {
    let mapped = exo_page_map(child, place(row), 0, place(row), UInt64(SPACE_READ | SPACE_WRITE))
    guard mapped >= 0 else { return mapped }
    let page = page(row)
    change(page) {
      if page.pointee.readers & bit(parent) != 0 { page.pointee.readers |= bit(child) }
      if page.pointee.writers & bit(parent) != 0 { page.pointee.writers |= bit(child) }
      return false
    }
  }
  return 0
}

@c @implementation
func pipe_forget(_ service: OpaquePointer, _ client: UInt64) {
  for row in 0..<UInt64(PIPE_COUNT) where isMapped(service, row) {
    let page = page(row)
    guard (page.pointee.readers | page.pointee.writers) & bit(client) != 0 else { continue }
    change(page) {
      page.pointee.readers &= ~bit(client)
      page.pointee.writers &= ~bit(client)
      return true
    }
  }
}
