// The virtual-memory manager as a server: the pager of all programs. Their page faults come as messages from
// the kernel; the answer to one lets the program repeat its access, or not.

import Interfaces
import Transport

@c @implementation
func vm_server_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = vm_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages) else { return ErrorCode.noMemory.result }
  let service = OpaquePointer(place)
  _ = vm_init(service, handle(.fs))
  while true {
    server_receive()
    server_reply(dispatch(service))
  }
}

private func dispatch(_ service: OpaquePointer) -> Int64 {
  let client = ipc_client(server.message.sender)
  let words = server.message.words
  if client == 0 {
    guard server.message.label == Int64(KernelLabel.pageFault.rawValue) else { return 0 }
    // The answer goes to the task that faulted.
    server.message.sender = words.0
    return vm_fault(service, words.0, words.2, words.1)
  }
  switch Int(truncatingIfNeeded: server.message.label) {
  case VM_LABEL_ATTACH: return server_caller_is_manager() ? vm_attach(service, words.0) : ErrorCode.notPermitted.result
  case VM_LABEL_DETACH:
    guard server_caller_is_manager() else { return ErrorCode.notPermitted.result }
    vm_detach(service, words.0)
    return 0
  case VM_LABEL_FORK:
    return server_caller_is_manager() ? vm_fork(service, words.0, words.1) : ErrorCode.notPermitted.result
  case VM_LABEL_MAP_FILE: return vm_map_file(service, client, words.0, words.1, words.2)
  case VM_LABEL_MAP: return vm_map(service, client, words.0)
  case VM_LABEL_UNMAP: return vm_unmap(service, client, words.0, words.1)
  default: return ErrorCode.notImplemented.result
  }
}
