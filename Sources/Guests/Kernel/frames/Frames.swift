// Physical pages: for each page of RAM behind the image, how many address spaces (or kernel parts) use it.
//
// Whoever releases a page must have removed its own mapping of it; it is free when nobody is left.

import KernelShared

@c @implementation
func frames_init(_ first: UInt64, _ end: UInt64) {
  let count = (end &- first) / Layout.pageSize
  let tablePages = count.pageCeiling / Layout.pageSize
  kernel.frames_users = first
  kernel.frames_first = first
  kernel.frames_count = count
  kernel.frames_hint = tablePages
  kernel.frames_free = count &- tablePages
  memory(first).initializeMemory(as: UInt8.self, repeating: 0, count: Int(tablePages &* Layout.pageSize))
  for index in 0..<tablePages { users(index).pointee = 1 }
}

/// How many use a page, by its index.
@inline(__always) private func users(_ index: UInt64) -> UnsafeMutablePointer<UInt8> {
  memory(kernel.frames_users &+ index).assumingMemoryBound(to: UInt8.self)
}

@inline(__always) private func index(of frame: UInt64) -> UInt64 {
  (frame &- kernel.frames_first) / Layout.pageSize
}

/// The first index of `count` free pages in a row from `start` on, or nil.
private func search(from start: UInt64, count: UInt64) -> UInt64? {
  var run: UInt64 = 0
  var index = start
  while index < kernel.frames_count {
    run = users(index).pointee != 0 ? 0 : run &+ 1
    index &+= 1
    if run == count { return index &- count }
  }
  return nil
}

@c @implementation
func frame_take(_ count: UInt64) -> UInt64 {
  guard count > 0, count <= kernel.frames_free,
    let index = search(from: kernel.frames_hint, count: count) ?? search(from: 0, count: count)
  else { return 0 }
  for page in index..<index &+ count { users(page).pointee = 1 }
  kernel.frames_free &-= count
  kernel.frames_hint = index &+ count
  return kernel.frames_first &+ index &* Layout.pageSize
}

@c @implementation
func frame_allocate(_ count: UInt64) -> UInt64 {
  let physical = frame_take(count)
  guard physical != 0 else { return 0 }
  memory(physical).initializeMemory(as: UInt8.self, repeating: 0, count: Int(count &* Layout.pageSize))
  return physical
}

@c @implementation
func frame_release(_ frame: UInt64, _ count: UInt64) {
  let first = index(of: frame)
  for page in first..<first &+ count {
    let left = users(page).pointee &- 1
    users(page).pointee = left
    guard left == 0 else { continue }
    kernel.frames_free &+= 1
    if page < kernel.frames_hint { kernel.frames_hint = page }
  }
}

/// A byte is enough: there are never more who share than there are tasks.
@c @implementation
func frame_share(_ frame: UInt64) { users(index(of: frame)).pointee &+= 1 }

@c @implementation
func frame_is_shared(_ frame: UInt64) -> Bool { users(index(of: frame)).pointee > 1 }
