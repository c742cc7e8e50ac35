// The console's interface (Interfaces/con.h) for those who reach it by messages.
//
// A user_address is an address of the caller's own.

import Interfaces
import Transport

/// Calls the driver; what was asked of one that died or fell silent is asked again of the next.
private func exchange(
  _ driver: OpaquePointer, _ label: Int, _ word: UInt64, _ payload: UnsafeMutablePointer<ipc_payload>? = nil,
  patience: Int = IPC_PATIENCE
) -> Int64 { ipc_persist(slot(driver), UInt64(label), word, 0, UInt64(patience), payload) }

@c @implementation
func con_write(_ driver: OpaquePointer, _ client: UInt64, _ source: user_address, _ length: UInt64) -> Int64 {
  var done: UInt64 = 0
  while done < length {
    let part = min(length &- done, UInt64(IPC_MAXIMUM_PAYLOAD))
    var payload = ipc_payload()
    payload.send = UnsafeRawPointer(memory(source &+ done))
    payload.send_length = part
    ipc_touch_for_reading(memory(source &+ done), part)
    let result = exchange(driver, CON_LABEL_WRITE, part, &payload)
    if result < 0 { return done > 0 ? Int64(done) : result }
    done &+= UInt64(result)
    if UInt64(result) < part { break }
  }
  return Int64(done)
}

@c @implementation
func con_submit_read(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<con_request>) -> Int64 {
  var payload = ipc_payload()
  let length = min(request.pointee.length, UInt64(IPC_MAXIMUM_PAYLOAD))
  if length > 0 {
    payload.receive = memory(request.pointee.destination)
    payload.receive_length = length
    ipc_touch_for_writing(memory(request.pointee.destination), length)
  }
  // A line may take for ever: it is its user who is silent. Whoever writes meanwhile notices when the driver is.
  let result = exchange(driver, CON_LABEL_READ, length, &payload, patience: 0)
  env_complete(UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self), result)
  return 0
}

@c @implementation
func con_poll(_ driver: OpaquePointer) -> Int64 { exchange(driver, CON_LABEL_POLL, 0) }

@c @implementation
func con_forget(_ driver: OpaquePointer, _ client: UInt64) { _ = exchange(driver, CON_LABEL_FORGET, client) }

/// Nothing to hold: the instance is the handle of the service.
@c @implementation
func con_size() -> UInt64 { 0 }

/// The server has set itself up.
@c @implementation
func con_init(_ driver: OpaquePointer) -> Int64 { 0 }

/// Its interrupts go to whoever drives it.
@c @implementation
func con_interrupt(_ driver: OpaquePointer) {}
