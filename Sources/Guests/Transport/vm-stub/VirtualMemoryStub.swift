// The virtual-memory manager's interface (Interfaces/vm.h) for those who reach it by messages.

import Interfaces
import Transport

private func exchange(
  _ service: OpaquePointer, _ label: Int, _ first: UInt64, _ second: UInt64 = 0, _ third: UInt64 = 0
) -> Int64 {
  let result = ipc_call(slot(service), UInt64(label), first, second, third, 0, 0)
  return result.status < 0 ? result.status : result.label
}

@c @implementation
func vm_attach(_ service: OpaquePointer, _ task: UInt64) -> Int64 { exchange(service, VM_LABEL_ATTACH, task) }

@c @implementation
func vm_detach(_ service: OpaquePointer, _ task: UInt64) { _ = exchange(service, VM_LABEL_DETACH, task) }

@c @implementation
func vm_fork(_ service: OpaquePointer, _ parent: UInt64, _ child: UInt64) -> Int64 {
  exchange(service, VM_LABEL_FORK, parent, child)
}

@c @implementation
func vm_map(_ service: OpaquePointer, _ client: UInt64, _ length: UInt64) -> Int64 {
  exchange(service, VM_LABEL_MAP, length)
}

@c @implementation
func vm_map_file(
  _ service: OpaquePointer, _ client: UInt64, _ file: UInt64, _ offset: UInt64, _ length: UInt64
) -> Int64 { exchange(service, VM_LABEL_MAP_FILE, file, offset, length) }

@c @implementation
func vm_unmap(_ service: OpaquePointer, _ client: UInt64, _ start: UInt64, _ length: UInt64) -> Int64 {
  exchange(service, VM_LABEL_UNMAP, start, length)
}

/// The stubs touch what they pass on: the pager has read it by then.
@c @implementation
func vm_prepare(_ service: OpaquePointer, _ client: UInt64, _ start: UInt64, _ length: UInt64) -> Int64 { 0 }

/// Nothing to hold: the instance is the handle of the service.
@c @implementation
func vm_size() -> UInt64 { 0 }

/// The server has set itself up.
@c @implementation
func vm_init(_ service: OpaquePointer, _ files: OpaquePointer) -> Int64 { 0 }
