// What programs may ask about services: to call one that runs on demand, and, as administrators, to start, stop,
// restart and replace.
//
// An administrator is who was given that badge when it was started (pm-server, task_admit).

import Interfaces
import Transport

/// Does what the message at hand asks for; its result.
func answer(_ wards: Wards) -> Int64 {
  let client = ipc_client(server.message.sender)
  let word = server.message.words.0
  switch Int(truncatingIfNeeded: server.message.label) {
  case REINC_LABEL_REPORT:
    guard let silent = wards.first(where: { $0.service == word && $0.task != 0 }) else {
      return ErrorCode.noSuchTask.result
    }
    // A server, or a service in the kernel, is believed; anybody else may be wrong about it.
    let isBelieved = server_caller_is_manager() || wards.first(where: { $0.task == client }) != nil
    if isBelieved || !settle(silent) { restart(silent) }
    return 0
  case REINC_LABEL_FIND: return find(wards, client)
  case REINC_LABEL_DESCRIBE: return describe(wards, word)
  case REINC_LABEL_START...REINC_LABEL_REPLACE: return control(wards, Int(truncatingIfNeeded: server.message.label))
  default: return ErrorCode.notImplemented.result
  }
}

/// The ward with the name that was sent.
private func named(_ wards: Wards) -> UnsafeMutablePointer<Ward>? {
  let length = server.message.received
  guard length > 0, length < 16 else { return nil }
  var name: (UInt64, UInt64) = (0, 0)
  guard env_copy_in(ipc_client(server.message.sender), &name, 0, length) == 0 else { return nil }
  return wards.first { $0.name.0 == name.0 && $0.name.1 == name.1 }
}

// MARK: For everyone

/// Gives the caller the right to call a service that runs on demand; its number.
private func find(_ wards: Wards, _ client: UInt64) -> Int64 {
  let own: StaticString = "reinc"
  if server.message.received == UInt64(own.utf8CodeUnitCount),
    UnsafeBufferPointer(start: server_request_buffer(), count: own.utf8CodeUnitCount).equals(own)
  {
    return Int64(Service.reinc.rawValue)
  }
  // The others are for those to whom the recipe gives them.
  guard let ward = named(wards), ward.pointee.isOnDemand, ward.pointee.task != 0 else {
    return ErrorCode.notFound.result
  }
  let slot = Int(client) & (Wards.slots - 1)
  if wards.clients[slot] != client {
    // Whoever had the slot before is gone, and its rights with it.
    for index in 0..<wards.count { wards.all[index].holders &= ~(1 << UInt32(slot)) }
    wards.clients[slot] = client
  }
  ward.pointee.holders |= 1 << UInt32(slot)
  grant(client, ward.pointee.service, IPC_RIGHT_CALL, ward.pointee.service)
  return Int64(ward.pointee.service)
}

private func describe(_ wards: Wards, _ index: UInt64) -> Int64 {
  guard index < UInt64(wards.count) else { return ErrorCode.notFound.result }
  let ward = wards.all[Int(index)]
  var description = reinc_description()
  withUnsafeMutableBytes(of: &description.name) { $0.storeBytes(of: ward.name, as: (UInt64, UInt64).self) }
  description.task = ward.task
  description.restarts = ward.restarts
  description.on_demand = ward.isOnDemand ? 1 : 0
  return env_copy_out(
    ipc_client(server.message.sender), 0, &description, UInt64(MemoryLayout<reinc_description>.size))
}

// MARK: For administrators

/// Refuses with a reason, which goes along as text.
private func refuse(_ error: ErrorCode, _ reason: StaticString) -> Int64 {
  _ = env_copy_out(
    ipc_client(server.message.sender), 0, reason.utf8Start, UInt64(reason.utf8CodeUnitCount))
  return error.result
}

private func control(_ wards: Wards, _ label: Int) -> Int64 {
  guard ipc_badge(server.message.sender) == UInt64(IPC_BADGE_ADMINISTRATOR) else {
    return refuse(.notPermitted, "only an administrator may do that")
  }
  guard let ward = named(wards) else {
    return refuse(.notFound, "no server has this name; what is in the kernel ends only with it")
  }
  if label == REINC_LABEL_START {
    guard ward.pointee.task == 0 else { return refuse(.exists, "it runs already") }
    start(ward)
    return ward.pointee.task != 0 ? 0 : refuse(.noMemory, "it cannot be loaded")
  }
  guard ward.pointee.task != 0 else { return refuse(.noSuchTask, "it does not run") }
  if label == REINC_LABEL_STOP {
    guard ward.pointee.isOnDemand else { return refuse(.busy, "the rest of the system cannot do without it") }
    _ = settle(ward)
    end(ward)
    revoke(wards, ward)
    return 0
  }
  guard ward.pointee.isOnDemand || ward.pointee.isDriver else {
    return refuse(.busy, "it holds what its clients have open; a fresh one would not know of it")
  }
  if label == REINC_LABEL_REPLACE { return replace(ward) ? 0 : refuse(.noMemory, "a fresh one cannot be loaded") }
  _ = settle(ward)
  restart(ward)
  return 0
}

/// Takes the right to call a stopped service from those who have it: they would wait for an answer.
private func revoke(_ wards: Wards, _ ward: UnsafeMutablePointer<Ward>) {
  for slot in 0..<Wards.slots where ward.pointee.holders >> UInt32(slot) & 1 != 0 {
    grant(wards.clients[slot], ward.pointee.service, IPC_RIGHT_NONE, 0)
  }
  ward.pointee.holders = 0
}
