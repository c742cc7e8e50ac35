// Physical pages: a bitmap over all RAM behind the image.
//
// Pages come zeroed. Whoever releases one must have removed every mapping of it.

import KernelShared

@c @implementation
func frames_init(_ first: UInt64, _ end: UInt64) {
  let count = (end &- first) / Layout.pageSize
  let mapPages = (count / 8).pageCeiling / Layout.pageSize + 1
  kernel.frames_map = first
  kernel.frames_first = first
  kernel.frames_count = count
  kernel.frames_hint = mapPages
  memory(first).initializeMemory(as: UInt8.self, repeating: 0, count: Int(mapPages * Layout.pageSize))
  for index in 0..<mapPages { setInUse(index, true) }
}

@inline(__always) private func isInUse(_ index: UInt64) -> Bool {
  word(kernel.frames_map &+ (index >> 6) &* 8).pointee & (1 << (index & 63)) != 0
}

@inline(__always) private func setInUse(_ index: UInt64, _ inUse: Bool) {
  let place = word(kernel.frames_map &+ (index >> 6) &* 8)
  if inUse { place.pointee |= 1 << (index & 63) } else { place.pointee &= ~(1 << (index & 63)) }
}

/// The first index of `count` free pages in a row from `start` on, or nil.
private func search(from start: UInt64, count: UInt64) -> UInt64? {
  var run: UInt64 = 0
  var index = start
  while index < kernel.frames_count {
    run = isInUse(index) ? 0 : run &+ 1
    index &+= 1
    if run == count { return index &- count }
  }
  return nil
}

@c @implementation
func frame_allocate(_ count: UInt64) -> UInt64 {
  guard count > 0, let index = search(from: kernel.frames_hint, count: count) ?? search(from: 0, count: count) else {
    return 0
  }
  for page in index..<index &+ count { setInUse(page, true) }
  kernel.frames_hint = index &+ count
  let physical = kernel.frames_first &+ index &* Layout.pageSize
  memory(physical).initializeMemory(as: UInt8.self, repeating: 0, count: Int(count &* Layout.pageSize))
  return physical
}

@c @implementation
func frame_release(_ frame: UInt64, _ count: UInt64) {
  let index = (frame &- kernel.frames_first) / Layout.pageSize
  for page in index..<index &+ count { setInUse(page, false) }
  if index < kernel.frames_hint { kernel.frames_hint = index }
}
