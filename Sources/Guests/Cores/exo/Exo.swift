// What is special to the exokernel: it hands out physical resources, checks who may use which, and leaves the rest to
// the library in each application. The kernel itself starts one application, which starts the rest.

import ExoState
import Interfaces
import KernelShared

@c @implementation
func core_start() {
  let table = kernel.frames_count &* UInt64(MemoryLayout<exo_page>.stride)
  exo.pages = memory(frame_allocate(table.pageCeiling / Layout.pageSize)).assumingMemoryBound(to: exo_page.self)
  exo_resources = exo_books(
    pages: address(exo.pages), first_page: kernel.frames_first, page_count: kernel.frames_count,
    extents: address(extent_at(0)), extent_count: UInt64(EXO_EXTENT_COUNT), environments: address(environment_at(0)),
    environment_stride: UInt64(MemoryLayout<exo_environment>.stride), filters: address(filter_at(0)),
    filter_count: UInt64(EXO_FILTER_COUNT), revoked_task: 0, revoked_pages: 0)
  bindBootExtent()
  startAdapter()
  for index in 0..<UInt64(DEVICE_COUNT) where device_at(index).pointee.kind == UInt64(ENV_DEVICE_CONSOLE) {
    exo.console_interrupt = device_at(index).pointee.interrupt
    interrupt_enable(exo.console_interrupt)
  }
  startFirst("agent")
}

/// Loads the first application, which holds every right there is to pass on.
private func startFirst(_ name: StaticString) {
  var start = loader_start()
  let loaded = loader_load(name.utf8Start, UInt64(name.utf8CodeUnitCount), nil, 0, 1, 0, 0, &start)
  guard loaded > 0, let first = task_find(UInt64(loaded)) else {
    kernel_panic(("the first application cannot be loaded" as StaticString).utf8Start)
  }
  adoptPages(of: first)
  give(first, ExoRight.window, UInt64(ENV_DEVICE_CONSOLE))
  give(first, ExoRight.window, exo.disk_kind)
  give(first, ExoRight.window, UInt64(ENV_DEVICE_NETWORK))
  give(first, ExoRight.archive, 0)
  _ = task_start(UInt64(loaded), start.entry, start.stack, start.a0, start.a1)
}

@c @implementation
func core_page_fault(
  _ task: UnsafeMutablePointer<task>, _ virtual: UInt64, _ access: UInt64, _ cause: UInt64
) -> Int64 {
  if access == UInt64(VM_ACCESS_WRITE), let shadow = shadow(of: task, at: virtual) {
    return emulateStore(task, shadow, virtual)
  }
  let environment = environment_at(task.pointee.slot)
  guard deliver(task, UpcallKind.pageFault, virtual, access) else { return ErrorCode.badAddress.result }
  environment.pointee.cause = cause
  environment.pointee.address = virtual
  return 0
}

/// The kernel takes no addresses of bytes from anybody, so it never needs a page that is not there.
@c @implementation
func core_fill_page(_ task: UnsafeMutablePointer<task>, _ virtual: UInt64, _ access: UInt64) -> Int64 {
  ErrorCode.badAddress.result
}

/// Nobody restarts an application: it ends, and no other.
@c @implementation
func core_fault(_ task: UnsafeMutablePointer<task>, _ cause: UInt64, _ virtual: UInt64) {
  _ = task_end(task_number(task), Int64(PM_STATUS_FAULT) - Int64(cause & 63))
}

@c @implementation
func core_interrupt(_ source: UInt64) {
  if exo.disk != 0 && source == exo.disk_interrupt {
    disk_interrupt()
    interrupt_complete(source)
  } else if exo.adapter != 0 && source == exo.adapter_interrupt {
    adapterInterrupt()
    interrupt_complete(source)
  } else if source == exo.console_interrupt {
    // Completed by whoever deals with it: until then the console stays silent.
    exo.console_pending = 1
    for slot in 1..<UInt64(TASK_COUNT)
    where environment_at(slot).pointee.waits != 0 && environment_at(slot).pointee.wants_console != 0 {
      return post(slot, ExoEvent.console)
    }
  } else {
    interrupt_disable(source)
  }
}

/// Waiting is always inside the kernel here: task_wait itself tells of the time.
@c @implementation
func core_timed_out(_ task: UnsafeMutablePointer<task>) {}

@c @implementation
func archive_base() -> UnsafePointer<UInt8> {
  UnsafePointer(memory(archive_physical()).assumingMemoryBound(to: UInt8.self))
}
