// The block driver's interface (Interfaces/blk.h) for those who reach it by messages. A request survives the driver: it
// is repeated after the driver died or fell silent.

import Interfaces
import Transport

@c @implementation
func blk_capacity(_ driver: OpaquePointer) -> Int64 {
  ipc_persist(slot(driver), UInt64(BLK_LABEL_CAPACITY), 0, 0, UInt64(IPC_PATIENCE), nil)
}

@c @implementation
func blk_submit(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<blk_request>) -> Int64 {
  let length = request.pointee.count &* UInt64(BLK_SECTOR_SIZE)
  guard request.pointee.count > 0, request.pointee.count <= UInt64(BLK_MAXIMUM_SECTORS) else {
    return ErrorCode.invalid.result
  }
  var payload = ipc_payload()
  let writes = request.pointee.write != 0
  if writes {
    payload.send = UnsafeRawPointer(request.pointee.buffer)
    payload.send_length = length
  } else {
    payload.receive = request.pointee.buffer
    payload.receive_length = length
  }
  let result = ipc_persist(
    slot(driver), UInt64(writes ? BLK_LABEL_WRITE : BLK_LABEL_READ), request.pointee.sector, request.pointee.count,
    UInt64(IPC_PATIENCE), &payload)
  env_complete(UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self), result)
  return 0
}

/// Nothing to hold: the instance is the handle of the service.
@c @implementation
func blk_size() -> UInt64 { 0 }

/// The server has set itself up.
@c @implementation
func blk_init(_ driver: OpaquePointer) -> Int64 { 0 }

/// Its interrupts go to whoever drives it.
@c @implementation
func blk_interrupt(_ driver: OpaquePointer) {}
