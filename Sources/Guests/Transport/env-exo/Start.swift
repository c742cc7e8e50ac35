// How an application begins: it sets up an operating system of its own on the resources that it was given.
//
// Nothing here is shared with another application. A driver or disk that fails is every later request's error.

import ExoLibrary
import Interfaces
import Transport

@c @implementation
func library_start() {
  precondition(unix_size() <= library_calls_size())
  if continueLibrary() {
    library_set_client(exo_program.number)
    _ = exo_upcall_register(exo_upcall_entry(), exo_upcall_area(), exo_upcall_stack())
    // The program before may have had none, and its function for /tmp is gone.
    startNetwork()
    return unix_set_scratch(OpaquePointer(library_calls()), scratchFiles)
  }
  exo_program.number = UInt64(exo_identify())
  library_set_client(exo_program.number)
  exo_program.next_page = Layout.libraryBase
  exo_program.next_device_page = Layout.userDMA
  exo_program.next_window = Layout.userDevices
  _ = exo_upcall_register(exo_upcall_entry(), exo_upcall_area(), exo_upcall_stack())

  exo_program.memory = instance(vm_size())
  exo_program.processes = instance(pm_size())
  exo_program.console = instance(con_size())
  exo_program.disk = instance(blk_size())
  exo_program.files = instance(fs_size())
  _ = con_init(exo_program.console)
  _ = blk_init(exo_program.disk)
  _ = withCacheMemory { fs_init_read_only(exo_program.files, exo_program.disk) }
  _ = vm_init(exo_program.memory, exo_program.files)
  _ = vm_attach(exo_program.memory, exo_program.number)
  // At fixed addresses, so that a program without a network can be followed by one that has it.
  exo_program.adapter = OpaquePointer(memory(Layout.libraryNetwork))
  exo_program.network = OpaquePointer(memory(Layout.libraryNetwork &+ Layout.pageSize))
  startNetwork()
  let pipes = instance(pipe_size())
  _ = pipe_init(pipes)
  var managed = pm_services(
    memory: exo_program.memory, files: exo_program.files, console: exo_program.console,
    pipes: pipes, network: exo_program.network)
  _ = pm_init(exo_program.processes, &managed)
  var services = unix_services(
    files: exo_program.files, console: exo_program.console, processes: exo_program.processes,
    memory: exo_program.memory, pipes: pipes, network: exo_program.network)
  unix_init(OpaquePointer(library_calls()), &services)
  unix_set_scratch(OpaquePointer(library_calls()), scratchFiles)
}

/// Takes the network into use, in programs that it is linked into.
private func startNetwork() {
  guard nic_size() > 0, exo_program.has_network == 0 else { return }
  let allocated = exo_page_allocate(
    0, Layout.libraryNetwork, pagesOf(nic_size()) &+ pagesOf(net_size()), UInt64(SPACE_READ | SPACE_WRITE))
  guard allocated > 0 else { return }
  precondition(pagesOf(nic_size()) == 1)
  exo_program.has_network = 1
  initializeNetwork()
}

func initializeNetwork() {
  _ = nic_init(exo_program.adapter)
  _ = net_init(exo_program.network, exo_program.adapter)
}

/// Notes that the device memory that `body` takes is a cache.
func withCacheMemory(_ body: () -> Int64) -> Int64 {
  let start = exo_program.next_device_page
  let result = body()
  for index in 0..<UInt64(EXO_DEVICE_MEMORY_COUNT) where exo_device_memory_at(index).pointee.address >= start {
    exo_device_memory_at(index).pointee.is_cache = 1
  }
  return result
}

func pagesOf(_ size: UInt64) -> UInt64 { size.pageCeiling / Layout.pageSize }

/// Memory for a service's instance; without it there is no system for the application to run on.
func instance(_ size: UInt64) -> OpaquePointer {
  guard let place = env_pages(pagesOf(size)) else {
    while true { _ = exo_environment_end(0, ErrorCode.noMemory.result) }
  }
  return OpaquePointer(place)
}
