// The network driver's interface (Interfaces/nic.h) for those who reach it by messages. A request survives the driver: it
// is repeated after the driver died or fell silent.
//
// Room for frames is kept here; the driver tells by a notification that there is something to fetch.

import Interfaces
import Transport

@c @implementation
func nic_address(_ driver: OpaquePointer) -> Int64 {
  ipc_persist(slot(driver), UInt64(NIC_LABEL_ADDRESS), 0, 0, UInt64(IPC_PATIENCE), nil)
}

@c @implementation
func nic_submit(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<nic_request>) -> Int64 {
  var payload = ipc_payload()
  payload.send = UnsafeRawPointer(request.pointee.buffer)
  payload.send_length = request.pointee.length
  let result = ipc_persist(
    slot(driver), UInt64(NIC_LABEL_SEND), request.pointee.length, 0, UInt64(IPC_PATIENCE), &payload)
  guard result >= 0 else { return result }
  env_complete(&request.pointee.base, 0)
  return 0
}

@c @implementation
func nic_receive(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<nic_request>) -> Int64 {
  let base = UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self)
  base.pointee.next = nil
  if let last = nic_stub.last { last.pointee.next = base } else { nic_stub.first = base }
  nic_stub.last = base
  // The driver notifies once, and then is asked until it has nothing more.
  if nic_stub.more != 0 { nic_interrupt(driver) }
  return 0
}

@c @implementation
func nic_interrupt(_ driver: OpaquePointer) {
  repeat {
    guard let base = nic_stub.first else { return }
    let request = UnsafeMutableRawPointer(base).assumingMemoryBound(to: nic_request.self)
    var payload = ipc_payload()
    payload.receive = request.pointee.buffer
    payload.receive_length = request.pointee.length
    let result = ipc_persist(slot(driver), UInt64(NIC_LABEL_RECEIVE), 0, 0, UInt64(IPC_PATIENCE), &payload)
    nic_stub.more = result > 0 && result & Int64(NIC_MORE) != 0 ? 1 : 0
    guard result > 0 else { return }
    nic_stub.first = base.pointee.next
    if nic_stub.first == nil { nic_stub.last = nil }
    env_complete(base, result & Int64(NIC_MORE - 1))
  } while nic_stub.more != 0
}

/// Nothing to hold: the instance is the handle of the service.
@c @implementation
func nic_size() -> UInt64 { 0 }

/// The server has set itself up.
@c @implementation
func nic_init(_ driver: OpaquePointer) -> Int64 { 0 }
