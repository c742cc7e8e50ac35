// Physical pages from a pointer that only moves on: no map to make, to search or to keep, and nothing comes back but
// what was taken last.
//
// Pages come zeroed. For systems that take memory once.

import KernelShared

@c @implementation
func frames_init(_ first: UInt64, _ end: UInt64) {
  kernel.frames_first = first
  kernel.frames_count = (end &- first) / Layout.pageSize
  // The next page to give out, counted from the first.
  kernel.frames_hint = 0
}

@c @implementation
func frame_allocate(_ count: UInt64) -> UInt64 {
  guard count > 0, count <= kernel.frames_count &- kernel.frames_hint else { return 0 }
  let physical = kernel.frames_first &+ kernel.frames_hint &* Layout.pageSize
  kernel.frames_hint &+= count
  memory(physical).initializeMemory(as: UInt8.self, repeating: 0, count: Int(count &* Layout.pageSize))
  return physical
}

@c @implementation
func frame_release(_ frame: UInt64, _ count: UInt64) {
  let index = (frame &- kernel.frames_first) / Layout.pageSize
  if index &+ count == kernel.frames_hint { kernel.frames_hint = index }
}
