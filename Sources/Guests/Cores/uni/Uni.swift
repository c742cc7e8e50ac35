// What is special to the unikernel: the application and its library are the kernel. One address space without page
// tables, one thread of control, S-mode only; whoever calls a service calls a function.

import Interfaces
import KernelShared
import Transport
import UniState

/// Bytes of the only stack.
private var stackSize: UInt64 { 0x1_0000 }
/// The application's row in the task table.
private var applicationSlot: UInt64 { 1 }

@c @implementation
func kernel_main(_ deviceTree: UInt64) -> Never {
  trap_install(uni_trap)
  kernel.device_tree = deviceTree
  devices_init()
  let top = min(kernel.memory_end, deviceTree >= image_end() ? deviceTree.pageFloor : .max)
  frames_init(image_end(), top &- stackSize)
  // Enabled in the mask only: they end a wait, and are served by whoever waited.
  csr_write_sie(1 << 5 | 1 << 9)
  uni_enter(top)
}

@c @implementation
func uni_main() -> Never {
  let application = linked_application()
  let record = taskRecord(applicationSlot)
  record.pointee = TaskRecord()
  record.pointee.id = UInt32(truncatingIfNeeded: applicationSlot)
  record.pointee.state = TaskState.running.rawValue
  record.pointee.name = application.pointee.name

  uni.block = instance(blk_size(), .blk)
  uni.console = instance(con_size(), .con)
  uni.files = instance(fs_size(), .fs)
  uni.pipes = instance(pipe_size(), .pipe)
  uni.adapter = instance(nic_size(), .nic)
  uni.network = instance(net_size(), .net)
  // What a driver or the disk refuses here is every later request's error.
  _ = con_init(uni.console)
  _ = blk_init(uni.block)
  _ = fs_init(uni.files, uni.block)
  _ = pipe_init(uni.pipes)
  _ = nic_init(uni.adapter)
  _ = net_init(uni.network, uni.adapter)

  library_start()
  let text = UnsafeRawPointer(application) + MemoryLayout<application_description>.size
  let status = program_main(text.assumingMemoryBound(to: UInt8.self), application.pointee.arguments_length)
  finish(status)
}

/// Memory for a service's instance; a handle for one that is not linked in.
private func instance(_ size: UInt64, _ service: Service) -> OpaquePointer {
  guard size > 0 else { return handle(service) }
  guard let place = env_pages(size.pageCeiling / Layout.pageSize) else {
    kernel_panic(("no memory for the services" as StaticString).utf8Start)
  }
  return OpaquePointer(place)
}

@c @implementation
func library_start() {
  precondition(unix_size() <= library_calls_size())
  // Processes and memory have no instance: there is one process, and memory is the page allocator's.
  var services = unix_services(
    files: uni.files, console: uni.console, processes: handle(.pm), memory: handle(.vm),
    pipes: uni.pipes, network: uni.network)
  unix_init(OpaquePointer(library_calls()), &services)
}

// MARK: The end

/// The finisher's commands.
private enum Finisher {
  static var pass: UInt32 { 0x5555 }
  static var fail: UInt32 { 0x3333 }
}

/// The application has ended, and with it the machine.
func finish(_ status: Int64) -> Never {
  uni_linger()
  _ = fs_sync(uni.files)
  if kernel.finisher != 0 {
    let code = UInt32(truncatingIfNeeded: status & 0xFFFF)
    register_write(kernel.finisher, status == 0 ? Finisher.pass : code << 16 | Finisher.fail)
  }
  while true { kernel_stop() }
}
