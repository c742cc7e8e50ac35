// The block driver as a server: one request at a time, its interrupts as messages.

import Interfaces
import Transport

@c @implementation
func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = blk_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages), let buffer = env_device_pages(1) else { return ErrorCode.noMemory.result }
  let driver = OpaquePointer(place)
  server.instance = UnsafeMutableRawPointer(place)
  server.interrupt = { blk_interrupt(OpaquePointer($0)) }
  let status = blk_init(driver)
  while true {
    server_receive()
    server_reply(status < 0 ? status : dispatch(driver, buffer))
  }
}

private func dispatch(_ driver: OpaquePointer, _ buffer: UnsafeMutableRawPointer) -> Int64 {
  let writes: Bool
  switch Int(server.message.label) {
  case BLK_LABEL_CAPACITY: return blk_capacity(driver)
  case BLK_LABEL_READ: writes = false
  case BLK_LABEL_WRITE: writes = true
  default: return ErrorCode.notImplemented.result
  }
  let count = server.message.words.1
  guard count > 0, count <= UInt64(BLK_MAXIMUM_SECTORS) else { return ErrorCode.invalid.result }
  let length = count &* UInt64(BLK_SECTOR_SIZE)
  // The device reads and writes the driver's own pages, never a client's.
  if writes {
    let copied = env_copy_in(server.message.sender, buffer, 0, length)
    guard copied == 0 else { return copied }
  }
  var request = blk_request(
    base: env_request(client: server.message.sender, result: 0, done: 0, waiter: 0, next: nil),
    sector: server.message.words.0, count: count, write: writes ? 1 : 0, buffer: buffer)
  let submitted = blk_submit(driver, &request)
  guard submitted == 0 else { return submitted }
  let result = env_await(&request.base)
  guard result == 0, !writes else { return result }
  // The kernel copies straight from where the device wrote.
  server.reply_source = UnsafeRawPointer(buffer)
  server.reply_length = length
  return result
}
