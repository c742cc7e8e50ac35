// The bytes of a message: from one address space to another, page by page.

import Interfaces
import KernelShared

@c @implementation
func ipc_copy(
  _ from: UnsafeMutablePointer<task>, _ source: UInt64, _ to: UnsafeMutablePointer<task>, _ destination: UInt64,
  _ length: UInt64
) -> Int64 {
  var done: UInt64 = 0
  while done < length {
    let read = place(of: source &+ done, from, UInt64(SPACE_READ))
    let write = place(of: destination &+ done, to, UInt64(SPACE_WRITE))
    guard read != 0, write != 0 else { return ErrorCode.badAddress.result }
    let inPage = min(Layout.pageSize &- read % Layout.pageSize, Layout.pageSize &- write % Layout.pageSize)
    let part = min(inPage, length &- done)
    memory(write).copyMemory(from: memory(read), byteCount: Int(part))
    done &+= part
  }
  return 0
}

/// The physical address of a byte that a task offers or has room for, if it may; else 0.
///
/// Kernel code that sends for a task may offer memory of the kernel, which no user address is.
private func place(of address: UInt64, _ task: UnsafeMutablePointer<task>, _ access: UInt64) -> UInt64 {
  if address >= Layout.imageBase && sendsFromKernel(task) { return address }
  return space_resolve(state(task).pointee.satp, address, access)
}
