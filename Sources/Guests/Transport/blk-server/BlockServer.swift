// The block driver as a server: one request at a time, its interrupts as messages. The same calls reach it in the
// kernel (Interfaces/gate.h).

import Interfaces
import Transport

@c @implementation
func blk_server_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = blk_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages) else { return ErrorCode.noMemory.result }
  server.instance = UnsafeMutableRawPointer(place)
  server.interrupt = { blk_interrupt(OpaquePointer($0)) }
  let status = blk_init(OpaquePointer(place))
  while true {
    server_receive()
    var call = server_call()
    server_reply(status < 0 ? status : blk_gate(place, &call))
  }
}

@c @implementation
func blk_gate(_ instance: UnsafeMutableRawPointer, _ call: UnsafePointer<gate_call>) -> Int64 {
  let driver = OpaquePointer(instance)
  let call = call.pointee
  let writes: Bool
  switch Int(truncatingIfNeeded: call.label) {
  case BLK_LABEL_CAPACITY: return blk_capacity(driver)
  case BLK_LABEL_READ: writes = false
  case BLK_LABEL_WRITE: writes = true
  default: return ErrorCode.notImplemented.result
  }
  let count = call.words.1
  let length = count &* UInt64(BLK_SECTOR_SIZE)
  guard count > 0, count <= UInt64(BLK_MAXIMUM_SECTORS), length <= (writes ? call.send_length : call.receive_length)
  else { return ErrorCode.invalid.result }
  // One buffer, so one request at a time.
  env_acquire(&block_buffer.lock)
  defer { env_release(&block_buffer.lock) }
  if block_buffer.page == nil { block_buffer.page = env_device_pages(1) }
  guard let buffer = block_buffer.page else { return ErrorCode.noMemory.result }
  // The device reads and writes the driver's own page, never a client's.
  if writes {
    let copied = env_copy_in(call.client, buffer, call.send, length)
    guard copied == 0 else { return copied }
  }
  var request = blk_request(
    base: env_request(client: call.client, result: 0, done: 0, waiter: 0, next: nil), sector: call.words.0,
    count: count, write: writes ? 1 : 0, buffer: buffer)
  let submitted = blk_submit(driver, &request)
  guard submitted == 0 else { return submitted }
  let result = env_await(&request.base)
  guard result == 0, !writes else { return result }
  return gate_answer(call.client, call.receive, buffer, length)
}
