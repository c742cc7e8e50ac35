// Modules: code from the boot archive that the running kernel takes in. It was linked against this very kernel, to an
// address of its own in the module area, and runs with all of the kernel's rights.
//
// The module area's page table is the same in every address space, so a module appears in all of them at once.

import Interfaces
import KernelShared
import ModulesState

typealias ModuleName = (UInt64, UInt64)

/// The row that `matches`.
private func row(_ matches: (UnsafeMutablePointer<kernel_module>) -> Bool) -> UnsafeMutablePointer<kernel_module>? {
  for index in 0..<UInt64(MODULE_COUNT) where matches(module_at(index)) { return module_at(index) }
  return nil
}

private func isSame(_ one: ModuleName, _ other: ModuleName) -> Bool { one.0 == other.0 && one.1 == other.1 }

/// Refuses those who were not given the right to change the kernel.
private func requireAdministrator(_ client: UInt64) throws(ErrorCode) {
  guard let task = task_find(client), task.pointee.administers & 1 != 0 else { throw .notPermitted }
}

/// A client's name, padded with zeros.
private func take(_ client: UInt64, _ address: user_address, _ length: UInt64) throws(ErrorCode) -> ModuleName {
  guard length > 0 else { throw .notFound }
  guard length <= UInt64(SERVICES_MAXIMUM_NAME) else { throw .nameTooLong }
  var name: ModuleName = (0, 0)
  guard env_copy_in(client, &name, address, length) == 0 else { throw .badAddress }
  return name
}

// MARK: Services by name

@c @implementation
func services_find(_ client: UInt64, _ name: user_address, _ length: UInt64) -> Int64 {
  do throws(ErrorCode) {
    let name = try take(client, name, length)
    guard let row = row({ $0.pointee.gate != nil && isSame($0.pointee.service_name, name) }) else {
      return message_find_server(name.0, name.1)
    }
    return Int64(row.pointee.handle)
  } catch {
    return error.result
  }
}

@c @implementation
func services_call(_ client: UInt64, _ handle: UInt64, _ place: user_address) -> Int64 {
  var message = service_message()
  guard env_copy_in(client, &message, place, UInt64(MemoryLayout<service_message>.size)) == 0 else {
    return ErrorCode.badAddress.result
  }
  let most = UInt64(SERVICES_MAXIMUM_PAYLOAD)
  guard message.send_length <= most, message.receive_length <= most else { return ErrorCode.invalid.result }
  guard handle != 0, let row = row({ $0.pointee.handle == handle }), let gate = row.pointee.gate,
    let instance = row.pointee.instance
  else { return message_forward(handle, &message) }
  var call = gate_call(
    client: client, is_manager: 0, label: message.label,
    words: (message.words.0, message.words.1, message.words.2, 0), send: message.send,
    send_length: message.send_length, receive: message.receive, receive_length: message.receive_length)
  row.pointee.calls &+= 1
  defer { row.pointee.calls &-= 1 }
  return gate(instance, &call)
}

// MARK: Loading

@c @implementation
func modules_load(_ client: UInt64, _ name: user_address, _ length: UInt64) -> Int64 {
  do throws(ErrorCode) {
    try requireAdministrator(client)
    let name = try take(client, name, length)
    guard row({ $0.pointee.handle != 0 && isSame($0.pointee.module_name, name) }) == nil else { throw .exists }
    guard let entry = archiveEntry(name, isModule: true)?.entry else { throw .notFound }
    guard let row = row({ $0.pointee.handle == 0 }) else { throw .noMemory }
    try placeModule(entry)
    modules.last_handle &+= 1
    row.pointee.handle = modules.last_handle
    row.pointee.module_name = name
    modules.loading = row
    let result = unsafeBitCast(UInt(entry.entry), to: (@convention(c) () -> Int64).self)()
    modules.loading = nil
    guard result >= 0, row.pointee.gate != nil else {
      remove(row, entry)
      throw ErrorCode(rawValue: 0 &- result) ?? .invalid
    }
    return 0
  } catch {
    return error.result
  }
}

@c @implementation
func modules_register(
  _ name: UnsafePointer<UInt8>, _ nameLength: UInt64, _ size: UInt64, _ setup: module_setup, _ gate: module_gate
) -> Int64 {
  guard let row = modules.loading, row.pointee.gate == nil, size > 0 else { return ErrorCode.invalid.result }
  var service: ModuleName = (0, 0)
  guard env_copy_in(0, &service, address(name), min(nameLength, UInt64(SERVICES_MAXIMUM_NAME))) == 0 else {
    return ErrorCode.badAddress.result
  }
  let pages = size.pageCeiling / Layout.pageSize
  guard let instance = env_pages(pages) else { return ErrorCode.noMemory.result }
  row.pointee.instance = instance
  row.pointee.instance_pages = pages
  row.pointee.service_name = service
  let result = setup(instance)
  if result >= 0 { row.pointee.gate = gate }
  return result
}

@c @implementation
func modules_unload(_ client: UInt64, _ name: user_address, _ length: UInt64) -> Int64 {
  do throws(ErrorCode) {
    try requireAdministrator(client)
    let name = try take(client, name, length)
    guard let row = row({ $0.pointee.handle != 0 && isSame($0.pointee.module_name, name) }),
      let entry = archiveEntry(name, isModule: true)?.entry
    else { throw .notFound }
    guard row.pointee.calls == 0 else { throw .busy }
    remove(row, entry)
    return 0
  } catch {
    return error.result
  }
}

/// Takes everything back that a module has.
private func remove(_ row: UnsafeMutablePointer<kernel_module>, _ entry: ArchiveEntry) {
  if let instance = row.pointee.instance { frame_release(address(instance), row.pointee.instance_pages) }
  row.update(repeating: kernel_module(), count: 1)
  clearModule(entry)
}
