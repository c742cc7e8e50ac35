// The bytes of a message: from one address space to another, page by page.

import Interfaces
import KernelShared

@c @implementation
func ipc_copy(
  _ from: UnsafeMutablePointer<task>, _ source: UInt64, _ to: UnsafeMutablePointer<task>, _ destination: UInt64,
  _ length: UInt64
) -> Int64 {
  let fromSpace = state(from).pointee.satp
  let toSpace = state(to).pointee.satp
  var done: UInt64 = 0
  while done < length {
    let read = space_resolve(fromSpace, source &+ done, UInt64(SPACE_READ))
    let write = space_resolve(toSpace, destination &+ done, UInt64(SPACE_WRITE))
    guard read != 0, write != 0 else { return ErrorCode.badAddress.result }
    let inPage = min(Layout.pageSize &- read % Layout.pageSize, Layout.pageSize &- write % Layout.pageSize)
    let part = min(inPage, length &- done)
    memory(write).copyMemory(from: memory(read), byteCount: Int(part))
    done &+= part
  }
  return 0
}
