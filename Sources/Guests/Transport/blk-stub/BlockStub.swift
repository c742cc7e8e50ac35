// The block driver's interface (Interfaces/blk.h) for those who reach it by messages, and the place where a
// request survives the driver: it is repeated after the driver died or fell silent.

import Interfaces
import Transport

/// How long a driver may be silent: 100 ms.
private var patience: UInt64 { 1_000_000 }
/// After so many restarts for one request the requester gets an input/output error.
private var maximumRestarts: Int { 3 }

/// Calls the driver until it answers, having it started again where it does not.
private func persist(_ call: () -> ipc_result) -> Int64 {
  var restarts = 0
  while true {
    let result = call()
    switch result.status {
    case 0: return result.label
    case ErrorCode.serverDied.result: break
    case ErrorCode.timedOut.result: _ = reinc_report(Service.blk.rawValue)
    default: return result.status
    }
    restarts += 1
    if restarts == maximumRestarts { return ErrorCode.inputOutput.result }
  }
}

@c @implementation
func blk_capacity(_ driver: OpaquePointer) -> Int64 {
  persist { ipc_call(slot(driver), UInt64(BLK_LABEL_CAPACITY), 0, 0, 0, 0, patience) }
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
  let result = persist {
    ipc_call_payload(
      slot(driver), UInt64(writes ? BLK_LABEL_WRITE : BLK_LABEL_READ), request.pointee.sector, request.pointee.count,
      0, 0, patience, &payload)
  }
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
