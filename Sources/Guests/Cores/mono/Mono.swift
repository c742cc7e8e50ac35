// What is special to a kernel whose programs trap into it for every library call: the Unix call layer is here, and the
// services behind it are wherever the recipe has them; in the monolithic kernel all are here too.

import Interfaces
import KernelShared
import MonoState
import Residents

@c @implementation
func core_start() {
  // Servers first: what starts here may need one.
  _ = supervision_start()
  residents_start()
  mono.memory = OpaquePointer(residents_instance(vm_size(), Service.vm.rawValue))
  mono.processes = OpaquePointer(residents_instance(pm_size(), Service.pm.rawValue))
  mono.calls_size = unix_size()
  mono.calls = address(residents_instance(mono.calls_size &* UInt64(TASK_COUNT), 0))
  _ = vm_init(mono.memory, residents.files)
  var services = pm_services(
    memory: mono.memory, files: residents.files, console: residents.console, pipes: residents.pipes,
    network: residents.network)
  _ = pm_init(mono.processes, &services)

  let first: StaticString = "agent"
  let started = pm_spawn(
    mono.processes, 0, address(first.utf8Start), UInt64(first.utf8CodeUnitCount), 0, 0)
  guard started > 0 else { kernel_panic(("the first program cannot be started" as StaticString).utf8Start) }
}

@c @implementation
func core_page_fault(
  _ task: UnsafeMutablePointer<task>, _ virtual: UInt64, _ access: UInt64, _ cause: UInt64
) -> Int64 { vm_fault(mono.memory, task_number(task), virtual, access) }

@c @implementation
func core_fill_page(_ task: UnsafeMutablePointer<task>, _ virtual: UInt64, _ access: UInt64) -> Int64 {
  vm_fault(mono.memory, task_number(task), virtual, access | UInt64(VM_WITHOUT_WAITING))
}

/// A program's end is the process manager's affair, a server's that of its supervisor.
@c @implementation
func core_fault(_ task: UnsafeMutablePointer<task>, _ cause: UInt64, _ virtual: UInt64) {
  if supervision_fault(task, cause, virtual) { return }
  pm_fault(mono.processes, task_number(task), cause, virtual)
}

@c @implementation
func core_interrupt(_ source: UInt64) { supervision_interrupt(source) }

@c @implementation
func core_timed_out(_ task: UnsafeMutablePointer<task>) { message_timed_out(task) }

@c @implementation
func core_task_gone(_ task: UnsafeMutablePointer<task>) {
  message_task_gone(task)
  // The next task in this slot shall not find its descriptors.
  UnsafeMutableRawPointer(calls(of: task)).initializeMemory(
    as: UInt8.self, repeating: 0, count: Int(mono.calls_size))
}

@c @implementation
func core_end(_ task: UnsafeMutablePointer<task>, _ status: Int64) {
  pm_exit(mono.processes, task_number(task), status)
}

@c @implementation
func task_admit(_ number: UInt64, _ rights: UInt64) -> Int64 {
  guard let task = task_find(number) else { return ErrorCode.noSuchTask.result }
  var services = unix_services(
    files: residents.files, console: residents.console, processes: mono.processes, memory: mono.memory,
    pipes: residents.pipes, network: residents.network)
  unix_init(calls(of: task), &services)
  // Whoever may administer does so only if an administrator has started it: the first program, one of those that this
  // one starts, and so on.
  let starter = kernel.current
  let isAdministrator = starter.pointee.slot == 0 || starter.pointee.administers >> Service.pm.rawValue & 1 != 0
  task.pointee.administers = isAdministrator ? rights >> 32 : 0
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
