// What is special to the monolithic kernel: all services are here, in the kernel's own memory, and a trap is
// a system call that goes straight into the Unix call layer.

import Interfaces
import KernelShared
import MonoState

@c @implementation
func core_start() {
  mono.block = instance(blk_size())
  mono.console = instance(con_size())
  mono.files = instance(fs_size())
  mono.memory = instance(vm_size())
  mono.processes = instance(pm_size())
  mono.pipes = instance(pipe_size())
  mono.calls_size = unix_size()
  mono.calls = address(UnsafeRawPointer(instance(mono.calls_size &* UInt64(TASK_COUNT))))

  // What a driver or the disk refuses here is every later request's error.
  _ = con_init(mono.console)
  _ = blk_init(mono.block)
  _ = fs_init(mono.files, mono.block)
  _ = vm_init(mono.memory, mono.files)
  _ = pipe_init(mono.pipes)
  var services = pm_services(memory: mono.memory, files: mono.files, console: mono.console, pipes: mono.pipes)
  _ = pm_init(mono.processes, &services)

  let first: StaticString = "agent"
  let started = pm_spawn(
    mono.processes, 0, address(first.utf8Start), UInt64(first.utf8CodeUnitCount), 0, 0)
  guard started > 0 else { kernel_panic(("the first program cannot be started" as StaticString).utf8Start) }
}

/// Memory for a service's instance.
private func instance(_ size: UInt64) -> OpaquePointer {
  guard let place = env_pages(size.pageCeiling / Layout.pageSize) else {
    kernel_panic(("no memory for the services" as StaticString).utf8Start)
  }
  return OpaquePointer(place)
}

@c @implementation
func core_page_fault(
  _ task: UnsafeMutablePointer<task>, _ virtual: UInt64, _ access: UInt64, _ cause: UInt64
) -> Int64 { vm_fault(mono.memory, task_number(task), virtual, access) }

@c @implementation
func core_fill_page(_ task: UnsafeMutablePointer<task>, _ virtual: UInt64, _ access: UInt64) -> Int64 {
  vm_fault(mono.memory, task_number(task), virtual, access | UInt64(VM_WITHOUT_WAITING))
}

@c @implementation
func core_fault(_ task: UnsafeMutablePointer<task>, _ cause: UInt64, _ virtual: UInt64) {
  pm_fault(mono.processes, task_number(task), cause, virtual)
}

@c @implementation
func core_interrupt(_ source: UInt64) {
  for index in 0..<UInt64(DEVICE_COUNT)
  where device_at(index).pointee.kind != 0 && device_at(index).pointee.interrupt == source {
    if device_at(index).pointee.kind == UInt64(ENV_DEVICE_BLOCK) { return blk_interrupt(mono.block) }
    if device_at(index).pointee.kind == UInt64(ENV_DEVICE_CONSOLE) { return con_interrupt(mono.console) }
  }
  interrupt_disable(source)
}

/// A task waits in the kernel here, never for a message: task_wait itself tells of the time.
@c @implementation
func core_timed_out(_ task: UnsafeMutablePointer<task>) {}

/// Nobody but the process manager has to know, and it ended the task.
@c @implementation
func core_task_gone(_ task: UnsafeMutablePointer<task>) {}

@c @implementation
func task_admit(_ number: UInt64) -> Int64 {
  guard let task = task_find(number) else { return ErrorCode.noSuchTask.result }
  var services = unix_services(
    files: mono.files, console: mono.console, processes: mono.processes, memory: mono.memory,
    pipes: mono.pipes)
  unix_init(calls(of: task), &services)
  return 0
}

@c @implementation
func task_inherit(_ parent: UInt64, _ child: UInt64) -> Int64 {
  guard let from = task_find(parent), let to = task_find(child) else { return ErrorCode.noSuchTask.result }
  unix_inherit(calls(of: to), calls(of: from))
  return 0
}

/// The Unix call layer's instance for a task.
func calls(of task: UnsafeMutablePointer<task>) -> OpaquePointer {
  OpaquePointer(memory(mono.calls &+ task.pointee.slot &* mono.calls_size))
}

@c @implementation
func archive_base() -> UnsafePointer<UInt8> {
  UnsafePointer(memory(archive_physical()).assumingMemoryBound(to: UInt8.self))
}
