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

/// Copies a payload twice, by way of the kernel's message buffer; bytes, or a negated error.
func copyThroughBuffer(
  _ sender: UnsafeMutablePointer<task>, _ receiver: UnsafeMutablePointer<task>, _ length: UInt64
) -> Int64 {
  let source = message_register(sender, MessageRegister.sendAddress)
  let destination = message_register(receiver, MessageRegister.receiveAddress)
  guard ipc_copy_to_buffer(sender, source, length) == 0, ipc_copy_from_buffer(receiver, destination, length) == 0 else {
    return ErrorCode.badAddress.result
  }
  return Int64(length)
}

@c @implementation
func ipc_copy_to_buffer(_ from: UnsafeMutablePointer<task>, _ source: UInt64, _ length: UInt64) -> Int64 {
  pieces(of: source, from, length, UInt64(SPACE_READ)) { done, place, part in
    (message_buffer() + Int(done)).copyMemory(from: place, byteCount: part)
  }
}

@c @implementation
func ipc_copy_from_buffer(_ to: UnsafeMutablePointer<task>, _ destination: UInt64, _ length: UInt64) -> Int64 {
  pieces(of: destination, to, length, UInt64(SPACE_WRITE)) { done, place, part in
    place.copyMemory(from: message_buffer() + Int(done), byteCount: part)
  }
}

/// Calls `body` for each piece of a task's memory that lies in one page; 0, or badAddress at the first that may not be
/// reached.
@inline(__always) private func pieces(
  of start: UInt64, _ task: UnsafeMutablePointer<task>, _ length: UInt64, _ access: UInt64,
  _ body: (UInt64, UnsafeMutableRawPointer, Int) -> Void
) -> Int64 {
  var done: UInt64 = 0
  while done < length {
    let physical = place(of: start &+ done, task, access)
    guard physical != 0 else { return ErrorCode.badAddress.result }
    let part = min(Layout.pageSize &- physical % Layout.pageSize, length &- done)
    body(done, memory(physical), Int(part))
    done &+= part
  }
  return 0
}
