// The virtual-memory manager's interface where addresses are physical: memory is given and taken at once.

import Interfaces
import KernelShared

@c @implementation
func vm_map(_ service: OpaquePointer, _ client: UInt64, _ length: UInt64) -> Int64 {
  guard length > 0, length <= kernel.memory_end else { return ErrorCode.invalid.result }
  guard let place = env_pages(length.pageCeiling / Layout.pageSize) else { return ErrorCode.noMemory.result }
  return Int64(address(place))
}

@c @implementation
func vm_unmap(_ service: OpaquePointer, _ client: UInt64, _ start: UInt64, _ length: UInt64) -> Int64 {
  let first = kernel.frames_first
  let size = kernel.frames_count &* Layout.pageSize
  guard start % Layout.pageSize == 0, length > 0, start >= first, length <= size, start &- first <= size &- length
  else { return ErrorCode.invalid.result }
  frame_release(start, length.pageCeiling / Layout.pageSize)
  return 0
}

/// Without page tables nothing says that a page is touched for the first time.
@c @implementation
func vm_map_file(
  _ service: OpaquePointer, _ client: UInt64, _ file: UInt64, _ offset: UInt64, _ length: UInt64
) -> Int64 { ErrorCode.notImplemented.result }

@c @implementation
func vm_prepare(_ service: OpaquePointer, _ client: UInt64, _ start: UInt64, _ length: UInt64) -> Int64 { 0 }
